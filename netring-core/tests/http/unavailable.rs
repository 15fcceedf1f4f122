//! A registry whose store does not work, or has no room.

use crate::ring::{Registry, registration};
use axum::http::{StatusCode, header};
use netring_core::{
    MemoryStore, Outcome, StoreError,
    testing::{
        MockMemberStore,
        sample::{NOW, report, result},
    },
};
use serde_json::json;

fn unavailable() -> StoreError {
    StoreError::Unavailable { operation: "ask the store", source: "password 12345 is wrong".into() }
}

fn broken() -> Registry {
    let mut store = MockMemberStore::new();
    store.expect_register().returning(|_, _| Err(unavailable()));
    store.expect_heartbeat().returning(|_, _| Err(unavailable()));
    store.expect_deregister().returning(|_, _| Err(unavailable()));
    store.expect_members().returning(|| Err(unavailable()));
    store.expect_put_report().returning(|_| Err(unavailable()));
    store.expect_reports().returning(|| Err(unavailable()));
    store.expect_ping().returning(|| Err(unavailable()));
    Registry::with_store(store)
}

#[tokio::test]
async fn every_call_says_that_the_store_is_out_of_reach_and_when_to_come_again() {
    let registry = broken();
    let own_report = serde_json::to_value(report("a", vec![result("b", Outcome::Success)])).unwrap();
    let member = json!({"instance_id": "a"});
    let answers = [
        registry.post("/register", &registration("a")).await,
        registry.post("/heartbeat", &member).await,
        registry.post("/deregister", &member).await,
        registry.get("/members").await,
        registry.post("/report_metrics", &json!({"instance_id": "a", "metrics": {}})).await,
        registry.post("/api/v1/report", &own_report).await,
        registry.get("/api/v1/matrix").await,
    ];
    for answer in answers {
        answer.assert_error(StatusCode::SERVICE_UNAVAILABLE, "the member store is out of reach: cannot ask the store");
        assert_eq!(answer.header(header::RETRY_AFTER), "1");
        assert!(!answer.json().to_string().contains("12345"), "what the store said is nothing for strangers");
    }
}

#[tokio::test]
async fn health_says_that_the_store_is_out_of_reach() {
    let answer = broken().get("/health").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    let health = answer.json();
    assert_eq!((&health["status"], &health["component"]), (&json!("unhealthy"), &json!("registry")));
    let error = "the member store is out of reach: cannot ask the store: password 12345 is wrong";
    assert_eq!(health["error"], error, "it is for who runs it");
    assert_eq!(health["store"], json!({"in_reach": false, "since": NOW.as_unix_seconds_f64(), "error": error}));
    assert!(health["timestamp"].is_f64() && health["version"].is_string(), "{health}");
}

#[tokio::test]
async fn a_bad_request_is_a_bad_request_all_the_same() {
    broken().post("/register", &json!({})).await.assert_error(StatusCode::BAD_REQUEST, "location");
}

#[tokio::test]
async fn a_full_registry_turns_newcomers_away_and_keeps_the_others() {
    let registry = Registry::with_store(MemoryStore::with_limit(1));
    registry.join("a").await;
    let answer = registry.post("/register", &registration("b")).await;
    answer.assert_error(StatusCode::SERVICE_UNAVAILABLE, "full: it keeps at most 1 members");
    assert_eq!(answer.header(header::RETRY_AFTER), "1");
    registry.join("a").await;
    assert_eq!(registry.get("/health").await.status, StatusCode::OK, "a full registry works");
}
