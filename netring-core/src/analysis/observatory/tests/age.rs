//! What was long ago says nothing of now, and what was just now is not taken for old.

use super::{registry::Registry, *};

/// The traceroute was made once, and was turned off.
#[test]
fn an_old_path_does_not_vote() {
    let mut registry = Registry::new(&["a", "b"]);
    registry.round(vec![("a", vec![tcp("b", true), sample::traceroute("b")])]);
    for _ in 0..100 {
        let at = registry.now() + Duration::from_secs(3_600);
        registry.look(3_600, &[received("a", at, vec![tcp("b", true)])]);
    }
    let evidence = registry.observatory.evidence(&registry.snapshot);
    assert_eq!(evidence.pairs[0].path, None, "it is more than four days old");
}

/// Two registries whose clocks are 15 s apart take the reports of a member in turn.
#[test]
fn registries_with_clocks_apart_do_not_wipe_the_history() {
    let mut registry = Registry::new(&["a", "b"]);
    (0..300).for_each(|_| registry.round(vec![("a", vec![tcp_in("b", 10)])]));
    let (a, b) = (sample::id("a"), sample::id("b"));
    let known = |registry: &Registry| {
        let history = registry.observatory.history(&a, &b, registry.now()).unwrap();
        (history.checks[0].hour.len(), history.checks[0].day.len())
    };
    let before = known(&registry);
    let at = registry.now();
    let mut ahead = ReceivedReport::clone(&received("a", at + ROUND, vec![tcp_in("b", 10)]));
    ahead.received_at = at + Duration::from_secs(25);
    registry.look(10, &[Arc::new(ahead)]);
    registry.round(vec![("a", vec![tcp_in("b", 10)])]);
    let after = known(&registry);
    assert!(after.0 + 5 >= before.0 && after.1 >= before.1, "samples and tiers were {before:?} and are {after:?}");
}

/// Bursts were lossy, and are no longer made.
#[test]
fn a_lossy_fault_closes_once_nobody_measures_loss_any_more() {
    let mut registry = Registry::new(&["a", "b", "c"]);
    let burst = |target: &str, lost: u32| {
        let mut report = sample::burst(target);
        if let Some(Measurement::Burst(burst)) = &mut report.measurement {
            (burst.sent, burst.received, burst.forward, burst.backward) = (100, 100 - lost, None, None);
            burst.loss_ratio = f64::from(lost) / 100.0;
        }
        report
    };
    let seen = |bursts: bool| {
        let made = |target: &str, lost: u32| {
            let mut results = vec![tcp(target, true)];
            results.extend(bursts.then(|| burst(target, lost)));
            results
        };
        vec![
            ("a", [made("b", 0), made("c", 30)].concat()),
            ("b", [made("a", 0), made("c", 30)].concat()),
            ("c", [made("a", 30), made("b", 30)].concat()),
        ]
    };
    (0..12).for_each(|_| registry.round(seen(true)));
    assert_eq!(registry.open().len(), 1, "{:?}", registry.told);
    // Three days.
    (0..26_000).for_each(|_| registry.round(seen(false)));
    assert!(registry.open().is_empty(), "open for three days without a measurement: {:?}", registry.open());
}
