//! Whatever is reported: no panic, the bounds hold, and the same reports make the same graph.

use super::{
    super::{path_between, topology_svg},
    *,
};
use crate::model::PathEnd;
use proptest::{collection::vec, prelude::*};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

fn address() -> impl Strategy<Value = IpAddr> {
    prop_oneof![
        4 => (0..12_u8).prop_map(|i| IpAddr::V4(Ipv4Addr::new(192, 0, 2, i))),
        2 => (0..4_u8).prop_map(|i| IpAddr::V4(Ipv4Addr::new(10, 0, 0, i))),
        1 => any::<u128>().prop_map(|bits| IpAddr::V6(Ipv6Addr::from(bits))),
    ]
}

fn duration() -> impl Strategy<Value = Duration> {
    prop_oneof![9 => (0..500_000_u64).prop_map(Duration::from_micros), 1 => any::<u64>().prop_map(Duration::from_nanos), 1 => Just(Duration::MAX)]
}

fn hop() -> impl Strategy<Value = Hop> {
    let answer = (address(), duration()).prop_map(|(ip, round_trip_time)| HopAnswer {
        ip,
        round_trip_time,
        answer_ttl: None,
        mpls: Vec::new(),
    });
    let ratio = prop_oneof![4 => 0.0..=1.0_f64, 1 => Just(f64::NAN), 1 => any::<f64>()];
    (any::<u8>(), any::<u8>(), ratio, vec(answer, 0..4)).prop_map(|(ttl, sent, loss_ratio, answers)| Hop {
        ttl,
        sent,
        loss_ratio,
        answers,
    })
}

fn flow() -> impl Strategy<Value = FlowPath> {
    let end = prop_oneof![
        3 => Just(PathEnd::Reached),
        1 => Just(PathEnd::Silent),
        1 => Just(PathEnd::Loop),
        1 => Just(PathEnd::HostUnreachable),
    ];
    (end, vec(hop(), 0..12), any::<bool>(), any::<u16>()).prop_map(|(end, mut hops, in_order, source)| {
        if in_order {
            (1..).zip(&mut hops).for_each(|(ttl, hop)| hop.ttl = ttl);
        }
        FlowPath { flow: Flow::Ports { source, destination: 1 }, end, hops }
    })
}

fn any_report() -> impl Strategy<Value = Arc<ReceivedReport>> {
    let result =
        (0..6_usize, vec(flow(), 0..4), any::<bool>(), 0..10_000_u64).prop_map(|(target, flows, tainted, ago)| {
            let trace = TracerouteMeasurement { flows, ..trace(&[]) };
            let started_at = NOW - Duration::from_secs(ago);
            ProbeReport { tainted, started_at, ..result(&format!("m{target}"), trace) }
        });
    (0..6_usize, vec(result, 0..8)).prop_map(|(source, results)| report(&format!("m{source}"), results))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_reports_make_a_graph(reports in vec(any_report(), 0..8), thresholds in (0..3_u32, 0..3_u32)) {
        let ring = ring("m0 eu1 10.0.0.1,m1 eu1 10.0.0.2,m2 us1 192.0.2.1,m3 us2 10.0.0.3,m4 ap1 2001:db8::1");
        let thresholds = BottleneckThresholds { lost_packets: thresholds.0, pairs: thresholds.1, ..Default::default() };
        let got = topology(&ring, &reports, &thresholds);
        prop_assert_eq!(&got, &topology(&ring, &reports, &thresholds));
        prop_assert!(got.traces <= 20 && got.edges.iter().all(|edge| edge.pairs >= 1 && edge.pairs as usize <= got.traces));
        prop_assert!(got.edges.is_sorted_by(|a, b| (&a.from, &a.to, a.silent_hops) < (&b.from, &b.to, b.silent_hops)));
        prop_assert!(got.edges.iter().all(|edge| edge.loss_ratio.is_none_or(|ratio| (0.0..=1.0).contains(&ratio))));
        for edge in &got.edges {
            for place in [&edge.from, &edge.to] {
                let known = match place {
                    Place::Location(location) => got.locations.iter().any(|node| node.location == *location),
                    Place::Router(router) => got.routers.iter().any(|node| node.router == *router),
                };
                prop_assert!(known, "{} is no node", place);
            }
        }
        let json = serde_json::to_string(&got).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Topology>(&json).unwrap(), &got, "it can be read back");
        prop_assert_eq!(topology_svg(&got), topology_svg(&got));
        for target in ["m2", "m4"] {
            let [source, target] = ["m0", target].map(|id| InstanceId::new(id).unwrap());
            prop_assert!(path_between(&ring, &reports, &source, &target).is_some());
        }
    }
}
