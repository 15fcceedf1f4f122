//! Who follows whom.

use super::*;

const TWO: &str = "a eu1 198.51.100.1,b us1 198.51.100.2";

#[test]
fn edges_are_what_the_flows_show() {
    let b = "198.51.100.2";
    for (name, flows, expected) in [
        (
            "a chain",
            vec![format!("192.0.2.1@1 192.0.2.2@11 {b}@12")],
            vec!["eu1 > 192.0.2.1: 1.0 ms", "192.0.2.1 > 192.0.2.2: 10.0 ms", "192.0.2.2 > us1: 1.0 ms"],
        ),
        (
            "a diamond: two flows go different ways, and count as one pair where they meet",
            vec![
                format!("192.0.2.1@1 192.0.2.2@11 192.0.2.4@12 {b}@13"),
                format!("192.0.2.1@1 192.0.2.3@21 192.0.2.4@22 {b}@23"),
            ],
            vec![
                "eu1 > 192.0.2.1: 1.0 ms",
                "192.0.2.1 > 192.0.2.2: 10.0 ms",
                "192.0.2.1 > 192.0.2.3: 20.0 ms",
                "192.0.2.2 > 192.0.2.4: 1.0 ms",
                "192.0.2.3 > 192.0.2.4: 1.0 ms",
                "192.0.2.4 > us1: 1.0 ms",
            ],
        ),
        ("nothing between", vec![format!("{b}@3")], vec!["eu1 > us1: 3.0 ms"]),
        (
            "silent hops",
            vec![format!("* 192.0.2.2@4 * * {b}@12")],
            vec!["eu1 > * > 192.0.2.2: 4.0 ms", "192.0.2.2 > * > * > us1: 8.0 ms"],
        ),
        (
            "a router that answers quicker than the one before it",
            vec![format!("192.0.2.1@8 192.0.2.2@5 {b}@9")],
            vec!["eu1 > 192.0.2.1: 8.0 ms", "192.0.2.1 > 192.0.2.2: 0.0 ms clamped", "192.0.2.2 > us1: 4.0 ms"],
        ),
        (
            "IPv6, and IPv4 in IPv6",
            vec![format!("2001:db8::1@1 ::ffff:192.0.2.9@3 {b}@4")],
            vec!["eu1 > 2001:db8::1: 1.0 ms", "192.0.2.9 > us1: 1.0 ms", "2001:db8::1 > 192.0.2.9: 2.0 ms"],
        ),
        (
            "several at one hop, within a flow",
            vec![format!("192.0.2.1@1 192.0.2.2@2|192.0.2.3@3 {b}@4")],
            vec![
                "eu1 > 192.0.2.1: 1.0 ms",
                "192.0.2.1 > 192.0.2.2: 1.0 ms",
                "192.0.2.1 > 192.0.2.3: 2.0 ms",
                "192.0.2.2 > us1: 2.0 ms",
                "192.0.2.3 > us1: 1.0 ms",
            ],
        ),
        (
            "several after several: nobody knows who follows whom",
            vec![format!("192.0.2.1@1|192.0.2.2@1 192.0.2.3@2|192.0.2.4@2 {b}@4")],
            vec![
                "eu1 > 192.0.2.1: 1.0 ms",
                "eu1 > 192.0.2.2: 1.0 ms",
                "192.0.2.3 > us1: 2.0 ms",
                "192.0.2.4 > us1: 2.0 ms",
            ],
        ),
        (
            "a router that answers twice in a row",
            vec![format!("192.0.2.1@1 192.0.2.1@1 192.0.2.2@3 {b}@4")],
            vec!["eu1 > 192.0.2.1: 1.0 ms", "192.0.2.1 > 192.0.2.2: 2.0 ms", "192.0.2.2 > us1: 1.0 ms"],
        ),
        (
            "a router that comes again",
            vec![format!("192.0.2.1@1 192.0.2.2@2 192.0.2.1@3 {b}@4")],
            vec!["eu1 > 192.0.2.1: 1.0 ms", "192.0.2.1 > 192.0.2.2: 1.0 ms"],
        ),
    ] {
        let flows: Vec<&str> = flows.iter().map(String::as_str).collect();
        let mut got = lines(&graph(&ring(TWO), &[("a", "b", &flows)]));
        let mut expected: Vec<_> = expected.into_iter().map(str::to_owned).collect();
        got.sort();
        expected.sort();
        assert_eq!(got, expected, "{name}");
    }
}

#[test]
fn a_path_that_ends_early_ends_where_it_is_known() {
    for (end, hops, expected) in [
        (PathEnd::Silent, "192.0.2.1@1 192.0.2.2@2", vec!["eu1 > 192.0.2.1: 1.0 ms", "192.0.2.1 > 192.0.2.2: 1.0 ms"]),
        // Who refuses a packet answers for a hop where it does not stand.
        (
            PathEnd::HostUnreachable,
            "192.0.2.1@1 192.0.2.2@2 192.0.2.1@3000",
            vec!["eu1 > 192.0.2.1: 1.0 ms", "192.0.2.1 > 192.0.2.2: 1.0 ms"],
        ),
        (PathEnd::NetworkUnreachable, "192.0.2.1@1", vec![]),
        (
            PathEnd::Loop,
            "192.0.2.1@1 192.0.2.2@2 192.0.2.1@3 192.0.2.2@4",
            vec!["eu1 > 192.0.2.1: 1.0 ms", "192.0.2.1 > 192.0.2.2: 1.0 ms"],
        ),
        (PathEnd::Silent, "", vec![]),
    ] {
        let trace = TracerouteMeasurement { flows: vec![flow_to(end, 0, hops)], ..trace(&[]) };
        let got = topology(&ring(TWO), &[report("a", vec![result("b", trace)])], &BottleneckThresholds::default());
        let mut got_lines = lines(&got);
        let mut expected: Vec<_> = expected.into_iter().map(str::to_owned).collect();
        got_lines.sort();
        expected.sort();
        assert_eq!(got_lines, expected, "{end}");
        assert_eq!((got.traces, got.connections[0].reached), (1, 0));
    }
}

