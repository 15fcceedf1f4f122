//! What the simulator promises, without sockets.

use super::{
    Fate, Network, Reply, Simulator,
    packet::{ICMP, ICMP_V6, Packet, TCP, UDP},
};
use etherparse::PacketBuilder;
use proptest::prelude::*;
use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    time::{Duration, Instant},
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

#[test]
fn each_hop_of_a_chain_answers_with_a_quote() {
    for v4 in [true, false] {
        let mut simulator = simulator(if v4 { "chain_v4" } else { "chain_v6" });
        for protocol in [UDP, TCP, if v4 { ICMP } else { ICMP_V6 }] {
            for ttl in 1..=15 {
                let packet = packet(protocol, target(v4), ttl, 5000);
                let [reply] = &simulator.step(Instant::now(), &packet)[..] else { panic!("one answer") };
                let answer = well_formed(reply, &packet);
                assert_eq!(answer.source, router(v4, ttl));
                assert_eq!(answer.payload[..2], if v4 { [11, 0] } else { [3, 0] });
                assert_eq!((reply.after, answer.ttl), (Duration::from_millis(2 * u64::from(ttl)), u8::MAX - (ttl - 1)));
                let quote = Packet::parse(&answer.payload[8..]).expect("all of it is quoted");
                let original = Packet::parse(&packet).unwrap();
                assert_eq!((quote.ttl, quote.payload), (1, original.payload));
                assert!(!quote.has_corrupt_header());
            }
            let packet = packet(protocol, target(v4), 16, 5000);
            assert_eq!(sent(&mut simulator, Instant::now(), &packet), (Some(target(v4)), Fate::Answered));
            let passage = simulator.passages().last().unwrap();
            assert_eq!(passage.routers, (1..=15).map(|n| router(v4, n)).collect::<Vec<_>>());
        }
    }
}

#[test]
fn targets_answer_as_their_file_says() {
    let mut open = simulator("open_target");
    let mut closed = simulator("chain_v4");
    for v4 in [true, false] {
        let answer = |simulator: &mut Simulator, protocol| {
            let packet = packet(protocol, target(v4), 64, 5000);
            let [reply] = &simulator.step(Instant::now(), &packet)[..] else { panic!("one answer") };
            (well_formed(reply, &packet).payload.to_vec(), reply.after)
        };
        let (reply, after) = answer(&mut open, if v4 { ICMP } else { ICMP_V6 });
        assert_eq!(
            (reply[0], &reply[4..], after),
            (if v4 { 0 } else { 129 }, &[&[0x13, 0x88, 0, 1], &[7; 32][..]].concat()[..], Duration::from_millis(16))
        );
        let (reply, _) = answer(&mut open, UDP);
        assert_eq!((&reply[..4], &reply[8..]), (&[0x82, 0x9a, 0x13, 0x88][..], &[7; 32][..]));
        let (reply, _) = answer(&mut open, TCP);
        assert_eq!((&reply[8..12], reply[13]), (&1001u32.to_be_bytes()[..], 0x12), "SYN and ACK");
        if v4 {
            let (reply, _) = answer(&mut closed, UDP);
            assert_eq!(reply[..2], [3, 3]);
            let (reply, _) = answer(&mut closed, TCP);
            assert_eq!((&reply[8..12], reply[13]), (&1001u32.to_be_bytes()[..], 0x14), "RST and ACK");
        }
    }
    let mut silent = simulator("silent_target");
    for protocol in [UDP, TCP, ICMP] {
        let packet = packet(protocol, target(true), 5, 5000);
        assert_eq!(sent(&mut silent, Instant::now(), &packet), (None, Fate::Ignored));
    }
}

#[test]
fn each_code_of_unreachable_is_answered() {
    for (name, v4) in [("unreachable_v4", true), ("unreachable_v6", false)] {
        let mut simulator = simulator(name);
        let targets: Vec<_> = simulator.network().targets().collect();
        for to in targets {
            let expected = match to {
                IpAddr::V4(to) => [3, to.octets()[3]],
                IpAddr::V6(to) => [to.octets()[13], to.octets()[15]],
            };
            for ttl in [3, 30] {
                let packet = packet(UDP, to, ttl, 5000);
                let [reply] = &simulator.step(Instant::now(), &packet)[..] else { panic!("one answer") };
                assert_eq!(well_formed(reply, &packet).payload[..2], expected, "{to}");
                assert_eq!(simulator.passages().last().unwrap().fate, Fate::Unreachable);
            }
        }
        assert_eq!(simulator.passages().len(), if v4 { 32 } else { 20 });
    }
}

