use super::{
    events::events,
    faults::{expected, faults},
    guard::guard,
    history::Histories,
    json::{Failure, Json},
    matrix::{MatrixQuery, SharedMatrix},
    members::SharedMembers,
    openapi,
    query::Query,
    sd::sd,
    stream::Streams,
    topology::SharedTopology,
};
use crate::{
    model::{MemberReport, Registration},
    registry::{RegistryEngine, RegistryError},
    store::StoreError,
    wire::{
        Ack, AckResponse, AnalysisHealth, MemberRef, RegisterRequest, RegisterResponse, RegistryHealth,
        legacy::LegacyReport, path,
    },
};
use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};

/// What a registry answers over HTTP. Its event streams end when [`RegistryEngine::run`] does, so that they hold no graceful
/// shutdown up.
pub fn registry_router(registry: RegistryEngine) -> Router {
    let topology = SharedTopology::default();
    let (picture, paths) = (topology.clone(), topology.clone());
    let histories = Histories::default();
    let (matrix, members, streams) = (SharedMatrix::default(), SharedMembers::default(), Streams::default());
    // What the members send has a bound of its own: nobody keeps them away by asking for other things.
    let of_members = Router::new()
        .route(path::REGISTER, post(register))
        .route(path::HEARTBEAT, post(heartbeat))
        .route(path::DEREGISTER, post(deregister))
        .route(path::MEMBERS, get(move |State(registry), headers| members.answer(registry, headers)))
        .route(path::LEGACY_REPORT, post(legacy_report))
        .route(path::REPORT, post(report))
        .route(path::HEALTH, get(health))
        .with_state(registry.clone());
    let of_others = Router::new()
        .route(path::HISTORY, get(move |State(registry), query| histories.answer(registry, query)))
        .route(path::FAULTS, get(faults))
        .route(path::EXPECTED, get(expected))
        .route(path::SERVICE_DISCOVERY, get(sd))
        .route(path::TOPOLOGY, get(move |State(registry), query| topology.answer(registry, query)))
        .route(path::TOPOLOGY_SVG, get(move |State(registry), query| picture.draw(registry, query)))
        .route(path::TOPOLOGY_PATH, get(move |State(registry), query| paths.between(registry, query)))
        .route(
            path::MATRIX,
            get(move |State(registry), Query(query): Query<MatrixQuery>, headers| {
                matrix.answer(registry, query, headers)
            }),
        )
        .route(path::EVENTS, get(events))
        .route(
            path::STREAM,
            get(move |State(registry), headers, from, query| streams.answer(registry, headers, from, query)),
        )
        .route(path::OPENAPI, get(openapi::answer))
        .with_state(registry);
    guard(of_members).merge(guard(of_others))
}

type Answer<T> = Result<Json<T>, Failure>;

async fn register(
    State(registry): State<RegistryEngine>,
    Json(body): Json<RegisterRequest>,
) -> Answer<RegisterResponse> {
    let member = registry.register(Registration::try_from(body)?).await?;
    Ok(Json(RegisterResponse { instance_id: member.instance_id, status: Ack::Registered }))
}

async fn heartbeat(State(registry): State<RegistryEngine>, Json(body): Json<MemberRef>) -> Answer<AckResponse> {
    registry.heartbeat(&body.instance_id).await?;
    Ok(Json(AckResponse { status: Ack::Ok }))
}

async fn deregister(State(registry): State<RegistryEngine>, Json(body): Json<MemberRef>) -> Answer<AckResponse> {
    registry.deregister(&body.instance_id).await?;
    Ok(Json(AckResponse { status: Ack::Deregistered }))
}

async fn report(State(registry): State<RegistryEngine>, Json(body): Json<MemberReport>) -> Answer<AckResponse> {
    registry.report(body).await?;
    Ok(Json(AckResponse { status: Ack::Ok }))
}

async fn legacy_report(State(registry): State<RegistryEngine>, Json(body): Json<LegacyReport>) -> Answer<AckResponse> {
    let listing = registry.listing().await?;
    let members = listing.snapshot.members.iter().map(|(member, _)| member);
    let report = body.into_report(members, registry.now()).ok_or_else(|| match listing.stale_since {
        None => StoreError::NotFound,
        // It may have come since, at another registry.
        Some(_) => StoreError::Unavailable { operation: "list the members", source: "the last list is stale".into() },
    });
    let report = report.map_err(RegistryError::Store)?;
    registry.report(report).await?;
    Ok(Json(AckResponse { status: Ack::Ok }))
}

async fn health(State(registry): State<RegistryEngine>) -> Response {
    let loops = registry.loops();
    let stuck =
        loops.iter().find(|turns| !turns.healthy).map(|turns| format!("the loop {:?} does not turn", turns.name));
    let away = registry.ping().await.err().map(|error| match error {
        RegistryError::Store(error) => error.with_reason(),
        error => error.to_string(),
    });
    let error = away.or(stuck);
    let status = if error.is_none() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let health = RegistryHealth {
        status: error.is_none().into(),
        version: crate::VERSION.to_owned(),
        component: "registry".to_owned(),
        timestamp: registry.now(),
        error,
        store: registry.store_contact(),
        analysis: analysis(&registry),
        webhooks: registry.webhook_health(),
        loops,
    };
    (status, Json(health)).into_response()
}

/// By the last round: to ask how a registry is makes none.
fn analysis(registry: &RegistryEngine) -> AnalysisHealth {
    let view = registry.last_view();
    let view = view.as_deref();
    AnalysisHealth {
        leading: registry.leads(),
        rounds: view.map_or(0, |view| view.round),
        last_round_at: view.map(|view| view.at),
        faults_open: view.map_or(0, |view| view.open.len()),
        history: view.map(|view| view.history),
    }
}