#[test]
fn a_route_that_changed_replaces_its_edges_and_leaves_those_that_others_share() {
    let ring = ring("a eu1 198.51.100.1,b us1 198.51.100.2,c ap1 198.51.100.3");
    let to_c: (&str, &str, &[&str]) = ("a", "c", &["192.0.2.1@1 192.0.2.2@2 198.51.100.3@5"]);
    let before = graph(&ring, &[("a", "b", &["192.0.2.1@1 192.0.2.2@2 192.0.2.3@3 198.51.100.2@4"]), to_c]);
    let after = graph(&ring, &[("a", "b", &["192.0.2.1@1 192.0.2.8@2 198.51.100.2@4"]), to_c]);
    assert_eq!(edge(&before, "192.0.2.1", "192.0.2.2").pairs, 2);
    let mut got = lines(&after);
    got.sort();
    assert_eq!(
        got,
        [
            "192.0.2.1 > 192.0.2.2: 1.0 ms",
            "192.0.2.1 > 192.0.2.8: 1.0 ms",
            "192.0.2.2 > ap1: 3.0 ms",
            "192.0.2.8 > us1: 2.0 ms",
            "eu1 > 192.0.2.1: 1.0 ms, 2 pairs",
        ]
    );
    let routers: Vec<_> = after.routers.iter().map(|node| (node.router.to_string(), node.pairs)).collect();
    let expected = [("192.0.2.1", 2), ("192.0.2.2", 1), ("192.0.2.8", 1)];
    assert_eq!(routers, expected.map(|(ip, pairs)| (ip.to_owned(), pairs)));
}

#[test]
fn the_newest_trace_of_a_pair_is_the_one_that_counts() {
    let old = ProbeReport { started_at: NOW - Duration::from_secs(99), ..result("b", trace(&["198.51.100.2@9"])) };
    let new = result("b", trace(&["198.51.100.2@3"]));
    let thresholds = BottleneckThresholds::default();
    for results in [vec![old.clone(), new.clone()], vec![new.clone(), old.clone()]] {
        assert_eq!(lines(&topology(&ring(TWO), &[report("a", results)], &thresholds)), ["eu1 > us1: 3.0 ms"]);
    }
    let earlier = ReceivedReport { received_at: NOW - Duration::from_secs(60), ..(*report("a", vec![old])).clone() };
    let reports = [report("a", vec![new]), Arc::new(earlier)];
    assert_eq!(lines(&topology(&ring(TWO), &reports, &thresholds)), ["eu1 > us1: 3.0 ms"]);
}

#[test]
fn a_private_address_is_a_router_of_its_site() {
    let flows: [&[&str]; 2] =
        [&["192.168.1.1@1 203.0.113.1@2 198.51.100.2@3"], &["192.168.1.1@1 203.0.113.2@2 198.51.100.1@3"]];
    let got = graph(&ring(TWO), &[("a", "b", flows[0]), ("b", "a", flows[1])]);
    let routers: Vec<_> = got.routers.iter().map(|node| node.router.to_string()).collect();
    assert_eq!(routers, ["192.168.1.1 (eu1)", "192.168.1.1 (us1)", "203.0.113.1", "203.0.113.2"]);

    // Where members reach each other by addresses of the same private network, it is one network, but for gateways that
    // each site has.
    let ring = ring("a eu1 10.0.1.1,b us1 10.0.2.1");
    let flows: [&[&str]; 2] = [&["10.9.9.9@1 10.0.0.254@2 10.0.2.1@3"], &["10.9.9.9@1 10.0.0.254@2 10.0.1.1@3"]];
    let got = graph(&ring, &[("a", "b", flows[0]), ("b", "a", flows[1])]);
    let routers: Vec<_> = got.routers.iter().map(|node| (node.router.to_string(), node.pairs)).collect();
    let expected = [("10.0.0.254 (eu1)", 2), ("10.9.9.9 (eu1)", 1), ("10.9.9.9 (us1)", 1)];
    assert_eq!(routers, expected.map(|(name, pairs)| (name.to_owned(), pairs)));
}

#[test]
fn a_trace_of_1_x_counts() {
    let ring = ring(TWO);
    let body = serde_json::json!({"instance_id": "a", "metrics": {"detailed_traceroute_data": {"us1:b": {
        "hops": [
            {"hop": 1, "ip": "192.0.2.1", "latency_ms": 0.5},
            {"hop": 2, "ip": "*", "latency_ms": null},
            {"hop": 3, "ip": "198.51.100.2", "latency_ms": 12.5},
        ],
        "timestamp": 1_699_999_999.5, "target_location": "us1", "target_ip": "198.51.100.2",
        "labels": {"target_instance": "b", "target_location": "us1"},
    }}}});
    let body: crate::wire::legacy::LegacyReport = serde_json::from_value(body).unwrap();
    let report = body.into_report(ring.members.iter().map(|(member, _)| member), NOW).unwrap();
    let received = Arc::new(ReceivedReport { received_at: NOW, report });
    let got = topology(&ring, &[received], &BottleneckThresholds::default());
    assert_eq!(lines(&got), ["eu1 > 192.0.2.1: 0.5 ms", "192.0.2.1 > * > us1: 12.0 ms"]);
    assert_eq!(got.edges[1].loss_ratio, None, "one packet to a hop tells nothing of loss");
}
