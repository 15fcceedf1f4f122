//! The parsers against packets that are right, cut, changed, forged and random.

use super::{echo::EchoFlow, extension::tests::*, syn::SynFlow, udp::*, *};
use etherparse::{PacketBuilder, checksum::Sum16BitWords};
use netring_core::model::{MplsLabel, PathEnd};
use proptest::prelude::*;
use std::net::IpAddr;

const PROBE: ProbeId = ProbeId { flow: 1, ttl: 7, attempt: 2 };
const COOKIE: u64 = 0x1122_3344_5566_7788;

/// This host, the target, and a router on the way.
fn addresses(v6: bool) -> [IpAddr; 3] {
    let texts = if v6 {
        ["2001:db8::1", "2001:db8:9::9", "2001:db8:5::5"]
    } else {
        ["192.0.2.1", "198.51.100.9", "203.0.113.5"]
    };
    texts.map(|text| text.parse().unwrap())
}

fn echo_flow(v6: bool) -> EchoFlow {
    let [source, target, _] = addresses(v6);
    EchoFlow { flow: 1, target, source, identifier: 61_234, checksum: 0xbeef, first_sequence: 65_500, cookie: COOKIE }
}

fn syn_flow(v6: bool) -> SynFlow {
    let [source, target, _] = addresses(v6);
    let first_sequence = u32::MAX - 5;
    SynFlow { flow: 1, target, source, source_port: 61_234, destination_port: 443, first_sequence }
}

/// An IP packet of the protocol with the number `protocol`.
fn ip(source: IpAddr, target: IpAddr, protocol: u8, payload: &[u8]) -> Vec<u8> {
    let builder = match (source, target) {
        (IpAddr::V4(source), IpAddr::V4(target)) => PacketBuilder::ipv4(source.octets(), target.octets(), 1),
        (IpAddr::V6(source), IpAddr::V6(target)) => PacketBuilder::ipv6(source.octets(), target.octets(), 1),
        _ => unreachable!(),
    };
    let mut packet = Vec::new();
    builder.write(&mut packet, protocol.into(), payload).unwrap();
    packet
}

/// An ICMP message that quotes `quoted`; `length` is what it says of the length, in its own units.
fn icmp(v6: bool, icmp_type: u8, code: u8, length: u8, quoted: &[u8]) -> Vec<u8> {
    let mut message = vec![icmp_type, code, 0, 0, 0, 0, 0, 0];
    message[if v6 { 4 } else { 5 }] = length;
    message.extend(quoted);
    if !v6 {
        let checksum = Sum16BitWords::new().add_slice(&message).ones_complement().to_be();
        message[2..4].copy_from_slice(&checksum.to_be_bytes());
    }
    message
}

/// A time-exceeded message with extensions, of a router that knows RFC 4884, or of one from before it.
fn with_extensions(v6: bool, quoted: &[u8], says_length: bool) -> (Vec<u8>, Vec<MplsLabel>) {
    let (body, labels) = two_labels();
    let mut padded = quoted.to_vec();
    padded.resize(128, 0);
    padded.extend(extension(&[(1, 1, body)], true));
    let length = if says_length { 128 / if v6 { 8 } else { 4 } } else { 0 };
    (icmp(v6, if v6 { 3 } else { 11 }, 0, length, &padded), labels)
}

/// What each flow makes of a message.
fn read_all(v6: bool, message: &[u8], from: IpAddr) -> Vec<Answer> {
    let read = [
        echo_flow(v6).answer(message, from, Some(9)),
        syn_flow(v6).icmp_answer(message, from, Some(9)),
        syn_flow(v6).answer(message, from, Some(9)),
    ];
    read.into_iter().flatten().collect()
}

/// The request of each raw mode as an IP packet.
fn requests(v6: bool) -> [Vec<u8>; 2] {
    let [source, target, _] = addresses(v6);
    let request = echo_flow(v6).request(PROBE);
    let segment = syn_flow(v6).segment(PROBE);
    [ip(source, target, if v6 { 58 } else { 1 }, &request), ip(source, target, 6, &segment)]
}

#[test]
fn echo_requests_of_a_flow_have_one_checksum_and_it_is_valid() {
    for v6 in [false, true] {
        let flow = echo_flow(v6);
        for index in (16..ProbeId::INDICES).step_by(13) {
            let request = flow.request(ProbeId::from_index(1, index).unwrap());
            assert_eq!(request[2..4], [0xbe, 0xef]);
            let mut sum = Sum16BitWords::new();
            if let (IpAddr::V6(source), IpAddr::V6(target)) = (flow.source, flow.target) {
                sum = sum.add_16bytes(source.octets()).add_16bytes(target.octets());
                sum = sum.add_4bytes(40_u32.to_be_bytes()).add_4bytes([0, 0, 0, 58]);
            }
            assert_eq!(sum.add_slice(&request).ones_complement(), 0, "{v6} {index}");
        }
    }
}

