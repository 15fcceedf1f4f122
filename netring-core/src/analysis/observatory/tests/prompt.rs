//! How soon a fault is told, and how soon it is over.

use super::{registry::Registry, *};

/// A second later everybody has reported anew.
fn second(registry: &mut Registry, seen: Vec<(&str, Vec<ProbeReport>)>) {
    let at = registry.now() + Duration::from_secs(1);
    let every_second = |(source, results)| {
        let mut received = ReceivedReport::clone(&received(source, at, results));
        received.report.check_interval = Duration::from_secs(1);
        Arc::new(received)
    };
    let reports: Vec<_> = seen.into_iter().map(every_second).collect();
    registry.look(1, &reports);
}

#[test]
fn with_checks_every_second_a_fault_opens_within_five_and_closes_after_a_few_good_results() {
    let seen = |http: bool, reach: bool, millis: u64| {
        let results = |me: &str| {
            let others = ["a", "b", "c"].into_iter().filter(|other| *other != me);
            let of = |other: &str| {
                let to_c = other == "c" || me == "c";
                let tcp = match (to_c, reach) {
                    (true, false) => tcp(other, false),
                    (true, true) => tcp_in(other, millis),
                    (false, _) => tcp_in(other, 10),
                };
                let http = !to_c || http && reach;
                [tcp, of_kind(&ProbeKind::HTTP, other, http)]
            };
            others.flat_map(of).collect::<Vec<_>>()
        };
        ["a", "b", "c"].map(|me| (me, results(me))).to_vec()
    };
    for (bad, expected) in
        [((false, true, 10), "kind"), ((true, false, 10), "source c unreachable"), ((true, true, 150), "source c slow")]
    {
        let mut registry = Registry::new(&["a", "b", "c"]);
        let well = || seen(true, true, 10);
        (0..20).for_each(|_| second(&mut registry, well()));
        assert!(registry.told.is_empty(), "{expected}: {:?}", registry.told);
        (0..10).for_each(|_| second(&mut registry, seen(bad.0, bad.1, bad.2)));
        assert!(!registry.told.is_empty(), "{expected}: nothing is told");
        assert!(registry.told.iter().all(|(at, _)| *at <= 20 + 5), "{expected}: {:?}", registry.told);
        assert!(registry.open().iter().all(|open| open.starts_with(expected)), "{expected}: {:?}", registry.open());
        (0..5).for_each(|_| second(&mut registry, well()));
        assert!(registry.open().is_empty(), "{expected}: {:?}", registry.told);
    }
}
