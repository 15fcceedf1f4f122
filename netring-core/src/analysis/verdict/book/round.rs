use super::super::{
    Suspicion,
    layer::{Cell, CellState, Layer},
    scope::Names,
};
use crate::analysis::{Evidence, Fault, KindOf, Sensitivity, Subject, Symptom};
use std::collections::HashMap;

/// One round: what is suspected, and what was made of it so far.
pub(super) struct Round<'a> {
    pub(super) evidence: &'a Evidence,
    pub(super) sensitivity: &'a Sensitivity,
    pub(super) names: &'a Names<'a>,
    pub(super) suspicions: Vec<Suspicion>,
    /// The open fault that each is, where it is one.
    pub(super) fault_of: Vec<Option<String>>,
    pub(super) ready: Vec<bool>,
    /// Those that an open fault that gets narrower still stands for.
    pub(super) held: Vec<bool>,
    layers: HashMap<(Symptom, Option<Subject>), Vec<Cell>>,
}

/// What the evidence says of the pairs that a fault names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Now {
    /// Some are bad.
    Bad,
    /// Some are good, and none is bad.
    Good,
    Unknown,
    /// None of the members is left.
    Gone,
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

impl<'a> Round<'a> {
    pub(super) fn new(
        evidence: &'a Evidence,
        sensitivity: &'a Sensitivity,
        names: &'a Names<'a>,
        suspicions: Vec<Suspicion>,
        fault_of: Vec<Option<String>>,
        ready: Vec<bool>,
    ) -> Self {
        let held = vec![false; suspicions.len()];
        Self { evidence, sensitivity, names, suspicions, fault_of, ready, held, layers: HashMap::new() }
    }

    /// The suspicion that takes in all that is left of `fault`, and more; or all of it, as what cannot be reached at
    /// all takes in what was slow.
    pub(super) fn wider(&self, fault: &Fault) -> Option<usize> {
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
    pub(super) fn narrower(&self, fault: &Fault) -> Vec<usize> {
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

    pub(super) fn now(&mut self, fault: &Fault) -> Now {
        if fault.symptom == Symptom::Overloaded {
            return self.load(fault);
        }
        let seats: Vec<_> = fault.pairs.iter().filter_map(|pair| self.names.seats(pair)).collect();
        if seats.is_empty() {
            return Now::Gone;
        }
        let of_kind = match &fault.subject {
            Subject::Kind { kind, endpoint, .. } => {
                let of = KindOf::Ring;
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
