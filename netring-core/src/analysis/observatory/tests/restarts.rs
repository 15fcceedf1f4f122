//! Faults go on where a registry starts anew, with the book of faults out of the journal, and knows nothing else.

use super::{registry::Registry, *};

fn http(target: &str, good: bool) -> ProbeReport {
    of_kind(&ProbeKind::HTTP, target, good)
}

/// HTTP of `c` is down all the time; the registry restarts, with the book of faults out of the journal.
#[test]
fn a_kind_fault_survives_a_restart_of_the_registry() {
    let mut registry = Registry::new(&["a", "b", "c"]);
    let seen = || {
        vec![
            ("a", vec![tcp("b", true), http("b", true), tcp("c", true), http("c", false)]),
            ("b", vec![tcp("a", true), http("a", true), tcp("c", true), http("c", false)]),
            ("c", vec![tcp("a", true), http("a", true), tcp("b", true), http("b", true)]),
        ]
    };
    (0..12).for_each(|_| registry.round(seen()));
    assert_eq!(registry.open().len(), 1, "{:?}", registry.told);
    registry.restart();
    (0..12).for_each(|_| registry.round(seen()));
    assert!(registry.told.is_empty(), "it was never good: {:#?}", registry.told);
}

/// The same for UDP, which was good once: nobody knows that after a restart.
#[test]
fn a_udp_fault_survives_a_restart_of_the_registry() {
    let mut registry = Registry::new(&["a", "b", "c"]);
    let udp = |target: &str, good| of_kind(&ProbeKind::UDP, target, good);
    let seen = |good: bool| {
        vec![
            ("a", vec![tcp("b", true), udp("b", true), tcp("c", true), udp("c", good)]),
            ("b", vec![tcp("a", true), udp("a", true), tcp("c", true), udp("c", good)]),
            ("c", vec![tcp("a", true), udp("a", true), tcp("b", true), udp("b", true)]),
        ]
    };
    (0..5).for_each(|_| registry.round(seen(true)));
    (0..12).for_each(|_| registry.round(seen(false)));
    assert_eq!(registry.open().len(), 1, "{:?}", registry.told);
    registry.restart();
    (0..12).for_each(|_| registry.round(seen(false)));
    assert!(registry.told.is_empty(), "it is down still: {:#?}", registry.told);
}

/// Two of three results of `d` fail; the first round after a restart has one good one.
#[test]
fn one_good_result_after_a_restart_does_not_close_a_fault() {
    let mut registry = Registry::new(&["a", "b", "c", "d"]);
    let others = |me: &str, good: bool| {
        let others = ["a", "b", "c"].into_iter().filter(|other| *other != me);
        let mut results: Vec<_> = others.map(|other| tcp(other, true)).collect();
        results.push(tcp("d", good));
        results
    };
    let seen = |good: [bool; 3]| {
        vec![
            ("a", others("a", good[0])),
            ("b", others("b", good[1])),
            ("c", others("c", good[2])),
            ("d", vec![tcp("a", true), tcp("b", true), tcp("c", true)]),
        ]
    };
    (0..12).for_each(|_| registry.round(seen([false; 3])));
    assert_eq!(registry.open().len(), 1, "{:?}", registry.told);
    registry.restart();
    registry.round(seen([true, false, false]));
    for i in 0..9 {
        registry.round(seen([i % 3 == 2, i % 3 == 0, i % 3 == 1]));
    }
    assert!(registry.told.is_empty(), "three good ones in a row close it: {:#?}", registry.told);
}

/// What is usual is not handed on, so that what is slow is usual after a restart.
#[test]
fn a_slow_fault_survives_a_restart_of_the_registry() {
    let mut registry = Registry::new(&["a", "b", "c"]);
    let seen = |millis| {
        vec![
            ("a", vec![tcp_in("b", 10), tcp_in("c", millis)]),
            ("b", vec![tcp_in("a", 10), tcp_in("c", millis)]),
            ("c", vec![tcp_in("a", millis), tcp_in("b", millis)]),
        ]
    };
    (0..20).for_each(|_| registry.round(seen(10)));
    (0..12).for_each(|_| registry.round(seen(150)));
    assert_eq!(registry.open().len(), 1, "{:?}", registry.told);
    registry.restart();
    (0..20).for_each(|_| registry.round(seen(150)));
    assert!(registry.told.is_empty(), "it is slow still: {:#?}", registry.told);
}
