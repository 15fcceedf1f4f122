//! The matrix in a dense form: a character and some numbers a pair, for a page to draw.

mod lines;
mod number;
mod value;

pub(crate) use lines::Lines;
#[cfg(feature = "http")]
pub(crate) use lines::add_all;
pub(super) use number::rounded;
pub use value::GridValue;

use super::{
    LastHour, MatrixFilter,
    grid::{Grid, Tally},
    matrix::ring_state,
    state::{MemberState, RingState},
};
use crate::{
    model::{ProbeKind, Timestamp},
    registry::MembersSnapshot,
    store::ReceivedReport,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, sync::Arc};

/// Who reaches whom in a dense form: a row a source, and in each row a place a target. It says of each pair what the
/// [`Matrix`](super::Matrix) does, in one number for all of its checks.
///
/// Of the numbers those lists are there that were asked for, with at most four significant digits; null where nothing is known or
/// there is no pair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct MatrixGrid {
    /// When this was so.
    pub at: Timestamp,
    /// The state of the ring, as far as a filter by source, target or kind leaves it.
    pub state: RingState,
    /// Every visible member that may be a source or a target, in the order of locations and then ids.
    pub members: Vec<MemberState>,
    /// The places in `members` of those who probe, one a row.
    pub sources: Vec<u32>,
    /// The places in `members` of those who are probed, one a place in each row.
    pub targets: Vec<u32>,
    /// The kinds of probes in the reports of the sources, whatever kinds are asked for; the first [`MatrixGrid::MAX_KINDS`].
    pub kinds: Vec<ProbeKind>,
    /// A text a source with a character a target: `+` up, `x` down, `~` degraded, `?` unknown, and `.` where there is no pair.
    /// The last field that is always there, so that rows can be written on their own.
    pub states: Vec<String>,
    /// The latency of the pair, as [`PairState::latency`](super::PairState::latency) has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_seconds: Option<Vec<Vec<Option<f64>>>>,
    /// The part of the packets that did not come back, from 0 to 1, by the most telling check that counts them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss_ratio: Option<Vec<Vec<Option<f64>>>>,
    /// The interarrival jitter of the round trip, by the most telling check that measures one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interarrival_jitter_seconds: Option<Vec<Vec<Option<f64>>>>,
    /// Payload bits per second from the target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub download_bits_per_second: Option<Vec<Vec<Option<f64>>>>,
    /// Payload bits per second to the target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload_bits_per_second: Option<Vec<Vec<Option<f64>>>>,
    /// Hops to the target, itself counted: whole numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hops: Option<Vec<Vec<Option<f64>>>>,
    /// What 95 % of the round-trip times of the last hour were no longer than, of the most telling check of which that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round_trip_time_p95_seconds: Option<Vec<Vec<Option<f64>>>>,
    /// How long ago the most telling check ended that counts for the state of the pair, be it too long ago to count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_seconds: Option<Vec<Vec<Option<f64>>>>,
}

impl MatrixGrid {
    /// Most kinds of probes that are named.
    pub const MAX_KINDS: usize = 64;

    /// The grid of `grid` without its rows.
    pub(crate) fn without_rows(grid: &Grid<'_>, tally: Tally, kinds: BTreeSet<&ProbeKind>) -> Self {
        let members = grid.members();
        Self {
            at: grid.at(),
            state: ring_state(&members, tally),
            members,
            sources: grid.sources().to_vec(),
            targets: grid.targets().to_vec(),
            kinds: kinds.into_iter().cloned().collect(),
            states: Vec::new(),
            latency_seconds: None,
            loss_ratio: None,
            interarrival_jitter_seconds: None,
            download_bits_per_second: None,
            upload_bits_per_second: None,
            hops: None,
            round_trip_time_p95_seconds: None,
            age_seconds: None,
        }
    }

    fn rows(&mut self, value: GridValue) -> &mut Option<Vec<Vec<Option<f64>>>> {
        match value {
            GridValue::Latency => &mut self.latency_seconds,
            GridValue::Loss => &mut self.loss_ratio,
            GridValue::Jitter => &mut self.interarrival_jitter_seconds,
            GridValue::Download => &mut self.download_bits_per_second,
            GridValue::Upload => &mut self.upload_bits_per_second,
            GridValue::Hops => &mut self.hops,
            GridValue::P95 => &mut self.round_trip_time_p95_seconds,
            GridValue::Age => &mut self.age_seconds,
        }
    }
}

/// The part of the matrix that `filter` leaves in a dense form, with those `values`. A pair that its states or latencies leave out
/// is as if there were none.
#[must_use]
pub fn matrix_grid(
    snapshot: &MembersSnapshot,
    reports: &[Arc<ReceivedReport>],
    last_hour: &dyn LastHour,
    filter: &MatrixFilter,
    values: &[GridValue],
) -> MatrixGrid {
    let grid = Grid::new(snapshot, reports, filter);
    let mut lines = Lines::new(&grid, values, last_hour);
    let (mut states, mut rows) = (Vec::new(), vec![Vec::new(); values.len()]);
    for &source in grid.sources() {
        lines.turn_to(source);
        states.push(String::from_utf8_lossy(lines.states()).into_owned());
        for (rows, numbers) in rows.iter_mut().zip(lines.numbers()) {
            rows.push(numbers.to_vec());
        }
    }
    let (tally, kinds) = lines.end();
    let mut whole = MatrixGrid { states, ..MatrixGrid::without_rows(&grid, tally, kinds) };
    for (&value, rows) in values.iter().zip(rows) {
        *whole.rows(value) = Some(rows);
    }
    whole
}

#[cfg(test)]
mod tests;
