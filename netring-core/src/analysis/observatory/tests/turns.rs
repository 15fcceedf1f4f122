//! Checks that are made rarely, of a target that dies or comes back.

use super::*;
use crate::analysis::{FaultBook, FaultChange, Standing, judge};

const RARELY: usize = 6;

/// The newest results of a member that makes a TCP check each round and an HTTP check every sixth. `x` is bad, `.` good; one
/// that is not made is a blank, and what is known stays in the report.
struct Prober {
    source: &'static str,
    newest: Vec<ProbeReport>,
}

impl Prober {
    fn new(source: &'static str) -> Self {
        Self { source, newest: Vec::new() }
    }

    fn probe(&mut self, kind: &ProbeKind, target: &str, result: char, at: Timestamp) {
        let (started_at, interval) = (at - Duration::from_secs(1), if *kind == ProbeKind::HTTP { RARELY } else { 1 });
        let made =
            ProbeReport { started_at, interval: Some(ROUND * interval as u32), ..of_kind(kind, target, result == '.') };
        self.newest.retain(|known| known.kind != *kind || known.target != made.target);
        self.newest.push(made);
    }

    fn report(&self, at: Timestamp) -> Arc<ReceivedReport> {
        let results = self.newest.clone();
        let report = MemberReport { sent_at: at, check_interval: ROUND, ..sample::report(self.source, results) };
        Arc::new(ReceivedReport { received_at: at, report })
    }
}

/// For each round: whether the pair is reached (`g`), or not (`B`), or only by TCP (`t`) or HTTP (`h`); `?` is unknown.
fn told(tcp: &str, http: &str) -> String {
    let mut watch = Watch::new(&["a", "b"]);
    let mut prober = Prober::new("a");
    let round = |(tcp, http)| {
        watch.snapshot.at = watch.snapshot.at + ROUND;
        for (kind, result) in [(&ProbeKind::TCP, tcp), (&ProbeKind::HTTP, http)] {
            if result != ' ' {
                prober.probe(kind, "b", result, watch.snapshot.at);
            }
        }
        watch.observatory.observe(&watch.snapshot, &[prober.report(watch.snapshot.at)]);
        let known = watch.known("a", "b").unwrap_or_default();
        let good = known.checks.iter().find(|check| check.finding.standing == Standing::Good);
        match (known.reach.standing, good) {
            (Standing::Bad, None) => 'B',
            (Standing::Good, None) => 'g',
            (Standing::Good, Some(check)) if check.kind == ProbeKind::TCP => 't',
            (Standing::Good, Some(_)) => 'h',
            _ => '?',
        }
    };
    tcp.chars().zip(http.chars()).map(round).collect()
}

#[test]
fn what_a_check_said_before_another_turned_says_nothing_of_now() {
    for (tcp, http, expected) in [
        // The target dies after an HTTP check, and comes back before one.
        (".......xxxxxxxxxxxxx.......", ".     .     x     x     . ", "ggggggggBBBBBBBBBBBBBBggggt"),
        // TCP alone is bad: that is known with the next HTTP check.
        (".......xxxxxxxxxxxxxxxxxxxx", ".     .     .     .     .  ", "ggggggggBBBBhhhhhhhhhhhhhhh"),
        // HTTP alone is bad.
        ("...........................", ".     .     x     x     x  ", "ggggggggggggggggggtttttttttt"),
        // A single bad result turns nothing.
        (".......x...................", ".     .     .     .     .  ", "ggggggggggggggggggggggggggg"),
        // TCP fails for a moment.
        (".......xx..................", ".     .     .     .     .  ", "ggggggggBBBgggggggggggggggg"),
    ] {
        let is = told(tcp, http);
        assert_eq!(is, expected.chars().take(is.len()).collect::<String>(), "\n{tcp}\n{http}");
    }
}

#[test]
fn a_member_that_dies_and_comes_back_is_no_fault_of_a_service() {
    const MEMBERS: [&str; 4] = ["a", "b", "c", "d"];
    let sensitivity = Sensitivity::default();
    // HTTP is checked right before, and some time before.
    for (dies, lives) in [(13, 43), (15, 45), (18, 50)] {
        let mut watch = Watch::new(&MEMBERS);
        let mut probers = MEMBERS.map(Prober::new);
        let mut reports: Vec<Arc<ReceivedReport>> = Vec::new();
        let (mut book, mut told) = (FaultBook::default(), Vec::new());
        for round in 0..lives + 60 {
            watch.snapshot.at = watch.snapshot.at + ROUND;
            let now = watch.snapshot.at;
            let down = |id: &str| id == "d" && (dies..lives).contains(&round);
            for (i, prober) in probers.iter_mut().enumerate().filter(|(_, prober)| !down(prober.source)) {
                let source = prober.source;
                for target in MEMBERS.into_iter().filter(|&target| target != source) {
                    let result = if down(target) { 'x' } else { '.' };
                    prober.probe(&ProbeKind::TCP, target, result, now);
                    if round % RARELY == i {
                        prober.probe(&ProbeKind::HTTP, target, result, now);
                    }
                }
            }
            reports.retain(|known| down(known.report.instance_id.as_str()));
            let reporting = probers.iter().filter(|prober| !down(prober.source));
            reports.extend(reporting.map(|prober| prober.report(now)));
            watch.observatory.observe(&watch.snapshot, &reports);
            let evidence = watch.evidence();
            for change in book.update(judge(&evidence, &sensitivity), &evidence, &sensitivity) {
                let (word, fault) = match &change {
                    FaultChange::Opened(fault) => ("opened", fault),
                    FaultChange::Closed(fault) => ("closed", fault),
                };
                told.push(format!("{word} {} {}", fault.subject.scope(), fault.subject));
            }
        }
        assert_eq!(told, ["opened target d", "closed target d"], "dies in round {dies}");
    }
}
