//! What the simulator promises, without sockets.

mod answers;
mod paths;
mod robust;

use super::{
    Fate, Network, Reply, Simulator,
    packet::{ICMP, ICMP_V6, Packet, TCP, UDP},
};
use etherparse::PacketBuilder;
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    time::Instant,
};

const HOST: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
const HOST_V6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0xaaaa, 0, 0, 0, 0, 1);

/// A packet of 32 bytes of payload. `flow` is its source port, or its identifier.
fn packet(protocol: u8, destination: IpAddr, ttl: u8, flow: u16) -> Vec<u8> {
    let (mut bytes, body) = (Vec::new(), [7; 32]);
    let ip = match destination {
        IpAddr::V4(to) => PacketBuilder::ipv4(HOST.octets(), to.octets(), ttl),
        IpAddr::V6(to) => PacketBuilder::ipv6(HOST_V6.octets(), to.octets(), ttl),
    };
    match (protocol, destination.is_ipv4()) {
        (UDP, _) => ip.udp(flow, 33434).write(&mut bytes, &body).unwrap(),
        (TCP, _) => ip.tcp(flow, 80, 1000, 1024).syn().write(&mut bytes, &[]).unwrap(),
        (_, true) => ip.icmpv4_echo_request(flow, 1).write(&mut bytes, &body).unwrap(),
        (_, false) => ip.icmpv6_echo_request(flow, 1).write(&mut bytes, &body).unwrap(),
    }
    bytes
}

fn udp(ttl: u8, flow: u16) -> Vec<u8> {
    packet(UDP, target(true), ttl, flow)
}

fn target(v4: bool) -> IpAddr {
    if v4 { "198.51.100.1".parse().unwrap() } else { "2001:db8:ffff::1".parse().unwrap() }
}

fn router(v4: bool, number: u8) -> IpAddr {
    if v4 { format!("10.0.{number}.1").parse().unwrap() } else { format!("2001:db8:0:{number:x}::1").parse().unwrap() }
}

/// Sends one packet, and gives who answered and how it ended.
fn sent(simulator: &mut Simulator, now: Instant, packet: &[u8]) -> (Option<IpAddr>, Fate) {
    let replies = simulator.step(now, packet);
    let passage = simulator.passages().last().unwrap();
    let sources = replies.iter().map(|reply| well_formed(reply, packet).source).collect::<Vec<_>>();
    assert_eq!(sources.first().copied(), passage.answered_by);
    (passage.answered_by, passage.fate)
}

/// The reply as a packet, which is whole, has right checksums, and goes to where `packet` came from.
fn well_formed<'a>(reply: &'a Reply, packet: &[u8]) -> Packet<'a> {
    let answer = Packet::parse(&reply.packet).expect("a whole packet");
    assert!(!answer.has_corrupt_header() && !answer.has_corrupt_payload() && answer.ttl > 0, "{answer:?}");
    assert_eq!(answer.destination, Packet::parse(packet).unwrap().source);
    answer
}

fn simulator(name: &str) -> Simulator {
    Simulator::new(Network::named(name))
}
