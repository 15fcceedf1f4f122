//! A registry with its book of faults: what it must not say, whatever happens to it.

use super::*;
use crate::{
    analysis::{Fault, FaultBook, FaultChange, judge},
    model::Measurement,
};

/// A registry with its book of faults.
struct Registry {
    observatory: Observatory,
    snapshot: MembersSnapshot,
    book: FaultBook,
    told: Vec<(u64, String)>,
    ids: Vec<String>,
}

fn name(fault: &Fault) -> String {
    format!("{} {} {}", fault.subject.scope(), fault.subject, fault.symptom)
}

impl Registry {
    fn new(members: &[&str]) -> Self {
        let (observatory, snapshot) = (Observatory::new(Sensitivity::default(), 1 << 22), ring(members));
        Self { observatory, snapshot, book: FaultBook::default(), told: vec![], ids: vec![] }
    }

    fn status(&mut self, id: &str, status: MemberStatus) {
        for (member, standing) in &mut self.snapshot.members {
            if member.instance_id.as_str() == id {
                *standing = status;
            }
        }
    }

    fn restart(&mut self) {
        self.observatory = Observatory::new(Sensitivity::default(), 1 << 22);
        self.told.clear();
    }

    /// `seconds` later these reports are the newest.
    fn look(&mut self, seconds: u64, reports: &[Arc<ReceivedReport>]) {
        self.snapshot.at = self.snapshot.at + Duration::from_secs(seconds);
        self.observatory.observe(&self.snapshot, reports);
        let evidence = self.observatory.evidence(&self.snapshot);
        let suspicions = judge(&evidence, &Sensitivity::default());
        for change in self.book.update(suspicions, &evidence, &Sensitivity::default()) {
            let (word, fault) = match change {
                FaultChange::Opened(fault) => ("opened", fault),
                FaultChange::Closed(fault) => ("closed", fault),
            };
            self.ids.push(fault.id.clone());
            let since = self.snapshot.at.since(START).as_secs();
            self.told.push((since, format!("{word} {}", name(&fault))));
        }
    }

    fn now(&self) -> Timestamp {
        self.snapshot.at
    }

    /// Ten seconds later everybody has reported anew.
    fn round(&mut self, seen: Vec<(&str, Vec<ProbeReport>)>) {
        let at = self.now() + ROUND;
        let reports: Vec<_> = seen.into_iter().map(|(source, results)| received(source, at, results)).collect();
        self.look(10, &reports);
    }

    fn open(&self) -> Vec<String> {
        self.book.open().iter().map(name).collect()
    }
}

fn every(interval: u64, source: &str, at: Timestamp, results: Vec<ProbeReport>) -> Arc<ReceivedReport> {
    let mut received = ReceivedReport::clone(&received(source, at, results));
    received.report.check_interval = Duration::from_secs(interval);
    Arc::new(received)
}

fn http(target: &str, good: bool) -> ProbeReport {
    of_kind(&ProbeKind::HTTP, target, good)
}

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
