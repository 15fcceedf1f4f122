use super::network::{Break, Net};
use crate::analysis::{FaultBook, FaultChange};

fn ring() -> Net {
    Net::new(&[("a", 3), ("b", 3), ("c", 3)])
}

fn kinds(changes: &[(f64, FaultChange)]) -> Vec<&'static str> {
    let kind = |(_, change): &(f64, FaultChange)| match change {
        FaultChange::Opened(_) => "opened",
        FaultChange::Closed(_) => "closed",
    };
    changes.iter().map(kind).collect()
}

#[test]
fn what_is_over_closes_and_tells_of_nothing_smaller_on_the_way() {
    use Break::*;
    for what in [
        Down("a-1"),
        DownLocation("a"),
        CutLocation("a"),
        Between("a", "b"),
        Inbound("a-1"),
        Http("a-1"),
        SlowBetween("a", "b"),
    ] {
        let run = ring().with(6..20, what).run(40);
        assert_eq!(kinds(&run.changes), ["opened", "closed"], "{what:?}: {:#?}", run.told());
        assert!(run.changes[0].0 <= 6.0 + 6.0, "{what:?}: {:?}", run.told());
        assert!(run.changes[1].0 <= 20.0 + 6.0, "{what:?}: {:?}", run.told());
        assert_eq!(run.book.closed().count(), 1);
    }
}

#[test]
fn what_does_not_reach_is_named_within_five_seconds() {
    use Break::*;
    for what in
        [Between("a", "b"), Way("a", "b"), Pair("a-1", "b-1"), CutLocation("a"), Inbound("a-1"), SlowBetween("a", "b")]
    {
        let run = ring().with(6..20, what).run(20);
        assert!(run.changes[0].0 <= 11.0, "{what:?}: {:?}", run.told());
    }
}

#[test]
fn a_link_that_flaps_is_one_fault() {
    let mut net = ring();
    for period in 0..10 {
        net = net.with(10 + period * 30..22 + period * 30, Break::Between("a", "b"));
    }
    let run = net.run(400);
    // Told, over as it seemed, told again; and then it stays open until it has been good for twice as long as it was before.
    assert_eq!(kinds(&run.changes), ["opened", "closed", "opened", "closed"], "{:#?}", run.told());
    let faults: Vec<_> = run.book.closed().collect();
    assert_eq!(faults.len(), 1);
    assert_eq!(faults[0].relapses, 9);
    let closed = run.changes.last().unwrap().0;
    assert!(closed > 292.0 + 2.0 * 15.0, "{:?}", run.told());
}

#[test]
fn what_comes_back_much_later_is_another_fault() {
    let run = ring().with(6..20, Break::Down("a-1")).with(700..800, Break::Down("a-1")).run(720);
    let ids: std::collections::BTreeSet<_> =
        run.book.open().iter().chain(run.book.closed()).map(|fault| fault.id.clone()).collect();
    assert_eq!((ids.len(), run.changes.len()), (2, 3), "{:#?}", run.told());
}

#[test]
fn a_fault_that_widens_stays_one() {
    let run = ring().with(6..60, Break::Pair("a-1", "b-1")).with(20..60, Break::Between("a", "b")).run(40);
    assert_eq!(run.told().len(), 2, "{:#?}", run.told());
    let (FaultChange::Opened(first), FaultChange::Opened(second)) = (&run.changes[0].1, &run.changes[1].1) else {
        panic!("{:#?}", run.told())
    };
    assert_eq!((&first.id, first.since), (&second.id, second.since));
    assert_eq!((first.subject.scope(), second.subject.scope()), ("pair", "location_pair"));
}

#[test]
fn two_faults_that_turn_out_to_be_one_are_told_as_one() {
    let net = ring()
        .with(6..60, Break::Pair("a-1", "b-1"))
        .with(6..60, Break::Pair("a-2", "b-2"))
        .with(20..60, Break::Between("a", "b"));
    let run = net.run(40);
    assert_eq!(run.open(), ["location_pair a <> b unreachable".to_owned()].into());
    assert_eq!(run.book.closed().count(), 0, "it did not get well");
    let closed: Vec<_> = run
        .changes
        .iter()
        .filter_map(|(_, change)| match change {
            FaultChange::Closed(fault) => Some(fault),
            FaultChange::Opened(_) => None,
        })
        .collect();
    assert_eq!(closed.len(), 1, "{:#?}", run.told());
    assert!(closed[0].sentence.starts_with("Part of a larger fault: a and b do not reach each other"));
}

