use crate::{analysis::Fault, model::Timestamp};
use serde::{Deserialize, Serialize};

/// `GET /api/v1/faults`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct FaultsResponse {
    /// When this was so: the time of the last round of judging.
    pub at: Timestamp,
    /// Where the registry cannot reach its store: that nothing newer is known since then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale_since: Option<Timestamp>,
    /// What is at fault, the oldest first.
    pub open: Vec<Fault>,
    /// What was at fault a short while ago, the newest first.
    pub closed: Vec<Fault>,
}
