use super::{
    bandwidth::BandwidthTest,
    guard::{guard, guard_without_timeout},
    json::Json,
    metrics::shared_metrics,
    shared::unmade,
};
use crate::{
    member::MemberHandle,
    wire::{HealthStatus, path},
};
use axum::{
    Router,
    extract::Request,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use std::{fmt, sync::Arc};
use tokio::task::spawn_blocking;

/// What a member answers over HTTP, in the making.
#[must_use = "it is built by `build`"]
pub struct MemberRouter {
    member: MemberHandle,
    metrics: Arc<dyn Fn() -> String + Send + Sync>,
    bandwidth: BandwidthTest,
}

impl fmt::Debug for MemberRouter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemberRouter").field("member", &self.member).finish_non_exhaustive()
    }
}

/// What a member answers over HTTP: `/health`, `/metrics` and `/bandwidth_test`.
pub fn member_router(member: MemberHandle) -> MemberRouter {
    MemberRouter { member, metrics: Arc::new(String::new), bandwidth: BandwidthTest::default() }
}

impl MemberRouter {
    /// What `/metrics` answers: Prometheus text, as `metrics` writes it when it is asked. Empty unless set. It is shared as
    /// [`metrics_router`](super::metrics_router) does: in a large ring all others ask for it, and it tells of all others.
    pub fn metrics(mut self, metrics: impl Fn() -> String + Send + Sync + 'static) -> Self {
        self.metrics = Arc::new(metrics);
        self
    }

    /// The most that one `/bandwidth_test` sends or takes, in MiB, whatever is asked for; 64 unless told otherwise: all that a
    /// [`BandwidthMode::Adaptive`](crate::model::BandwidthMode::Adaptive) test may want.
    pub fn max_bandwidth_test_mib(mut self, mib: u64) -> Self {
        self.bandwidth.max_mib = mib;
        self
    }

    /// How many of `/bandwidth_test` may run at once, downloads and uploads together; 2 unless told otherwise. The next is
    /// turned away with 503.
    ///
    /// Of more than one, an address (of IPv6 a /64) gets one at a time, where the router is served with the address of whoever
    /// asks, by axum's `into_make_service_with_connect_info::<SocketAddr>()`.
    pub fn max_bandwidth_tests(mut self, tests: usize) -> Self {
        self.bandwidth = BandwidthTest::new(self.bandwidth.max_mib, tests);
        self
    }

    /// The router.
    pub fn build(self) -> Router {
        let Self { member, metrics, bandwidth } = self;
        let (download, upload) = (bandwidth.clone(), bandwidth);
        let router = guard(Router::new().route(path::HEALTH, get(move || async move { health(&member) })));
        let metrics = shared_metrics(move || {
            let metrics = Arc::clone(&metrics);
            // Of a thousand members this takes some tens of milliseconds, in which no probe is to wait.
            async move { Ok(spawn_blocking(move || metrics()).await.map_err(unmade)?) }
        });
        // An upload is answered once all of it is there, which takes longer than any other answer may. It has bounds of its own.
        router.merge(metrics).merge(guard_without_timeout(
            Router::new().route(
                path::BANDWIDTH_TEST,
                get(move |request: Request| async move { download.download(&request) })
                    .post(move |request| upload.upload(request)),
            ),
        ))
    }
}

fn health(member: &MemberHandle) -> Response {
    let health = member.health();
    let status = match health.status {
        HealthStatus::Healthy => StatusCode::OK,
        HealthStatus::Unhealthy => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, Json(health)).into_response()
}
