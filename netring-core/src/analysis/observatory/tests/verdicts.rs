//! What is told of pairs, rule by rule.

use super::*;
use crate::{
    analysis::{Count, Finding, PairEvidence, Standing, State},
    model::{BurstMeasurement, HttpMeasurement, OneWay},
};
use Standing::{Bad, Good, Unknown};

fn of(bad: u16, of: u16) -> Count {
    Count { bad, of }
}

#[test]
fn single_results_and_bad_ones_that_pass_are_no_finding() {
    for (results, standing, count) in [
        ("x", Unknown, of(1, 1)),
        (".", Good, of(0, 1)),
        ("xx", Bad, of(2, 2)),
        (".x", Good, of(1, 2)),
        (".xx", Bad, of(2, 3)),
        (".xx..", Bad, of(1, 3)),
        (".xx...", Good, of(0, 3)),
    ] {
        let mut watch = Watch::new(&["a", "b"]);
        for result in results.chars() {
            watch.round(vec![("a", vec![tcp("b", result == '.')])]);
        }
        assert_eq!(watch.known("a", "b").unwrap().reach, Finding { standing, count }, "{results}");
        assert!(watch.known("b", "a").is_none());
    }
}

#[test]
fn reach_is_what_the_checks_that_count_say_and_checks_are_told_where_they_differ() {
    let own = ProbeKind::new("grpc").unwrap();
    let (tcp, http, udp, icmp) = (&ProbeKind::TCP, &ProbeKind::HTTP, &ProbeKind::UDP, &ProbeKind::ICMP);
    let trace = &ProbeKind::TRACEROUTE;
    for (checks, standing, told) in [
        (vec![(tcp, ".."), (http, "..")], Good, ""),
        (vec![(tcp, "xx"), (http, "xx")], Bad, ""),
        (vec![(http, "xx"), (tcp, "..")], Good, "tcp Good, http Bad"),
        (vec![(tcp, ".."), (&own, "xx"), (udp, "..")], Good, "tcp Good, grpc Bad, udp Good"),
        // One bad result is not known to be bad yet.
        (vec![(tcp, "xx"), (http, " x")], Bad, ""),
        (vec![(tcp, " x"), (http, " x")], Unknown, ""),
        // Nobody knows whether such packets were ever let through …
        (vec![(tcp, "...."), (udp, "xxxx"), (icmp, "....")], Good, ""),
        // … and here they were.
        (vec![(tcp, "...."), (udp, "..xx"), (icmp, "....")], Good, "tcp Good, udp Bad, icmp Good"),
        (vec![(tcp, "xxxx"), (udp, "....")], Bad, "tcp Bad, udp Good"),
        (vec![(udp, "xx")], Bad, ""),
        (vec![(udp, "xx"), (icmp, "..")], Good, ""),
        (vec![(tcp, ".."), (trace, "xx"), (&ProbeKind::BANDWIDTH, "xx")], Good, ""),
        (vec![(trace, "..")], Unknown, ""),
    ] {
        let mut watch = Watch::new(&["a", "b"]);
        for round in 0..checks[0].1.len() {
            let made = checks.iter().filter_map(|&(kind, results)| match results.as_bytes()[round] {
                b' ' => None,
                result => Some(of_kind(kind, "b", result == b'.')),
            });
            watch.round(vec![("a", made.collect())]);
        }
        let known = watch.known("a", "b").unwrap_or_default();
        let listed: Vec<_> =
            known.checks.iter().map(|check| format!("{} {:?}", check.kind, check.finding.standing)).collect();
        assert_eq!((known.reach.standing, listed.join(", ").as_str()), (standing, told), "{checks:?}");
    }
}

#[test]
fn what_counts_is_summed() {
    let mut watch = Watch::new(&["a", "b"]);
    for good in [true, true, true, true, false] {
        let others = [of_kind(&ProbeKind::HTTP, "b", true), of_kind(&ProbeKind::UDP, "b", false)];
        watch.round(vec![("a", [tcp("b", good)].into_iter().chain(others).collect())]);
    }
    assert_eq!(watch.known("a", "b").unwrap().reach.count, of(1, 6));
}

