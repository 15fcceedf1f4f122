//! The calls of 1.x: who registers, lives and leaves.

use crate::ring::{Registry, ask, registration};
use axum::http::{StatusCode, header};
use netring_core::{
    Clock, Outcome, VERSION,
    testing::sample::{NOW, report, result},
};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn a_member_registers_under_its_id() {
    let registry = Registry::new();
    let answer = registry.post("/register", &registration("a")).await;
    answer.assert(StatusCode::OK, &json!({"instance_id": "a", "status": "registered"}));
}

#[tokio::test]
async fn a_member_without_an_id_is_given_a_uuid() {
    let registry = Registry::new();
    let mut ids = Vec::new();
    for instance_id in [None, Some(Value::Null)] {
        let mut body = registration("");
        body.as_object_mut().unwrap().remove("instance_id");
        if let Some(null) = instance_id {
            body["instance_id"] = null;
        }
        let answer = registry.post("/register", &body).await;
        let given = answer.json()["instance_id"].as_str().unwrap().to_owned();
        answer.assert(StatusCode::OK, &json!({"instance_id": given, "status": "registered"}));
        assert_uuid(&given);
        registry
            .post("/heartbeat", &json!({"instance_id": given}))
            .await
            .assert(StatusCode::OK, &json!({"status": "ok"}));
        ids.push(given);
    }
    assert_ne!(ids[0], ids[1]);
}

/// As RFC 9562 writes a UUID of version 4.
fn assert_uuid(id: &str) {
    let groups: Vec<_> = id.split('-').map(str::len).collect();
    assert_eq!(groups, [8, 4, 4, 4, 12], "{id}");
    assert!(id.bytes().all(|b| b == b'-' || matches!(b, b'0'..=b'9' | b'a'..=b'f')), "{id}");
    assert_eq!(id.as_bytes()[14], b'4', "{id}");
}

#[tokio::test]
async fn a_heartbeat_is_taken_from_those_who_are_known() {
    let registry = Registry::new();
    registry.join("a").await;
    let heartbeat = async |id: &str| registry.post("/heartbeat", &json!({"instance_id": id})).await;
    heartbeat("a").await.assert(StatusCode::OK, &json!({"status": "ok"}));
    let not_found = json!({"error": "member not found"});
    heartbeat("b").await.assert(StatusCode::NOT_FOUND, &not_found);
    registry.post("/deregister", &json!({"instance_id": "a"})).await;
    heartbeat("a").await.assert(StatusCode::NOT_FOUND, &not_found);
}

#[tokio::test]
async fn whoever_says_goodbye_is_let_go() {
    let registry = Registry::new();
    registry.join("a").await;
    for id in ["a", "a", "nobody"] {
        let answer = registry.post("/deregister", &json!({"instance_id": id})).await;
        answer.assert(StatusCode::OK, &json!({"status": "deregistered"}));
    }
}

#[tokio::test]
async fn the_content_type_of_a_request_and_fields_that_nobody_knows_are_no_matter() {
    let registry = Registry::new();
    let mut body = registration("a");
    body["labels"] = json!({"rack": [1, 2, {"x": null}]});
    assert_eq!(registry.post("/register", &body).await.status, StatusCode::OK, "without a Content-Type");
}

#[tokio::test]
async fn health_says_what_1_x_says_and_how_the_sweep_is() {
    let registry = Registry::new();
    let answer = registry.get("/health").await;
    let mut health = answer.json();
    assert_eq!(answer.status, StatusCode::OK);
    assert!(health["timestamp"].is_f64(), "{health}");
    let loops = health.as_object_mut().unwrap().remove("loops").unwrap();
    assert_eq!(loops[0]["name"], "sweep");
    assert_eq!(
        health,
        json!({
            "status": "healthy",
            "version": VERSION,
            "component": "registry",
            "timestamp": registry.clock.now().as_unix_seconds_f64(),
            "store": {"in_reach": true, "since": NOW.as_unix_seconds_f64()},
            "analysis": {"leading": false, "rounds": 0, "faults_open": 0, "expected_members": false},
        })
    );
    assert_eq!(registry.clock.now(), NOW);
}

#[tokio::test]
async fn health_tells_of_the_last_round_and_looks_at_every_pair_only_now_and_then() {
    let registry = Registry::new();
    registry.join("a").await;
    registry.join("b").await;
    registry.engine.judge().await.unwrap();
    registry.engine.report(report("a", vec![result("b", Outcome::Success)])).await.unwrap();
    let second = Duration::from_secs(1);
    for (round, after, pairs) in [(2, 9 * second, 0), (3, second, 1)] {
        registry.clock.advance(after);
        registry.engine.judge().await.unwrap();
        let health = registry.get("/health").await.json();
        let analysis = &health["analysis"];
        assert_eq!(analysis["rounds"], round);
        assert_eq!(analysis["leading"], true);
        assert_eq!(analysis["last_round_at"], registry.clock.now().as_unix_seconds_f64());
        assert_eq!(analysis["faults_open"], 0);
        assert_eq!(analysis["history"]["pairs"], pairs, "{health}");
        assert_eq!(analysis["history"]["max_bytes"], 512 << 20);
    }
}

#[tokio::test]
async fn a_path_or_method_that_there_is_not_is_told_in_json() {
    let registry = Registry::new();
    for path in ["/", "/nothing", "/register/", "/members/a", "/api/v1", "/api/v2/report"] {
        registry.get(path).await.assert_error(StatusCode::NOT_FOUND, "nothing at this path");
        registry.post(path, &json!({})).await.assert_error(StatusCode::NOT_FOUND, "nothing at this path");
    }
    for (method, path, allowed) in [
        ("GET", "/register", "POST"),
        ("PUT", "/register", "POST"),
        ("GET", "/heartbeat", "POST"),
        ("GET", "/deregister", "POST"),
        ("DELETE", "/report_metrics", "POST"),
        ("GET", "/api/v1/report", "POST"),
        ("POST", "/members", "GET,HEAD"),
        ("POST", "/health", "GET,HEAD"),
        ("PATCH", "/api/v1/matrix", "GET,HEAD"),
    ] {
        let answer = ask(&registry.router, method, path, "{}").await;
        answer.assert_error(StatusCode::METHOD_NOT_ALLOWED, "method");
        assert_eq!(answer.header(header::ALLOW), allowed, "{method} {path}");
    }
}
