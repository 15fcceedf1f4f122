use super::super::{
    Suspicion,
    hold::{KEPT, rounds},
    layer::{Cell, CellState, Layer},
    scope::Names,
};
use crate::{
    analysis::{Evidence, Fault, Finding, PairEvidence, Sensitivity, Standing, Subject, Symptom},
    model::{Endpoint, InstanceId, ProbeKind},
};
use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

pub(super) const DAY: Duration = Duration::from_secs(86_400);

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
    layers: HashMap<Symptom, Vec<Cell>>,
    /// Where the pairs of open faults stand in the evidence.
    pairs: HashMap<(usize, usize), usize>,
}

/// What the evidence says of the pairs that a fault names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Now {
    /// Some are bad.
    Bad,
    /// Most are good for certain, and none is bad.
    Good,
    Unknown,
    /// Nobody makes the check any more that showed it.
    NotMade,
    /// None of the members is left.
    Gone,
}

fn is_network(subject: &Subject, symptom: Symptom) -> bool {
    symptom == Symptom::Unreachable && !matches!(subject, Subject::Kind { .. })
}

/// The longest interval at which those check who show a fault.
fn longest_interval(fault: &Fault, names: &Names<'_>) -> Duration {
    let interval = |id: &InstanceId| Some(names.ring.members.get(names.seat(id)?)?.check_interval);
    let itself = match &fault.subject {
        Subject::Source { instance_id, .. } => interval(instance_id),
        _ => None,
    };
    fault.pairs.iter().filter_map(|pair| interval(&pair.source)).chain(itself).max().unwrap_or_default()
}

