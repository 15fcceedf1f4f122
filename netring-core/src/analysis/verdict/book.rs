use super::{
    Suspicion,
    hold::{Pending, interval, rounds},
    layer::{Cell, CellState, Layer},
    ring::Ring,
    scope::Names,
    sentence,
};
use crate::{
    analysis::{Evidence, Fault, Sensitivity, Subject, Symptom},
    model::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, time::Duration};

/// The faults that are open, and those that were.
///
/// What is needed to go on with them is in here, and goes from one registry to the next as JSON.
///
/// - A fault opens once its suspicion has waited for long enough: until it is no chance, everybody has had a say, and
///   nothing that is undecided could make it another. So what is told first is what is told last.
/// - It closes once its pairs are known to be good, or their members are gone. Where nobody knows, it stays open.
/// - One cause is one fault. Where more becomes known of it, the fault keeps its id and its beginning, and its subject
///   changes: it is told as opened again. It widens at once; it narrows, as when it is over and results trickle in,
///   only if it lasts for as many checks as it takes to see that something is good. Other faults that turn out to be a
///   part of it are told as closed with a sentence that says so; they did not get well, and are not among
///   [`closed`](Self::closed).
/// - A fault that comes back soon is the same one. And it is damped, as routes are that flap (RFC 2439): once it was
///   good for a time and came back, it stays open until it is good for twice that time.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct FaultBook {
    open: Vec<Fault>,
    /// By the ids of open faults and of closed ones.
    notes: HashMap<String, Notes>,
    /// The newest last.
    closed: Vec<Fault>,
    pending: Vec<Pending>,
}

/// What is remembered of a fault besides.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Notes {
    /// Since when it seems to be over.
    good_since: Option<Timestamp>,
    /// Since when less is bad than it says.
    narrow_since: Option<Timestamp>,
    /// For how long it was good at most and came back all the same, in microseconds.
    gap_micros: u64,
}

impl Notes {
    /// Takes note that it is there, and says whether it had seemed to be over.
    fn is_back(&mut self, at: Timestamp) -> bool {
        let Some(good_since) = self.good_since.take() else { return false };
        let gap = u64::try_from(at.since(good_since).as_micros()).unwrap_or(u64::MAX);
        self.gap_micros = self.gap_micros.max(gap);
        true
    }
}

/// What has become of a fault.
#[derive(Debug, Clone, PartialEq)]
pub enum FaultChange {
    /// It is open: it is new, or it is back, or more is known of it. Its id says whether it was told before.
    Opened(Fault),
    /// It is over, or is a part of another fault, as its sentence says then.
    Closed(Fault),
}

/// What the evidence says of the pairs that a fault names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Now {
    /// Some are bad.
    Bad,
    /// Some are good, and none is bad.
    Good,
    Unknown,
    /// None of the members is left.
    Gone,
}

/// One round: what is suspected, and what was made of it so far.
struct Round<'a> {
    evidence: &'a Evidence,
    sensitivity: &'a Sensitivity,
    names: &'a Names<'a>,
    suspicions: Vec<Suspicion>,
    /// The open fault that each is, where it is one.
    fault_of: Vec<Option<String>>,
    ready: Vec<bool>,
    /// Those that an open fault that gets narrower still stands for.
    held: Vec<bool>,
    layers: HashMap<(Symptom, Option<Subject>), Vec<Cell>>,
}

impl FaultBook {
    /// Most faults that are open at once.
    const MAX_OPEN: usize = 200;
    /// Most closed faults that are remembered.
    const MAX_CLOSED: usize = 200;
    /// For how long closed faults are remembered.
    const REMEMBERED: Duration = Duration::from_secs(6 * 3600);

    /// The faults that are open.
    #[must_use]
    pub fn open(&self) -> &[Fault] {
        &self.open
    }

    /// Faults of the last six hours that are over, the newest first.
    pub fn closed(&self) -> impl Iterator<Item = &Fault> {
        self.closed.iter().rev()
    }

