//! Loss that is the network's, and loss that is the routers'.

use super::{super::Severity, *};

const TWO: &str = "a eu1 198.51.100.1,b us1 198.51.100.2";

#[test]
fn loss_counts_where_it_persists_to_the_end() {
    let edges = ["eu1 192.0.2.1", "192.0.2.1 192.0.2.2", "192.0.2.2 us1"];
    for (name, losses, expected) in [
        ("none", [0, 0, 0], [0.0, 0.0, 0.0]),
        ("a router that limits its answers", [0, 5, 0], [0.0, 0.0, 0.0]),
        ("from the second hop on", [0, 4, 4], [0.0, 0.4, 0.0]),
        ("from the first hop on, and a router that limits besides", [3, 9, 3], [0.3, 0.0, 0.0]),
        ("at the last hop", [0, 0, 4], [0.0, 0.0, 0.4]),
        ("at two: of what comes to the second", [5, 5, 6], [0.5, 0.0, 0.2]),
    ] {
        let [first, second, last] = losses;
        let flow = format!("192.0.2.1@1!{first} 192.0.2.2@2!{second} 198.51.100.2@3!{last}");
        let got = graph(&ring(TWO), &[("a", "b", &[&flow])]);
        for (edge_name, expected) in edges.iter().zip(expected) {
            let (from, to) = edge_name.split_once(' ').unwrap();
            let ratio = edge(&got, from, to).loss_ratio.unwrap();
            assert!((ratio - expected).abs() < 1e-9, "{name}: {edge_name} loses {ratio}, not {expected}");
        }
    }
}

#[test]
fn a_silent_hop_loses_nothing_and_a_target_that_is_silent_tells_nothing() {
    let got = graph(&ring(TWO), &[("a", "b", &["192.0.2.1@1 * 198.51.100.2@3"])]);
    assert_eq!(edge(&got, "192.0.2.1", "us1").loss_ratio, Some(0.0));
    let trace =
        TracerouteMeasurement { flows: vec![flow_to(PathEnd::Silent, 0, "192.0.2.1@1!5 192.0.2.2@2!5")], ..trace(&[]) };
    let got = topology(&ring(TWO), &[report("a", vec![result("b", trace)])], &BottleneckThresholds::default());
    assert_eq!(got.edges.iter().filter_map(|edge| edge.loss_ratio).count(), 0);
}

#[test]
fn loss_is_a_bottleneck_once_enough_packets_are_lost() {
    for (flows, severity) in [(1, Severity::Info), (2, Severity::Info), (3, Severity::Critical)] {
        let flows = vec!["192.0.2.1@0.1 198.51.100.2@0.2!1"; flows];
        let got = graph(&ring(TWO), &[("a", "b", &flows)]);
        assert_eq!(edge(&got, "192.0.2.1", "us1").severity, severity);
        let [bottleneck] = &got.bottlenecks[..] else { panic!("{:?}", got.bottlenecks) };
        assert_eq!(bottleneck.sentence, "From 192.0.2.1 to us1: 1 pair loses 10 % of its packets.");
    }
}
