use super::{
    bodies::{LargeBodies, Parts},
    guard::guard,
    json::Failure,
    shared::Shared,
};
use crate::wire::path;
use axum::{
    Router,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};
use std::time::Duration;

/// Prometheus text, exposition format 0.0.4.
pub(super) const METRICS_CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// However long they take to write, they serve for no longer than this.
const FRESH_AT_MOST: Duration = Duration::from_secs(2);

/// `/metrics` of a registry: Prometheus text, as `metrics` writes it when it is asked, to be merged with
/// [`registry_router`](super::registry_router). They are written once at a time, and shared by all who ask at about the same time:
/// for up to four times as long as that took, and 2 s at most.
pub fn metrics_router<F, W>(metrics: F) -> Router
where
    F: Fn() -> W + Clone + Send + Sync + 'static,
    W: Future<Output = String> + Send + 'static,
{
    let (shared, bodies) = (Shared::new(FRESH_AT_MOST), LargeBodies::default());
    let answer = move || async move {
        let write = move || async move { Ok(Parts::of(metrics().await.into_bytes())) };
        let text: Parts = shared.get(write).await?;
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static(METRICS_CONTENT_TYPE)),
            (header::CONTENT_LENGTH, text.length().into()),
        ];
        Ok::<Response, Failure>((headers, bodies.body(&text)?).into_response())
    };
    guard(Router::new().route(path::METRICS, get(answer)))
}
