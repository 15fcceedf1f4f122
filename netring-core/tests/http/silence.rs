//! Time in which nobody could be heard is no silence of the members.

use crate::{
    faulty::{Fault, Faulty, REFUSING},
    ring::{Registry, registration},
};
use axum::http::{StatusCode, header};
use netring_core::{
    RegistryEngine,
    testing::sample::{NOW, report},
};
use serde_json::{Value, json};
use std::time::Duration;

pub(crate) const DAY: u64 = 86_400;

/// A registry with the members `a` and `b`, each at an address of its own.
pub(crate) async fn ring() -> (Registry, Faulty) {
    let store = Faulty::new();
    let registry = Registry::with_store(store.clone());
    for (id, port) in [("a", 1), ("b", 2)] {
        let mut body = registration(id);
        body["port"] = json!(port);
        assert_eq!(registry.post("/register", &body).await.status, StatusCode::OK);
    }
    registry.engine.members().await.unwrap();
    (registry, store)
}

pub(crate) fn later(registry: &Registry, seconds: u64) {
    registry.clock.advance(Duration::from_secs(seconds));
}

pub(crate) async fn beat(registry: &Registry, id: &str) -> StatusCode {
    registry.post("/heartbeat", &json!({"instance_id": id})).await.status
}

pub(crate) async fn statuses(engine: &RegistryEngine) -> Vec<String> {
    let members = engine.members().await.unwrap().members;
    members.into_iter().map(|(member, status)| format!("{} {status}", member.instance_id)).collect()
}

/// A store that is out of reach for so long.
pub(crate) async fn outage(registry: &Registry, store: &Faulty, seconds: u64) {
    store.both(REFUSING);
    assert_eq!(beat(registry, "a").await, StatusCode::SERVICE_UNAVAILABLE);
    later(registry, seconds);
    store.both(Fault::None);
}

#[tokio::test]
async fn a_registry_that_starts_on_old_records_gives_everybody_time_to_be_heard() {
    let (first, store) = ring().await;
    later(&first, 60);
    beat(&first, "a").await;
    later(&first, 10 * DAY);
    let engine = || RegistryEngine::builder(std::sync::Arc::new(store.clone())).clock(first.clock.clone()).build();
    let second = engine();
    assert_eq!(statuses(&second).await, ["a online", "b online"]);
    assert!(engine().sweep().await.unwrap().is_empty(), "nor does a registry that has not listed them yet remove any");
    later(&first, 31);
    assert_eq!(statuses(&second).await, ["a online", "b stale"], "it was silent for 60 s before");
    later(&first, 60);
    second.heartbeat(&"a".to_owned().try_into().unwrap()).await.unwrap();
    assert_eq!(statuses(&second).await, ["a online", "b stale"]);
    later(&first, 150);
    assert_eq!(statuses(&second).await, ["a stale", "b offline"]);
    second.heartbeat(&"a".to_owned().try_into().unwrap()).await.unwrap();
    later(&first, 20);
    let third = engine();
    assert_eq!(statuses(&third).await, ["a online", "b offline"], "beside it another registry has nothing to forgive");
}

#[tokio::test]
async fn an_outage_of_the_store_is_no_silence() {
    let (registry, store) = ring().await;
    later(&registry, 40);
    outage(&registry, &store, 5_000).await;
    assert_eq!(beat(&registry, "a").await, StatusCode::OK, "this one is heard before the members are listed");
    assert_eq!(statuses(&registry.engine).await, ["a online", "b online"]);
    later(&registry, 50);
    assert_eq!(statuses(&registry.engine).await, ["a online", "b online"]);
    later(&registry, 1);
    assert_eq!(statuses(&registry.engine).await, ["a online", "b stale"]);
    outage(&registry, &store, 5_000).await;
    assert_eq!(registry.get("/health").await.status, StatusCode::OK);
    assert_eq!(statuses(&registry.engine).await, ["a online", "b stale"], "both times count");
    later(&registry, 209);
    assert_eq!(statuses(&registry.engine).await, ["a stale", "b stale"]);
    later(&registry, 1);
    assert_eq!(statuses(&registry.engine).await, ["a stale", "b offline"]);
}

