//! What routers and targets send back.

use super::{
    extension,
    network::{Labels, Unreachable},
    packet::{Packet, TCP, UDP},
};
use etherparse::{Icmpv4Type, Icmpv6Type, IpHeaders, PacketBuilder, PacketBuilderStep, TcpSlice, UdpSlice};
use std::net::IpAddr;

/// An ICMP error quotes no more than makes a packet of so many bytes (RFC 1812, section 4.3.2.3; RFC 4443, section 2.4).
const LARGEST_ERROR: usize = 576;
const LARGEST_ERROR_V6: usize = 1280;
const IP_AND_ICMP: usize = 20 + 8;
const IP_AND_ICMP_V6: usize = 40 + 8;

/// The MTU of the next link, in errors that say that a packet is too large for it.
const NEXT_MTU: u16 = 1280;

/// Where in an IPv6 header the next header is named, for an error about it.
const NEXT_HEADER: u8 = 6;

pub(super) const TIME_EXCEEDED: Unreachable = Unreachable { kind: 11, code: 0 };
pub(super) const TIME_EXCEEDED_V6: Unreachable = Unreachable { kind: 3, code: 0 };
pub(super) const PORT_UNREACHABLE: Unreachable = Unreachable { kind: 3, code: 3 };
pub(super) const PORT_UNREACHABLE_V6: Unreachable = Unreachable { kind: 1, code: 4 };

/// An ICMP error about `packet`.
#[derive(Debug)]
pub(super) struct IcmpError<'a> {
    /// Who sends it.
    pub(super) source: IpAddr,
    /// The time to live (hop limit) that it arrives with.
    pub(super) ttl: u8,
    /// Its type and code.
    pub(super) error: Unreachable,
    /// The time to live that the packet arrived with, which is what is quoted.
    pub(super) quoted_ttl: u8,
    /// How much is quoted behind the IP header; all that there is room for, where not given.
    pub(super) quote: Option<u16>,
    pub(super) mpls: Option<&'a Labels>,
}

impl IcmpError<'_> {
    /// The whole packet. Nothing where the versions of IP do not fit together.
    pub(super) fn about(&self, packet: &Packet<'_>) -> Option<Vec<u8>> {
        let builder = ip(self.source, packet.source, self.ttl)?;
        let mut body = self.quote(packet);
        let Unreachable { kind, code } = self.error;
        let v4 = packet.source.is_ipv4();
        // RFC 4884, section 4: of ICMP, types 3, 11 and 12 can be extended, of ICMPv6 types 1 and 3.
        let extensible = if v4 { [3, 11, 12].contains(&kind) } else { [1, 3].contains(&kind) };
        let mut length = 0;
        if let Some(labels) = self.mpls.filter(|_| extensible) {
            (body, length) = extension::append(body, labels, if v4 { 4 } else { 8 });
        }
        let [mtu_high, mtu_low] = NEXT_MTU.to_be_bytes();
        let bytes5to8 = match (v4, kind, code) {
            (true, 3, 4) => [0, length, mtu_high, mtu_low],
            (true, ..) => [0, length, 0, 0],
            (false, 2, _) => [0, 0, mtu_high, mtu_low],
            (false, 4, _) => [0, 0, 0, NEXT_HEADER],
            (false, ..) => [length, 0, 0, 0],
        };
        if v4 {
            let icmp = Icmpv4Type::Unknown { type_u8: kind, code_u8: code, bytes5to8 };
            write(&body, |to| builder.icmpv4(icmp).write(to, &body))
        } else {
            let icmp = Icmpv6Type::Unknown { type_u8: kind, code_u8: code, bytes5to8 };
            write(&body, |to| builder.icmpv6(icmp).write(to, &body))
        }
    }

    fn quote(&self, packet: &Packet<'_>) -> Vec<u8> {
        let v4 = packet.source.is_ipv4();
        let room = if v4 { LARGEST_ERROR - IP_AND_ICMP } else { LARGEST_ERROR_V6 - IP_AND_ICMP_V6 };
        let header = packet.bytes.len() - packet.payload.len();
        let wanted = self.quote.map_or(usize::MAX, |bytes| header + usize::from(bytes));
        let mut quote: Vec<_> = packet.bytes.iter().copied().take(wanted.min(room)).collect();
        // The routers on the way have changed the time to live, and with it the checksum of the header.
        if v4 {
            age_v4(&mut quote, self.quoted_ttl);
        } else if let Some(hop_limit) = quote.get_mut(7) {
            *hop_limit = self.quoted_ttl;
        }
        quote
    }
}

