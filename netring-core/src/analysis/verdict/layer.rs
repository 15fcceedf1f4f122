//! One question at a time: from the evidence on all pairs to who can do what with whom.

mod troubles;
mod unmade;

pub(super) use troubles::Troubles;

use super::ring::Ring;
use crate::{
    analysis::{Count, Evidence, Finding, MadeCheck, PairEvidence, Sensitivity, Standing},
    model::{Endpoint, ProbeKind},
};
use std::{borrow::Cow, sync::Arc};
use unmade::Unmade;

/// What one ordered pair says to one question. Pairs of which nothing is known have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) source: usize,
    pub(super) target: usize,
    pub(super) state: CellState,
    /// How many of how many results were bad.
    pub(super) bad: u32,
    pub(super) of: u32,
    /// Where the pair stands in [`Evidence::pairs`], for its path.
    pub(super) pair: Option<usize>,
}

/// From the best on: of two that say something of the same pair the worse one holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum CellState {
    Good,
    /// Good as yet, but not all of its newest results were.
    Undecided,
    Bad,
}

/// The answers to one question, in the order of sources and then targets, each pair once.
#[derive(Debug, Default)]
pub(super) struct Layer {
    pub(super) cells: Vec<Cell>,
    /// How many of them are bad.
    pub(super) bad: usize,
    /// What was good, and may as well be bad by now: nobody knows. In the same order.
    pub(super) outdated: Vec<Cell>,
    /// The pairs that have no cell because nobody makes this check there.
    pub(super) unmade: Unmade,
}

/// Whether `pair` may be asked about anything but reachability: what cannot be reached is neither slow nor lossy, and
/// while it is not decided whether it can be reached, nobody knows.
fn reaches(finding: Finding) -> bool {
    match finding.standing {
        Standing::Bad => false,
        Standing::Good => finding.count.bad == 0,
        Standing::Unknown => true,
    }
}

impl Layer {
    /// Who reaches whom.
    pub(super) fn reach(evidence: &Evidence, ring: &Ring<'_>, sensitivity: &Sensitivity) -> Self {
        let mut cells = Builder::new(ring, sensitivity, evidence.pairs.len());
        for (i, pair) in evidence.pairs.iter().enumerate() {
            cells.add(pair.source, pair.target, pair.reach, Some(i), pair.source);
            if pair.outdated == Standing::Good {
                cells.add_outdated(pair.source, pair.target, i);
            }
        }
        cells.build()
    }

    /// The cells if what is outdated were undecided.
    pub(super) fn with_outdated(&self) -> Cow<'_, [Cell]> {
        if self.outdated.is_empty() {
            return Cow::Borrowed(&self.cells);
        }
        let mut cells = [self.cells.as_slice(), &self.outdated].concat();
        cells.sort_by_key(|cell| (cell.source, cell.target));
        cells.dedup_by_key(|cell| (cell.source, cell.target));
        Cow::Owned(cells)
    }

    /// Between whom round trips take longer than usual. A round trip goes both ways, so each answer stands for both.
    pub(super) fn latency(evidence: &Evidence, ring: &Ring<'_>, sensitivity: &Sensitivity) -> Self {
        let mut cells = Builder::new(ring, sensitivity, evidence.pairs.len() * 2);
        for (i, pair) in evidence.pairs.iter().enumerate().filter(|(_, pair)| reaches(pair.reach)) {
            cells.add_both_ways(pair.source, pair.target, pair.latency, i);
        }
        cells.build()
    }

    /// On the way from whom to whom packets are lost. Loss of which nobody knows the way stands for both.
    pub(super) fn loss(evidence: &Evidence, ring: &Ring<'_>, sensitivity: &Sensitivity) -> Self {
        let mut cells = Builder::new(ring, sensitivity, evidence.pairs.len() * 2);
        for (i, pair) in evidence.pairs.iter().enumerate().filter(|(_, pair)| reaches(pair.reach)) {
            if pair.loss_forward.standing == Standing::Unknown && pair.loss_backward.standing == Standing::Unknown {
                cells.add_both_ways(pair.source, pair.target, pair.loss, i);
            } else {
                cells.add(pair.source, pair.target, pair.loss_forward, Some(i), pair.source);
                cells.add(pair.target, pair.source, pair.loss_backward, None, pair.source);
            }
        }
        cells.build()
    }

    /// For whom one kind of probe does what it should. Of a pair that does not make this check nobody can say that; so what
    /// few make fails for all of these, and not for a few of all.
    pub(super) fn kind<'a>(
        evidence: &'a Evidence,
        ring: &Ring<'_>,
        sensitivity: &Sensitivity,
        kind: &'a ProbeKind,
        endpoint: Option<&'a Endpoint>,
    ) -> Self {
        let mut cells = Builder::new(ring, sensitivity, evidence.pairs.len());
        let (mut unmade, mut standings) = (Unmade::default(), Standings::new(kind, endpoint));
        for (i, pair) in evidence.pairs.iter().enumerate() {
            let Some(standing) = standings.of(pair) else {
                unmade.add(ring, pair.source, pair.target);
                continue;
            };
            if pair.reach.standing == Standing::Bad {
                continue;
            }
            let of_kind =
                |check: &&crate::analysis::CheckEvidence| check.kind == *kind && check.endpoint.as_ref() == endpoint;
            let finding = match pair.checks.iter().find(of_kind) {
                // Only where something else gets through it is this kind that does not.
                Some(check) if check.finding.standing == Standing::Bad => {
                    let other_is_good = pair.checks.iter().any(|check| check.finding.standing == Standing::Good);
                    if other_is_good { check.finding } else { Finding::default() }
                }
                Some(check) => check.finding,
                // They agree, and the pair is reached: what is known of any of them is good.
                None if pair.checks.is_empty() && standing == Standing::Good => pair.reach,
                None => Finding::default(),
            };
            cells.add(pair.source, pair.target, finding, Some(i), pair.source);
        }
        Self { unmade, ..cells.build() }
    }

    /// The part of the results that is bad although their pairs are good: the noise that the ring has of itself.
    pub(super) fn background(&self) -> f64 {
        /// Fewer than this is not believed: no network is that good.
        const FLOOR: f64 = 0.002;
        let good = self.cells.iter().filter(|cell| cell.state != CellState::Bad);
        let (bad, of) = good.fold((0u64, 0u64), |(bad, of), cell| (bad + u64::from(cell.bad), of + u64::from(cell.of)));
        if of == 0 { FLOOR } else { (bad as f64 / of as f64).clamp(FLOOR, 0.5) }
    }
}

