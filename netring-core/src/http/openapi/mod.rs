//! `GET /openapi.json`: what a registry answers, as OpenAPI 3.1.
//!
//! To add a route: give its types `#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]` (a duration in seconds needs
//! `#[cfg_attr(feature = "http", schema(value_type = f64))]`), add a line to [`routes`], and mount it in
//! `http/registry.rs`. The tests fail where a path of [`wire::path`](crate::wire::path) or of the router is not in the
//! document, where one in the document is not in the router, where a parameter that the router takes is not in the document or the
//! other way round, and where an answer is not as its schema says.

mod kind_of;
mod route;
mod routes;
#[cfg(test)]
mod tests;

use self::routes::routes;
use axum::{
    body::Bytes,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use std::sync::LazyLock;
use utoipa::openapi::{ComponentsBuilder, Info, License, OpenApi, OpenApiBuilder, Paths};

/// The document, as it is written.
static WRITTEN: LazyLock<Bytes> = LazyLock::new(|| serde_json::to_vec(&document()).unwrap_or_default().into());

pub(super) async fn answer() -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], WRITTEN.clone()).into_response()
}

fn document() -> OpenApi {
    let mut info = Info::new("netring registry", crate::VERSION);
    info.description = Some(
        "Keeps a ring of members that probe each other, and says what they see. Durations are in seconds, times in seconds \
         since 1970. What is not 2xx has a body with what is wrong."
            .to_owned(),
    );
    info.license = Some(License::new("MIT OR Apache-2.0"));
    let (mut paths, mut components) = (Paths::new(), ComponentsBuilder::new());
    for route in routes() {
        components = components.schemas_from_iter(route.schemas);
        paths.add_path_operation(route.path, vec![route.method], route.operation);
    }
    OpenApiBuilder::new().info(info).paths(paths).components(Some(components.build())).build()
}
