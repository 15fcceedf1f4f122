//! `GET /api/v1/topology`, as JSON and as a picture, and `GET /api/v1/topology/path`.

use super::{
    json::{Failure, Json},
    query::{NoParameters, Query},
    shared::{Shared, unmade},
    turns::Turns,
};
use crate::{
    analysis::{PathComparison, Topology, topology_svg},
    model::InstanceId,
    registry::{RegistryEngine, RegistryError},
};
use axum::{
    body::Bytes,
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use std::{sync::Arc, time::Duration};
use tokio::task::spawn_blocking;

/// However long a graph takes to make, it serves for no longer than this: members trace every few minutes.
const FRESH_AT_MOST: Duration = Duration::from_secs(20);
/// So many paths are looked up at once: each takes the reports of the whole ring from the store.
const LOOKUPS: usize = 2;

/// Answers all about the topology. The graph is made once for all who ask at about the same time, and so are its JSON and its
/// picture.
#[derive(Debug, Clone)]
pub(super) struct SharedTopology {
    graph: Shared<Arc<Topology>>,
    json: Shared<Bytes>,
    picture: Shared<Bytes>,
    lookups: Turns,
}

impl Default for SharedTopology {
    fn default() -> Self {
        Self {
            graph: Shared::new(FRESH_AT_MOST),
            json: Shared::new(FRESH_AT_MOST),
            picture: Shared::new(FRESH_AT_MOST),
            lookups: Turns::new(LOOKUPS),
        }
    }
}

/// Whose paths are asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ends {
    source: InstanceId,
    target: InstanceId,
}

impl SharedTopology {
    pub(super) async fn answer(
        self,
        registry: RegistryEngine,
        Query(NoParameters {}): Query<NoParameters>,
    ) -> Result<Response, Failure> {
        let write = |graph: Arc<Topology>| serde_json::to_vec(&*graph).map_err(unmade);
        let body = self.json.get(|| made(self.graph, registry, write)).await?;
        Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
    }

    pub(super) async fn draw(
        self,
        registry: RegistryEngine,
        Query(NoParameters {}): Query<NoParameters>,
    ) -> Result<Response, Failure> {
        let draw = |graph: Arc<Topology>| Ok(topology_svg(&graph).into_bytes());
        let body = self.picture.get(|| made(self.graph, registry, draw)).await?;
        // A picture that is opened by itself is a document, with names of strangers in it.
        const HEADERS: [(HeaderName, &str); 3] = [
            (header::CONTENT_TYPE, "image/svg+xml"),
            (header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ];
        Ok((HEADERS, body).into_response())
    }

    pub(super) async fn between(
        self,
        registry: RegistryEngine,
        Query(Ends { source, target }): Query<Ends>,
    ) -> Result<Json<PathComparison>, Failure> {
        if source == target {
            return Err(Failure::bad_request("target: must be another member than source"));
        }
        let (engine, ends) = (registry.clone(), [source.clone(), target.clone()]);
        let look_up = async move { engine.path_between(&ends[0], &ends[1]).await };
        match self.lookups.run(look_up).await? {
            Some(comparison) => Ok(Json(comparison)),
            None => Err(unknown(&registry, &source, &target).await?),
        }
    }
}

/// Makes what `write` makes of the graph.
async fn made(
    graph: Shared<Arc<Topology>>,
    registry: RegistryEngine,
    write: impl FnOnce(Arc<Topology>) -> Result<Vec<u8>, RegistryError> + Send + 'static,
) -> Result<Bytes, Failure> {
    let graph = graph.get(|| async move { Ok(Arc::new(registry.topology().await?)) }).await?;
    Ok(spawn_blocking(move || write(graph)).await.map_err(unmade)??.into())
}

/// Says who is not in the ring.
async fn unknown(
    registry: &RegistryEngine,
    source: &InstanceId,
    target: &InstanceId,
) -> Result<Failure, RegistryError> {
    let snapshot = registry.members().await?;
    let known = |id: &InstanceId| snapshot.members.iter().any(|(member, _)| member.instance_id == *id);
    let (name, id) = if known(source) { ("target", target) } else { ("source", source) };
    Ok(Failure::new(StatusCode::NOT_FOUND, format!("{name}: there is no member {id:?}")))
}