#[test]
fn a_fault_that_narrows_for_good_stays_one() {
    let run = ring().with(6..20, Break::CutLocation("a")).with(6..80, Break::Between("a", "b")).run(60);
    assert_eq!(kinds(&run.changes), ["opened", "opened"], "{:#?}", run.told());
    assert_eq!(run.open(), ["location_pair a <> b unreachable".to_owned()].into());
    let since: Vec<_> = run.book.open().iter().map(|fault| (&fault.id, fault.since)).collect();
    assert!(matches!(&run.changes[0].1, FaultChange::Opened(fault) if (&fault.id, fault.since) == since[0]));
}

#[test]
fn what_nobody_knows_of_stays_open() {
    let mut net = ring().with(6..20, Break::PairWay("a-1", "b-1")).with(20..60, Break::Mute("a-1"));
    let run = net.run(60);
    assert_eq!(run.told().len(), 1, "{:#?}", run.told());
    net = net.with(60..90, Break::Gone("a-1"));
    let run = net.run(62);
    assert_eq!(kinds(&run.changes), ["opened", "closed"], "who is gone is at no fault: {:#?}", run.told());
}

#[test]
fn what_was_slow_and_dies_is_down() {
    let run = ring().with(6..60, Break::SlowMember("a-1")).with(20..60, Break::Down("a-1")).run(50);
    assert_eq!(run.open(), ["target a-1 unreachable".to_owned()].into(), "{:#?}", run.told());
}

#[test]
fn whoever_leads_next_goes_on() {
    let hand_over = |book: FaultBook| serde_json::from_str(&serde_json::to_string(&book).unwrap()).unwrap();
    let mut net = ring()
        .with(6..16, Break::Between("a", "b"))
        .with(30..42, Break::Between("a", "b"))
        .with(8..50, Break::Down("c-1"));
    net.noise = 0.01;
    let (one, other) = (net.run(80), net.run_with(80, hand_over));
    assert_eq!(one.told(), other.told());
    assert_eq!(one.book.open(), other.book.open());
    assert_eq!(one.book.closed().collect::<Vec<_>>(), other.book.closed().collect::<Vec<_>>());
}

#[test]
fn noise_opens_nothing() {
    for (shape, rounds) in
        [(vec![("a", 5), ("b", 5), ("c", 5), ("d", 5)], 1000), (vec![("a", 50), ("b", 50), ("c", 50), ("d", 50)], 30)]
    {
        for http in [true, false] {
            let mut net = Net::new(&shape);
            (net.noise, net.http) = (0.01, http);
            let run = net.run(rounds);
            assert!(run.changes.is_empty(), "{:#?}", run.told());
        }
    }
}

#[test]
fn a_pair_that_is_broken_is_found_in_the_noise() {
    let shape = [("a", 50), ("b", 50), ("c", 50), ("d", 50)];
    for (http, noise) in [(true, 0.0), (true, 0.01), (false, 0.01)] {
        let mut net = Net::new(&shape).with(6..60, Break::PairWay("a-1", "b-1"));
        (net.noise, net.http) = (noise, http);
        let run = net.run(30);
        assert_eq!(run.ever(), ["pair a-1 > b-1 unreachable".to_owned()].into(), "{:#?}", run.told());
    }
}

#[test]
fn half_of_the_reports_are_enough() {
    use Break::*;
    for (what, expected) in [
        (Down("a-1"), vec!["target a-1 unreachable"]),
        (Between("a", "b"), vec!["location_pair a <> b unreachable"]),
        (CutLocation("a"), vec!["location a unreachable"]),
        (Http("a-1"), vec!["kind http /health of a-1 unreachable"]),
        (SlowBetween("a", "b"), vec!["location_pair a <> b slow"]),
        (Mute("a-1"), vec![]),
    ] {
        for seed in 0..5 {
            let mut net = ring().with(6..usize::MAX, what);
            (net.missing, net.seed) = (0.5, seed);
            let run = net.run(30);
            let expected = expected.iter().map(|&name| name.to_owned()).collect();
            assert_eq!((run.open(), run.ever()), (expected, run.open()), "{what:?}, seed {seed}: {:#?}", run.told());
        }
    }
}