/// Within which time it is the same fault that comes back. What is checked rarely flaps slowly, as far as anybody can see.
pub(super) fn relapse_within(fault: &Fault, names: &Names<'_>, sensitivity: &Sensitivity) -> Duration {
    rounds(KEPT, longest_interval(fault, names)).min(DAY).max(sensitivity.relapse_within)
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
        open: &[Fault],
    ) -> Self {
        let held = vec![false; suspicions.len()];
        let named = open.iter().flat_map(|fault| &fault.pairs).filter_map(|pair| names.seats(pair));
        let named: HashSet<_> = named.flat_map(|(source, target)| [(source, target), (target, source)]).collect();
        let seats = |pair: &PairEvidence| (pair.source as usize, pair.target as usize);
        let places =
            evidence.pairs.iter().enumerate().filter(|(_, pair)| !named.is_empty() && named.contains(&seats(pair)));
        let pairs = places.map(|(place, pair)| (seats(pair), place)).collect();
        Self { evidence, sensitivity, names, suspicions, fault_of, ready, held, layers: HashMap::new(), pairs }
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
        let states: Vec<_> = match &fault.subject {
            Subject::Kind { kind, endpoint, .. } => {
                seats.iter().map(|&seats| self.standing_of_kind(seats, kind, endpoint.as_ref())).collect()
            }
            _ => self.standings(fault, &seats),
        };
        let count = |standing| states.iter().filter(|&&state| state == standing).count();
        if count(Standing::Bad) > 0 {
            Now::Bad
        } else if count(Standing::Good) * 2 > seats.len() {
            Now::Good
        } else if seats.iter().all(|&seats| self.is_not_made(fault, seats)) {
            Now::NotMade
        } else {
            Now::Unknown
        }
    }

    fn pair(&self, (source, target): (usize, usize)) -> Option<&'a PairEvidence> {
        let pair = self.evidence.pairs.get(*self.pairs.get(&(source, target))?)?;
        self.names.ring.members.get(source)?.reporting.then_some(pair)
    }

    /// What is said of a pair by its own source and, where `symptom` is one of both ways, by its target.
    fn witnesses(
        &self,
        (source, target): (usize, usize),
        symptom: Symptom,
    ) -> impl Iterator<Item = (&'a PairEvidence, u16)> {
        let of = |finding: Finding| finding.count.of;
        let there = self.pair((source, target)).map(|pair| match symptom {
            Symptom::Slow => (pair, of(pair.latency)),
            Symptom::Lossy => (pair, of(pair.loss).max(of(pair.loss_forward))),
            _ => (pair, of(pair.reach)),
        });
        let back = self.pair((target, source)).and_then(|pair| match symptom {
            Symptom::Slow => Some((pair, of(pair.latency))),
            Symptom::Lossy => Some((pair, of(pair.loss).max(of(pair.loss_backward)))),
            _ => None,
        });
        there.into_iter().chain(back)
    }

    /// How pairs stand now, as far as is known for good: a few good results, with nothing known before, tell nothing.
    fn standings(&mut self, fault: &Fault, seats: &[(usize, usize)]) -> Vec<Standing> {
        let (evidence, ring, sensitivity) = (self.evidence, self.names.ring, self.sensitivity);
        let cells = self.layers.entry(fault.symptom).or_insert_with(|| {
            let layer = match fault.symptom {
                Symptom::Slow => Layer::latency(evidence, ring, sensitivity),
                Symptom::Lossy => Layer::loss(evidence, ring, sensitivity),
                _ => Layer::reach(evidence, ring, sensitivity),
            };
            layer.cells
        });
        let states: Vec<_> = seats
            .iter()
            .map(|seats| {
                let place = cells.binary_search_by_key(seats, |cell| (cell.source, cell.target)).ok()?;
                cells.get(place).map(|cell| cell.state)
            })
            .collect();
        // After so long nobody waits any more for what was usual before it began.
        let is_old = evidence.at.since(fault.since) >= DAY;
        let standing = |(&seats, state): (&(usize, usize), Option<CellState>)| match state {
            None => Standing::Unknown,
            Some(CellState::Bad) => Standing::Bad,
            Some(CellState::Good | CellState::Undecided) => {
                let mut witnesses = self.witnesses(seats, fault.symptom).filter(|&(pair, of)| {
                    let was_known = is_old || pair.usual_since.is_none_or(|since| since <= fault.since);
                    of >= sensitivity.settled_results() && (fault.symptom != Symptom::Slow || was_known)
                });
                if witnesses.next().is_some() { Standing::Good } else { Standing::Unknown }
            }
        };
        seats.iter().zip(states).map(standing).collect()
    }

    fn standing_of_kind(&self, seats: (usize, usize), kind: &ProbeKind, endpoint: Option<&Endpoint>) -> Standing {
        let Some(pair) = self.pair(seats).filter(|pair| pair.reach.standing != Standing::Bad) else {
            return Standing::Unknown;
        };
        let made = pair.made.iter().flat_map(|made| made.iter());
        made.filter(|check| check.kind == *kind && check.endpoint.as_ref() == endpoint)
            .map(
                |check| {
                    if check.standing == Standing::Good && !check.settled { Standing::Unknown } else { check.standing }
                },
            )
            .next()
            .unwrap_or_default()
    }

    /// Whether nobody measures any more what was bad, although the pair is known.
    fn is_not_made(&self, fault: &Fault, seats: (usize, usize)) -> bool {
        match (&fault.subject, fault.symptom) {
            (Subject::Kind { kind, endpoint, .. }, _) => {
                let made = self.pair(seats).and_then(|pair| pair.made.as_deref());
                made.is_some_and(|made| !made.iter().any(|check| check.kind == *kind && check.endpoint == *endpoint))
            }
            (_, Symptom::Slow | Symptom::Lossy) => {
                let mut witnesses = self.witnesses(seats, fault.symptom).peekable();
                witnesses.peek().is_some()
                    && witnesses.all(|(pair, of)| of == 0 && pair.reach.standing == Standing::Good)
            }
            _ => false,
        }
    }

    /// For how long nobody must have made a check until what it showed is over: some rounds of who made it.
    pub(super) fn patience(&self, fault: &Fault) -> Duration {
        const ROUNDS: u32 = 10;
        const LEAST: Duration = Duration::from_secs(1_800);
        rounds(ROUNDS, longest_interval(fault, self.names)).clamp(LEAST, DAY)
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
