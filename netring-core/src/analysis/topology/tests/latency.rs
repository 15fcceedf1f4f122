//! What edges add, and which are bottlenecks.

use super::{super::Severity, *};

const MANY: &str = "a eu1 198.51.100.1,b us1 198.51.100.2,c us1 198.51.100.3,d us1 198.51.100.4,e us1 198.51.100.5";

#[test]
fn an_edge_adds_the_median_of_what_its_traces_show() {
    let ms = Duration::from_micros;
    let hops = |far: f64| format!("192.0.2.1@1 192.0.2.2@{far} 198.51.100.9@50");
    for (name, times, added, uncertainty, clamped) in [
        ("one trace", vec![11.0], 10_000, None, false),
        ("two: half of the distance", vec![11.0, 13.0], 11_000, Some(1_000), false),
        ("four: half of the distance of the quartiles", vec![11.0, 12.0, 13.0, 44.0], 11_500, Some(4_500), false),
        ("one outlier of four below nothing", vec![0.5, 11.0, 11.0, 11.0], 10_000, Some(1_312), false),
        ("mostly below nothing", vec![0.5, 0.6, 0.7], 0, Some(100), true),
    ] {
        let flows: Vec<_> = times.iter().map(|&time| hops(time)).collect();
        let flows: Vec<[&str; 1]> = flows.iter().map(|flow| [flow.as_str()]).collect();
        let traces: Vec<(&str, &str, &[&str])> =
            ["b", "c", "d", "e"].into_iter().zip(&flows).map(|(target, flow)| ("a", target, &flow[..])).collect();
        let got = graph(&ring(MANY), &traces);
        let edge = edge(&got, "192.0.2.1", "192.0.2.2");
        let near = edge.uncertainty.zip(uncertainty).is_none_or(|(a, b): (Duration, u64)| a.abs_diff(ms(b)) <= ms(1));
        assert!(near && edge.uncertainty.is_some() == uncertainty.is_some(), "{name}: {edge:?}");
        assert_eq!((edge.added_latency, edge.clamped), (Some(ms(added)), clamped), "{name}");
        assert_eq!(edge.pairs as usize, times.len());
    }
}

#[test]
fn a_router_that_is_slow_to_answer_is_no_bottleneck() {
    let got = graph(&ring(MANY), &[("a", "b", &["192.0.2.1@1 192.0.2.2@151 192.0.2.3@3 198.51.100.2@4"])]);
    let slow = edge(&got, "192.0.2.1", "192.0.2.2");
    assert_eq!(slow.added_latency, Some(Duration::from_millis(150)));
    assert_eq!((slow.lasting_latency, slow.severity), (Some(Duration::from_millis(2)), Severity::Info));
    assert!(edge(&got, "192.0.2.2", "192.0.2.3").clamped);
    // Where it stays so up to the end, it is one.
    let got = graph(&ring(MANY), &[("a", "b", &["192.0.2.1@1 192.0.2.2@151 192.0.2.3@153 198.51.100.2@154"])]);
    assert_eq!(edge(&got, "192.0.2.1", "192.0.2.2").severity, Severity::Critical);
}

#[test]
fn bottlenecks_are_ranked_and_said() {
    let to = |ip: &str, first: f64, last: f64| [format!("192.0.2.{ip}@{first} * * 198.51.100.9@{last}")];
    let flows = [to("1", 25.0, 25.1), to("2", 0.1, 120.0), to("3", 30.0, 30.1), to("4", 5.0, 5.1)];
    let flows: Vec<[&str; 1]> = flows.iter().map(|[flow]| [flow.as_str()]).collect();
    let traces: Vec<(&str, &str, &[&str])> =
        ["b", "c", "d", "e"].into_iter().zip(&flows).map(|(target, flow)| ("a", target, &flow[..])).collect();
    let sentences = |thresholds: &BottleneckThresholds| {
        let got = topology(&ring(MANY), &reports(&traces), thresholds);
        got.bottlenecks.iter().map(|b| format!("{}: {}", b.severity, b.sentence)).collect::<Vec<_>>()
    };
    assert_eq!(
        sentences(&BottleneckThresholds::default()),
        [
            "critical: From 192.0.2.2 to us1 over 2 silent hops: 1 pair takes 120 ms longer.",
            "warning: From eu1 to 192.0.2.3: 1 pair takes 30 ms longer.",
            "warning: From eu1 to 192.0.2.1: 1 pair takes 25 ms longer.",
            "info: From eu1 to 192.0.2.4: 1 pair takes 5.0 ms longer.",
        ]
    );
    assert!(sentences(&BottleneckThresholds { pairs: 2, ..Default::default() }).is_empty());
    let ms = Duration::from_millis;
    let lenient = BottleneckThresholds { latency_warning: ms(28), latency_critical: ms(200), ..Default::default() };
    let severities: Vec<_> =
        sentences(&lenient).iter().map(|said| said.split(':').next().unwrap().to_owned()).collect();
    assert_eq!(severities, ["warning", "warning", "info", "info"]);
}
