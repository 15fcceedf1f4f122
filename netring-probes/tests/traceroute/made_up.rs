//! What routers of every kind say, made up: little quotations, label stacks, each code, answers to somebody else.

use super::{
    liar::{Answer, Liar, TARGET, checksum, icmp, quiet, router},
    support::{MODES, flow, target, trace},
};
use netring_core::{
    ProbeReport,
    model::{MplsLabel, PathEnd, TracerouteMode},
};
use netring_probes::{TracerouteProber, TracerouteProberBuilder};
use netring_testbed::lab::{self, Lab};
use socket2::Protocol;
use std::{net::IpAddr, time::Duration};

/// Of UDP, as by default.
const PORT: u16 = 33_434;
/// Hops before the target.
const ROUTERS: u8 = 4;

fn protocol(mode: TracerouteMode) -> Protocol {
    match mode {
        TracerouteMode::Udp => Protocol::UDP,
        TracerouteMode::Icmp => Protocol::ICMPV4,
        TracerouteMode::Tcp => Protocol::TCP,
    }
}

fn builder(mode: TracerouteMode) -> TracerouteProberBuilder {
    // The machine may be slow, and nothing is silent here.
    TracerouteProber::builder().mode(Some(mode)).timeout(Duration::from_secs(5)).max_hops(12)
}

/// A trace of a path of which `answer` says what each hop makes of a packet.
async fn traced(
    mode: TracerouteMode,
    builder: TracerouteProberBuilder,
    answer: impl Fn(u8, &[u8]) -> Option<Answer> + Send + 'static,
) -> ProbeReport {
    let mut lab = Lab::new();
    let host = lab.host("host");
    let _silent = quiet(&host, PORT);
    let _liar = Liar::new(&host, protocol(mode), answer);
    host.run(move || async move { trace(builder, &target(TARGET, PORT)).await }).await
}

/// Routers, then the target, that quote so many bytes behind the IP header.
fn line(quote: usize, extension: Vec<u8>, says_length: bool) -> impl Fn(u8, &[u8]) -> Option<Answer> + Send {
    move |ttl, packet| {
        let quoted = &packet[..packet.len().min(20 + quote)];
        Some(match ttl {
            1..=ROUTERS => (router(ttl), icmp(11, 0, quoted, &extension, says_length)),
            _ => (TARGET, icmp(3, 3, quoted, &[], false)),
        })
    }
}

fn expected() -> Vec<Vec<IpAddr>> {
    (1..=ROUTERS).map(router).chain([TARGET]).map(|ip| vec![IpAddr::V4(ip)]).collect()
}

fn label_stack() -> (Vec<u8>, Vec<MplsLabel>) {
    let mut bytes = vec![0x20, 0, 0, 0, 0, 12, 1, 1];
    bytes.extend((16_001_u32 << 12 | 3 << 9 | 1).to_be_bytes());
    bytes.extend((24_000_u32 << 12 | 1 << 8 | 254).to_be_bytes());
    let checksum = checksum(&bytes);
    bytes[2..4].copy_from_slice(&checksum);
    let labels = [(16_001, 3, false, 1), (24_000, 0, true, 254)];
    let label = |(label, traffic_class, bottom_of_stack, ttl)| MplsLabel { label, traffic_class, bottom_of_stack, ttl };
    (bytes, labels.map(label).to_vec())
}

#[test]
fn label_stacks_are_read_whether_or_not_the_router_says_where_they_are() {
    lab::test(async || {
        for mode in MODES {
            for says_length in [true, false] {
                let (bytes, labels) = label_stack();
                let report = traced(mode, builder(mode), line(200, bytes, says_length)).await;
                let flow = flow(&report);
                assert_eq!((flow.end, flow.path().0), (PathEnd::Reached, expected()), "{mode} {says_length}: {flow:?}");
                for hop in &flow.hops[..usize::from(ROUTERS)] {
                    assert_eq!(hop.answers.len(), 3, "{mode} {says_length}: {hop:?}");
                    assert!(hop.answers.iter().all(|answer| answer.mpls == labels), "{mode} {says_length}: {hop:?}");
                }
                assert!(flow.hops.last().unwrap().answers.iter().all(|answer| answer.mpls.is_empty()));
            }
        }
    });
}

#[test]
fn routers_that_quote_eight_bytes_are_placed_all_the_same() {
    lab::test(async || {
        for mode in MODES {
            for extension in [Vec::new(), label_stack().0] {
                let report = traced(mode, builder(mode), line(8, extension.clone(), true)).await;
                let flow = flow(&report);
                assert_eq!((flow.end, flow.path().0), (PathEnd::Reached, expected()), "{mode}: {flow:?}");
                // Only the kernel's queue of errors keeps the ports and the sequence number to itself.
                let sent = if mode == TracerouteMode::Udp { 1 } else { 3 };
                assert!(flow.hops.iter().all(|hop| hop.sent == sent && hop.loss_ratio == 0.0), "{mode}: {flow:?}");
                let has_labels = flow.hops[0].answers.iter().all(|answer| !answer.mpls.is_empty());
                assert_eq!(has_labels, !extension.is_empty(), "{mode}: {flow:?}");
            }
        }
    });
}

#[test]
fn each_code_of_unreachable_has_its_name() {
    lab::test(async || {
        use PathEnd as E;
        let ends = [
            (0, E::NetworkUnreachable),
            (1, E::HostUnreachable),
            (2, E::ProtocolUnreachable),
            (3, E::PortUnreachable),
            (4, E::FragmentationNeeded),
            (5, E::SourceRouteFailed),
            (9, E::AdministrativelyProhibited),
            (13, E::AdministrativelyProhibited),
            (14, E::PrecedenceViolation),
        ];
        for mode in MODES {
            for (code, end) in ends {
                let report = traced(mode, builder(mode), move |ttl, packet| {
                    let (icmp_type, code) = if ttl == 1 { (11, 0) } else { (3, code) };
                    Some((router(ttl.min(2)), icmp(icmp_type, code, packet, &[], false)))
                })
                .await;
                let flow = flow(&report);
                assert_eq!((flow.end, flow.hops.len()), (end, 2), "{mode} {code}: {flow:?}");
                let said = format!("(ICMP 3/{code}), says 127.0.1.2 at hop 2");
                assert!(format!("{:?}", report.outcome).contains(&said), "{mode} {code}: {:?}", report.outcome);
            }
        }
    });
}

#[test]
fn answers_to_somebody_elses_packets_are_nobodys() {
    lab::test(async || {
        for mode in MODES {
            // What tells a packet from those of others: UDP's payload, ICMP's identifier, TCP's sequence number.
            let at = match mode {
                TracerouteMode::Udp => 20 + 8,
                TracerouteMode::Icmp => 20 + 4,
                TracerouteMode::Tcp => 20 + 4,
            };
            let builder = builder(mode).timeout(Duration::from_millis(200)).tries(1);
            let report = traced(mode, builder, move |ttl, packet| {
                let mut packet = packet.to_vec();
                if ttl == 2 {
                    packet[at] ^= 0x55;
                }
                line(200, Vec::new(), false)(ttl, &packet)
            })
            .await;
            let flow = flow(&report);
            let mut expected = expected();
            expected[1].clear();
            assert_eq!((flow.end, flow.path().0), (PathEnd::Reached, expected), "{mode}: {flow:?}");
        }
    });
}
