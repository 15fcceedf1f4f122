//! `GET /members`, as a 1.x member reads it.

use crate::ring::{Registry, registration};
use axum::http::StatusCode;
use netring_core::{MemberStatus, testing::sample::NOW};
use serde_json::{Value, json};
use std::time::Duration;

const STARTED: u64 = NOW.as_unix_seconds();

async fn members(registry: &Registry) -> Vec<Value> {
    let answer = registry.get("/members").await;
    assert_eq!(answer.status, StatusCode::OK);
    let body = answer.json();
    assert_eq!(body.as_object().unwrap().keys().collect::<Vec<_>>(), ["members"]);
    body["members"].as_array().unwrap().clone()
}

fn entry(id: &str, last_seen: u64, status: &str, state: &str) -> Value {
    json!({
        "instance_id": id, "location": "eu1", "ip": "10.1.2.3", "port": 8757,
        "last_seen": last_seen, "registered_at": STARTED, "status": status, "state": state,
    })
}

#[tokio::test]
async fn an_empty_ring_is_an_empty_list() {
    assert!(members(&Registry::new()).await.is_empty());
}

#[tokio::test]
async fn every_field_has_the_name_and_type_of_1_x() {
    let registry = Registry::new();
    registry.clock.advance(Duration::from_millis(900));
    registry.join("a").await;
    registry.clock.advance(Duration::from_millis(10_200));
    registry.post("/heartbeat", &json!({"instance_id": "a"})).await;
    let listed = members(&registry).await;
    // Times are whole seconds, rounded down: an integer in JSON is not equal to a number with a fraction.
    assert_eq!(listed, [entry("a", STARTED + 11, "active", "online")]);
    registry.post("/deregister", &json!({"instance_id": "a"})).await;
    let mut gone = entry("a", STARTED + 11, "deregistered", "deregistered");
    gone["deregistered_at"] = json!(STARTED + 11);
    assert_eq!(members(&registry).await, [gone]);
}

#[tokio::test]
async fn a_member_that_grows_silent_is_active_until_its_time_to_live_is_over() {
    let registry = Registry::new();
    registry.join("a").await;
    for (silent, wanted) in [
        (90, Some(("active", "online"))),
        (91, Some(("active", "stale"))),
        (300, Some(("active", "stale"))),
        (301, None),
    ] {
        let so_far = registry.engine.now().since(NOW);
        registry.clock.advance(Duration::from_secs(silent) - so_far);
        let wanted: Vec<_> = wanted.map(|(status, state)| entry("a", STARTED, status, state)).into_iter().collect();
        assert_eq!(members(&registry).await, wanted, "silent for {silent} s");
    }
    let matrix = registry.get("/api/v1/matrix").await.json();
    assert_eq!(matrix["members"][0]["status"], "offline", "it is seen there all the same");
    registry.post("/heartbeat", &json!({"instance_id": "a"})).await;
    // A heartbeat is no change of the membership: it is seen in the next listing, at most a second later.
    registry.clock.advance(Duration::from_secs(1));
    assert_eq!(members(&registry).await, [entry("a", STARTED + 301, "active", "online")]);
}

#[tokio::test]
async fn a_member_that_says_its_own_heartbeat_interval_is_held_to_it() {
    let registry = Registry::new();
    let mut body = registration("a");
    body["heartbeat_interval_seconds"] = json!(1.5);
    registry.post("/register", &body).await;
    for state in ["online", "stale"] {
        registry.clock.advance(Duration::from_secs(3));
        if state == "online" {
            assert_eq!(members(&registry).await[0]["state"], state, "two intervals of silence");
            registry.clock.advance(Duration::from_millis(1));
        }
    }
    assert_eq!(members(&registry).await[0]["state"], "stale");
}

#[tokio::test]
async fn members_come_in_the_order_of_their_ids_and_with_what_they_registered() {
    let registry = Registry::new();
    for (id, ip, shown) in [("b", "2001:db8::1", "2001:db8::1"), ("a", "::ffff:10.9.8.7", "10.9.8.7")] {
        let body = json!({"instance_id": id, "location": "Zürich \"<b>\" \\", "ip": ip, "port": 65535});
        assert_eq!(registry.post("/register", &body).await.status, StatusCode::OK, "{shown}");
    }
    let listed = members(&registry).await;
    let shown: Vec<_> = listed.iter().map(|m| (&m["instance_id"], &m["ip"], &m["port"], &m["location"])).collect();
    let (location, port) = (json!("Zürich \"<b>\" \\"), json!(65535));
    assert_eq!(
        shown,
        [(&json!("a"), &json!("10.9.8.7"), &port, &location), (&json!("b"), &json!("2001:db8::1"), &port, &location)]
    );
}

#[tokio::test]
async fn who_was_started_again_under_a_new_id_is_no_ghost() {
    let registry = Registry::new();
    registry.join("killed").await;
    registry.clock.advance(Duration::from_secs(1));
    registry.join("again").await;
    let visible = async || -> Vec<String> {
        let members = registry.engine.members().await.unwrap().members;
        members.into_iter().map(|(member, status)| format!("{} {status}", member.instance_id)).collect()
    };
    assert_eq!(visible().await, ["again online", "killed online"], "two that are online are two");
    registry.clock.advance(Duration::from_secs(91));
    registry.post("/heartbeat", &json!({"instance_id": "again"})).await;
    assert_eq!(visible().await, ["again online"], "both have the same address");
    registry.clock.advance(Duration::from_secs(91));
    assert_eq!(visible().await, ["again stale"], "it does not come back when who replaced it is silent too");
    registry.post("/deregister", &json!({"instance_id": "again"})).await;
    assert_eq!(visible().await, ["again deregistered"]);
    registry.engine.sweep().await.unwrap();
    registry.clock.advance(Duration::from_secs(3_601));
    registry.engine.sweep().await.unwrap();
    assert_eq!(visible().await, [""; 0], "nor when that one is forgotten");
}

#[tokio::test]
async fn a_silent_member_is_replaced_neither_by_an_older_one_nor_from_another_location() {
    let registry = Registry::new();
    registry.join("older").await;
    registry.clock.advance(Duration::from_secs(1));
    registry.join("silent").await;
    registry.clock.advance(Duration::from_secs(1));
    let mut elsewhere = registration("elsewhere");
    elsewhere["location"] = json!("us1");
    registry.post("/register", &elsewhere).await;
    registry.clock.advance(Duration::from_secs(91));
    for id in ["older", "elsewhere"] {
        registry.post("/heartbeat", &json!({"instance_id": id})).await;
    }
    registry.engine.sweep().await.unwrap();
    let members = registry.engine.members().await.unwrap().members;
    let silent = members.iter().find(|(member, _)| member.instance_id.as_str() == "silent").unwrap();
    assert_eq!(silent.1, MemberStatus::Stale);
}
