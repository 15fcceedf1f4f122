use super::{
    Kind, Version,
    extension::{Checksum, labels, objects},
    judge, u16_at,
};
use etherparse::{LaxNetSlice, LaxSlicedPacket, checksum::Sum16BitWords};
use netring_core::model::MplsLabel;
use std::net::IpAddr;

/// Bytes of an ICMP message before the packet that it quotes.
const HEADER: usize = 8;
/// Where extensions stand in the messages of routers that were made before RFC 4884 and say nothing of them (section 5),
/// counted from the begin of the quoted packet. And the shortest quotation that extensions may follow.
pub(super) const QUOTED_BEFORE_EXTENSIONS: usize = 128;

/// An ICMP message about a packet that did not arrive, or, of a port that nothing listens at, one that did.
#[derive(Debug)]
pub struct IcmpError<'a> {
    /// What it says.
    pub kind: Kind,
    /// The packet that it is about.
    pub quoted: Quoted<'a>,
    /// The MPLS label stack that it had.
    pub mpls: Vec<MplsLabel>,
}

/// As much of a packet as an ICMP message quotes.
#[derive(Debug, PartialEq, Eq)]
pub struct Quoted<'a> {
    /// Where it went.
    pub destination: IpAddr,
    /// Which protocol it carried.
    pub protocol: u8,
    /// What stood behind the IP headers, from its begin on. It may be cut anywhere.
    pub transport: &'a [u8],
}

impl<'a> IcmpError<'a> {
    /// Reads an ICMP message, from its type on, that came from `from`. None where it is none that tells of a packet to
    /// `target`, or it is damaged: the kernel gives raw sockets ICMP messages whose checksum is wrong, ICMPv6 messages not.
    #[must_use]
    pub fn parse(version: Version, message: &'a [u8], from: IpAddr, target: IpAddr) -> Option<Self> {
        let (icmp_type, code) = (*message.first()?, *message.get(1)?);
        let kind = judge(version, icmp_type, code, from == target)?;
        if version == Version::V4 && Sum16BitWords::new().add_slice(message).ones_complement() != 0 {
            return None;
        }
        let (datagram, mpls) = split(version, message)?;
        let quoted = Quoted::parse(datagram)?;
        (quoted.destination == target).then_some(Self { kind, quoted, mpls })
    }
}

/// The packet that a message quotes, and the labels in the extensions behind it (RFC 4884, sections 4 and 5).
fn split(version: Version, message: &[u8]) -> Option<(&[u8], Vec<MplsLabel>)> {
    let quoted = match version {
        Version::V4 => usize::from(*message.get(5)?) * 4,
        Version::V6 => usize::from(*message.get(4)?) * 8,
    };
    let body = message.get(HEADER..)?;
    let (length, checksum) = match quoted {
        0 => (QUOTED_BEFORE_EXTENSIONS, Checksum::Required),
        said => (said, Checksum::Optional),
    };
    match body.split_at_checked(length) {
        Some((datagram, extensions))
            if length >= QUOTED_BEFORE_EXTENSIONS && objects(extensions, checksum).is_some() =>
        {
            Some((datagram, labels(extensions, checksum)))
        }
        _ => Some((body, Vec::new())),
    }
}

impl<'a> Quoted<'a> {
    /// Reads a packet that is cut short.
    fn parse(datagram: &'a [u8]) -> Option<Self> {
        let packet = LaxSlicedPacket::from_ip(datagram).ok()?;
        let (destination, payload) = match packet.net? {
            LaxNetSlice::Ipv4(packet) => (packet.header().destination_addr().into(), packet.payload().clone()),
            LaxNetSlice::Ipv6(packet) => (packet.header().destination_addr().into(), packet.payload().clone()),
            LaxNetSlice::Arp(_) => return None,
        };
        Some(Self { destination, protocol: payload.ip_number.0, transport: payload.payload })
    }

    /// The two ports, of UDP and TCP: source, then destination.
    #[must_use]
    pub fn ports(&self) -> Option<(u16, u16)> {
        Some((u16_at(self.transport, 0)?, u16_at(self.transport, 2)?))
    }
}
