//! What is answered, when, and by whom.

use super::{
    Fate, HOST, ICMP, ICMP_V6, Packet, Simulator, TCP, UDP, packet, router, sent, simulator, target, udp, well_formed,
};
use etherparse::PacketBuilder;
use std::{
    net::IpAddr,
    time::{Duration, Instant},
};

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