/// How one kind of probe stands in one pair after the other.
struct Standings<'a> {
    kind: &'a ProbeKind,
    endpoint: Option<&'a Endpoint>,
    /// The checks that were looked through last: most pairs share them.
    last: Option<(&'a Arc<[MadeCheck]>, Option<Standing>)>,
}

impl<'a> Standings<'a> {
    fn new(kind: &'a ProbeKind, endpoint: Option<&'a Endpoint>) -> Self {
        Self { kind, endpoint, last: None }
    }

    /// Nothing where the check is not made. Where nobody says which are, it is taken for one that is good.
    fn of(&mut self, pair: &'a PairEvidence) -> Option<Standing> {
        let Some(made) = &pair.made else { return Some(Standing::Good) };
        match self.last {
            Some((last, standing)) if Arc::ptr_eq(last, made) => standing,
            _ => {
                let is = |check: &&MadeCheck| check.kind == *self.kind && check.endpoint.as_ref() == self.endpoint;
                let standing = made.iter().find(is).map(|check| check.standing);
                self.last = Some((made, standing));
                standing
            }
        }
    }
}

struct Builder<'a> {
    ring: &'a Ring<'a>,
    /// What a standing rests on at least, where nobody says on how much.
    least: Count,
    cells: Vec<Cell>,
    outdated: Vec<Cell>,
}

impl<'a> Builder<'a> {
    fn new(ring: &'a Ring<'a>, sensitivity: &Sensitivity, capacity: usize) -> Self {
        let least = Count { bad: sensitivity.bad_results.into(), of: sensitivity.of_results.into() };
        Self { ring, least, cells: Vec::with_capacity(capacity), outdated: Vec::new() }
    }

    /// Adds what `witness` found on the way from `source` to `target`. Seats that nobody has, and what a witness says
    /// who does not report any more, are left out.
    fn add(&mut self, source: u32, target: u32, finding: Finding, pair: Option<usize>, witness: u32) {
        let Some((source, target)) = self.seats(source, target, witness) else { return };
        let state = match finding.standing {
            Standing::Unknown => return,
            Standing::Good if finding.count.bad == 0 => CellState::Good,
            Standing::Good => CellState::Undecided,
            Standing::Bad => CellState::Bad,
        };
        let count = if state == CellState::Bad && finding.count.of == 0 { self.least } else { finding.count };
        let (bad, of) = (u32::from(count.bad.min(count.of)), u32::from(count.of));
        self.cells.push(Cell { source, target, state, bad, of, pair });
    }

    fn seats(&self, source: u32, target: u32, witness: u32) -> Option<(usize, usize)> {
        let seat = |seat: u32| usize::try_from(seat).ok().filter(|&seat| seat < self.ring.members.len());
        let (source, target, witness) = (seat(source)?, seat(target)?, seat(witness)?);
        (source != target && self.ring.members[witness].reporting).then_some((source, target))
    }

    fn add_outdated(&mut self, source: u32, target: u32, pair: usize) {
        let Some((source, target)) = self.seats(source, target, source) else { return };
        self.outdated.push(Cell { source, target, state: CellState::Undecided, bad: 0, of: 0, pair: Some(pair) });
    }

    /// The results are counted once.
    fn add_both_ways(&mut self, source: u32, target: u32, finding: Finding, pair: usize) {
        self.add(source, target, finding, Some(pair), source);
        let before = self.cells.len();
        self.add(target, source, finding, None, source);
        for cell in self.cells.iter_mut().skip(before) {
            (cell.bad, cell.of) = (0, 0);
        }
    }

    /// By sources and then targets. They are in this order as a rule; or those the other way are in between, and then each row
    /// is a few ordered runs, which the sort of a row sees.
    fn sort(&mut self) {
        let key = |cell: &Cell| (cell.source, cell.target);
        if self.cells.is_sorted_by_key(key) {
            return;
        }
        let mut rows: Vec<Vec<Cell>> = vec![Vec::new(); self.ring.members.len()];
        for cell in self.cells.drain(..) {
            rows[cell.source].push(cell);
        }
        for mut row in rows {
            row.sort_by_key(key);
            self.cells.append(&mut row);
        }
    }

    fn build(mut self) -> Layer {
        self.sort();
        self.cells.dedup_by(|later, first| {
            let same = (later.source, later.target) == (first.source, first.target);
            if same {
                first.state = first.state.max(later.state);
                first.bad = first.bad.saturating_add(later.bad);
                first.of = first.of.saturating_add(later.of);
                first.pair = first.pair.or(later.pair);
            }
            same
        });
        let bad = self.cells.iter().filter(|cell| cell.state == CellState::Bad).count();
        Layer { cells: self.cells, bad, outdated: self.outdated, unmade: Unmade::default() }
    }
}
