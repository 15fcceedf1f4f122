use socket2::{Domain, Protocol, Socket, Type};
use std::{fmt, io};

/// The kind of socket that ICMP echo goes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IcmpSocket {
    /// A ping socket, which needs no privilege where `net.ipv4.ping_group_range` has the process's group.
    Ping,
    /// A raw socket, which needs `CAP_NET_RAW`.
    Raw,
}

impl IcmpSocket {
    pub(super) fn open(self, domain: Domain) -> io::Result<Socket> {
        let protocol = if domain == Domain::IPV6 { Protocol::ICMPV6 } else { Protocol::ICMPV4 };
        let kind = match self {
            Self::Ping => Type::DGRAM,
            Self::Raw => Type::RAW,
        };
        Socket::new(domain, kind, Some(protocol))
    }

    /// The one that this process may open, if there is one; the ping socket first, which needs less.
    pub(super) fn choose(domain: Domain) -> io::Result<Self> {
        match Self::Ping.open(domain) {
            Ok(_) => Ok(Self::Ping),
            Err(_) => Self::Raw.open(domain).map(|_| Self::Raw),
        }
    }
}

impl fmt::Display for IcmpSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ping => "ping socket",
            Self::Raw => "raw socket",
        })
    }
}

/// Why this process cannot send ICMP echo, and what to do about it.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot open an ICMP socket ({source}): allow ping sockets to the process's group by the sysctl \
     net.ipv4.ping_group_range, or give the process CAP_NET_RAW"
)]
pub struct IcmpUnavailable {
    pub(super) source: io::Error,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_says_what_to_do() {
        let error = IcmpUnavailable { source: io::Error::from_raw_os_error(1) }.to_string();
        assert_eq!(
            error,
            "cannot open an ICMP socket (Operation not permitted (os error 1)): allow ping sockets to the process's \
             group by the sysctl net.ipv4.ping_group_range, or give the process CAP_NET_RAW"
        );
        assert_eq!(format!("{}, {}", IcmpSocket::Ping, IcmpSocket::Raw), "ping socket, raw socket");
    }
}
