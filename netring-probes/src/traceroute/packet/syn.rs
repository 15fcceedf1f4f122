//! The segments of the TCP mode (RFC 9293).

use super::{Answer, IcmpError, Kind, Match, ProbeId, Version, u32_at};
use etherparse::{TcpHeader, TcpHeaderSlice};
use std::net::IpAddr;

/// The number of TCP among the protocols.
const TCP: u8 = 6;

/// The SYN segments of one flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SynFlow {
    /// Which flow, from 0 on.
    pub flow: u8,
    /// The target.
    pub target: IpAddr,
    /// The address that this system sends from.
    pub source: IpAddr,
    /// From this port.
    pub source_port: u16,
    /// To this one.
    pub destination_port: u16,
    /// The sequence number of the segment with the index 0: random, so that nobody off the path can guess it.
    pub first_sequence: u32,
}

impl SynFlow {
    /// The segment, without an IP header.
    #[must_use]
    pub fn segment(&self, probe: ProbeId) -> Vec<u8> {
        let sequence = self.first_sequence.wrapping_add(u32::from(probe.index()));
        let mut header = TcpHeader::new(self.source_port, self.destination_port, sequence, 65_535);
        header.syn = true;
        let checksum = match (self.source, self.target) {
            (IpAddr::V4(source), IpAddr::V4(target)) => {
                header.calc_checksum_ipv4_raw(source.octets(), target.octets(), &[])
            }
            (IpAddr::V6(source), IpAddr::V6(target)) => {
                header.calc_checksum_ipv6_raw(source.octets(), target.octets(), &[])
            }
            // Nobody asks for a segment from one protocol to the other.
            _ => Ok(0),
        };
        header.checksum = checksum.unwrap_or_default();
        header.to_bytes().to_vec()
    }

    /// What a segment, without its IP header, that came from `from` answers of this flow: a SYN-ACK and an RST both say
    /// that the SYN arrived.
    #[must_use]
    pub fn answer(&self, segment: &[u8], from: IpAddr, answer_ttl: Option<u8>) -> Option<Answer> {
        let tcp = TcpHeaderSlice::from_slice(segment).ok()?;
        let ports = (tcp.source_port(), tcp.destination_port()) == (self.destination_port, self.source_port);
        if from != self.target || !ports || !tcp.ack() || tcp.syn() == tcp.rst() {
            return None;
        }
        let to = self.find(tcp.acknowledgment_number().wrapping_sub(1))?;
        Some(Answer { to, from, kind: Kind::Reached, answer_ttl, mpls: Vec::new() })
    }

    /// What an ICMP message, from its type on, that came from `from` answers of this flow.
    #[must_use]
    pub fn icmp_answer(&self, message: &[u8], from: IpAddr, answer_ttl: Option<u8>) -> Option<Answer> {
        let version = if self.target.is_ipv4() { Version::V4 } else { Version::V6 };
        let error = IcmpError::parse(version, message, from, self.target)?;
        let ours = (self.source_port, self.destination_port);
        if error.quoted.protocol != TCP || error.quoted.ports()? != ours {
            return None;
        }
        let to = self.find(u32_at(error.quoted.transport, 4)?)?;
        Some(Answer { to, from, kind: error.kind, answer_ttl, mpls: error.mpls })
    }

    fn find(&self, sequence: u32) -> Option<Match> {
        let index = u16::try_from(sequence.wrapping_sub(self.first_sequence)).ok()?;
        ProbeId::from_index(self.flow, index).map(Match::Probe)
    }
}
