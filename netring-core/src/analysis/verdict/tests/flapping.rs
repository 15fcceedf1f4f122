use super::network::{Break, Net};
use crate::analysis::FaultChange;

/// Bad for `bad` rounds and good for `good`, each of them up to a quarter more or less, from the tenth round up to `end`.
fn flapping(what: Break, [bad, good]: [usize; 2], end: usize, seed: u64) -> Net {
    let mut net = Net { seed, ..Net::new(&[("a", 3), ("b", 3), ("c", 3)]) };
    let mut random = fastrand::Rng::with_seed(seed);
    let mut about = |rounds: usize| random.usize(rounds - rounds / 4..=rounds + rounds / 4);
    let mut at = 10;
    while at < end {
        let until = at + about(bad);
        net = net.with(at..until, what);
        at = until + about(good);
    }
    net
}

#[test]
fn what_flaps_is_one_fault_that_is_told_of_rarely() {
    const END: usize = 300;
    let mut wrong = Vec::new();
    for (what, subject) in [
        (Break::Between("a", "b"), "location_pair a <> b unreachable"),
        (Break::Pair("a-1", "b-1"), "pair a-1 <> b-1 unreachable"),
        (Break::Inbound("a-1"), "inbound a-1 unreachable"),
    ] {
        for period in [[4, 8], [8, 8], [10, 20], [20, 10], [12, 40]] {
            for seed in 0..3 {
                // It ends where it is bad, or has been good for less long than it often is.
                let run = flapping(what, period, END, seed).run(END);
                let later = run.changes.iter().filter(|(at, _)| *at > 10.0 + 60.0).count();
                let ids: std::collections::BTreeSet<_> = run
                    .changes
                    .iter()
                    .map(|(_, FaultChange::Opened(fault) | FaultChange::Closed(fault))| fault.id.clone())
                    .collect();
                if run.open() != [subject.to_owned()].into() || run.ever() != run.open() || ids.len() != 1 || later > 3
                {
                    wrong.push(format!("{what:?}, {period:?}, seed {seed}: {:#?}, open {:?}", run.told(), run.open()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_flaps_slowly_is_one_fault_too() {
    const END: usize = 200;
    let mut wrong = Vec::new();
    for (what, subject) in [
        (Break::Between("a", "b"), "location_pair a <> b unreachable"),
        (Break::Pair("a-1", "b-1"), "pair a-1 <> b-1 unreachable"),
        (Break::Inbound("a-1"), "inbound a-1 unreachable"),
    ] {
        for period in [[4, 4], [4, 8], [2, 4], [2, 8], [3, 9]] {
            for interval in [60, 300, 900] {
                let net = Net { interval, ..flapping(what, period, END, 1) };
                let run = net.run(END);
                let later = run.changes.iter().filter(|(at, _)| *at > 10.0 + 60.0).count();
                let ids: std::collections::BTreeSet<_> = run
                    .changes
                    .iter()
                    .map(|(_, FaultChange::Opened(fault) | FaultChange::Closed(fault))| fault.id.clone())
                    .collect();
                if run.ever() != [subject.to_owned()].into() || ids.len() != 1 || later > 3 {
                    wrong.push(format!("{what:?}, {period:?}, every {interval} s: {:#?}", run.told()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_packet_that_is_lost_now_and_then_is_no_fault() {
    for interval in [1, 60, 900] {
        for period in [[1, 3], [1, 8]] {
            let net = Net { interval, ..flapping(Break::Pair("a-1", "b-1"), period, 200, 1) };
            let run = net.run(200);
            assert!(run.changes.is_empty(), "{period:?}, every {interval} s: {:#?}", run.told());
        }
    }
}

#[test]
fn what_is_bad_for_a_moment_is_proved_by_coming_back_before_it_is_forgotten() {
    for interval in [60, 900] {
        for (good, expected) in [(8, true), (60, false)] {
            // Two bad results of one check may be chance.
            let flapping = flapping(Break::PairWay("a-1", "b-1"), [2, good], 300, 1);
            let run = Net { interval, http: false, ..flapping }.run(300);
            let names = if expected { vec!["pair a-1 > b-1 unreachable".to_owned()] } else { vec![] };
            assert_eq!(run.ever(), names.into_iter().collect(), "{good} rounds of {interval} s: {:#?}", run.told());
            let first = run.changes.first().map(|(at, _)| *at);
            assert!(first.is_none_or(|at| at > 16.0), "once is not enough: {:#?}", run.told());
        }
    }
}
