use crate::{analysis::RingEvent, model::Timestamp, registry::PairChange};
use serde::{Deserialize, Serialize};

/// `GET /api/v1/events`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct EventsResponse {
    /// The newest of those that were asked for, the oldest of them first.
    pub events: Vec<RingEvent>,
    /// The id of the newest event that is kept, whatever was asked for; 0 where there is none. From here on
    /// `GET /api/v1/stream` tells what comes.
    pub last_id: u64,
}

/// What `GET /api/v1/stream` says of a round of judging in which the state of a pair changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct MatrixChanges {
    /// When it was made.
    pub at: Timestamp,
    /// What changed; of many only the first.
    pub changes: Vec<PairChange>,
    /// How many pairs changed. Where that is more than there are `changes`, the matrix has to be loaded.
    pub changes_total: usize,
}

/// What `GET /api/v1/stream` says where events are missing that who reads has asked for: all has to be loaded anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct StreamReset {
    /// The id of the event from which on the stream goes on.
    pub last_id: u64,
}
