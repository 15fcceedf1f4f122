//! The echo requests of the ICMP mode (RFC 792, RFC 4443).

use super::{Answer, IcmpError, Kind, Match, ProbeId, Version, u16_at};
use etherparse::checksum::Sum16BitWords;
use std::net::IpAddr;

/// Bytes of an echo request.
pub const BYTES: usize = 40;
/// Where the two bytes stand that keep the checksum as it is.
const PADDING: usize = 16;

/// The echo requests of one flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EchoFlow {
    /// Which flow, from 0 on.
    pub flow: u8,
    /// The target.
    pub target: IpAddr,
    /// The address that this system sends from, which ICMPv6 has in its checksum.
    pub source: IpAddr,
    /// The identifier.
    pub identifier: u16,
    /// The checksum that all of them have: routers balance by it.
    pub checksum: u16,
    /// The sequence number of the packet with the index 0.
    pub first_sequence: u16,
    /// What tells the requests of one trace from all others.
    pub cookie: u64,
}

impl EchoFlow {
    fn version(&self) -> Version {
        if self.target.is_ipv4() { Version::V4 } else { Version::V6 }
    }

    const fn types(version: Version) -> (u8, u8) {
        match version {
            Version::V4 => (8, 0),
            Version::V6 => (128, 129),
        }
    }

    /// The request, from its type on.
    #[must_use]
    pub fn request(&self, probe: ProbeId) -> [u8; BYTES] {
        let mut packet = [0; BYTES];
        let (request, _) = Self::types(self.version());
        let [[c0, c1], [i0, i1]] = [self.checksum.to_be_bytes(), self.identifier.to_be_bytes()];
        let [s0, s1] = self.first_sequence.wrapping_add(probe.index()).to_be_bytes();
        let written = [request, 0, c0, c1, i0, i1, s0, s1].into_iter().chain(self.cookie.to_be_bytes());
        packet.iter_mut().zip(written).for_each(|(to, from)| *to = from);
        // With these two bytes the sum of all is what a valid checksum makes it, although the checksum was chosen.
        let padding = self.sum().add_slice(&packet).ones_complement();
        if let Some(to) = packet.get_mut(PADDING..PADDING + 2) {
            to.copy_from_slice(&padding.to_be().to_be_bytes());
        }
        packet
    }

    /// The pseudo-header's part of the checksum (RFC 8200, section 8.1): ICMPv6 has one.
    fn sum(&self) -> Sum16BitWords {
        let mut sum = Sum16BitWords::new();
        match (self.source, self.target) {
            (IpAddr::V6(source), IpAddr::V6(target)) => sum
                .add_16bytes(source.octets())
                .add_16bytes(target.octets())
                .add_4bytes((BYTES as u32).to_be_bytes())
                .add_4bytes([0, 0, 0, 58]),
            _ => sum,
        }
    }

    /// What an ICMP message, from its type on, that came from `from` answers of this flow.
    #[must_use]
    pub fn answer(&self, message: &[u8], from: IpAddr, answer_ttl: Option<u8>) -> Option<Answer> {
        let version = self.version();
        let (request, reply) = Self::types(version);
        if *message.first()? == reply {
            let whole = version == Version::V6 || Sum16BitWords::new().add_slice(message).ones_complement() == 0;
            let to = self.find(message, reply, true)?;
            return (from == self.target && whole).then_some(Answer {
                to,
                from,
                kind: Kind::Reached,
                answer_ttl,
                mpls: Vec::new(),
            });
        }
        let error = IcmpError::parse(version, message, from, self.target)?;
        let protocol = match version {
            Version::V4 => 1,
            Version::V6 => 58,
        };
        if error.quoted.protocol != protocol {
            return None;
        }
        let to = self.find(error.quoted.transport, request, false)?;
        Some(Answer { to, from, kind: error.kind, answer_ttl, mpls: error.mpls })
    }

    /// Which request it is that starts with `icmp`. The cookie tells; where a router quotes too little for it the checksum
    /// has to do, which a translator of addresses on the way may have changed.
    fn find(&self, icmp: &[u8], icmp_type: u8, with_cookie: bool) -> Option<Match> {
        // Zeros fill a short quotation up where extensions follow it (RFC 4884, section 5.1); a cookie is not zero.
        let is_ours = match icmp.get(8..16).filter(|cookie| cookie.iter().any(|byte| *byte != 0)) {
            Some(cookie) => *cookie == self.cookie.to_be_bytes(),
            None => !with_cookie && u16_at(icmp, 2)? == self.checksum,
        };
        let right = *icmp.first()? == icmp_type && *icmp.get(1)? == 0 && u16_at(icmp, 4)? == self.identifier;
        let index = u16_at(icmp, 6)?.wrapping_sub(self.first_sequence);
        (is_ours && right).then(|| ProbeId::from_index(self.flow, index)).flatten().map(Match::Probe)
    }
}
