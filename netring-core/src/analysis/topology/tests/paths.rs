//! The ways between two members, side by side.

use super::{super::path_between, *};
use crate::model::{MplsLabel, Path, PathChange};

const TWO: &str = "a eu1 198.51.100.1,b us1 198.51.100.2";

fn ids(source: &str, target: &str) -> [InstanceId; 2] {
    [source, target].map(|id| InstanceId::new(id).unwrap())
}

#[test]
fn the_ways_there_and_back_stand_side_by_side() {
    let mut there = trace(&[
        "192.0.2.1@1 192.0.2.2@11 198.51.100.2@12",
        "192.0.2.1@1 192.0.2.3@11 198.51.100.2@13",
        "192.0.2.1@1 * 198.51.100.2@14",
    ]);
    let label = MplsLabel { label: 16_001, traffic_class: 0, bottom_of_stack: true, ttl: 1 };
    there.flows[0].hops[1].answers[0].mpls = vec![label];
    let change = PathChange { at: NOW, before: vec![Path(vec![vec![]])], after: vec![] };
    there.last_change = Some(change.clone());
    let back = trace(&["192.0.2.9@1!2 192.0.2.1@11 192.0.2.8@12 198.51.100.1@15"]);
    let reports = [report("a", vec![result("b", there)]), report("b", vec![result("a", back)])];
    let [a, b] = ids("a", "b");
    let got = path_between(&ring(TWO), &reports, &a, &b).unwrap();
    let (forward, backward) = (got.forward.unwrap(), got.backward.unwrap());
    assert_eq!((forward.hops, backward.hops), (Some(3), Some(4)));
    assert_eq!((forward.age, forward.stale, forward.tainted), (Duration::from_secs(8), false, false));
    assert_eq!(forward.round_trip_time, Some(Duration::from_millis(12)));
    assert_eq!((forward.flows.len(), forward.last_change), (3, Some(change)));
    let hop = &forward.flows[0].hops[1];
    assert_eq!((hop.ttl, hop.routers[0].round_trip_time), (2, Duration::from_millis(11)));
    assert_eq!(hop.routers[0].mpls, [label]);
    assert!(forward.flows[2].hops[1].routers.is_empty());
    assert!((backward.flows[0].hops[0].loss_ratio - 0.2).abs() < 1e-9);
    let differences = got.differences;
    assert_eq!(differences.hops, Some(-1));
    assert!((differences.round_trip_time_seconds.unwrap() + 0.003).abs() < 1e-9);
    let text = |ips: &[std::net::IpAddr]| ips.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    assert_eq!(text(&differences.shared_routers), "192.0.2.1");
    assert_eq!(text(&differences.forward_only), "192.0.2.2 192.0.2.3");
    assert_eq!(text(&differences.backward_only), "192.0.2.8 192.0.2.9");
    assert_eq!((differences.forward_paths, differences.backward_paths), (2, 1), "a silent hop agrees with any");
    assert_eq!(
        differences.sentences,
        [
            "The flows of the way forward take 2 different paths.",
            "The way back is longer by 1 hop: the two ways differ.",
            "1 address is seen both ways.",
        ]
    );
}

#[test]
fn what_is_not_known_is_said() {
    let old = ProbeReport {
        started_at: NOW - Duration::from_secs(9_999),
        ..result("b", TracerouteMeasurement { flows: vec![flow_to(PathEnd::Silent, 0, "192.0.2.1@1")], ..trace(&[]) })
    };
    let mut ring = ring(TWO);
    ring.members[1].1 = MemberStatus::Offline;
    let [a, b] = ids("a", "b");
    let got = path_between(&ring, &[report("a", vec![old])], &a, &b).unwrap();
    assert!(got.backward.is_none() && got.forward.unwrap().stale);
    assert_eq!(
        got.differences.sentences,
        [
            "The traceroute of the way forward is old: it may be another by now.",
            "The traceroute of the way forward did not reach its end.",
            "There is no traceroute of the way back.",
        ]
    );
    for (source, target) in [("a", "gone"), ("gone", "a")] {
        let [source, target] = ids(source, target);
        assert!(path_between(&ring, &[], &source, &target).is_none());
    }
}

#[test]
fn the_same_way_both_ways_shows_other_addresses_and_that_is_said() {
    let reports = reports(&[
        ("a", "b", &["192.0.2.1@1 192.0.2.3@2 198.51.100.2@3"]),
        ("b", "a", &["192.0.2.4@1 192.0.2.2@2 198.51.100.1@3"]),
    ]);
    let [a, b] = ids("a", "b");
    let got = path_between(&ring(TWO), &reports, &a, &b).unwrap();
    assert_eq!(got.differences.hops, Some(0));
    let [sentence] = &got.differences.sentences[..] else { panic!("{:?}", got.differences.sentences) };
    assert!(sentence.starts_with("No address is seen both ways. That is no sign that the ways differ"), "{sentence}");
}
