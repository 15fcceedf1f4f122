//! What changes from round to round: clocks, paths, throughputs, members.

use super::*;
use crate::{
    analysis::{Standing, State},
    model::PathEnd,
};

#[test]
fn a_clock_that_is_wrong_or_is_put_right_does_no_harm() {
    let mut observatory = Observatory::new(Sensitivity::default(), 1 << 20);
    let mut snapshot = ring(&["a", "b"]);
    let year = Duration::from_secs(365 * 86_400);
    let counted = |observatory: &Observatory, snapshot: &MembersSnapshot| {
        observatory.evidence(snapshot).pairs.first().map_or(0, |pair| pair.reach.count.of)
    };
    let s = Duration::from_secs;
    // The member's clock at each report, and how many results are known then.
    for (i, (clock, known)) in
        [(START + year, 1), (START + year + s(10), 2), (START, 3), (START + s(10), 3), (START - year, 3)]
            .into_iter()
            .enumerate()
    {
        snapshot.at = snapshot.at + ROUND;
        let mut report = Arc::unwrap_or_clone(received("a", clock, vec![tcp("b", true)]));
        report.received_at = snapshot.at;
        for again in 0..3 {
            observatory.observe(&snapshot, &[Arc::new(report.clone())]);
            assert_eq!(counted(&observatory, &snapshot), known, "report {i}, for the time {again}");
        }
        // The same result in the next report is no news.
        report.received_at = report.received_at + s(1);
        report.report.sent_at = report.report.sent_at + s(1);
        observatory.observe(&snapshot, &[Arc::new(report)]);
        assert_eq!(counted(&observatory, &snapshot), known, "report {i}");
    }
}

#[test]
fn routes_changes_of_paths_and_dropped_throughputs_are_told() {
    let mut watch = Watch::new(&["a", "b", "c"]);
    let trace = |target: &str, changed: Option<u64>, end: PathEnd| {
        let mut report = sample::traceroute(target);
        if let Some(Measurement::Traceroute(trace)) = &mut report.measurement {
            trace.flows[0].end = end;
            trace.last_change =
                changed.map(|ago| PathChange { at: START - Duration::from_secs(ago), before: vec![], after: vec![] });
        }
        report
    };
    let observed =
        watch.round(vec![("a", vec![trace("b", Some(50), PathEnd::Reached), trace("c", None, PathEnd::Reached)])]);
    assert_eq!(observed.path_changes, []);
    let observed =
        watch.round(vec![("a", vec![trace("b", Some(50), PathEnd::Silent), trace("c", Some(9), PathEnd::Reached)])]);
    let [(source, target, change)] = &observed.path_changes[..] else { panic!("{observed:?}") };
    assert_eq!((source.as_str(), target.as_str(), change.at), ("a", "c", START - Duration::from_secs(9)));
    let (b, c) = (watch.known("a", "b").unwrap(), watch.known("a", "c").unwrap());
    assert_eq!((b.path.as_deref(), b.last_hop), (c.path.as_deref(), Some([10, 1, 2, 3].into())));
    assert_eq!((b.path.unwrap().len(), c.last_hop, c.reach.standing), (2, None, Standing::Unknown));

    let bandwidth = |factor: f64, settled: bool| {
        let mut report = sample::bandwidth("b");
        if let Some(Measurement::Bandwidth(bandwidth)) = &mut report.measurement {
            for throughput in [&mut bandwidth.download, &mut bandwidth.upload].into_iter().flatten() {
                throughput.bits_per_second *= factor;
                throughput.settled &= settled;
            }
        }
        report
    };
    let told: Vec<_> = [1.0, 1.0, 1.0, 1.0, 1.0, 0.4, 0.4, 1.0, 0.4]
        .into_iter()
        .flat_map(|factor| {
            assert_eq!(watch.round(vec![("a", vec![bandwidth(factor / 10.0, false)])]).throughput_drops, []);
            watch.round(vec![("a", vec![bandwidth(factor, true)])]).throughput_drops
        })
        .collect();
    let drop = ThroughputDrop {
        source: sample::id("a"),
        target: sample::id("b"),
        direction: TransferDirection::Download,
        bits_per_second: 0.4 * 93.5e6,
        usual_bits_per_second: 93.5e6,
    };
    assert_eq!(told, [drop.clone(), drop]);
}

#[test]
fn who_said_goodbye_is_no_witness() {
    let mut watch = Watch::new(&["a", "b", "c", "d"]);
    let all = || vec![tcp("b", true), tcp("c", true), tcp("d", true)];
    watch.round(vec![("a", all())]);
    watch.snapshot.members[1].1 = MemberStatus::Offline;
    watch.snapshot.members[2].1 = MemberStatus::Deregistered;
    let observed = watch.round(vec![("a", all())]);
    assert_eq!(observed.changes.iter().map(|change| change.pair.target.as_str()).collect::<Vec<_>>(), ["b", "c"]);
    assert!(observed.changes.iter().all(|change| (change.before, change.state) == (State::Up, State::Unknown)));
    let evidence = watch.evidence();
    let told: Vec<_> = evidence.members.iter().map(|member| (member.instance_id.as_str(), member.status)).collect();
    assert_eq!(told, [("a", MemberStatus::Online), ("b", MemberStatus::Offline), ("d", MemberStatus::Online)]);
    assert_eq!(evidence.pairs.iter().map(|pair| (pair.source, pair.target)).collect::<Vec<_>>(), [(0, 1), (0, 2)]);
}