#[test]
fn a_flow_keeps_its_way_and_packets_do_not() {
    let now = Instant::now();
    let (mut by_flow, mut by_packet) = (simulator("balanced_per_flow"), simulator("balanced_per_packet"));
    let mut first_ways = BTreeSet::new();
    for flow in 1..=16 {
        let way = sent(&mut by_flow, now, &udp(3, flow)).0.unwrap();
        let second = if way == router(true, 3) { router(true, 4) } else { router(true, 6) };
        for _ in 0..3 {
            assert_eq!(sent(&mut by_flow, now, &udp(3, flow)).0, Some(way));
            assert_eq!(sent(&mut by_flow, now, &udp(4, flow)).0, Some(second));
        }
        first_ways.insert(way);
    }
    assert_eq!(first_ways, BTreeSet::from([router(true, 3), router(true, 5)]));
    let ways: Vec<_> = (0..4).map(|_| sent(&mut by_packet, now, &udp(3, 1)).0.unwrap()).collect();
    assert_eq!(ways, [3, 5, 3, 5].map(|number| router(true, number)));
}

#[test]
fn two_balancers_decide_each_for_itself() {
    let mut simulator = simulator("balanced_twice");
    let ways: BTreeSet<_> = (1..=200)
        .map(|flow| {
            sent(&mut simulator, Instant::now(), &udp(30, flow));
            simulator.passages().last().unwrap().routers.clone()
        })
        .collect();
    assert_eq!(ways.len(), 8, "{ways:?}");
}

/// Of echo requests, the identifier and the checksum decide, as they do in routers.
#[test]
fn echo_requests_are_balanced_too() {
    let mut simulator = simulator("balanced_per_flow");
    for v4 in [true, false] {
        let ways: BTreeSet<_> = (1..=32)
            .map(|flow| {
                sent(&mut simulator, Instant::now(), &packet(if v4 { ICMP } else { ICMP_V6 }, target(v4), 3, flow)).0
            })
            .collect();
        assert_eq!(ways.len(), 2);
    }
}

#[test]
fn limits_and_drops_follow_their_pattern() {
    let start = Instant::now();
    let (mut limited, mut lossy) = (simulator("rate_limited"), simulator("lossy"));
    let fates: Vec<_> = (0..5).map(|_| sent(&mut limited, start, &udp(2, 1)).1).collect();
    assert_eq!(fates, [Fate::TimeExceeded, Fate::Limited, Fate::Limited, Fate::TimeExceeded, Fate::Limited]);
    let at = |ms| start + Duration::from_millis(ms);
    let fates: Vec<_> = [0, 999, 1000, 1500].map(|ms| sent(&mut limited, at(ms), &udp(4, 1)).1).into();
    assert_eq!(fates, [Fate::TimeExceeded, Fate::Limited, Fate::TimeExceeded, Fate::Limited]);
    // It drops what it would forward, too, and its neighbours do not.
    let fates: Vec<_> = [2, 3, 9, 1, 9].map(|ttl| sent(&mut lossy, start, &udp(ttl, 1)).1).into();
    assert_eq!(fates, [Fate::TimeExceeded, Fate::TimeExceeded, Fate::Dropped, Fate::TimeExceeded, Fate::Answered]);
}

#[test]
fn answers_come_twice_and_late() {
    let mut lossy = simulator("lossy");
    let mut answers = Vec::new();
    for _ in 0..10 {
        let replies = lossy.step(Instant::now(), &udp(64, 1));
        if lossy.passages().last().unwrap().fate == Fate::Answered {
            answers.push((replies.len(), replies[0].after.as_millis()));
        }
    }
    assert_eq!(answers, [(1, 6), (1, 6), (1, 56), (1, 6), (2, 6), (1, 6), (1, 6)]);
}

#[test]
fn a_loop_ends_with_the_time_to_live() {
    let mut simulator = simulator("loop");
    for (ttl, number) in [(1, 1), (2, 2), (3, 3), (4, 4), (5, 3), (254, 4), (255, 3)] {
        assert_eq!(
            sent(&mut simulator, Instant::now(), &udp(ttl, 1)),
            (Some(router(true, number)), Fate::TimeExceeded)
        );
    }
}

#[test]
fn silent_routers_forward() {
    let mut simulator = simulator("silent_middle");
    for (ttl, expected) in [(1, Some(1)), (2, None), (3, Some(3)), (4, None), (5, None), (6, Some(6))] {
        let answered_by = sent(&mut simulator, Instant::now(), &udp(ttl, 1)).0;
        assert_eq!(answered_by, expected.map(|number| router(true, number)));
        assert_eq!(simulator.passages().last().unwrap().routers.last(), Some(&router(true, ttl)));
    }
    assert_eq!(sent(&mut simulator, Instant::now(), &udp(7, 1)).1, Fate::Answered);
}

