use super::guard::guard;
use crate::wire::path;
use axum::{Router, http::header, routing::get};

/// Prometheus text, exposition format 0.0.4.
pub(super) const METRICS_CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// `/metrics` of a registry: Prometheus text, as `metrics` writes it when it is asked, to be merged with
/// [`registry_router`](super::registry_router).
pub fn metrics_router<F, W>(metrics: F) -> Router
where
    F: Fn() -> W + Clone + Send + Sync + 'static,
    W: Future<Output = String> + Send + 'static,
{
    let answer = move || async move { ([(header::CONTENT_TYPE, METRICS_CONTENT_TYPE)], metrics().await) };
    guard(Router::new().route(path::METRICS, get(answer)))
}