#[test]
fn quoted_packets_are_known_by_as_little_as_eight_bytes() {
    for v6 in [false, true] {
        let [_, _, router] = addresses(v6);
        let header = if v6 { 40 } else { 20 };
        for request in requests(v6) {
            for length in header + 8..=request.len() {
                let message = icmp(v6, if v6 { 3 } else { 11 }, 0, 0, &request[..length]);
                let answers = read_all(v6, &message, router);
                let expected = Answer {
                    to: Match::Probe(PROBE),
                    from: router,
                    kind: Kind::TimeExceeded,
                    answer_ttl: Some(9),
                    mpls: Vec::new(),
                };
                assert_eq!(answers, [expected], "{v6} {length}");
            }
            for length in 0..header + 8 {
                let message = icmp(v6, if v6 { 3 } else { 11 }, 0, 0, &request[..length]);
                assert_eq!(read_all(v6, &message, router), [], "{v6} {length}");
            }
        }
    }
}

#[test]
fn extensions_are_found_with_and_without_a_length() {
    for v6 in [false, true] {
        let [_, _, router] = addresses(v6);
        let header = if v6 { 40 } else { 20 };
        for request in requests(v6) {
            for (quoted, says_length) in [(&request[..], true), (&request[..], false), (&request[..header + 8], true)] {
                let (message, labels) = with_extensions(v6, quoted, says_length);
                let answers = read_all(v6, &message, router);
                let [Answer { to: Match::Probe(PROBE), mpls, .. }] = &*answers else { panic!("{v6} {answers:?}") };
                assert_eq!(*mpls, labels, "{v6} {says_length}");
            }
        }
    }
}

#[test]
fn replies_of_the_target_are_arrivals_and_those_of_others_nothing() {
    for v6 in [false, true] {
        let [_, target, router] = addresses(v6);
        let mut reply = echo_flow(v6).request(PROBE).to_vec();
        reply[0] = if v6 { 129 } else { 0 };
        reply[2..4].copy_from_slice(&[0, 0]);
        let checksum = Sum16BitWords::new().add_slice(&reply).ones_complement().to_be();
        reply[2..4].copy_from_slice(&checksum.to_be_bytes());
        assert_eq!(read_all(v6, &reply, target).first().map(|answer| answer.kind), Some(Kind::Reached));
        assert_eq!(read_all(v6, &reply, router), []);

        let flow = syn_flow(v6);
        let mut header = etherparse::TcpHeader::new(443, 61_234, 77, 1000);
        header.acknowledgment_number = flow.first_sequence.wrapping_add(u32::from(PROBE.index())).wrapping_add(1);
        for (syn, rst, ack, is_answer) in [
            (true, false, true, true),
            (false, true, true, true),
            (true, false, false, false),
            (false, true, false, false),
            (false, false, true, false),
        ] {
            (header.syn, header.rst, header.ack) = (syn, rst, ack);
            let segment = header.to_bytes();
            let answer = flow.answer(&segment, target, None).map(|answer| (answer.to, answer.kind));
            assert_eq!(answer, is_answer.then_some((Match::Probe(PROBE), Kind::Reached)), "{syn} {rst} {ack}");
            assert_eq!(flow.answer(&segment, router, None), None);
        }
    }
}

