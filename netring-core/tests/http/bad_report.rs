//! Reports that make no sense: each says where, and the last good one stays.

use crate::{
    bad_input::{bad, occupied, refused},
    ring::Registry,
};
use axum::http::StatusCode;
use netring_core::{
    FailureReason, Outcome, RegistryEngine, RegistryError,
    testing::sample::{report, result},
};
use serde_json::{Value, json};

const OWN: &str = "/api/v1/report";
const LEGACY: &str = "/report_metrics";

fn good() -> Value {
    let failure = Outcome::Failure { reason: FailureReason::Refused, message: "connect: refused".into() };
    serde_json::to_value(report("a", vec![result("b", Outcome::Success), result("c", failure)])).unwrap()
}

/// A ring whose member has reported, so that a report that is refused could have taken something away.
async fn reported() -> Registry {
    let registry = occupied().await;
    assert_eq!(registry.post(OWN, &good()).await.status, StatusCode::OK);
    registry
}

async fn bad_at(registry: &Registry, pointer: &str, value: Value, said: &str) {
    let mut body = good();
    *body.pointer_mut(pointer).unwrap_or_else(|| panic!("there is no {pointer}")) = value;
    bad(registry, OWN, &body, said).await;
}

#[tokio::test]
async fn a_missing_field_is_named() {
    let registry = reported().await;
    for (parent, fields) in [
        ("", vec!["instance_id", "location", "sent_at", "check_interval_seconds", "results"]),
        ("/results/0", vec!["target", "kind", "started_at", "duration_seconds", "outcome"]),
        ("/results/0/target", vec!["instance_id", "location", "host", "port"]),
        ("/results/1/outcome/failure", vec!["reason", "message"]),
    ] {
        for field in fields {
            let mut body = good();
            body.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(field);
            bad(&registry, OWN, &body, &format!("missing field `{field}`")).await;
        }
    }
}

#[tokio::test]
async fn a_field_that_makes_no_sense_is_named_with_its_place() {
    let registry = reported().await;
    for (pointer, value, said) in [
        ("/instance_id", json!(""), "instance_id"),
        ("/location", json!("a\u{202e}"), "location"),
        ("/sent_at", json!("now"), "sent_at: "),
        ("/sent_at", json!(-1), "sent_at: "),
        ("/sent_at", json!(253_402_300_801_u64), "sent_at: "),
        ("/sent_at", json!(1e300), "sent_at: "),
        ("/check_interval_seconds", json!(-1), "check_interval_seconds: "),
        ("/check_interval_seconds", json!(1e300), "check_interval_seconds: "),
        ("/results", json!({}), "results: "),
        ("/results", json!([null]), "results[0]: "),
        ("/results/1/started_at", json!(1e12), "results[1].started_at: "),
        ("/results/1/duration_seconds", json!(-0.5), "results[1].duration_seconds: "),
        ("/results/1/duration_seconds", json!(1e12), "results[1].duration_seconds: "),
        ("/results/0/lateness_seconds", json!(-1), "results[0].lateness_seconds: "),
        ("/results/0/tainted", json!("no"), "results[0].tainted: "),
        ("/results/0/kind", json!("TCP"), "results[0].kind: "),
        ("/results/0/kind", json!("x".repeat(33)), "results[0].kind: "),
        ("/results/0/ip", json!("abc"), "results[0].ip: "),
        ("/results/0/target/port", json!(65_536), "results[0].target.port: "),
        ("/results/0/target/host", json!(""), "results[0].target.host: "),
        ("/results/0/target/host", json!(1), "results[0].target.host: "),
        ("/results/0/outcome", json!("splendid"), "results[0].outcome: "),
        ("/results/1/outcome/failure/reason", json!(1), "results[1].outcome."),
        ("/results/1/outcome/failure/message", json!("x".repeat(257)), "results[1].outcome.failure.message: "),
        ("/results/1/outcome/failure/message", json!("a\nb"), "results[1].outcome.failure.message: "),
    ] {
        bad_at(&registry, pointer, value, said).await;
    }
    for (name, value, said) in [
        ("endpoint", json!("health"), "results[0].endpoint: "),
        ("endpoint", json!("/<b>"), "results[0].endpoint: "),
        ("measurement", json!({"tcp": {"connect_seconds": -1}}), "results[0].measurement.tcp.connect_seconds: "),
        ("measurement", json!({"http": {"status": 65_536}}), "results[0].measurement.http.status: "),
        ("measurement", json!({"http": {"body_bytes": -1}}), "results[0].measurement.http.body_bytes: "),
        ("measurement", json!({"icmp": {}}), "results[0].measurement"),
    ] {
        let mut body = good();
        body["results"][0][name] = value;
        bad(&registry, OWN, &body, said).await;
    }
}