    /// Takes in what [`judge`](super::judge) suspects by `evidence`, and says which faults have changed by that.
    pub fn update(
        &mut self,
        suspicions: Vec<Suspicion>,
        evidence: &Evidence,
        sensitivity: &Sensitivity,
    ) -> Vec<FaultChange> {
        let at = evidence.at;
        let ring = Ring::new(&evidence.members);
        // Those of other evidence have seats that nobody has here.
        let seated = |seats: &(usize, usize)| seats.0.max(seats.1) < ring.members.len();
        let suspicions: Vec<_> =
            suspicions.into_iter().filter(|suspicion| suspicion.seats.iter().all(seated)).collect();
        let names = Names::new(&ring);
        self.forget(at, sensitivity);
        let mut changes = Vec::new();
        let fault_of: Vec<Option<String>> = suspicions.iter().map(|suspicion| self.refresh(suspicion, at)).collect();
        let ready = self.wait(&suspicions, &fault_of, &names, sensitivity, at);
        let held = vec![false; suspicions.len()];
        let mut round =
            Round { evidence, sensitivity, names: &names, suspicions, fault_of, ready, held, layers: HashMap::new() };
        self.follow_up(&mut round, &mut changes);
        for i in 0..round.suspicions.len() {
            if round.ready[i] && round.fault_of[i].is_none() && !round.held[i] {
                self.begin(&round, i, at, &mut changes);
            }
        }
        let told = |pending: &Pending, open: &[Fault]| {
            open.iter().any(|fault| fault.subject == pending.subject && fault.symptom == pending.symptom)
        };
        self.pending.retain(|pending| !told(pending, &self.open));
        changes
    }

    fn forget(&mut self, at: Timestamp, sensitivity: &Sensitivity) {
        let remembered = Self::REMEMBERED.max(sensitivity.relapse_within);
        self.closed.retain(|fault| at.since(fault.closed_at.unwrap_or_default()) <= remembered);
        let surplus = self.closed.len().saturating_sub(Self::MAX_CLOSED);
        self.closed.drain(..surplus);
        let (open, closed) = (&self.open, &self.closed);
        let known: std::collections::HashSet<&str> = open.iter().chain(closed).map(|fault| fault.id.as_str()).collect();
        self.notes.retain(|id, _| known.contains(id.as_str()));
    }

    /// Brings the open fault that is `suspicion` up to date, and gives its id.
    fn refresh(&mut self, suspicion: &Suspicion, at: Timestamp) -> Option<String> {
        let same = |fault: &&mut Fault| fault.subject == suspicion.subject && fault.symptom == suspicion.symptom;
        let fault = self.open.iter_mut().find(same)?;
        let notes = self.notes.entry(fault.id.clone()).or_default();
        notes.narrow_since = None;
        if notes.is_back(at) {
            fault.relapses = fault.relapses.saturating_add(1);
        }
        describe(fault, suspicion);
        Some(fault.id.clone())
    }

    /// Which of the suspicions that are no fault yet have waited for long enough.
    fn wait(
        &mut self,
        suspicions: &[Suspicion],
        fault_of: &[Option<String>],
        names: &Names<'_>,
        sensitivity: &Sensitivity,
        at: Timestamp,
    ) -> Vec<bool> {
        let before = std::mem::take(&mut self.pending);
        let mut ready = Vec::with_capacity(suspicions.len());
        for (suspicion, fault) in suspicions.iter().zip(fault_of) {
            if fault.is_some() {
                ready.push(true);
                continue;
            }
            let mut pending = Pending::new(suspicion, &before, |pair| names.seats(pair), at);
            ready.push(pending.is_ready(suspicion, names.ring, sensitivity, at));
            self.pending.push(pending);
        }
        ready
    }

    /// Sees to the open faults that are not suspected in this round.
    fn follow_up(&mut self, round: &mut Round<'_>, changes: &mut Vec<FaultChange>) {
        let at = round.evidence.at;
        let mut still_open = Vec::with_capacity(self.open.len());
        for mut fault in std::mem::take(&mut self.open) {
            if round.fault_of.iter().flatten().any(|id| *id == fault.id) {
                still_open.push(fault);
                continue;
            }
            let notes = self.notes.entry(fault.id.clone()).or_default();
            if let Some(i) = round.wider(&fault) {
                if round.fault_of[i].is_none() {
                    change_subject(&mut fault, notes, &round.suspicions[i], at);
                    round.fault_of[i] = Some(fault.id.clone());
                    changes.push(FaultChange::Opened(fault.clone()));
                    still_open.push(fault);
                } else {
                    fault.closed_at = Some(at);
                    fault.sentence =
                        sentence::bounded(format!("Part of a larger fault: {}", round.suspicions[i].sentence));
                    changes.push(FaultChange::Closed(fault));
                }
                continue;
            }
            let narrower = round.narrower(&fault);
            if !narrower.is_empty() {
                let since = *notes.narrow_since.get_or_insert(at);
                let checks = u32::from(round.sensitivity.of_results)
                    + u32::from(round.sensitivity.good_results).saturating_add(1);
                let settled = |&i: &usize| {
                    at.since(since) >= rounds(checks, interval(&round.suspicions[i], round.names.ring))
                        && round.ready[i]
                };
                if let Some(i) = narrower.iter().copied().find(settled) {
                    change_subject(&mut fault, notes, &round.suspicions[i], at);
                    round.fault_of[i] = Some(fault.id.clone());
                    changes.push(FaultChange::Opened(fault.clone()));
                } else {
                    if notes.is_back(at) {
                        fault.relapses = fault.relapses.saturating_add(1);
                    }
                    narrower.into_iter().for_each(|i| round.held[i] = true);
                }
                still_open.push(fault);
                continue;
            }
            notes.narrow_since = None;
            let damped =
                Duration::from_micros(notes.gap_micros.saturating_mul(2)).min(round.sensitivity.relapse_within);
            let is_over = match round.now(&fault) {
                Now::Gone => true,
                Now::Good => at.since(*notes.good_since.get_or_insert(at)) >= damped,
                Now::Bad => {
                    if notes.is_back(at) {
                        fault.relapses = fault.relapses.saturating_add(1);
                    }
                    false
                }
                Now::Unknown => false,
            };
            if is_over {
                fault.closed_at = Some(at);
                changes.push(FaultChange::Closed(fault.clone()));
                self.closed.push(fault);
            } else {
                still_open.push(fault);
            }
        }
        self.open = still_open;
    }

