use super::{
    json::{Failure, Json},
    query::Query,
};
use crate::{analysis::PairHistory, model::InstanceId, registry::RegistryEngine};
use axum::{extract::State, http::StatusCode};
use serde::Deserialize;

/// Which pair is asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HistoryQuery {
    source: InstanceId,
    target: InstanceId,
}

/// Answers `GET /api/v1/history`.
pub(super) async fn history(
    State(registry): State<RegistryEngine>,
    Query(HistoryQuery { source, target }): Query<HistoryQuery>,
) -> Result<Json<PairHistory>, Failure> {
    match registry.history(&source, &target) {
        Some(history) => Ok(Json(history)),
        None => Err(Failure::new(
            StatusCode::NOT_FOUND,
            format!(
                "nothing is remembered of how {source} reaches {target}: source or target is not in the ring, or not probed"
            ),
        )),
    }
}