#[tokio::test]
async fn nan_is_no_json() {
    let registry = reported().await;
    for (word, said_own, said_legacy) in [
        ("NaN", "the body is no JSON", "the body is no JSON"),
        ("Infinity", "the body is no JSON", "the body is no JSON"),
        ("-Infinity", "the body is no JSON", "the body is no JSON"),
        ("1e999", "results[0].duration_seconds: ", "metrics.general.members_total: "),
    ] {
        let body =
            good().to_string().replacen("\"duration_seconds\":0.001", &format!("\"duration_seconds\":{word}"), 1);
        refused(&registry, OWN, &body, StatusCode::BAD_REQUEST, said_own).await;
        let legacy = format!(r#"{{"instance_id": "a", "metrics": {{"general": {{"members_total": {word}}}}}}}"#);
        refused(&registry, LEGACY, &legacy, StatusCode::BAD_REQUEST, said_legacy).await;
    }
}

#[tokio::test]
async fn an_ill_typed_value_of_a_1_x_report_is_named_with_its_place() {
    let registry = reported().await;
    for (section, value, said) in [
        ("connectivity_tcp", json!([1]), "metrics.connectivity_tcp: "),
        ("connectivity_tcp", json!({"k": {"value": 1.0}}), "missing field `labels`"),
        ("connectivity_tcp", json!({"k": {"labels": {}}}), "missing field `value`"),
        ("connectivity_tcp", json!({"k": {"labels": {"a": 1}, "value": 1.0}}), "metrics.connectivity_tcp.k.labels.a: "),
        ("connectivity_http", json!({"k": {"labels": {}, "value": "up"}}), "metrics.connectivity_http.k.value: "),
        ("check_durations", json!({"k": {"labels": {}, "sum": 1.0, "count": -1, "avg_latency_ms": 1.0}}), "k.count: "),
        ("check_durations", json!({"k": {"labels": {}, "sum": 1.0, "count": 1.5, "avg_latency_ms": 1.0}}), "k.count: "),
        ("bandwidth_tests", json!({"k": {"labels": {}, "bandwidth_mbps": "fast"}}), "k.bandwidth_mbps: "),
        (
            "traceroute_tests",
            json!({"k": {"labels": {}, "total_hops": 1e10, "max_hop_latency_ms": 1}}),
            "k.total_hops: ",
        ),
        ("general", json!({"members_total": "many"}), "metrics.general.members_total: "),
        ("detailed_traceroute_data", json!({"k": {"hops": [{"hop": 1}]}}), "hops[0]: missing field `ip`"),
    ] {
        bad(&registry, LEGACY, &json!({"instance_id": "a", "metrics": {section: value}}), said).await;
    }
    bad(&registry, LEGACY, &json!({"instance_id": "a"}), "missing field `metrics`").await;
    bad(&registry, LEGACY, &json!({"instance_id": "", "metrics": {}}), "instance_id").await;
}

#[tokio::test]
async fn a_report_with_too_many_results_is_refused() {
    let registry = reported().await;
    let value = json!({"labels": {"target_instance": "a"}, "value": 1});
    let values = |n: usize| (0..n).map(|i| (format!("{i:x}"), value.clone())).collect::<serde_json::Map<_, _>>();
    let legacy = |n| json!({"instance_id": "a", "metrics": {"connectivity_tcp": values(n)}});
    bad(&registry, LEGACY, &legacy(RegistryEngine::MAX_RESULTS + 1), "results must have at most 21000").await;
    assert_eq!(registry.post(LEGACY, &legacy(RegistryEngine::MAX_RESULTS)).await.status, StatusCode::OK);

    let before = registry.state().await;
    let results = vec![result("b", Outcome::Success); RegistryEngine::MAX_RESULTS + 1];
    let error = registry.engine.report(report("a", results)).await.unwrap_err();
    assert!(matches!(error, RegistryError::Invalid(_)), "{error:?}");
    assert_eq!(registry.state().await, before);
}