    /// Opens a fault, or one that was closed again.
    fn begin(&mut self, round: &Round<'_>, i: usize, at: Timestamp, changes: &mut Vec<FaultChange>) {
        let suspicion = &round.suspicions[i];
        let is_open = |fault: &Fault| fault.subject == suspicion.subject && fault.symptom == suspicion.symptom;
        if self.open.len() >= Self::MAX_OPEN || self.open.iter().any(is_open) {
            return;
        }
        let same = |fault: &Fault| {
            fault.subject == suspicion.subject
                && fault.symptom == suspicion.symptom
                && at.since(fault.closed_at.unwrap_or_default()) <= round.sensitivity.relapse_within
        };
        let fault = if let Some(place) = self.closed.iter().rposition(same) {
            let mut fault = self.closed.remove(place);
            fault.closed_at = None;
            fault.relapses = fault.relapses.saturating_add(1);
            self.notes.entry(fault.id.clone()).or_default().is_back(at);
            describe(&mut fault, suspicion);
            fault
        } else {
            let of_it =
                |pending: &&Pending| pending.subject == suspicion.subject && pending.symptom == suspicion.symptom;
            let since = self.pending.iter().find(of_it).map_or(at, |pending| pending.since);
            let mut fault = Fault {
                id: id(&suspicion.subject, suspicion.symptom, since),
                subject: suspicion.subject.clone(),
                symptom: suspicion.symptom,
                since,
                closed_at: None,
                relapses: 0,
                confidence: 0.0,
                pairs: Vec::new(),
                pairs_total: 0,
                suspects: Vec::new(),
                sentence: String::new(),
            };
            describe(&mut fault, suspicion);
            self.notes.insert(fault.id.clone(), Notes::default());
            fault
        };
        changes.push(FaultChange::Opened(fault.clone()));
        self.open.push(fault);
    }
}

fn describe(fault: &mut Fault, suspicion: &Suspicion) {
    fault.confidence = suspicion.confidence;
    fault.pairs.clone_from(&suspicion.pairs);
    fault.pairs_total = suspicion.pairs_total;
    fault.suspects.clone_from(&suspicion.suspects);
    fault.sentence.clone_from(&suspicion.sentence);
}

fn change_subject(fault: &mut Fault, notes: &mut Notes, suspicion: &Suspicion, at: Timestamp) {
    if notes.is_back(at) {
        fault.relapses = fault.relapses.saturating_add(1);
    }
    notes.narrow_since = None;
    fault.subject = suspicion.subject.clone();
    describe(fault, suspicion);
}

/// An id that is made of what a fault is, by the hash FNV-1a of 64 bits (draft-eastlake-fnv).
fn id(subject: &Subject, symptom: Symptom, since: Timestamp) -> String {
    let text = format!("{} {subject} {symptom} {}", subject.scope(), since.as_unix_micros());
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    format!("{hash:016x}")
}

fn is_network(subject: &Subject, symptom: Symptom) -> bool {
    symptom == Symptom::Unreachable && !matches!(subject, Subject::Kind { .. })
}

/// Whether the one is about the same question as the other.
fn same_question(suspicion: &Suspicion, fault: &Fault) -> bool {
    let kind = |subject: &Subject| match subject {
        Subject::Kind { kind, endpoint, .. } => Some((kind.clone(), endpoint.clone())),
        _ => None,
    };
    suspicion.symptom == fault.symptom && kind(&suspicion.subject) == kind(&fault.subject)
}