#[test]
fn a_pair_is_slow_where_more_than_half_of_its_checks_are() {
    let http = |millis| {
        let connect = Some(Duration::from_millis(millis));
        let measurement = Some(Measurement::Http(HttpMeasurement { connect, ..HttpMeasurement::default() }));
        ProbeReport { measurement, ..of_kind(&ProbeKind::HTTP, "b", true) }
    };
    // A burst of 11 ms, as usual.
    let udp = || sample::burst("b");
    for (tcp_millis, http_millis, standing, bad) in
        [(10, 10, Good, 0), (100, 10, Good, 2), (100, 100, Bad, 4), (25, 25, Good, 0)]
    {
        let mut watch = Watch::new(&["a", "b"]);
        for round in 0..20 {
            assert!(round < 6 || watch.known("a", "b").unwrap().latency.standing == Good);
            watch.round(vec![("a", vec![tcp_in("b", 10), http(10), udp()])]);
            assert!(round >= 5 || watch.known("a", "b").unwrap().latency.standing == Unknown, "{round}");
        }
        for _ in 0..2 {
            watch.round(vec![("a", vec![tcp_in("b", tcp_millis), http(http_millis), udp()])]);
        }
        let latency = watch.known("a", "b").unwrap().latency;
        assert_eq!(latency, Finding { standing, count: of(bad, 9) }, "{tcp_millis} ms, {http_millis} ms");
    }
}

#[test]
fn a_check_that_fails_is_not_slow_any_more() {
    let mut watch = Watch::new(&["a", "b"]);
    let latency = |watch: &Watch| watch.known("a", "b").unwrap().latency.standing;
    for (result, rounds, expected) in [
        (tcp_in("b", 10), 10, Good),
        (tcp_in("b", 100), 3, Bad),
        (tcp("b", false), 1, Bad),
        (tcp("b", false), 1, Unknown),
        // It is good again after three, and slow after two more.
        (tcp_in("b", 100), 3, Unknown),
        (tcp_in("b", 100), 1, Bad),
    ] {
        for _ in 0..rounds {
            watch.round(vec![("a", vec![result.clone()])]);
        }
        assert_eq!(latency(&watch), expected, "{rounds} of {result:?}");
    }
}

fn burst(received: u32, forward: Option<u32>, backward: Option<u32>) -> ProbeReport {
    let mut report = sample::burst("b");
    let one_way = |lost: Option<u32>| lost.map(|lost| OneWay { lost, interarrival_jitter: None });
    if let Some(Measurement::Burst(burst)) = &mut report.measurement {
        let lost = f64::from(100 - received) / 100.0;
        let (forward, backward) = (one_way(forward), one_way(backward));
        *burst = BurstMeasurement { sent: 100, received, loss_ratio: lost, forward, backward, ..burst.clone() };
    }
    report
}

#[test]
fn loss_is_told_apart_by_its_way_where_that_is_known() {
    let nothing = burst(0, None, None);
    let failed = ProbeReport { outcome: tcp("b", false).outcome, ..nothing.clone() };
    let few = |sent, received| {
        let mut few = burst(100, None, None);
        if let Some(Measurement::Burst(burst)) = &mut few.measurement {
            (burst.sent, burst.received) = (sent, received);
        }
        few
    };
    for (result, forward, backward, either) in [
        (burst(100, Some(0), Some(0)), Good, Good, Unknown),
        (burst(95, Some(5), Some(0)), Bad, Good, Unknown),
        (burst(96, Some(4), Some(0)), Good, Good, Unknown),
        (burst(80, Some(0), Some(20)), Good, Bad, Unknown),
        (burst(80, Some(10), Some(10)), Bad, Bad, Unknown),
        (burst(80, Some(10), None), Bad, Unknown, Unknown),
        (burst(100, None, None), Unknown, Unknown, Good),
        (burst(95, None, None), Unknown, Unknown, Bad),
        (few(10, 8), Unknown, Unknown, Bad),
        // Ten in a hundred, and one alone.
        (few(10, 9), Unknown, Unknown, Good),
        (few(0, 0), Unknown, Unknown, Unknown),
        (few(10, 20), Unknown, Unknown, Good),
        (nothing, Unknown, Unknown, Unknown),
        (failed, Unknown, Unknown, Unknown),
    ] {
        let mut watch = Watch::new(&["a", "b"]);
        for _ in 0..3 {
            watch.round(vec![("a", vec![tcp("b", true), result.clone()])]);
        }
        let PairEvidence { loss_forward, loss_backward, loss, .. } = watch.known("a", "b").unwrap();
        let told = (loss_forward.standing, loss_backward.standing, loss.standing);
        assert_eq!(told, (forward, backward, either), "{result:?}");
    }
}

