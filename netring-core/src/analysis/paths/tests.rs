use super::*;
use crate::model::{FlowPath, Hop, HopAnswer, TracerouteMode};
use std::{net::IpAddr, time::Duration};

const AT: Timestamp = Timestamp::from_unix_seconds(1_000_000);

/// A flow whose hops are letters: `a` is a router, `*` is silent, `ab` are two routers that answered at one hop.
fn flow(source: u16, hops: &str, end: PathEnd) -> FlowPath {
    let hops = hops.split(' ').zip(1..).map(|(routers, ttl)| {
        let answer = |c: char| HopAnswer {
            ip: IpAddr::from([10, 0, 0, u8::try_from(c).unwrap()]),
            round_trip_time: Duration::from_millis(1),
            answer_ttl: None,
            mpls: Vec::new(),
        };
        Hop::new(ttl, 3, routers.chars().filter(|&c| c != '*').map(answer).collect())
    });
    FlowPath { flow: Flow::Ports { source, destination: 33_434 }, end, hops: hops.collect() }
}

fn trace(flows: &[(u16, &str, PathEnd)]) -> TracerouteMeasurement {
    let flows = flows.iter().map(|&(source, hops, end)| flow(source, hops, end)).collect();
    TracerouteMeasurement { mode: TracerouteMode::Udp, flows, last_change: None }
}

/// Which of the traces, each made of one flow, bring a change.
fn changes(traces: &[(&str, PathEnd)]) -> Vec<usize> {
    let mut history = PathHistory::default();
    let changed = |(i, &(hops, end)): (usize, _)| history.observe(AT, &trace(&[(1, hops, end)])).map(|_| i);
    traces.iter().enumerate().filter_map(changed).collect()
}

#[test]
fn a_change_counts_once_it_has_lasted_over_two_traces() {
    use PathEnd::{AdministrativelyProhibited, HostUnreachable, Loop, Reached, Silent};
    for (what, traces, expected) in [
        ("nothing changes", &[("a b t", Reached); 4][..], &[][..]),
        (
            "a change that lasts",
            &[("a b t", Reached), ("a c t", Reached), ("a c t", Reached), ("a c t", Reached)],
            &[2],
        ),
        ("one that does not", &[("a b t", Reached), ("a c t", Reached), ("a b t", Reached), ("a c t", Reached)], &[]),
        (
            "there and back again",
            &[("a b t", Reached), ("a c t", Reached), ("a c t", Reached), ("a b t", Reached), ("a b t", Reached)],
            &[2, 4],
        ),
        ("another each time", &[("a b t", Reached), ("a c t", Reached), ("a d t", Reached), ("a e t", Reached)], &[]),
        ("a hop that falls silent", &[("a b t", Reached), ("a * t", Reached), ("a * t", Reached)], &[]),
        ("a silent hop that speaks", &[("a * t", Reached), ("a b t", Reached), ("a b t", Reached)], &[]),
        (
            "what a silent hop once said counts",
            &[("a * t", Reached), ("a b t", Reached), ("a c t", Reached), ("a c t", Reached)],
            &[3],
        ),
        ("a longer path", &[("a b t", Reached), ("a * b t", Reached), ("a * b t", Reached)], &[2]),
        ("a target that is down", &[("a b t", Reached), ("a b", Silent), ("a", Silent), ("a b t", Reached)], &[]),
        ("nobody answers", &[("a b t", Reached), ("a c t", Reached), ("*", Silent), ("a c t", Reached)], &[3]),
        (
            "the last router says that the target is gone",
            &[("a b t", Reached), ("a b b", HostUnreachable), ("a b b", HostUnreachable)],
            &[],
        ),
        (
            "another way leads to a firewall",
            &[("a b t", Reached), ("a c c", AdministrativelyProhibited), ("a c c", AdministrativelyProhibited)],
            &[2],
        ),
        ("a loop", &[("a b t", Reached), ("a b a b a b", Loop), ("a b a b a b", Loop)], &[2]),
        ("packets of one flow go two ways", &[("a bc t", Reached), ("a b t", Reached), ("a c t", Reached)], &[]),
    ] {
        assert_eq!(changes(traces), expected, "{what}");
    }
}

#[test]
fn a_change_tells_what_was_before_and_since_when() {
    use PathEnd::Reached;
    let mut history = PathHistory::default();
    let old = trace(&[(1, "a b t", Reached)]);
    let new = trace(&[(1, "a c t", Reached)]);
    let later = AT + Duration::from_secs(300);
    assert_eq!(history.observe(AT, &old), None);
    assert_eq!(history.observe(later, &new), None);
    let change = history.observe(later + Duration::from_secs(300), &new).unwrap();
    let expected = PathChange { at: later, before: vec![old.flows[0].path()], after: vec![new.flows[0].path()] };
    assert_eq!(change, expected);
    assert_eq!(history.last_change(), Some(&expected));
    assert_eq!(history.paths().cloned().collect::<Vec<_>>(), expected.after);
}

#[test]
fn a_balanced_path_in_another_order_is_no_change() {
    use PathEnd::Reached;
    let mut history = PathHistory::default();
    let one = trace(&[(1, "a b t", Reached), (2, "a c t", Reached)]);
    let other = trace(&[(1, "a c t", Reached), (2, "a b t", Reached)]);
    for trace in [&one, &other, &other, &one, &other, &other] {
        assert_eq!(history.observe(AT, trace), None);
    }
    assert_eq!(history.paths().count(), 2);
}

#[test]
fn a_flow_that_was_never_traced_shows_more_of_the_set() {
    use PathEnd::Reached;
    let mut history = PathHistory::default();
    for source in [1, 2, 2] {
        let hops = if source == 1 { "a b t" } else { "a c t" };
        assert_eq!(history.observe(AT, &trace(&[(source, hops, Reached)])), None, "{source}");
    }
    assert_eq!(history.paths().count(), 2);
    // Now both are known, and a third way of a flow that was traced before is a change.
    let third = trace(&[(2, "a d t", Reached)]);
    assert_eq!(history.observe(AT, &third), None);
    assert_eq!(history.observe(AT, &third).unwrap().before.len(), 2);
}

#[test]
fn a_path_that_is_balanced_by_packet_is_soon_known_for_that() {
    use PathEnd::Reached;
    let mut history = PathHistory::default();
    let mut random = fastrand::Rng::with_seed(7);
    // Of each hop one answer came, so that a trace shows one of the two ways.
    let mut change =
        || history.observe(AT, &trace(&[(1, if random.bool() { "a b t" } else { "a c t" }, Reached)])).is_some();
    let early = (0..50).filter(|_| change()).count();
    let later = (0..1_000).filter(|_| change()).count();
    assert!(early <= 5 && later == 0, "{early} changes at first, {later} later");
}

#[test]
fn what_is_remembered_is_bounded() {
    use PathEnd::Reached;
    let mut history = PathHistory::default();
    for i in 0..1_000_u16 {
        let hops =
            format!("{} t", char::from_u32(u32::from(i % 200) + 20).filter(|c| *c != '*' && *c != ' ').unwrap_or('z'));
        history.observe(AT, &trace(&[(i, &hops, Reached)]));
    }
    assert!(history.paths().count() <= MAX_KNOWN && history.flows.len() <= MAX_KNOWN);
    assert!(history.glimpsed.len() <= MAX_KNOWN);
}