/// Each has everything else right, so that one check alone can tell.
#[test]
fn replies_to_another_identifier_or_port_are_nobodys() {
    for v6 in [false, true] {
        let [source, target, router] = addresses(v6);
        let (flow, probe) = (echo_flow(v6), Some(Match::Probe(PROBE)));
        let to = |answer: Option<Answer>| answer.map(|answer| answer.to);
        for (icmp_type, code, identifier, expected) in [
            (if v6 { 129 } else { 0 }, 0, flow.identifier, probe),
            (if v6 { 129 } else { 0 }, 0, flow.identifier ^ 1, None),
            (if v6 { 129 } else { 0 }, 0, flow.identifier ^ 0x100, None),
            (if v6 { 129 } else { 0 }, 1, flow.identifier, None),
            // Our own request, which a raw socket sees on this host.
            (if v6 { 128 } else { 8 }, 0, flow.identifier, None),
        ] {
            let mut reply = flow.request(PROBE);
            (reply[0], reply[1]) = (icmp_type, code);
            reply[4..6].copy_from_slice(&identifier.to_be_bytes());
            reply[2..4].copy_from_slice(&[0, 0]);
            let checksum = Sum16BitWords::new().add_slice(&reply).ones_complement().to_be();
            reply[2..4].copy_from_slice(&checksum.to_be_bytes());
            assert_eq!(to(flow.answer(&reply, target, None)), expected, "{v6} {icmp_type} {code} {identifier}");
        }
        // Quoted whole, and cut before the cookie.
        for (identifier, expected) in [(flow.identifier, probe), (flow.identifier ^ 1, None)] {
            let mut request = flow.request(PROBE);
            request[4..6].copy_from_slice(&identifier.to_be_bytes());
            for length in [8, request.len()] {
                let packet = ip(source, target, if v6 { 58 } else { 1 }, &request[..length]);
                let message = icmp(v6, if v6 { 3 } else { 11 }, 0, 0, &packet);
                assert_eq!(to(flow.answer(&message, router, None)), expected, "{v6} {identifier} {length}");
            }
        }

        let flow = syn_flow(v6);
        let (from, at) = (flow.destination_port, flow.source_port);
        for (source_port, destination_port, expected) in
            [(from, at, probe), (from ^ 1, at, None), (from, at ^ 1, None), (at, from, None)]
        {
            let mut header = etherparse::TcpHeader::new(source_port, destination_port, 77, 1000);
            header.acknowledgment_number = flow.first_sequence.wrapping_add(u32::from(PROBE.index())).wrapping_add(1);
            (header.syn, header.ack) = (true, true);
            assert_eq!(to(flow.answer(&header.to_bytes(), target, None)), expected, "{source_port} {destination_port}");
            let segment =
                SynFlow { source_port: destination_port, destination_port: source_port, ..flow }.segment(PROBE);
            let message = icmp(v6, if v6 { 3 } else { 11 }, 0, 0, &ip(source, target, 6, &segment));
            assert_eq!(to(flow.icmp_answer(&message, router, None)), expected, "{source_port} {destination_port}");
        }
    }
}

#[test]
fn what_has_the_right_form_and_is_not_ours_is_not_taken() {
    for v6 in [false, true] {
        let [source, target, router] = addresses(v6);
        let time_exceeded = |packet: &[u8]| icmp(v6, if v6 { 3 } else { 11 }, 0, 0, packet);
        let forged = [
            EchoFlow { cookie: COOKIE + 1, ..echo_flow(v6) }.request(PROBE),
            EchoFlow { identifier: 1, ..echo_flow(v6) }.request(PROBE),
            EchoFlow { first_sequence: 30_000, ..echo_flow(v6) }.request(PROBE),
        ];
        let protocol = if v6 { 58 } else { 1 };
        for request in forged {
            let packet = ip(source, target, protocol, &request);
            assert_eq!(read_all(v6, &time_exceeded(&packet), router), []);
        }
        let other_checksum = EchoFlow { checksum: 1, ..echo_flow(v6) }.request(PROBE);
        let packet = ip(source, target, protocol, &other_checksum[..8]);
        assert_eq!(read_all(v6, &time_exceeded(&packet), router), [], "cut, and with another checksum");

        let forged = [
            SynFlow { source_port: 1, ..syn_flow(v6) },
            SynFlow { destination_port: 1, ..syn_flow(v6) },
            SynFlow { first_sequence: 9_999, ..syn_flow(v6) },
        ];
        for flow in forged {
            let packet = ip(source, target, 6, &flow.segment(PROBE));
            assert_eq!(read_all(v6, &time_exceeded(&packet), router), []);
        }
        for request in requests(v6) {
            let mut elsewhere = request.clone();
            elsewhere[if v6 { 39 } else { 19 }] ^= 1;
            assert_eq!(read_all(v6, &time_exceeded(&elsewhere), router), [], "to another target");
            let mut other_protocol = request.clone();
            other_protocol[if v6 { 6 } else { 9 }] = 17;
            assert_eq!(read_all(v6, &time_exceeded(&other_protocol), router), [], "of another protocol");
            if !v6 {
                let mut damaged = time_exceeded(&request);
                damaged[3] ^= 1;
                assert_eq!(read_all(v6, &damaged, router), [], "the checksum is wrong");
            }
        }
    }
}

