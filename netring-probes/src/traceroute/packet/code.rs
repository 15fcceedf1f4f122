use super::{Kind, Unreachable};
use netring_core::model::PathEnd;

/// Which Internet Protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// Of 4, with ICMP (RFC 792).
    V4,
    /// Of 6, with ICMPv6 (RFC 4443).
    V6,
}

/// What an ICMP message of this type and code says of the packet that it quotes. None for messages that are no answer to a
/// traceroute. `from_target` is whether the target sent it: its "port unreachable" is how it says that the packet arrived.
#[must_use]
pub fn judge(version: Version, icmp_type: u8, code: u8, from_target: bool) -> Option<Kind> {
    let end = match (version, icmp_type, code) {
        (Version::V4, 11, 0) | (Version::V6, 3, 0) => return Some(Kind::TimeExceeded),
        (Version::V4, 3, 3) | (Version::V6, 1, 4) if from_target => return Some(Kind::Reached),
        (Version::V4, 3, 0 | 6 | 11) | (Version::V6, 1, 0) => PathEnd::NetworkUnreachable,
        (Version::V4, 3, 1 | 7 | 8 | 12) | (Version::V6, 1, 3) => PathEnd::HostUnreachable,
        (Version::V4, 3, 2) | (Version::V6, 4, 1) => PathEnd::ProtocolUnreachable,
        (Version::V4, 3, 3) | (Version::V6, 1, 4) => PathEnd::PortUnreachable,
        (Version::V4, 3, 4) | (Version::V6, 2, 0) => PathEnd::FragmentationNeeded,
        (Version::V4, 3, 5) => PathEnd::SourceRouteFailed,
        (Version::V4, 3, 9 | 10 | 13) | (Version::V6, 1, 1 | 5) => PathEnd::AdministrativelyProhibited,
        (Version::V4, 3, 14 | 15) => PathEnd::PrecedenceViolation,
        (Version::V6, 1, 2 | 6 | 7) => PathEnd::AddressUnreachable,
        (Version::V4, 3, _) | (Version::V6, 1, _) => PathEnd::Unreachable,
        _ => return None,
    };
    Some(Kind::Unreachable(Unreachable { end, icmp_type, code }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(version: Version, icmp_type: u8, code: u8) -> Option<PathEnd> {
        match judge(version, icmp_type, code, false)? {
            Kind::Unreachable(unreachable) => Some(unreachable.end),
            Kind::TimeExceeded | Kind::Reached => None,
        }
    }

    #[test]
    fn each_code_has_its_name() {
        use PathEnd as E;
        let v4 = [
            E::NetworkUnreachable,
            E::HostUnreachable,
            E::ProtocolUnreachable,
            E::PortUnreachable,
            E::FragmentationNeeded,
            E::SourceRouteFailed,
            E::NetworkUnreachable,
            E::HostUnreachable,
            E::HostUnreachable,
            E::AdministrativelyProhibited,
            E::AdministrativelyProhibited,
            E::NetworkUnreachable,
            E::HostUnreachable,
            E::AdministrativelyProhibited,
            E::PrecedenceViolation,
            E::PrecedenceViolation,
            E::Unreachable,
        ];
        for (code, expected) in v4.into_iter().enumerate() {
            assert_eq!(end(Version::V4, 3, code as u8), Some(expected), "3/{code}");
        }
        let v6 = [
            E::NetworkUnreachable,
            E::AdministrativelyProhibited,
            E::AddressUnreachable,
            E::HostUnreachable,
            E::PortUnreachable,
            E::AdministrativelyProhibited,
            E::AddressUnreachable,
            E::AddressUnreachable,
            E::Unreachable,
        ];
        for (code, expected) in v6.into_iter().enumerate() {
            assert_eq!(end(Version::V6, 1, code as u8), Some(expected), "1/{code}");
        }
        assert_eq!(end(Version::V6, 2, 0), Some(E::FragmentationNeeded));
        assert_eq!(end(Version::V6, 4, 1), Some(E::ProtocolUnreachable));
    }

    #[test]
    fn the_targets_own_port_unreachable_is_an_arrival() {
        assert_eq!(judge(Version::V4, 3, 3, true), Some(Kind::Reached));
        assert_eq!(judge(Version::V6, 1, 4, true), Some(Kind::Reached));
        assert_ne!(judge(Version::V4, 3, 13, true), Some(Kind::Reached), "a firewall on the target is none");
    }

    #[test]
    fn what_is_no_answer_says_nothing() {
        for (version, icmp_type, code) in [
            (Version::V4, 11, 1),
            (Version::V4, 0, 0),
            (Version::V4, 12, 0),
            (Version::V6, 3, 1),
            (Version::V6, 129, 0),
        ] {
            assert_eq!(judge(version, icmp_type, code, true), None, "{version:?} {icmp_type}/{code}");
        }
    }
}
