use super::{MAX_BODY_BYTES, json::Failure};
use axum::{BoxError, Router, error_handling::HandleErrorLayer, extract::DefaultBodyLimit, http::StatusCode};
use std::time::Duration;
use tower::{ServiceBuilder, limit::GlobalConcurrencyLimitLayer, load_shed::error::Overloaded};

/// An answer that takes longer, up to its head, is given up. By then the body is there, or was given up before: it is not
/// the caller's fault.
const TIMEOUT: Duration = Duration::from_secs(10);
/// More requests at once than this are turned away, of those that one guard stands before.
const MAX_REQUESTS: usize = 1_024;

/// Answers with JSON where `router` has nothing at a path. Not a part of the routers, for in a service of somebody's own
/// that is for the service to say.
pub fn not_found_as_json(router: Router) -> Router {
    router.fallback(Failure::no_such_path)
}

/// Bounds what a router does for strangers.
pub(super) fn guard(router: Router) -> Router {
    bounded(router).layer(
        ServiceBuilder::new()
            .layer(HandleErrorLayer::new(turned_away))
            .load_shed()
            .layer(GlobalConcurrencyLimitLayer::new(MAX_REQUESTS))
            .timeout(TIMEOUT),
    )
}

/// The same for what bounds its time itself.
pub(super) fn guard_without_timeout(router: Router) -> Router {
    bounded(router).layer(
        ServiceBuilder::new()
            .layer(HandleErrorLayer::new(turned_away))
            .load_shed()
            .layer(GlobalConcurrencyLimitLayer::new(MAX_REQUESTS)),
    )
}

fn bounded(router: Router) -> Router {
    router.method_not_allowed_fallback(Failure::no_such_method).layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
}

async fn turned_away(error: BoxError) -> Failure {
    if error.is::<Overloaded>() {
        Failure::new(StatusCode::SERVICE_UNAVAILABLE, "too many requests at once")
    } else {
        Failure::new(StatusCode::SERVICE_UNAVAILABLE, format!("there is no answer within {TIMEOUT:?}"))
    }
}