#[test]
fn datagrams_are_known_by_their_cookie() {
    let cookie = Cookie(COOKIE);
    let payload = cookie.payload(PROBE);
    for length in 11..=payload.len() {
        assert_eq!(cookie.find(1, &payload[..length]), Some(Match::Probe(PROBE)));
    }
    for length in 0..11 {
        assert_eq!(cookie.find(1, &payload[..length]), Some(Match::Flow(1)), "{length}");
    }
    assert_eq!(cookie.find(1, &[0; 108]), Some(Match::Flow(1)), "zeros fill a short quotation up");
    assert_eq!(cookie.find(2, &payload), None, "of another flow");
    assert_eq!(Cookie(COOKIE ^ 1).find(1, &payload), None, "of another trace");
    assert_eq!(Cookie(COOKIE ^ 1 << 60).find(1, &payload[..5]), None, "of another trace, cut");
    for (at, value) in [(9, 0), (9, 65), (10, 16)] {
        let mut impossible = payload;
        impossible[at] = value;
        assert_eq!(cookie.find(1, &impossible), None, "{at} {value}");
    }
}

#[test]
fn labels_behind_a_datagram_are_found_where_the_kernel_says_or_where_they_usually_are() {
    let (body, labels) = two_labels();
    for (ip_header, usual) in [(20, 100), (40, 80)] {
        let mut bytes = vec![0; usual];
        bytes.extend(extension(&[(1, 1, body.clone())], true));
        let at = |offset, invalid| quoted_labels(&bytes, ExtensionHint { offset, invalid }, ip_header);
        assert_eq!(at(usual as u16, false), labels);
        assert_eq!(at(0, false), labels, "from before RFC 4884");
        assert_eq!(at(usual as u16, true), []);
        assert_eq!(at(usual as u16 + 1, false), []);
        assert_eq!(at(u16::MAX, false), []);
    }
}

/// Changes, cuts and lengthens packets that are right, the same way in every run.
#[test]
fn packets_that_were_tampered_with_do_no_harm() {
    let mut random = fastrand::Rng::with_seed(4884);
    for v6 in [false, true] {
        let [_, target, router] = addresses(v6);
        let valid = requests(v6).into_iter().flat_map(|request| {
            let unreachable = icmp(v6, if v6 { 1 } else { 3 }, 1, 0, &request);
            [with_extensions(v6, &request, true).0, with_extensions(v6, &request, false).0, unreachable]
        });
        for packet in valid.chain([syn_flow(v6).segment(PROBE)]) {
            for _ in 0..5_000 {
                let mut packet = packet.clone();
                for _ in 0..random.usize(1..6) {
                    let at = random.usize(..packet.len());
                    packet[at] = random.u8(..);
                }
                packet.truncate(random.usize(1..=packet.len()));
                packet.extend((0..random.usize(..8)).map(|_| random.u8(..)));
                if !v6 && packet.len() > 4 && random.bool() {
                    // With a checksum that fits, the changes get further.
                    packet[2..4].copy_from_slice(&[0, 0]);
                    let checksum = Sum16BitWords::new().add_slice(&packet).ones_complement().to_be();
                    packet[2..4].copy_from_slice(&checksum.to_be_bytes());
                }
                for from in [router, target] {
                    for answer in read_all(v6, &packet, from) {
                        assert_eq!(answer.from, from);
                        assert!(matches!(answer.to, Match::Probe(ProbeId { flow: 1, ttl: 1..=64, .. })), "{answer:?}");
                        assert!(answer.mpls.len() <= 16);
                    }
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn random_bytes_are_nobodys(bytes in prop::collection::vec(any::<u8>(), 0..400), v6: bool, from_target: bool) {
        let [_, target, router] = addresses(v6);
        prop_assert_eq!(read_all(v6, &bytes, if from_target { target } else { router }), []);
        let _ = ipv4_payload(&bytes);
        let hint = ExtensionHint { offset: bytes.len() as u16 / 2, invalid: false };
        prop_assert!(quoted_labels(&bytes, hint, 20).len() <= 16);
        if bytes.len() > 10 && bytes.iter().any(|byte| *byte != 0) {
            prop_assert_ne!(Cookie(COOKIE).find(1, &bytes), Some(Match::Probe(PROBE)));
        }
    }

    #[test]
    fn random_quotations_are_nobodys(bytes in prop::collection::vec(any::<u8>(), 0..300), v6: bool, length: u8, code in 0u8..20) {
        let [_, _, router] = addresses(v6);
        for icmp_type in if v6 { [1, 3] } else { [3, 11] } {
            prop_assert_eq!(read_all(v6, &icmp(v6, icmp_type, code, length, &bytes), router), []);
        }
    }
}

#[test]
fn the_way_a_path_ends_comes_with_the_answer() {
    let [_, target, router] = addresses(false);
    let message = icmp(false, 3, 13, 0, &requests(false)[1]);
    let why = Unreachable { end: PathEnd::AdministrativelyProhibited, icmp_type: 3, code: 13 };
    for from in [router, target] {
        assert_eq!(read_all(false, &message, from).first().map(|answer| answer.kind), Some(Kind::Unreachable(why)));
    }
}
