//! What is at fault, by all that the members say of each other.

mod book;
mod chance;
mod hold;
mod layer;
mod localise;
mod overloaded;
mod ring;
mod scope;
mod sentence;
mod vote;

pub use book::{FaultBook, FaultChange};

use super::{Evidence, Fault, KindOf, PairRef, Sensitivity, Subject, Suspect, Symptom};
use crate::model::{Endpoint, InstanceId, ProbeKind};
use layer::{Cell, CellState, Layer, Troubles};
use localise::{Blame, Question, Sides, What, localise};
use ring::Ring;
use std::{
    cell::OnceCell,
    cmp::Reverse,
    collections::{HashMap, HashSet},
};
use vote::{Routes, Traces};

/// Most suspicions at once.
const MAX_SUSPICIONS: usize = 200;
/// Most of them that rest on what one member says of kinds of probes: it may make them up.
const MAX_KINDS_OF_ONE: usize = 8;

/// Something that seems to be at fault at one moment. [`FaultBook`] decides whether it is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Suspicion {
    /// What seems to be at fault.
    pub subject: Subject,
    /// How it shows.
    pub symptom: Symptom,
    /// How sure this is, from 0 to 1, as in [`Fault::confidence`].
    pub confidence: f64,
    /// Pairs that show it, at most [`Fault::MAX_PAIRS`] of them, from all over it.
    pub pairs: Vec<PairRef>,
    /// How many pairs show it.
    pub pairs_total: usize,
    /// Routers and links that may be the cause, the likeliest first.
    pub suspects: Vec<Suspect>,
    /// All of it in a sentence, of at most 400 bytes.
    pub sentence: String,
    /// All pairs that show it, by their seats, in order.
    seats: Vec<(usize, usize)>,
    /// The logarithm of how likely noise alone makes results that are as bad.
    ln_tail: f64,
    /// The logarithm of how many things might as well have seemed to be at fault.
    ln_hypotheses: f64,
    /// The logarithm of how likely chance may be.
    ln_chance: f64,
    /// Whether something else would be at fault if all that is undecided turned out bad.
    doubtful: bool,
}

impl Suspicion {
    /// Whether the noise of the ring itself explains it, as long as it lasts no longer.
    #[must_use]
    pub fn may_be_chance(&self) -> bool {
        self.ln_tail + self.ln_hypotheses > self.ln_chance
    }
}

/// Names what is at fault at this moment, the most weighty first, at most 200.
///
/// The largest scope comes first that explains bad pairs and takes in hardly a good one (nine of ten known pairs are
/// bad): a part of the ring, a location, a member, what lies between two locations, a pair. What is explained is not explained again. A
/// scope is named only where something contradicts the others: a member is at fault where others do well, a location
/// where two others reach each other, or where it is silent. So two of two that do not reach each other are a pair, for
/// nobody can tell which of them it is. Routers and links come from a vote of the traces; they take the place of
/// several faults that they explain, and are suspects of the others.
///
/// It is said of each how likely it is mere chance, at the rate at which results are bad in pairs that are good, times
/// the number of things that might be suspected as well, and of a thousand looks (the correction of Bonferroni). What
/// may be chance yet is among them, after all others: it may be proved by lasting, see [`FaultBook`] and
/// [`Suspicion::may_be_chance`].
///
/// Where nothing is bad, this is one pass over the pairs.
#[must_use]
pub fn judge(evidence: &Evidence, sensitivity: &Sensitivity) -> Vec<Suspicion> {
    let ring = Ring::new(&evidence.members);
    let troubles = Troubles::of(evidence);
    let judge = Judge { evidence, ring: &ring, sensitivity, routes: OnceCell::new() };
    let mut suspicions = judge.overloaded();
    if troubles.reach {
        let layer = Layer::reach(evidence, &ring, sensitivity);
        suspicions.extend(judge.ask(&layer, Question::Reach, Symptom::Unreachable, None));
    }
    for (kind, endpoint) in troubles.kinds {
        let layer = Layer::kind(evidence, &ring, sensitivity, kind, endpoint);
        suspicions.extend(judge.ask(&layer, Question::Kind, Symptom::Unreachable, Some((kind, endpoint))));
    }
    if troubles.loss {
        let layer = Layer::loss(evidence, &ring, sensitivity);
        suspicions.extend(judge.ask(&layer, Question::Quality, Symptom::Lossy, None));
    }
    if troubles.latency {
        let layer = Layer::latency(evidence, &ring, sensitivity);
        suspicions.extend(judge.ask(&layer, Question::Quality, Symptom::Slow, None));
    }
    let rank = |suspicion: &Suspicion| {
        let symptom = match suspicion.symptom {
            Symptom::Unreachable if !matches!(suspicion.subject, Subject::Kind { .. }) => 0,
            Symptom::Unreachable => 1,
            Symptom::Overloaded => 2,
            Symptom::Lossy => 3,
            Symptom::Slow => 4,
        };
        (suspicion.may_be_chance(), symptom, Reverse(suspicion.pairs_total))
    };
    suspicions.sort_by(|a, b| {
        rank(a).cmp(&rank(b)).then(a.ln_tail.total_cmp(&b.ln_tail)).then_with(|| a.subject.cmp(&b.subject))
    });
    let mut of_one: HashMap<InstanceId, usize> = HashMap::new();
    suspicions.retain(|suspicion| match &suspicion.subject {
        Subject::Kind { of: KindOf::Source(source) | KindOf::Pair(source, _), .. } => {
            let own = of_one.entry(source.clone()).or_default();
            *own += 1;
            *own <= MAX_KINDS_OF_ONE
        }
        _ => true,
    });
    suspicions.truncate(MAX_SUSPICIONS);
    suspicions
}

