use super::{
    json::{Failure, Json},
    query::{NoParameters, Query},
};
use crate::{
    analysis::{ExpectedReport, Fault, Symptom},
    registry::RegistryEngine,
    wire::FaultsResponse,
};
use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use std::sync::Arc;

/// Which faults are asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FaultsQuery {
    scope: Option<Scope>,
    symptom: Option<Symptom>,
}

/// The words of [`Subject::scope`](crate::analysis::Subject::scope).
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Scope {
    Target,
    Inbound,
    Source,
    Location,
    Partition,
    LocationPair,
    Direction,
    Pair,
    Kind,
    Router,
    Link,
}

impl Scope {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Target => "target",
            Self::Inbound => "inbound",
            Self::Source => "source",
            Self::Location => "location",
            Self::Partition => "partition",
            Self::LocationPair => "location_pair",
            Self::Direction => "direction",
            Self::Pair => "pair",
            Self::Kind => "kind",
            Self::Router => "router",
            Self::Link => "link",
        }
    }
}

/// Answers `GET /api/v1/faults`.
pub(super) async fn faults(
    State(registry): State<RegistryEngine>,
    Query(query): Query<FaultsQuery>,
) -> Result<Json<FaultsResponse>, Failure> {
    let view = registry.view().await?;
    let wanted = |fault: &&Fault| {
        query.scope.is_none_or(|scope| scope.as_str() == fault.subject.scope())
            && query.symptom.is_none_or(|symptom| symptom == fault.symptom)
    };
    let of = |faults: &[Fault]| faults.iter().filter(wanted).cloned().collect();
    let away = registry.store_contact().in_reach == Some(false);
    let stale_since = away.then_some(view.at);
    Ok(Json(FaultsResponse { at: view.at, stale_since, open: of(&view.open), closed: of(&view.closed) }))
}

/// Answers `GET /api/v1/expected`.
pub(super) async fn expected(
    State(registry): State<RegistryEngine>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Json<Arc<ExpectedReport>>, Failure> {
    let view = registry.view().await?;
    let Some(report) = &view.expected else {
        return Err(Failure::new(
            StatusCode::NOT_FOUND,
            "no members are expected: name them in a file, and the file in registry.expected_members.config_file",
        ));
    };
    Ok(Json(Arc::clone(report)))
}
