use super::{
    json::{Failure, Json},
    query::{NoParameters, Query},
};
use crate::{registry::RegistryEngine, wire::ScrapeTarget};
use axum::{
    extract::State,
    http::{HeaderMap, header},
};

/// Answers `GET /api/v1/sd`: the active members, for Prometheus. While the store is away they are those that were known last,
/// and the header `Age` says for how long.
pub(super) async fn sd(
    State(registry): State<RegistryEngine>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<(HeaderMap, Json<Vec<ScrapeTarget>>), Failure> {
    let listing = registry.listing().await?;
    let targets = listing.snapshot.members.iter().filter_map(|(member, status)| ScrapeTarget::of(member, *status));
    let mut headers = HeaderMap::new();
    if let Some(since) = listing.stale_since {
        headers.insert(header::AGE, registry.now().since(since).as_secs().into());
    }
    Ok((headers, Json(targets.collect())))
}