impl Round<'_> {
    /// The suspicion that takes in all that is left of `fault`, and more; or all of it, as what cannot be reached at
    /// all takes in what was slow.
    fn wider(&self, fault: &Fault) -> Option<usize> {
        let all: Vec<_> = fault.pairs.iter().filter_map(|pair| self.names.seats(pair)).collect();
        let bad: Vec<_> = if all.is_empty() { Vec::new() } else { self.bad_of(fault, &all) };
        let scope = self.names.scope(fault);
        (0..self.suspicions.len()).filter(|&i| self.ready[i]).find(|&i| {
            let suspicion = &self.suspicions[i];
            let has = |seats: &(usize, usize)| suspicion.seats.binary_search(seats).is_ok();
            if same_question(suspicion, fault) {
                let takes_in = !bad.is_empty() && bad.iter().all(has);
                let inside = || suspicion.seats.iter().all(|&seats| self.names.contains(&scope, seats));
                takes_in && (self.fault_of[i].is_some() || !inside())
            } else {
                is_network(&suspicion.subject, suspicion.symptom)
                    && !is_network(&fault.subject, fault.symptom)
                    && self.fault_of[i].is_some()
                    && !all.is_empty()
                    && all.iter().all(|&(source, target)| has(&(source, target)) || has(&(target, source)))
            }
        })
    }

    /// The pairs among `seats` that are bad by what is suspected: each bad pair is a part of some suspicion.
    fn bad_of(&self, fault: &Fault, seats: &[(usize, usize)]) -> Vec<(usize, usize)> {
        let is_bad = |seats: &&(usize, usize)| {
            self.suspicions
                .iter()
                .any(|suspicion| same_question(suspicion, fault) && suspicion.seats.binary_search(seats).is_ok())
        };
        seats.iter().filter(is_bad).copied().collect()
    }

    /// The suspicions that are no faults yet and lie in the scope of `fault`. What may be chance is none of them: there
    /// is always some.
    fn narrower(&self, fault: &Fault) -> Vec<usize> {
        let scope = self.names.scope(fault);
        (0..self.suspicions.len())
            .filter(|&i| {
                let suspicion = &self.suspicions[i];
                self.fault_of[i].is_none()
                    && (self.ready[i] || !suspicion.may_be_chance())
                    && !suspicion.seats.is_empty()
                    && same_question(suspicion, fault)
                    && suspicion.seats.iter().all(|&seats| self.names.contains(&scope, seats))
            })
            .collect()
    }

    fn now(&mut self, fault: &Fault) -> Now {
        if fault.symptom == Symptom::Overloaded {
            return self.load(fault);
        }
        let seats: Vec<_> = fault.pairs.iter().filter_map(|pair| self.names.seats(pair)).collect();
        if seats.is_empty() {
            return Now::Gone;
        }
        let of_kind = match &fault.subject {
            Subject::Kind { kind, endpoint, .. } => {
                let of = crate::analysis::KindOf::Ring;
                Some(Subject::Kind { kind: kind.clone(), endpoint: endpoint.clone(), of })
            }
            _ => None,
        };
        let (evidence, ring, sensitivity) = (self.evidence, self.names.ring, self.sensitivity);
        let cells = self.layers.entry((fault.symptom, of_kind)).or_insert_with(|| {
            let layer = match (&fault.subject, fault.symptom) {
                (Subject::Kind { kind, endpoint, .. }, _) => {
                    Layer::kind(evidence, ring, sensitivity, kind, endpoint.as_ref())
                }
                (_, Symptom::Slow) => Layer::latency(evidence, ring, sensitivity),
                (_, Symptom::Lossy) => Layer::loss(evidence, ring, sensitivity),
                _ => Layer::reach(evidence, ring, sensitivity),
            };
            layer.cells
        });
        let state = |seats: &(usize, usize)| {
            let place = cells.binary_search_by_key(seats, |cell| (cell.source, cell.target)).ok()?;
            cells.get(place).map(|cell| cell.state)
        };
        let worst = seats.iter().filter_map(state).max();
        match worst {
            None => Now::Unknown,
            Some(CellState::Bad) => Now::Bad,
            Some(CellState::Good | CellState::Undecided) => Now::Good,
        }
    }

    /// It is over once a member is late with less than a quarter of its probes.
    fn load(&self, fault: &Fault) -> Now {
        const LEAST: u16 = 4;
        let Subject::Source { instance_id, .. } = &fault.subject else { return Now::Gone };
        let Some(seat) = self.names.seat(instance_id) else { return Now::Gone };
        let member = &self.names.ring.members[seat];
        let tainted = member.tainted;
        if !member.reporting || tainted.of < LEAST {
            Now::Unknown
        } else if u32::from(tainted.bad) * 4 < u32::from(tainted.of) {
            Now::Good
        } else {
            Now::Bad
        }
    }
}