#[test]
fn routers_quote_and_report_labels_as_their_file_says() {
    let (mut short, mut mpls) = (simulator("short_quotes"), simulator("mpls"));
    for v4 in [true, false] {
        let lengths = |simulator: &mut Simulator, ttl| {
            let packet = packet(UDP, target(v4), ttl, 1);
            let [reply] = &simulator.step(Instant::now(), &packet)[..] else { panic!("one answer") };
            let icmp = well_formed(reply, &packet).payload.to_vec();
            (icmp.len() - 8, icmp[if v4 { 5 } else { 4 }])
        };
        let ip = if v4 { 20 } else { 40 };
        assert_eq!([1, 4, 5, 6].map(|ttl| lengths(&mut short, ttl)), [8, 28, 40, 8].map(|bytes| (ip + bytes, 0)));
        let words = if v4 { 32 } else { 16 };
        let expected = [(ip + 40, 0), (128 + 12, words), (128 + 16, words), (128 + 12, words), (128 + 12, 0)];
        assert_eq!([1, 2, 3, 4, 5].map(|ttl| lengths(&mut mpls, ttl)), expected);
    }
}

#[test]
fn a_phase_changes_the_path() {
    let mut simulator = simulator("changing");
    for (phase, expected) in [
        (None, vec![1, 2, 3, 6]),
        (Some("after"), vec![1, 4, 5, 6]),
        (Some("longer"), vec![1, 4, 5, 3, 6]),
        (Some("cut"), vec![1, 2]),
        (None, vec![1, 2, 3, 6]),
    ] {
        simulator.set_phase(phase);
        sent(&mut simulator, Instant::now(), &udp(30, 1));
        let routers = expected.into_iter().map(|number| router(true, number)).collect::<Vec<_>>();
        assert_eq!(simulator.passages().last().unwrap().routers, routers, "{phase:?}");
    }
}

#[test]
#[should_panic(expected = "no phase `gone`")]
fn a_phase_that_is_not_there_is_refused() {
    simulator("changing").set_phase(Some("gone"));
}

#[test]
fn what_is_corrupt_is_dropped_by_who_sees_it() {
    let mut simulator = simulator("chain_v4");
    let mut payload = udp(16, 1);
    *payload.last_mut().unwrap() ^= 1;
    assert_eq!(sent(&mut simulator, Instant::now(), &payload).1, Fate::Corrupt);
    payload[8] = 3;
    assert_eq!(sent(&mut simulator, Instant::now(), &payload).1, Fate::Corrupt, "the header's checksum is wrong now");
    assert_eq!(simulator.passages().last().unwrap().routers.len(), 1);
}

#[test]
fn nothing_answers_an_error_or_a_stranger() {
    let mut simulator = simulator("chain_v4");
    let mut error = Vec::new();
    let kind = etherparse::Icmpv4Type::Unknown { type_u8: 3, code_u8: 3, bytes5to8: [0; 4] };
    let IpAddr::V4(to) = target(true) else { unreachable!() };
    PacketBuilder::ipv4(HOST.octets(), to.octets(), 2).icmpv4(kind).write(&mut error, &[0; 28]).unwrap();
    assert_eq!(sent(&mut simulator, Instant::now(), &error), (None, Fate::Silent));
    let stranger = packet(UDP, "198.51.100.77".parse().unwrap(), 2, 1);
    assert_eq!((simulator.step(Instant::now(), &stranger), simulator.passages().len()), (vec![], 1));
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(simulator("mpls").step(Instant::now(), &bytes).is_empty());
    }

    /// What is nearly a packet is answered by whole packets, or not at all.
    #[test]
    fn no_change_to_a_packet_panics(
        protocol in prop_oneof![Just(UDP), Just(TCP), Just(ICMP)], v4: bool, ttl: u8, flow: u16,
        name in prop_oneof![Just("mpls"), Just("short_quotes"), Just("open_target"), Just("loop"), Just("balanced_per_flow")],
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        length in any::<prop::sample::Index>(), cut: bool,
    ) {
        let mut packet = packet(protocol, target(v4), ttl, flow);
        for (at, byte) in changes {
            let at = at.index(packet.len());
            packet[at] = byte;
        }
        if cut {
            packet.truncate(length.index(packet.len()));
        }
        for reply in simulator(name).step(Instant::now(), &packet) {
            well_formed(&reply, &packet);
        }
    }
}
