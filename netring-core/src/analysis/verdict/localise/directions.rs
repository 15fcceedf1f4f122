//! What lies between two locations.

use super::{Localiser, Question, What};
use std::collections::BTreeMap;

impl Localiser<'_> {
    pub(super) fn directions(&mut self) {
        let mut bad_cells: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
        for (i, cell) in self.cells.iter().enumerate().filter(|&(i, _)| self.bad[i] && !self.explained[i]) {
            let ends = (self.ring.location_of[cell.source], self.ring.location_of[cell.target]);
            bad_cells.entry(ends).or_default().push(i);
        }
        let is_whole = |&(from, to): &(usize, usize)| {
            let Some(cells) = bad_cells.get(&(from, to)) else { return false };
            let (a, b) = (self.ring.population[from], self.ring.population[to]);
            let enough = if from == to {
                let unordered = |&&i: &&usize| {
                    let cell = &self.cells[i];
                    cell.source < cell.target || !cells.iter().any(|&j| self.is_reverse(i, j))
                };
                // Two members alone are a pair; and nobody has to look through thousands to find two.
                a > 2 && (cells.len() > 2 || cells.iter().filter(unordered).count() >= 2)
            } else {
                let least = if self.question == Question::Kind { 2 } else { 2.min(a * b) };
                cells.len() >= least
            };
            enough && self.directions.get(&(from, to)).is_some_and(|tally| tally.is_bad())
        };
        let whole: Vec<(usize, usize)> = bad_cells.keys().copied().filter(is_whole).collect();
        for &(from, to) in &whole {
            let (a, b) = (self.ring.population[from], self.ring.population[to]);
            let Some(mut cells) = bad_cells.get(&(from, to)).cloned() else { continue };
            if self.question == Question::Kind {
                self.blame(What::Direction(from, to), cells, if from == to { a * (a - 1) } else { a * b });
            } else if from == to {
                self.blame(What::LocationPair(from, to), cells, a * (a - 1));
            } else if whole.binary_search(&(to, from)).is_err() {
                self.blame(What::Direction(from, to), cells, a * b);
            } else if from < to {
                cells.extend(bad_cells.get(&(to, from)).into_iter().flatten());
                cells.sort_unstable();
                self.blame(What::LocationPair(from, to), cells, 2 * a * b);
            }
        }
    }

    fn is_reverse(&self, i: usize, j: usize) -> bool {
        let (one, other) = (&self.cells[i], &self.cells[j]);
        (one.source, one.target) == (other.target, other.source)
    }
}
