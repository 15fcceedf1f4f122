//! Whose traces count.

use super::*;

const FLOW: &[&str] = &["192.0.2.1@1 198.51.100.2@3"];
const THREE: &str = "a eu1 198.51.100.1,b us1 198.51.100.2,c us1 198.51.100.3";

#[test]
fn members_stand_in_their_locations() {
    let got =
        graph(&ring(THREE), &[("a", "b", FLOW), ("a", "c", FLOW), ("b", "c", FLOW), ("c", "b", &["198.51.100.2@1"])]);
    let locations: Vec<_> = got.locations.iter().map(|node| (node.location.as_str(), node.members.len())).collect();
    assert_eq!(locations, [("eu1", 1), ("us1", 2)]);
    assert_eq!(edge(&got, "eu1", "192.0.2.1").pairs, 2);
    // What leaves a location and comes back to it shows its routers; what has none on its way is no edge.
    assert_eq!(edge(&got, "us1", "192.0.2.1").pairs, 1);
    assert_eq!(edge(&got, "192.0.2.1", "us1").pairs, 3);
    assert_eq!((got.edges.len(), got.traces), (3, 4));
    let connections: Vec<_> = got
        .connections
        .iter()
        .map(|c| (c.source_location.as_str(), c.target_location.as_str(), c.pairs, c.reached, c.round_trip_time))
        .collect();
    let ms = |ms| Some(Duration::from_millis(ms));
    assert_eq!(connections, [("eu1", "us1", 2, 2, ms(3)), ("us1", "us1", 2, 2, ms(2))]);
}

#[test]
fn only_active_members_count() {
    for (status, traces) in [
        (MemberStatus::Online, 2),
        (MemberStatus::Stale, 2),
        (MemberStatus::Offline, 0),
        (MemberStatus::Deregistered, 0),
    ] {
        let mut ring = ring("a eu1 198.51.100.1,b us1 198.51.100.2");
        ring.members[1].1 = status;
        let got = graph(
            &ring,
            &[("a", "b", FLOW), ("b", "a", FLOW), ("a", "gone", FLOW), ("gone", "a", FLOW), ("a", "a", FLOW)],
        );
        assert_eq!((got.traces, got.edges.is_empty()), (traces, traces == 0), "{status}");
        assert_eq!(got.locations.len(), if traces == 0 { 1 } else { 2 }, "{status}");
    }
    let none = graph(&MembersSnapshot { at: NOW, revision: 1, members: Vec::new() }, &[("a", "b", FLOW)]);
    assert!(none.locations.is_empty() && none.edges.is_empty() && none.connections.is_empty());
}

#[test]
fn what_is_old_does_not_count_and_what_is_tainted_tells_no_times() {
    let fresh = result("b", trace(FLOW));
    let ended_ago = |seconds: u64, interval| ProbeReport {
        started_at: NOW - Duration::from_secs(seconds + 2),
        interval: Some(Duration::from_secs(interval)),
        ..fresh.clone()
    };
    for (name, result, traces) in [
        ("an hour old", ended_ago(3_600, 300), 1),
        ("older", ended_ago(3_601, 300), 0),
        ("three intervals old", ended_ago(21_600, 7_200), 1),
        ("older", ended_ago(21_601, 7_200), 0),
    ] {
        let got = topology(&ring(THREE), &[report("a", vec![result])], &BottleneckThresholds::default());
        assert_eq!(got.traces, traces, "{name}");
    }
    let tainted = ProbeReport { tainted: true, ..fresh };
    let got = topology(&ring(THREE), &[report("a", vec![tainted])], &BottleneckThresholds::default());
    assert_eq!(lines(&got), ["eu1 > 192.0.2.1: ?", "192.0.2.1 > us1: ?"]);
    assert_eq!(got.edges[1].loss_ratio, None);
    assert_eq!((got.connections[0].reached, got.connections[0].round_trip_time), (1, None));
    assert!(got.bottlenecks.is_empty());
}
