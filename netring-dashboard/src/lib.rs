//! The page of a registry: members, matrix, faults, topology and events, for a person to look at.
//!
//! It is a pure client of the registry's JSON API and of its event stream: whatever it shows can be had by `curl` too.
//! The page and all that it needs is embedded in the program; nothing is asked of any other host.
//!
//! # The smallest complete program
//!
//! A page with no registry behind it; it says that it cannot reach one.
//!
//! ```no_run
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> std::io::Result<()> {
//!     let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
//!     axum::serve(listener, netring_dashboard::router()).await
//! }
//! ```
//!
//! In a service that has a registry, the page belongs beside the registry's own paths, so that it finds them:
//!
//! ```text
//! let registry = RegistryEngine::builder(store).build();
//! let service = registry_router(registry).merge(netring_dashboard::router());
//! ```
//!
//! # Under a path of its own
//!
//! The page asks for everything by addresses relative to its own, so that it works behind a proxy that adds a path, and
//! nested in a service. Only the slash at the end matters, as it does for every relative address: nest it at `/ring/`,
//! and send whoever comes to `/ring` there.
//!
//! ```
//! # use axum::{Router, response::Redirect, routing::get};
//! # let registry_router = Router::new();
//! let service: Router = Router::new()
//!     .route("/ring", get(|| async { Redirect::permanent("ring/") }))
//!     .nest("/ring/", registry_router.merge(netring_dashboard::router()));
//! ```
//!
//! # Debug builds
//!
//! Without optimisation the files are read from the folder they were compiled from at each request, so that a change to
//! the page shows when it is loaded anew. A release build has them inside. The feature `debug-embed` of `rust-embed` puts
//! them inside always.

mod files;
mod headers;
mod media;
mod negotiation;
mod site;
#[cfg(test)]
mod tests;

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
    routing::get,
};
use site::Site;
use std::sync::Arc;

/// The page at `/`, and what it is made of below `/assets/`.
///
/// Each answer has a strong `ETag` and is compressed by gzip where the client takes that. Its `Content-Security-Policy`
/// lets the page load and ask nothing but what comes from where it came from itself. What is not there is answered with
/// 404 and an error in JSON, as the registry does.
pub fn router() -> Router {
    Router::new()
        .route("/", get(page))
        .route("/assets/{*path}", get(asset))
        .method_not_allowed_fallback(no_such_method)
        .with_state(Arc::new(Site::default()))
}

async fn page(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    site.answer(files::PAGE, &headers)
}

async fn asset(State(site): State<Arc<Site>>, Path(path): Path<String>, headers: HeaderMap) -> Response {
    // It is at `/`, and there alone: its own addresses are relative to that.
    if path == files::PAGE { site::nothing_here() } else { site.answer(&path, &headers) }
}

async fn no_such_method() -> Response {
    site::failure(StatusCode::METHOD_NOT_ALLOWED, "this path does not take this method")
}
