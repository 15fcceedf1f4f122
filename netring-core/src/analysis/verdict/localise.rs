//! From who cannot do what with whom to the least that is at fault: the largest scope that explains bad pairs without
//! taking in good ones, then the next smaller one for what is left.

mod alone;
mod blame;
mod directions;
mod locations;
mod members;
mod partition;
mod tally;

pub(super) use blame::{Blame, Question, Row, Sides, Way, What};

use super::{
    layer::{Cell, CellState},
    ring::Ring,
};
use std::collections::HashMap;
use tally::Tally;

/// Names what is at fault behind the bad ones of `cells`, which are in order. Where `doubtful`, what is undecided
/// counts as bad.
pub(super) fn localise(ring: &Ring<'_>, cells: &[Cell], question: Question, doubtful: bool) -> Vec<Blame> {
    let is_bad = |cell: &Cell| cell.state == CellState::Bad || doubtful && cell.state == CellState::Undecided;
    let bad: Vec<bool> = cells.iter().map(is_bad).collect();
    if !bad.contains(&true) {
        return Vec::new();
    }
    let mut localiser = Localiser::new(ring, cells, bad, question);
    if question == Question::Kind {
        localiser.whole_ring();
    } else {
        if question == Question::Reach {
            localiser.alone();
            localiser.partitions();
        }
        localiser.locations();
    }
    localiser.members();
    localiser.directions();
    localiser.pairs();
    localiser.blames
}

struct Localiser<'a> {
    ring: &'a Ring<'a>,
    cells: &'a [Cell],
    bad: Vec<bool>,
    explained: Vec<bool>,
    /// Where the cells of each source begin.
    row_starts: Vec<usize>,
    /// The cells in the order of their targets, and where those of each begin.
    by_target: Vec<usize>,
    column_starts: Vec<usize>,
    /// By the locations of both ends; only what is not yet explained.
    directions: HashMap<(usize, usize), Tally>,
    /// Whether any of them is bad as a whole.
    whole_directions: bool,
    /// In how many locations something is known that is not yet explained, when single members are looked at.
    known_locations: usize,
    question: Question,
    blames: Vec<Blame>,
}

impl<'a> Localiser<'a> {
    fn new(ring: &'a Ring<'a>, cells: &'a [Cell], bad: Vec<bool>, question: Question) -> Self {
        let starts = |seat_of: &dyn Fn(&Cell) -> usize| {
            let mut starts = vec![0; ring.members.len() + 1];
            for cell in cells {
                starts[seat_of(cell) + 1] += 1;
            }
            for i in 1..starts.len() {
                starts[i] += starts[i - 1];
            }
            starts
        };
        let row_starts = starts(&|cell| cell.source);
        let column_starts = starts(&|cell| cell.target);
        let mut next = column_starts.clone();
        let mut by_target = vec![0; cells.len()];
        for (i, cell) in cells.iter().enumerate() {
            by_target[next[cell.target]] = i;
            next[cell.target] += 1;
        }
        let explained = vec![false; cells.len()];
        let mut localiser = Self {
            ring,
            cells,
            bad,
            explained,
            row_starts,
            by_target,
            column_starts,
            directions: HashMap::new(),
            whole_directions: false,
            known_locations: 0,
            question,
            blames: Vec::new(),
        };
        localiser.count_directions();
        localiser
    }

    fn count_directions(&mut self) {
        self.directions.clear();
        let locations = self.ring.locations.len();
        let (mut tallies, mut touched) = (vec![Tally::default(); locations], Vec::new());
        for from in 0..locations {
            for seat in self.ring.seats_in(from) {
                for i in (self.row_starts[seat]..self.row_starts[seat + 1]).filter(|&i| !self.explained[i]) {
                    let to = self.ring.location_of[self.cells[i].target];
                    if tallies[to].known == 0 {
                        touched.push(to);
                    }
                    tallies[to].add(self.bad[i]);
                }
            }
            // One look-up for each two locations, and not for each pair.
            for to in touched.drain(..) {
                self.directions.insert((from, to), std::mem::take(&mut tallies[to]));
            }
        }
        self.whole_directions = self.directions.values().any(|tally| tally.is_bad());
    }

    fn row(&self, seat: usize) -> impl Iterator<Item = usize> + '_ {
        (self.row_starts[seat]..self.row_starts[seat + 1]).filter(|&i| !self.explained[i])
    }

    fn column(&self, seat: usize) -> impl Iterator<Item = usize> + '_ {
        let of_seat = self.column_starts[seat]..self.column_starts[seat + 1];
        self.by_target[of_seat].iter().copied().filter(|&i| !self.explained[i])
    }

    fn blame(&mut self, what: What, cells: Vec<usize>, expected: usize) {
        for &i in &cells {
            self.explained[i] = true;
        }
        self.blames.push(Blame { what, expected: expected.max(cells.len()), cells, sides: None });
    }

    /// One kind of probe that fails for everybody.
    fn whole_ring(&mut self) {
        let bad: Vec<usize> = (0..self.cells.len()).filter(|&i| self.bad[i]).collect();
        let several = |seat_of: &dyn Fn(&Cell) -> usize| {
            let mut seats = bad.iter().map(|&i| seat_of(&self.cells[i]));
            seats.next().is_some_and(|first| seats.any(|seat| seat != first))
        };
        let members = self.ring.members.len();
        let all = Tally { bad: bad.len(), known: self.cells.len() };
        if all.is_bad() && bad.len() >= 3 && several(&|cell| cell.source) && several(&|cell| cell.target) {
            self.blame(What::Ring, bad, members * members.saturating_sub(1));
        }
    }

    fn pairs(&mut self) {
        for i in 0..self.cells.len() {
            if !self.bad[i] || self.explained[i] {
                continue;
            }
            let Cell { source, target, .. } = self.cells[i];
            let back = self.cells.binary_search_by_key(&(target, source), |cell| (cell.source, cell.target)).ok();
            let back = back.filter(|&j| self.bad[j] && !self.explained[j]);
            if self.question == Question::Kind || back.is_none() {
                self.blame(What::Pair { source, target, both_ways: false }, vec![i], 1);
            } else if let Some(j) = back {
                // In the order of their ids, whoever sits where.
                let swap = self.ring.id(target) < self.ring.id(source);
                let (source, target) = if swap { (target, source) } else { (source, target) };
                self.blame(What::Pair { source, target, both_ways: true }, vec![i.min(j), i.max(j)], 2);
            }
        }
    }
}
