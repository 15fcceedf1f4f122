use super::{GridValue, MatrixGrid};
use crate::{
    analysis::{
        LastHour, State,
        grid::{Checked, Grid, Tally},
    },
    model::ProbeKind,
};
use std::collections::BTreeSet;

/// Where there is no pair: a member and itself.
const NONE: u8 = b'.';

/// Makes the rows of a [`MatrixGrid`], one after the other, in memory that is asked for once.
#[derive(Debug)]
pub(crate) struct Lines<'a> {
    grid: &'a Grid<'a>,
    values: &'a [GridValue],
    last_hour: &'a dyn LastHour,
    row: Vec<Checked<'a>>,
    tally: Tally,
    kinds: BTreeSet<&'a ProbeKind>,
    states: Vec<u8>,
    numbers: Vec<Vec<Option<f64>>>,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(grid: &'a Grid<'a>, values: &'a [GridValue], last_hour: &'a dyn LastHour) -> Self {
        let targets = grid.targets().len();
        Self {
            grid,
            values,
            last_hour,
            row: Vec::new(),
            tally: Tally::default(),
            kinds: BTreeSet::new(),
            states: vec![NONE; targets],
            numbers: vec![vec![None; targets]; values.len()],
        }
    }

    /// Makes the row of the member at the place `source`.
    pub(crate) fn turn_to(&mut self, source: u32) {
        let Self { grid, values, last_hour, row, tally, kinds, states, numbers } = self;
        // First, for all of the report is near at hand afterwards.
        grid.kinds(source, |kind| {
            if !kinds.contains(kind) {
                add(kinds, kind);
            }
        });
        states.fill(NONE);
        numbers.iter_mut().for_each(|numbers| numbers.fill(None));
        grid.row(source, row, tally, |pair| {
            if let Some(state) = states.get_mut(pair.column) {
                *state = character(pair.state);
            }
            if pair.checks.is_empty() {
                return;
            }
            for (value, numbers) in values.iter().zip(&mut *numbers) {
                if let Some(number) = numbers.get_mut(pair.column) {
                    *number = value.of(pair, *last_hour);
                }
            }
        });
    }

    /// The states of the row, all of them ASCII.
    pub(crate) fn states(&self) -> &[u8] {
        &self.states
    }

    /// The numbers of the row, in the order of the values that are asked for.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = &[Option<f64>]> {
        self.numbers.iter().map(Vec::as_slice)
    }

    /// What the rows so far came to: of which states there are pairs, and of what kinds the probes are.
    pub(crate) fn end(self) -> (Tally, BTreeSet<&'a ProbeKind>) {
        (self.tally, self.kinds)
    }
}

/// Adds `more` to `kinds`.
pub(crate) fn add_all<'a>(kinds: &mut BTreeSet<&'a ProbeKind>, more: BTreeSet<&'a ProbeKind>) {
    for kind in more {
        add(kinds, kind);
    }
}

fn add<'a>(kinds: &mut BTreeSet<&'a ProbeKind>, kind: &'a ProbeKind) {
    kinds.insert(kind);
    if kinds.len() > MatrixGrid::MAX_KINDS {
        kinds.pop_last();
    }
}

const fn character(state: State) -> u8 {
    match state {
        State::Up => b'+',
        State::Down => b'x',
        State::Degraded => b'~',
        State::Unknown => b'?',
    }
}