#[test]
fn what_is_tainted_counts_for_nothing_and_is_counted_apart() {
    let mut watch = Watch::new(&["a", "b", "c"]);
    let tainted = |target| ProbeReport { tainted: true, ..tcp(target, false) };
    watch.round(vec![("a", vec![tcp("b", true), tcp("c", true)])]);
    assert_eq!(watch.evidence().members[0].tainted, of(0, 2));
    let observed = watch.round(vec![("a", vec![tainted("b"), tcp("c", true)])]);
    assert_eq!(watch.evidence().members[0].tainted, of(1, 2));
    assert_eq!(watch.known("a", "b").unwrap().reach, Finding { standing: Good, count: of(0, 1) });
    assert_eq!(observed.changes.len(), 1);
    assert_eq!((observed.changes[0].before, observed.changes[0].state), (State::Up, State::Unknown));
    for _ in 0..3 {
        watch.round(vec![("a", vec![tainted("b"), tcp("c", true)])]);
    }
    assert!(watch.known("a", "b").is_none(), "what was good is old");
    let hour = watch.observatory.history(&sample::id("a"), &sample::id("b"), watch.snapshot.at).unwrap();
    assert_eq!(hour.checks[0].hour.len(), 1);
}

#[test]
fn what_is_old_or_not_reported_any_more_is_unknown_and_counting_begins_anew() {
    let mut watch = Watch::new(&["a", "b"]);
    let standing = |watch: &Watch| watch.known("a", "b").map(|pair| pair.reach.standing);
    for _ in 0..3 {
        watch.round(vec![("a", vec![tcp("b", false), of_kind(&ProbeKind::HTTP, "b", false)])]);
    }
    assert_eq!(standing(&watch), Some(Bad));
    let report = received("a", watch.snapshot.at, vec![tcp("b", false), of_kind(&ProbeKind::HTTP, "b", false)]);
    // Three intervals of 10 s and the millisecond that the probe took, from its end on.
    for (later, expected, reporting) in [(29, Some(Bad), true), (30, None, true), (31, None, false)] {
        let snapshot = MembersSnapshot { at: watch.snapshot.at + Duration::from_secs(later), ..watch.snapshot.clone() };
        watch.observatory.observe(&snapshot, std::slice::from_ref(&report));
        let evidence = watch.observatory.evidence(&snapshot);
        assert_eq!(evidence.pairs.first().map(|pair| pair.reach.standing), expected, "{later} s");
        assert_eq!((evidence.members[0].reporting, evidence.members[1].reporting), (reporting, false), "{later} s");
    }
    watch.snapshot.at = watch.snapshot.at + Duration::from_secs(60);
    watch.round(vec![("a", vec![tcp("b", false)])]);
    assert_eq!(standing(&watch), Some(Unknown), "one bad result, and nothing is known of the minute before");
    watch.round(vec![("a", vec![tcp("b", true)])]);
    assert_eq!(standing(&watch), Some(Good));
    watch.round(vec![("a", vec![])]);
    assert_eq!(standing(&watch), None, "it is probed no more");
    watch.round(vec![("a", vec![tcp("b", true)])]);
    watch.round(vec![]);
    assert_eq!((standing(&watch), watch.evidence().members[0].reporting), (None, false), "there is no report");
}
