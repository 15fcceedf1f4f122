use super::{
    super::sample::{micros, plain, report},
    *,
};
use netring_core::{
    FailureReason, Outcome, ProbeKind,
    model::{Flow, FlowPath, Hop, HopAnswer, PathEnd, TracerouteMode},
};

fn answer(last: u8, time: u64) -> HopAnswer {
    let ip = if last == 1 { [192, 0, 2, 1] } else { [10, 0, last, 1] };
    HopAnswer { ip: ip.into(), round_trip_time: micros(time), answer_ttl: Some(250), mpls: vec![] }
}

fn path(source: u16, end: PathEnd, hops: &[&[(u8, u64)]]) -> FlowPath {
    let hop = |(index, answers): (usize, &&[(u8, u64)])| {
        Hop::new(index as u8 + 1, 3, answers.iter().map(|&(last, time)| answer(last, time)).collect())
    };
    FlowPath { flow: Flow::Ports { source, destination: 8757 }, end, hops: hops.iter().enumerate().map(hop).collect() }
}

fn traced(outcome: Outcome, flows: Vec<FlowPath>) -> ProbeReport {
    let trace = TracerouteMeasurement { mode: TracerouteMode::Tcp, flows, last_change: None };
    report(ProbeKind::TRACEROUTE, outcome, Some(Measurement::Traceroute(trace)))
}

fn shown(report: &ProbeReport, width: Option<usize>) -> String {
    plain(&trace(report, width))
}

#[test]
fn one_flow_has_a_line_for_each_hop() {
    let mut flow = path(
        50_001,
        PathEnd::Reached,
        &[&[(2, 1_000), (2, 2_000), (2, 3_000)], &[], &[(3, 900), (4, 12_500)], &[(1, 21_000), (1, 22_000)]],
    );
    flow.hops[0].answers[1].mpls = [(16_001, 3, 1), (24_000, 0, 254)]
        .map(|(label, traffic_class, ttl)| MplsLabel { label, traffic_class, bottom_of_stack: false, ttl })
        .to_vec();
    flow.hops[0].answers[2].answer_ttl = Some(251);
    let report = traced(Outcome::Success, vec![flow]);
    let text = shown(&report, None);
    let expected = "\
\x20 hop   address       loss       min      mean       max   answer ttl   MPLS labels
    1   10.0.2.1       0 %   1.00 ms   2.00 ms   3.00 ms      250 251   16001 tc 3 ttl 1, 24000 tc 0 ttl 254
    2   *
    3   10.0.3.1    33.3 %   0.90 ms   0.90 ms   0.90 ms          250
        10.0.4.1    33.3 %   12.5 ms   12.5 ms   12.5 ms          250
    4   192.0.2.1   33.3 %   21.0 ms   21.5 ms   22.0 ms          250

REACHED   in 4 hops, 21.0 ms (tcp, flow 50001 > 8757)
";
    assert_eq!(text, expected, "\n{text}");
    for width in [90, 50] {
        let text = shown(&report, Some(width));
        assert!(!text.contains("mean"), "\n{text}");
        assert_eq!(text.contains("MPLS"), width == 90, "\n{text}");
    }
}

#[test]
fn several_flows_show_where_they_split() {
    let two = |source, middle| path(source, PathEnd::Reached, &[&[(2, 1_000)], &[(middle, 2_000)], &[(1, 3_000)]]);
    let cut = path(50_004, PathEnd::AdministrativelyProhibited, &[&[(2, 1_000)], &[(5, 2_000)]]);
    let silent = path(50_005, PathEnd::Reached, &[&[(2, 1_000)], &[], &[(1, 3_000)]]);
    let flows = vec![two(50_001, 3), two(50_002, 4), two(50_003, 3), cut, silent];
    let text = shown(&traced(Outcome::Success, flows), None);
    let expected = "\
\x20 hop   address       loss       min      mean       max   answer ttl   flows
    1   10.0.2.1    66.7 %   1.00 ms   1.00 ms   1.00 ms          250   all
    2   10.0.3.1    66.7 %   2.00 ms   2.00 ms   2.00 ms          250   1 3
        10.0.4.1    66.7 %   2.00 ms   2.00 ms   2.00 ms          250   2
        10.0.5.1    66.7 %   2.00 ms   2.00 ms   2.00 ms          250   4
        *                                                               5
    3   192.0.2.1   66.7 %   3.00 ms   3.00 ms   3.00 ms          250   1-3 5

  flow   ports          end
     1   50001 > 8757   reached in 3 hops
     2   50002 > 8757   reached in 3 hops
     3   50003 > 8757   reached in 3 hops
     4   50004 > 8757   administratively prohibited, the last to answer is 10.0.5.1 at hop 2
     5   50005 > 8757   reached in 3 hops

REACHED   in 3 hops, 3.00 ms, by 4 of 5 flows (tcp, 5 flows over 3 paths)
";
    assert_eq!(text, expected, "\n{text}");
}

#[test]
fn a_target_that_is_not_reached_says_why() {
    let why = "not reached: administratively prohibited (ICMP 3/13), says 10.0.2.1 at hop 1";
    let flow = path(50_001, PathEnd::AdministrativelyProhibited, &[&[(2, 1_000)]]);
    let text = shown(&traced(Outcome::failure(FailureReason::Unreachable, why), vec![flow]), None);
    let last = "NOT REACHED   administratively prohibited (ICMP 3/13), says 10.0.2.1 at hop 1 (tcp, flow 50001 > 8757)";
    assert_eq!(text.lines().last(), Some(last), "\n{text}");

    let nobody = path(50_001, PathEnd::Silent, &[]);
    let failure = Outcome::failure(FailureReason::Timeout, "not reached: nobody answered");
    let text = shown(&traced(failure, vec![nobody]), None);
    assert_eq!(text, "NOT REACHED   nobody answered (tcp, flow 50001 > 8757)\n");

    let unsent = Outcome::failure(FailureReason::Unreachable, "open: Network is unreachable (os error 101)");
    let text = shown(&traced(unsent, vec![]), None);
    assert_eq!(text, "NOT REACHED   open: Network is unreachable (os error 101) (tcp)\n");
}

#[test]
fn answers_are_seen_as_they_come() {
    let seen = |flow, ttl, last: u8, reached| {
        let ip = [10, 0, last, 1].into();
        Answer { flow, ttl, ip, round_trip_time: micros(1_000 * u64::from(ttl)), reached }
    };
    let answers = [
        seen(0, 1, 2, false),
        seen(0, 1, 2, false),
        seen(1, 3, 4, false),
        seen(0, 3, 3, false),
        seen(1, 5, 9, true),
        seen(0, 4, 9, true),
        seen(0, 5, 9, true),
        seen(0, 6, 9, true),
        seen(1, 6, 9, true),
    ];
    let text = plain(&trace_so_far(&answers));
    let expected = "\
\x20 1   10.0.2.1   1.00 ms   ..
  2   …
  3   10.0.3.1   3.00 ms   .
      10.0.4.1   3.00 ms   .
  4   10.0.9.1   4.00 ms   .
  5   10.0.9.1   5.00 ms   .
";
    assert_eq!(text, expected, "\n{text}");
    assert_eq!(trace_so_far(&[]), "");
}