type OfKind<'a> = Option<(&'a ProbeKind, Option<&'a Endpoint>)>;

struct Judge<'a> {
    evidence: &'a Evidence,
    ring: &'a Ring<'a>,
    sensitivity: &'a Sensitivity,
    routes: OnceCell<Routes>,
}

impl Judge<'_> {
    /// What is at fault behind the bad answers to one question.
    fn ask(&self, layer: &Layer, question: Question, symptom: Symptom, of_kind: OfKind<'_>) -> Vec<Suspicion> {
        let cells = &layer.cells;
        let mut blames = localise(self.ring, cells, question, false);
        if blames.is_empty() {
            return Vec::new();
        }
        let traces = (question != Question::Kind).then(|| self.traces(&layer.cells, &blames));
        if let Some(traces) = &traces {
            traces.merge(self.ring, &mut blames);
        }
        let otherwise = self.otherwise(layer, question);
        let noise = layer.background();
        let places = self.ring.members.len() + self.ring.locations.len().saturating_mul(self.ring.locations.len());
        let mut weighed: Vec<(f64, f64, Blame)> = blames
            .into_iter()
            .map(|blame| {
                let (bad, of) = blame
                    .cells
                    .iter()
                    .fold((0u64, 0u64), |(bad, of), &i| (bad + u64::from(cells[i].bad), of + u64::from(cells[i].of)));
                /// So many looks are taken before one of them may be mistaken.
                const LOOKS: usize = 1000;
                let hypotheses = places + if matches!(blame.what, What::Pair { .. }) { cells.len() } else { 0 };
                (chance::ln_binomial_tail(bad, of, noise), (hypotheses.max(1).saturating_mul(LOOKS) as f64).ln(), blame)
            })
            .collect();
        let ln_chance = self.sensitivity.chance.max(f64::MIN_POSITIVE).ln();
        weighed.sort_by(|(a, x, one), (b, y, other)| {
            let rank = |ln: f64, blame: &Blame| (ln > ln_chance, Reverse(blame.cells.len()));
            rank(a + x, one).cmp(&rank(b + y, other)).then(a.total_cmp(b)).then(one.what.cmp(&other.what))
        });
        weighed.truncate(MAX_SUSPICIONS);
        weighed
            .into_iter()
            .map(|(ln_tail, ln_hypotheses, blame)| {
                let seats: Vec<_> = blame.cells.iter().map(|&i| (cells[i].source, cells[i].target)).collect();
                let expected = blame.expected.saturating_sub(layer.unmade.within(blame.what)).max(blame.cells.len());
                let known = blame.cells.len() as f64 / expected.max(1) as f64;
                let certain = 1.0 - (ln_tail + ln_hypotheses).exp().min(1.0);
                Suspicion {
                    subject: self.subject(blame.what, blame.sides.as_deref(), of_kind),
                    symptom,
                    confidence: (known * certain).clamp(0.0, 1.0),
                    pairs: self.sample(&seats),
                    pairs_total: seats.len(),
                    suspects: traces.as_ref().map(|traces| traces.suspects(&blame)).unwrap_or_default(),
                    sentence: sentence::of(self.ring, layer, &blame, symptom, of_kind),
                    doubtful: otherwise.as_ref().is_some_and(|whats| !whats.contains(&key(blame.what))),
                    seats,
                    ln_tail,
                    ln_hypotheses,
                    ln_chance,
                }
            })
            .collect()
    }

    fn traces<'b>(&'b self, cells: &'b [Cell], blames: &[Blame]) -> Traces<'b> {
        let routes = self.routes.get_or_init(|| Routes::of(self.evidence));
        Traces::new(self.evidence, routes, cells, blames)
    }

    /// What would be at fault if all that is undecided turned out bad; `None` where nothing is undecided.
    fn otherwise(&self, layer: &Layer, question: Question) -> Option<HashSet<What>> {
        let cells = layer.with_outdated();
        if !cells.iter().any(|cell| cell.state == CellState::Undecided) {
            return None;
        }
        let mut blames = localise(self.ring, &cells, question, true);
        if question != Question::Kind {
            self.traces(&cells, &blames).merge(self.ring, &mut blames);
        }
        Some(blames.into_iter().map(|blame| key(blame.what)).collect())
    }

    /// Pairs from all over `seats`, so that they stand for all of them.
    fn sample(&self, seats: &[(usize, usize)]) -> Vec<PairRef> {
        let count = seats.len().min(Fault::MAX_PAIRS);
        (0..count)
            .filter_map(|i| seats.get(i * seats.len() / count))
            .map(|&(source, target)| self.ring.pair(source, target))
            .collect()
    }

    fn subject(&self, what: What, sides: Option<&Sides>, of_kind: OfKind<'_>) -> Subject {
        let member = |seat: usize| (self.ring.id(seat).clone(), self.ring.location(seat).clone());
        let location = |number: usize| self.ring.locations[number].clone();
        if let Some((kind, endpoint)) = of_kind {
            let of = match what {
                What::Target(seat) | What::Inbound { seat, .. } => KindOf::Target(member(seat).0),
                What::Source { seat, .. } => KindOf::Source(member(seat).0),
                What::Direction(from, to) | What::LocationPair(from, to) => {
                    KindOf::Direction(location(from), location(to))
                }
                What::Pair { source, target, .. } => KindOf::Pair(member(source).0, member(target).0),
                What::Ring | What::Location { .. } | What::Partition { .. } | What::Router(_) | What::Link(..) => {
                    KindOf::Ring
                }
            };
            return Subject::Kind { kind: kind.clone(), endpoint: endpoint.cloned(), of };
        }
        match what {
            What::Target(seat) => {
                let (instance_id, location) = member(seat);
                Subject::Target { instance_id, location }
            }
            What::Inbound { seat, .. } => {
                let (instance_id, location) = member(seat);
                Subject::Inbound { instance_id, location }
            }
            What::Source { seat, .. } => {
                let (instance_id, location) = member(seat);
                Subject::Source { instance_id, location }
            }
            What::Location { location: number, .. } => Subject::Location { location: location(number) },
            What::Partition { .. } => {
                let names = |side: &[usize]| side.iter().take(Fault::MAX_LOCATIONS).map(|&at| location(at)).collect();
                Subject::Partition { sides: sides.map(|sides| sides.in_order().map(names)).unwrap_or_default() }
            }
            What::LocationPair(a, b) => Subject::LocationPair { locations: [location(a), location(b)] },
            What::Direction(from, to) => {
                Subject::Direction { source_location: location(from), target_location: location(to) }
            }
            What::Pair { source, target, both_ways } => {
                Subject::Pair { source: member(source).0, target: member(target).0, both_ways }
            }
            What::Router(router) => Subject::Router { router },
            What::Link(near, far) => Subject::Link { link: [near, far] },
            // Only a kind of probe is said to fail for everybody.
            What::Ring => Subject::LocationPair { locations: [location(0), location(0)] },
        }
    }
}

/// What makes two blames the same, whatever they say besides.
fn key(what: What) -> What {
    match what {
        What::Location { location, .. } => What::Location { location, way: localise::Way::Down },
        What::Inbound { seat, .. } => What::Inbound { seat, row: localise::Row::Good },
        What::Partition { sides, .. } => What::Partition { sides, silent: false },
        What::Source { seat, .. } => What::Source { seat, both_ways: true },
        What::Link(a, b) => What::Link(a.min(b), a.max(b)),
        other => other,
    }
}

#[cfg(test)]
mod tests;
