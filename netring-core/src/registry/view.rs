use super::MembersSnapshot;
use crate::{
    analysis::{ExpectedReport, Fault, HistoryHealth, PairRef, State},
    model::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What one round of judging came to, for all who look at it.
#[derive(Debug, Clone)]
pub struct View {
    /// When it was made.
    pub at: Timestamp,
    /// Counts the rounds of this registry, from 1 on.
    pub round: u64,
    /// Who is in the ring.
    pub snapshot: Arc<MembersSnapshot>,
    /// Whether this registry is the one of the ring that says what is at fault; the others show what it says.
    pub leading: bool,
    /// What is at fault, the oldest first.
    pub open: Arc<[Fault]>,
    /// What was at fault a short while ago, the newest first.
    pub closed: Arc<[Fault]>,
    /// Which members should be there, and which are, where that is configured.
    pub expected: Option<Arc<ExpectedReport>>,
    /// How full the memory for the past of all pairs was a few seconds ago.
    pub history: HistoryHealth,
    /// The id of the newest event.
    pub last_event: u64,
    /// What changed in the matrix since the round before; the first [`View::MAX_CHANGES`] of it.
    pub changes: Arc<[PairChange]>,
    /// How many pairs changed.
    pub changes_total: usize,
}

impl View {
    /// Most changes that a view names.
    pub const MAX_CHANGES: usize = 1_000;

    /// One of a ring in which nothing is at fault and nothing has happened.
    #[must_use]
    pub fn new(snapshot: Arc<MembersSnapshot>) -> Self {
        Self {
            at: snapshot.at,
            round: 1,
            snapshot,
            leading: false,
            open: Arc::new([]),
            closed: Arc::new([]),
            expected: None,
            history: HistoryHealth::default(),
            last_event: 0,
            changes: Arc::new([]),
            changes_total: 0,
        }
    }
}

/// A pair whose state has changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct PairChange {
    /// Which pair.
    #[serde(flatten)]
    pub pair: PairRef,
    /// What it was.
    pub before: State,
    /// What it is.
    pub state: State,
}
