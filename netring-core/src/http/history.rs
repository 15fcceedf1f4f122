use super::{
    json::{Failure, Json},
    query::Query,
    turns::Turns,
};
use crate::{
    analysis::PairHistory,
    model::InstanceId,
    registry::{RegistryEngine, blocking},
};
use axum::http::StatusCode;
use serde::Deserialize;

/// Which pair is asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HistoryQuery {
    source: InstanceId,
    target: InstanceId,
}

/// So many are looked up at once.
const LOOKUPS: usize = 4;

/// Answers `GET /api/v1/history`.
#[derive(Debug, Clone)]
pub(super) struct Histories(Turns);

impl Default for Histories {
    fn default() -> Self {
        Self(Turns::new(LOOKUPS))
    }
}

impl Histories {
    pub(super) async fn answer(
        self,
        registry: RegistryEngine,
        Query(HistoryQuery { source, target }): Query<HistoryQuery>,
    ) -> Result<Json<PairHistory>, Failure> {
        let pair = [source.clone(), target.clone()];
        // It waits while a round of judging writes; others are to be answered meanwhile.
        let look_up = blocking("look a history up", move || Ok(registry.history(&pair[0], &pair[1])));
        match self.0.run(look_up).await? {
            Some(history) => Ok(Json(history)),
            None => Err(Failure::new(
                StatusCode::NOT_FOUND,
                format!(
                    "nothing is remembered of how {source} reaches {target}: source or target is not in the ring, or not probed"
                ),
            )),
        }
    }
}
