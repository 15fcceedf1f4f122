//! Members that are not like the others.

use super::{registry::Registry, *};

/// Half of the ring are of a version that neither probes by UDP nor answers.
#[test]
fn what_half_of_the_members_make_and_fails_for_all_of_these_is_one_fault() {
    let mut registry = Registry::new(&["a", "b", "c", "d", "e", "f"]);
    let seen = |good: bool| {
        let all = ["a", "b", "c", "d", "e", "f"];
        let results = |me: &str| {
            let others = all.into_iter().filter(|other| *other != me);
            let of = |other: &str| {
                let udp = me < "d" && other < "d";
                [tcp(other, true)].into_iter().chain(udp.then(|| of_kind(&ProbeKind::UDP, other, good)))
            };
            others.flat_map(of).collect::<Vec<_>>()
        };
        all.map(|me| (me, results(me))).to_vec()
    };
    (0..6).for_each(|_| registry.round(seen(true)));
    (0..12).for_each(|_| registry.round(seen(false)));
    assert_eq!(registry.open(), ["kind udp unreachable"], "{:#?}", registry.told);
    assert_eq!(registry.told.len(), 1, "{:#?}", registry.told);
    (0..12).for_each(|_| registry.round(seen(true)));
    assert!(registry.open().is_empty() && registry.told.len() == 2, "{:#?}", registry.told);
}

/// `x` says that it checks every ten years, and reports every ten seconds all the same.
#[test]
fn who_claims_to_check_very_rarely_is_not_waited_for() {
    const HOUR: usize = 3_600 / 10;
    let mut registry = Registry::new(&["a", "b", "c", "x"]);
    let round = |registry: &mut Registry, a_and_b: bool, x: bool| {
        let at = registry.now() + ROUND;
        let all = |me: &'static str, c: bool| {
            let others = ["a", "b", "c", "x"].into_iter().filter(|other| *other != me);
            received(me, at, others.map(|other| tcp(other, other != "c" || c)).collect())
        };
        let mut rare = ReceivedReport::clone(&all("x", x));
        rare.report.check_interval = Duration::from_secs(10 * 365 * 86_400);
        registry.look(10, &[all("a", a_and_b), all("b", a_and_b), all("c", true), Arc::new(rare)]);
    };
    (0..6).for_each(|_| round(&mut registry, true, true));
    (0..6 * HOUR).for_each(|_| round(&mut registry, false, false));
    assert_eq!(registry.open(), ["inbound c unreachable"], "{:#?}", registry.told);
    (0..10 * HOUR).for_each(|_| round(&mut registry, true, false));
    assert_eq!(registry.open(), ["pair x > c unreachable"], "{:#?}", registry.told);
    (0..6).for_each(|_| round(&mut registry, true, true));
    assert!(registry.open().is_empty(), "{:#?}", registry.told);
}