#[tokio::test]
async fn a_store_that_can_be_read_and_not_written_hears_nobody_either() {
    let (registry, store) = ring().await;
    store.writing(REFUSING);
    assert_eq!(beat(&registry, "a").await, StatusCode::SERVICE_UNAVAILABLE);
    for _ in 0..3 {
        later(&registry, 500);
        assert_eq!(statuses(&registry.engine).await, ["a online", "b online"]);
    }
    store.writing(Fault::None);
    later(&registry, 1);
    beat(&registry, "a").await;
    later(&registry, 91);
    assert_eq!(statuses(&registry.engine).await, ["a stale", "b stale"]);
}

#[tokio::test]
async fn what_another_registry_heard_meanwhile_is_believed() {
    let (registry, store) = ring().await;
    later(&registry, 60);
    outage(&registry, &store, 1_000).await;
    // It was out of reach for this registry alone.
    let other = RegistryEngine::builder(std::sync::Arc::new(store.clone())).clock(registry.clock.clone()).build();
    other.heartbeat(&"a".to_owned().try_into().unwrap()).await.unwrap();
    later(&registry, 20);
    assert_eq!(statuses(&registry.engine).await, ["a online", "b offline"]);
}

#[tokio::test]
async fn health_says_since_when_the_store_is_out_of_reach_and_why() {
    let (registry, store) = ring().await;
    let contact = async |registry: &Registry| -> (StatusCode, Value) {
        let answer = registry.get("/health").await;
        (answer.status, answer.json()["store"].clone())
    };
    let (since, later_on) = (NOW.as_unix_seconds_f64(), (NOW + Duration::from_secs(110)).as_unix_seconds_f64());
    assert_eq!(contact(&registry).await, (StatusCode::OK, json!({"in_reach": true, "since": since})));
    later(&registry, 10);
    outage(&registry, &store, 50).await;
    store.both(REFUSING);
    let error = "the member store is out of reach: cannot ask the store: password 12345 is wrong";
    let away = json!({"in_reach": false, "since": since + 10.0, "error": error});
    assert_eq!(contact(&registry).await, (StatusCode::SERVICE_UNAVAILABLE, away));
    store.both(Fault::None);
    later(&registry, 50);
    assert_eq!(contact(&registry).await, (StatusCode::OK, json!({"in_reach": true, "since": later_on})));
}

#[tokio::test]
async fn what_cannot_be_written_is_to_be_tried_again() {
    let (registry, store) = ring().await;
    store.writing(REFUSING);
    let member = json!({"instance_id": "a"});
    let answers = [
        registry.post("/register", &registration("a")).await,
        registry.post("/heartbeat", &member).await,
        registry.post("/deregister", &member).await,
        registry.post("/report_metrics", &json!({"instance_id": "a", "metrics": {}})).await,
    ];
    for answer in answers {
        answer.assert_error(StatusCode::SERVICE_UNAVAILABLE, "the member store is out of reach: cannot ask the store");
        assert_eq!(answer.header(header::RETRY_AFTER), "1");
        assert!(!answer.json().to_string().contains("12345"), "what the store said is nothing for strangers");
    }
    assert_eq!(registry.get("/members").await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_fails_with_the_reports_makes_nobody_deaf() {
    let (registry, store) = ring().await;
    store.reports_only(REFUSING);
    let report = serde_json::to_value(report("a", vec![])).unwrap();
    for _ in 0..30 {
        later(&registry, 5);
        assert_eq!(registry.post("/api/v1/report", &report).await.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(registry.get("/api/v1/matrix").await.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(registry.engine.store_contact().in_reach, Some(false));
        later(&registry, 5);
        assert_eq!(beat(&registry, "a").await, StatusCode::OK);
        let contact = registry.engine.store_contact();
        assert_eq!((contact.in_reach, contact.since), (Some(false), NOW + Duration::from_secs(5)));
        statuses(&registry.engine).await;
    }
    assert_eq!(statuses(&registry.engine).await, ["a online", "b stale"]);
    later(&registry, 1);
    assert_eq!(statuses(&registry.engine).await, ["a online", "b offline"], "silent for as long as it is");
}