fn age_v4(quote: &mut [u8], ttl: u8) {
    if let Some(at) = quote.get_mut(8) {
        *at = ttl;
    }
    let Ok(mut header) = etherparse::Ipv4HeaderSlice::from_slice(quote).map(|header| header.to_header()) else {
        return;
    };
    header.header_checksum = header.calc_header_checksum();
    if let Some(place) = quote.get_mut(10..12) {
        place.copy_from_slice(&header.header_checksum.to_be_bytes());
    }
}

/// The answer to an ICMP echo request: the same with another type.
pub(super) fn echo_reply(packet: &Packet<'_>, ttl: u8) -> Option<Vec<u8>> {
    let &[_, _, _, _, a, b, c, d] = packet.start()?;
    let (id, sequence) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
    let body = packet.payload.get(8..)?;
    let builder = ip(packet.destination, packet.source, ttl)?;
    if packet.source.is_ipv4() {
        write(body, |to| builder.icmpv4_echo_reply(id, sequence).write(to, body))
    } else {
        write(body, |to| builder.icmpv6_echo_reply(id, sequence).write(to, body))
    }
}

/// A datagram with what `packet` holds.
pub(super) fn udp_echo(packet: &Packet<'_>, ttl: u8) -> Option<Vec<u8>> {
    debug_assert_eq!(packet.protocol, UDP);
    let udp = UdpSlice::from_slice(packet.payload).ok()?;
    let builder = ip(packet.destination, packet.source, ttl)?.udp(udp.destination_port(), udp.source_port());
    write(udp.payload(), |to| builder.write(to, udp.payload()))
}

/// The answer to a SYN: that the port is open, or that it is not. Nothing for any other segment.
pub(super) fn tcp(packet: &Packet<'_>, ttl: u8, open: bool) -> Option<Vec<u8>> {
    debug_assert_eq!(packet.protocol, TCP);
    let tcp = TcpSlice::from_slice(packet.payload).ok()?;
    if !tcp.syn() || tcp.ack() || tcp.rst() {
        return None;
    }
    let acknowledged = tcp.sequence_number().wrapping_add(1);
    let (sequence, window) = if open { (tcp.sequence_number() ^ 0x5555_5555, 65_535) } else { (0, 0) };
    let ip = ip(packet.destination, packet.source, ttl)?;
    let answer = ip.tcp(tcp.destination_port(), tcp.source_port(), sequence, window).ack(acknowledged);
    let answer = if open { answer.syn() } else { answer.rst() };
    write(&[], |to| answer.write(to, &[]))
}

fn ip(source: IpAddr, destination: IpAddr, ttl: u8) -> Option<PacketBuilderStep<IpHeaders>> {
    match (source, destination) {
        (IpAddr::V4(source), IpAddr::V4(destination)) => {
            Some(PacketBuilder::ipv4(source.octets(), destination.octets(), ttl))
        }
        (IpAddr::V6(source), IpAddr::V6(destination)) => {
            Some(PacketBuilder::ipv6(source.octets(), destination.octets(), ttl))
        }
        _ => None,
    }
}

fn write<E>(body: &[u8], build: impl FnOnce(&mut Vec<u8>) -> Result<(), E>) -> Option<Vec<u8>> {
    let mut packet = Vec::with_capacity(body.len() + 64);
    build(&mut packet).ok()?;
    Some(packet)
}
