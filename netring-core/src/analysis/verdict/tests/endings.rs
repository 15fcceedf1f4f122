//! How faults end of which nobody says that they are over.

use super::made_up::{Check, evidence, names_of};
use crate::{
    analysis::{Evidence, FaultBook, FaultChange, KindOf, Sensitivity, Subject, Suspicion, Symptom, judge},
    model::{Endpoint, Location, ProbeKind, Timestamp},
};
use std::time::Duration;

const MINUTE: u64 = 60;
const HOUR: u64 = 3_600;

/// HTTP of m9 fails.
fn http(_: usize, target: usize) -> Vec<Check> {
    vec![(ProbeKind::HTTP, None, target != 9)]
}

struct Clock {
    book: FaultBook,
    at: Timestamp,
}

impl Clock {
    /// With an open fault: HTTP of m9.
    fn with_fault() -> Self {
        let mut clock = Self { book: FaultBook::default(), at: evidence(http).at };
        (0..10).for_each(|_| clock.update(1, evidence(http)));
        assert_eq!(names_of(clock.book.open()), ["http of m9"]);
        clock
    }

    /// `seconds` later everybody has just reported this.
    fn update(&mut self, seconds: u64, mut evidence: Evidence) {
        self.at = self.at + Duration::from_secs(seconds);
        evidence.at = self.at;
        evidence.members.iter_mut().for_each(|member| member.reported_at = Some(self.at));
        let suspicions = judge(&evidence, &Sensitivity::default());
        self.book.update(suspicions, &evidence, &Sensitivity::default());
    }

    fn is_open(&self) -> bool {
        !self.book.open().is_empty()
    }
}

#[test]
fn a_check_that_nobody_makes_any_more_is_over_after_half_an_hour() {
    let off = || evidence(|_, _| vec![]);
    let mut clock = Clock::with_fault();
    clock.update(1, off());
    clock.update(29 * MINUTE, off());
    assert!(clock.is_open());
    clock.update(2 * MINUTE, off());
    assert!(!clock.is_open());

    // It was off for a while, and was made again.
    let mut clock = Clock::with_fault();
    clock.update(1, off());
    clock.update(20 * MINUTE, off());
    clock.update(1, evidence(http));
    clock.update(1, off());
    clock.update(20 * MINUTE, off());
    assert!(clock.is_open());

    // Other checks of the same kind are no reason.
    let other = || evidence(|_, _| vec![(ProbeKind::HTTP, Some(Endpoint::new("/other").unwrap()), true)]);
    let mut clock = Clock::with_fault();
    clock.update(1, other());
    clock.update(29 * MINUTE, other());
    assert!(clock.is_open(), "good results of another check");
}

#[test]
fn what_nobody_has_known_of_for_a_day_is_over() {
    let silent = || {
        let mut evidence = evidence(|_, _| vec![]);
        evidence.members.iter_mut().for_each(|member| member.reporting = false);
        evidence.pairs.clear();
        evidence
    };
    let mut clock = Clock::with_fault();
    clock.update(1, silent());
    clock.update(23 * HOUR, silent());
    assert!(clock.is_open());
    clock.update(2 * HOUR, silent());
    assert!(!clock.is_open());
}

#[test]
fn half_of_the_pairs_is_not_most_of_them() {
    // Of nine sources only so many still say anything of HTTP, and that it is good.
    for (sayers, open) in [(4, true), (5, false)] {
        let mut clock = Clock::with_fault();
        clock.update(
            1,
            evidence(|source, _| if source < sayers { vec![(ProbeKind::HTTP, None, true)] } else { vec![] }),
        );
        assert_eq!(clock.is_open(), open, "{sayers} of nine say that it is good");
    }
}

fn suspicion(subject: Subject, seats: Vec<(usize, usize)>, pairs_total: usize, evidence: &Evidence) -> Suspicion {
    let id = |seat: usize| evidence.members[seat].instance_id.clone();
    let pairs = seats.iter().map(|&(s, t)| crate::analysis::PairRef { source: id(s), target: id(t) }).collect();
    Suspicion {
        sentence: format!("{subject} is at fault."),
        subject,
        symptom: Symptom::Unreachable,
        confidence: 1.0,
        pairs,
        pairs_total,
        suspects: vec![],
        seats,
        ln_tail: -1_000.0,
        ln_hypotheses: 0.0,
        ln_chance: -1.0,
        doubtful: false,
    }
}

#[test]
fn a_larger_fault_of_the_network_takes_the_place_of_a_smaller_one_where_there_are_too_many() {
    let mut evidence = evidence(|_, _| vec![]);
    evidence.pairs.clear();
    let start = evidence.at;
    let kind = |i: usize, evidence: &Evidence| {
        let of = KindOf::Pair(evidence.members[0].instance_id.clone(), evidence.members[1].instance_id.clone());
        let endpoint = Some(Endpoint::new(format!("/{i:03}")).unwrap());
        // The one of the number 77 has the fewest pairs.
        let subject = Subject::Kind { kind: ProbeKind::HTTP, endpoint, of };
        suspicion(subject, vec![(0, 1)], if i == 77 { 1 } else { 2 }, evidence)
    };
    let target = |seat: usize, pairs_total: usize, evidence: &Evidence| {
        let subject = Subject::Target {
            instance_id: evidence.members[seat].instance_id.clone(),
            location: Location::new("b").unwrap(),
        };
        suspicion(subject, vec![(3, seat), (4, seat)], pairs_total, evidence)
    };
    let mut book = FaultBook::default();
    let mut update = |seconds: u64, more: Vec<Suspicion>, evidence: &mut Evidence| {
        evidence.at = start + Duration::from_secs(seconds);
        evidence.members.iter_mut().for_each(|member| member.reported_at = Some(start + Duration::from_secs(seconds)));
        let mut all: Vec<_> = (0..200).map(|i| kind(i, evidence)).collect();
        all.extend(more);
        let changes = book.update(all, evidence, &Sensitivity::default());
        (changes, book.open().len(), book.closed().count())
    };
    update(0, vec![], &mut evidence);
    let (changes, open, _) = update(10, vec![], &mut evidence);
    assert_eq!((changes.len(), open), (200, 200));
    // One more of a kind of probes has to wait.
    let more = |evidence: &Evidence| vec![kind(300, evidence)];
    update(11, more(&evidence), &mut evidence);
    let (changes, open, _) = update(21, more(&evidence), &mut evidence);
    assert_eq!((changes.len(), open), (0, 200));
    let more = |evidence: &Evidence| vec![target(5, 8, evidence)];
    update(22, more(&evidence), &mut evidence);
    let (changes, open, closed) = update(32, more(&evidence), &mut evidence);
    let [FaultChange::Closed(gone), FaultChange::Opened(new)] = changes.as_slice() else { panic!("{changes:#?}") };
    assert_eq!(gone.sentence, format!("Made room for a larger fault: {} is at fault.", new.subject));
    assert!(gone.subject.to_string().contains("/077"), "{}", gone.subject);
    assert_eq!((new.subject.to_string().as_str(), open, closed), ("m5", 200, 0), "it is not over");
    let (changes, open, _) = update(42, more(&evidence), &mut evidence);
    assert_eq!((changes.len(), open), (0, 200), "what went does not come back in the place of another");
}
