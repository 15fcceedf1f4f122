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
