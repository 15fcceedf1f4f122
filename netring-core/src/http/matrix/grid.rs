//! `GET /api/v1/matrix/grid`.

use super::{
    answer::unwritten,
    question::{Question, Shape, words},
};
use crate::{
    analysis::{GridValue, Lines, MatrixFilter, MatrixGrid, Tally, add_all},
    model::{InstanceId, Location, ProbeKind},
    parallel,
    registry::{Known, RegistryError, check_cells},
};
use axum::body::Bytes;
use serde::Deserialize;
use std::collections::BTreeSet;

/// About so many cells are written at a time.
const CELLS_OF_A_PART: usize = 32_768;
/// What is a whole number beyond this would lose digits as one.
const MAX_WHOLE: f64 = 1e15;

/// The parameters of `GET /api/v1/matrix/grid`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct GridQuery {
    source: Option<InstanceId>,
    source_location: Option<Location>,
    target: Option<InstanceId>,
    target_location: Option<Location>,
    #[serde(default, deserialize_with = "words")]
    kind: Vec<ProbeKind>,
    #[serde(default = "latency", deserialize_with = "words")]
    values: Vec<GridValue>,
}

fn latency() -> Vec<GridValue> {
    vec![GridValue::Latency]
}

impl GridQuery {
    pub(super) fn question(mut self) -> Question {
        // In whatever order they are asked for, it is the same question.
        self.values.sort_unstable();
        let filter = MatrixFilter {
            source: self.source,
            source_location: self.source_location,
            target: self.target,
            target_location: self.target_location,
            kinds: self.kind,
            ..MatrixFilter::default()
        };
        Question { shape: Shape::Grid(self.values), filter }
    }
}

/// The grid as text. Rows are written by several cores, each kind of number on its own, for each is a field of its own.
pub(super) fn grid(known: &Known, filter: &MatrixFilter, values: &[GridValue]) -> Result<Vec<Bytes>, RegistryError> {
    let grid = known.grid(filter);
    check_cells(&grid)?;
    let first = grid.sources().first();
    let chunks: Vec<&[u32]> = grid.sources().chunks((CELLS_OF_A_PART / grid.targets().len().max(1)).max(1)).collect();
    let written = parallel::map(&chunks, |sources| {
        let mut lines = Lines::new(&grid, values, &*known.last_hour);
        let (mut states, mut numbers) = (Vec::new(), vec![Vec::new(); values.len()]);
        for source in *sources {
            lines.turn_to(*source);
            let comma: &[u8] = if Some(source) == first { b"" } else { b"," };
            for part in [comma, b"\"", lines.states(), b"\""] {
                states.extend_from_slice(part);
            }
            for (out, row) in numbers.iter_mut().zip(lines.numbers()) {
                out.extend_from_slice(comma);
                write_row(out, row).map_err(unwritten)?;
            }
        }
        Ok::<_, RegistryError>((states, numbers, lines.end()))
    });
    let (mut states, mut numbers) = (Vec::new(), vec![Vec::new(); values.len()]);
    let (mut tally, mut kinds) = (Tally::default(), BTreeSet::new());
    for part in written {
        let (of_states, of_numbers, (of_tally, of_kinds)) = part?;
        states.push(Bytes::from(of_states));
        for (numbers, part) in numbers.iter_mut().zip(of_numbers) {
            numbers.push(Bytes::from(part));
        }
        tally = tally.and(of_tally);
        add_all(&mut kinds, of_kinds);
    }
    let mut head = serde_json::to_vec(&MatrixGrid::without_rows(&grid, tally, kinds)).map_err(unwritten)?;
    if !head.ends_with(b"\"states\":[]}") {
        return Err(unwritten("the states are not its last field"));
    }
    head.truncate(head.len() - b"]}".len());
    let mut parts = vec![Bytes::from(head)];
    parts.extend(states);
    for (value, rows) in values.iter().zip(numbers) {
        parts.push(format!("],\"{}\":[", value.field()).into());
        parts.extend(rows);
    }
    parts.push(Bytes::from_static(b"]}"));
    Ok(parts)
}

fn write_row(out: &mut Vec<u8>, row: &[Option<f64>]) -> serde_json::Result<()> {
    out.push(b'[');
    for (place, number) in row.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        match *number {
            None => out.extend_from_slice(b"null"),
            // Without the point and the zero that a fraction has.
            Some(whole) if whole.fract() == 0.0 && whole.abs() < MAX_WHOLE => {
                serde_json::to_writer(&mut *out, &(whole as i64))?;
            }
            Some(number) => serde_json::to_writer(&mut *out, &number)?,
        }
    }
    out.push(b']');
    Ok(())
}
