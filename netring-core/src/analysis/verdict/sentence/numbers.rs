use super::super::{
    layer::{Cell, CellState, Layer},
    localise::{Blame, What},
    ring::Ring,
};
use std::collections::BTreeSet;

/// How many pairs and members it is about.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Numbers {
    /// Bad pairs, of those that are known in the scope.
    pub(super) bad: usize,
    pub(super) known: usize,
    pub(super) sources: usize,
    pub(super) targets: usize,
    /// The same the other way: good pairs of known ones.
    pub(super) contrary_good: usize,
    pub(super) contrary_known: usize,
    /// All other pairs that are known, in the scope or not, and how many of them are bad.
    pub(super) others: usize,
    pub(super) others_bad: usize,
    /// Whether some members do not make the check that it is about.
    pub(super) made_by_some: bool,
}

impl Numbers {
    /// Looks only at the pairs in question: in a large ring there may be very many faults.
    pub(super) fn of(ring: &Ring<'_>, layer: &Layer, blame: &Blame) -> Self {
        let cells = &layer.cells;
        let bad = blame.cells.len();
        let distinct = |seat_of: &dyn Fn(&Cell) -> usize| {
            blame.cells.iter().filter_map(|&i| cells.get(i)).map(seat_of).collect::<BTreeSet<_>>().len()
        };
        let scope = match blame.what {
            What::Direction(from, to) => Tally::between(ring, layer, from, to),
            What::LocationPair(a, b) if a == b => Tally::between(ring, layer, a, a),
            What::LocationPair(a, b) => Tally::between(ring, layer, a, b) + Tally::between(ring, layer, b, a),
            What::Partition { .. } => Tally::across(ring, layer, blame),
            What::Ring => Tally { good: 0, known: cells.len() },
            _ => Tally { good: 0, known: bad },
        };
        let contrary = match blame.what {
            What::Direction(from, to) if from != to => Tally::between(ring, layer, to, from),
            What::Pair { source, target, both_ways: false } => Tally::of(layer, target, source),
            What::Source { seat, both_ways: false } => {
                (0..ring.members.len()).fold(Tally::default(), |sum, other| sum + Tally::of(layer, other, seat))
            }
            _ => Tally::default(),
        };
        Self {
            bad,
            known: scope.known.max(bad),
            sources: distinct(&|cell| cell.source),
            targets: distinct(&|cell| cell.target),
            contrary_good: contrary.good,
            contrary_known: contrary.known,
            others: cells.len().saturating_sub(bad),
            others_bad: layer.bad.saturating_sub(bad),
            made_by_some: layer.unmade.within(What::Ring) > 0,
        }
    }
}

/// Good pairs of known ones.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    good: usize,
    known: usize,
}

impl std::ops::Add for Tally {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { good: self.good + other.good, known: self.known + other.known }
    }
}

impl Tally {
    fn of(layer: &Layer, source: usize, target: usize) -> Self {
        let place = layer.cells.binary_search_by_key(&(source, target), |cell| (cell.source, cell.target)).ok();
        let cell = place.and_then(|place| layer.cells.get(place));
        cell.map_or_else(Self::default, |cell| Self { good: usize::from(cell.state != CellState::Bad), known: 1 })
    }

    /// All that is known between the sides of a partition.
    fn across(ring: &Ring<'_>, layer: &Layer, blame: &Blame) -> Self {
        let Some(sides) = blame.sides.as_deref() else { return Self::default() };
        let mut side = vec![0u8; ring.locations.len()];
        for (locations, number) in [(&sides.near, 1), (&sides.far, 2)] {
            for &location in locations {
                if let Some(side) = side.get_mut(location) {
                    *side = number;
                }
            }
        }
        let side_of =
            |seat: usize| ring.location_of.get(seat).and_then(|&at| side.get(at)).copied().unwrap_or_default();
        let across = layer.cells.iter().filter(|cell| side_of(cell.source) + side_of(cell.target) == 3);
        across
            .fold(Self::default(), |sum, cell| sum + Self { good: usize::from(cell.state != CellState::Bad), known: 1 })
    }

    fn between(ring: &Ring<'_>, layer: &Layer, from: usize, to: usize) -> Self {
        let cells = &layer.cells;
        let row = |seat: usize| {
            let start = cells.partition_point(|cell| cell.source < seat);
            cells.iter().skip(start).take_while(move |cell| cell.source == seat)
        };
        let between = ring.seats_in(from).flat_map(row).filter(|cell| ring.location_of.get(cell.target) == Some(&to));
        between
            .fold(Self::default(), |sum, cell| sum + Self { good: usize::from(cell.state != CellState::Bad), known: 1 })
    }
}
