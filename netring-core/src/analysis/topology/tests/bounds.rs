//! However much strangers report, a graph is bounded.

use super::*;
use std::net::{IpAddr, Ipv4Addr};

/// A trace whose hops are the numbers `routers`, in flows of 60 hops.
fn through(routers: &[u32]) -> TracerouteMeasurement {
    let hop = |(ttl, number): (u8, &u32)| {
        let ip = IpAddr::V4(Ipv4Addr::from(0x1400_0000 + number));
        let answer = HopAnswer { ip, round_trip_time: Duration::from_millis(1), answer_ttl: None, mpls: Vec::new() };
        Hop::new(ttl, 1, vec![answer])
    };
    let flow = |(number, routers): (u16, &[u32])| FlowPath {
        flow: Flow::Ports { source: number, destination: 1 },
        end: PathEnd::Silent,
        hops: (1..).zip(routers).map(hop).collect(),
    };
    TracerouteMeasurement { flows: (0..).zip(routers.chunks(60)).map(flow).collect(), ..trace(&[]) }
}

fn members(count: u32) -> MembersSnapshot {
    let members: Vec<_> = (0..count).map(|i| format!("m{i:02} l{i:02} 198.51.100.{}", i + 1)).collect();
    ring(&members.join(","))
}

#[test]
fn the_routers_that_most_pairs_use_stay() {
    let ring = members(20);
    // Each pair has 900 routers of its own, but for the last hops, which are the same of all.
    let reports: Vec<_> = (1..12_u32)
        .map(|pair| {
            let mut routers: Vec<u32> = (pair * 1_000..pair * 1_000 + 900).collect();
            routers.extend(900_000..900_060);
            report("m00", vec![result(&format!("m{pair:02}"), through(&routers))])
        })
        .map(|received| received.report.results.clone())
        .collect();
    let reports = [report("m00", reports.concat())];
    let got = topology(&ring, &reports, &BottleneckThresholds::default());
    assert!(got.truncated);
    assert_eq!(got.locations.len() + got.routers.len(), Topology::MAX_NODES);
    assert_eq!(got.routers.iter().filter(|node| node.pairs == 11).count(), 60);
    assert_eq!(got, topology(&ring, &reports, &BottleneckThresholds::default()));
}

#[test]
fn the_edges_that_most_pairs_use_stay() {
    let ring = members(40);
    // Each pair goes through the same 960 routers, in an order of its own: with other steps between them.
    let results = (1..30_u32).map(|pair| {
        let routers: Vec<u32> = (0..960).map(|i| (i * (2 * pair + 1)) % 1_021).collect();
        result(&format!("m{pair:02}"), through(&routers))
    });
    let reports = [report("m00", results.collect())];
    let got = topology(&ring, &reports, &BottleneckThresholds::default());
    assert!(got.truncated && got.routers.len() <= 1_021);
    assert_eq!((got.edges.len(), got.bottlenecks.len()), (Topology::MAX_EDGES, Topology::MAX_BOTTLENECKS));
    assert!(got.edges.is_sorted_by(|a, b| (&a.from, &a.to) <= (&b.from, &b.to)));
}
