use super::{
    bodies::{LargeBodies, Parts},
    guard::guard,
    json::Failure,
    negotiation::accepts_gzip,
    shared::{Shared, unmade},
};
use crate::wire::{gzip::gzip_parts, path};
use axum::{
    Router,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};
use std::{sync::Arc, time::Duration};
use tokio::{sync::OnceCell, task::spawn_blocking};

/// Prometheus text, exposition format 0.0.4.
const METRICS_CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// However long they take to write, they serve for no longer than this.
const FRESH_AT_MOST: Duration = Duration::from_secs(2);

/// `/metrics` of a registry: Prometheus text, as `metrics` writes it when it is asked, to be merged with
/// [`registry_router`](super::registry_router); a member's router has its own. They are written once at a time, and shared by all who ask at about the same time:
/// for up to four times as long as that took, and 2 s at most. Who accepts gzip gets them so.
pub fn metrics_router<F, W>(metrics: F) -> Router
where
    F: Fn() -> W + Clone + Send + Sync + 'static,
    W: Future<Output = String> + Send + 'static,
{
    shared_metrics(move || {
        let writing = metrics();
        async move { Ok(writing.await) }
    })
}

/// The same of metrics that may fail to be written.
pub(super) fn shared_metrics<F, W>(metrics: F) -> Router
where
    F: Fn() -> W + Clone + Send + Sync + 'static,
    W: Future<Output = Result<String, Failure>> + Send + 'static,
{
    let (shared, bodies) = (Shared::new(FRESH_AT_MOST), LargeBodies::default());
    let answer = move |request: HeaderMap| async move {
        let write = move || async move { Ok(Arc::new(Written::new(metrics().await?))) };
        let written: Arc<Written> = shared.get(write).await?;
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(METRICS_CONTENT_TYPE));
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        let body = if accepts_gzip(&request) {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            written.compressed().await?
        } else {
            &written.text
        };
        headers.insert(header::CONTENT_LENGTH, body.length().into());
        Ok::<Response, Failure>((headers, bodies.body(body)?).into_response())
    };
    guard(Router::new().route(path::METRICS, get(answer)))
}

/// Metrics as they are sent.
#[derive(Debug)]
struct Written {
    text: Parts,
    /// By gzip, once somebody has asked for that.
    gzip: OnceCell<Parts>,
}

impl Written {
    fn new(text: String) -> Self {
        Self { text: Parts::of(text.into_bytes()), gzip: OnceCell::new() }
    }

    async fn compressed(&self) -> Result<&Parts, Failure> {
        let compress = async || {
            let text = self.text.clone();
            let compressed =
                spawn_blocking(move || gzip_parts(text.as_slice())).await.map_err(unmade)?.map_err(unmade)?;
            Ok(Parts::new(compressed.into_iter().map(Into::into)))
        };
        self.gzip.get_or_try_init(compress).await
    }
}
