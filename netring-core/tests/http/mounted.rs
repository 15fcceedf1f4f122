//! The routers inside somebody's own service.

use crate::{
    member::idle,
    ring::{Registry, ask},
};
use axum::{Router, body::Body, http::StatusCode, routing::get};
use netring_core::http::member_router;
use serde_json::json;

fn own() -> Router {
    Router::new().route("/own", get(|| async { "my own" }))
}

#[tokio::test]
async fn a_registry_stands_beside_a_hosts_own_paths() {
    let router = own().merge(Registry::new().router);
    assert_eq!(ask(&router, "GET", "/own", Body::empty()).await.body, b"my own");
    ask(&router, "GET", "/members", Body::empty()).await.assert(StatusCode::OK, &json!({"members": []}));
}

#[tokio::test]
async fn a_registry_and_a_member_stand_under_paths_of_their_own() {
    let router = own().nest("/registry", Registry::new().router).nest("/member", member_router(idle()).build());
    assert_eq!(ask(&router, "GET", "/own", Body::empty()).await.body, b"my own");
    let components: Vec<_> = [
        ask(&router, "GET", "/registry/health", Body::empty()).await.json()["component"].clone(),
        ask(&router, "GET", "/member/health", Body::empty()).await.json()["component"].clone(),
    ]
    .into();
    assert_eq!(components, ["registry", "member"]);
    for path in ["/registry/x", "/member/x"] {
        ask(&router, "GET", path, Body::empty()).await.assert_error(StatusCode::NOT_FOUND, "nothing at this path");
    }
    let elsewhere = ask(&router, "GET", "/x", Body::empty()).await;
    assert_eq!((elsewhere.status, elsewhere.body), (StatusCode::NOT_FOUND, vec![]), "a host's own 404 stays its own");
}
