//! A registry of netring 1.x, which knows nothing of our path of reports.

use crate::server::{Server, announcement, json};
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use netring_core::{
    Discovery, DiscoveryError, Endpoint, FailureReason, MemberReport, Outcome, ProbeKind, ProbeReport,
    testing::sample::{NOW, bandwidth, burst, id, report, result, traceroute},
};
use serde_json::json;
use std::time::Duration;

/// What a 1.x registry answers, unknown paths as its web framework does.
fn answer(path: &str) -> Response {
    match path {
        "/register" => json(StatusCode::OK, &json!({"instance_id": "a", "status": "registered"})).into_response(),
        "/heartbeat" | "/report_metrics" => json(StatusCode::OK, &json!({"status": "ok"})).into_response(),
        "/deregister" => json(StatusCode::OK, &json!({"status": "deregistered"})).into_response(),
        "/members" => json(
            StatusCode::OK,
            &json!({"members": [{
                "instance_id": "b", "location": "us1", "ip": "10.0.0.2", "port": 8757,
                "last_seen": 1_700_000_000, "registered_at": 1_699_999_999, "status": "active",
            }]}),
        )
        .into_response(),
        _ => (StatusCode::NOT_FOUND, [("Content-Type", "text/plain; charset=utf-8")], "404: Not Found").into_response(),
    }
}

fn newest() -> MemberReport {
    let http = |endpoint: &str, outcome| ProbeReport {
        kind: ProbeKind::HTTP,
        endpoint: Some(Endpoint::new(endpoint).unwrap()),
        duration: Duration::from_millis(250),
        ..result("b", outcome)
    };
    let own = ProbeReport { kind: ProbeKind::new("grpc").unwrap(), ..result("b", Outcome::Success) };
    let tcp = ProbeReport { duration: Duration::from_micros(12_500), ..result("b", Outcome::Success) };
    let refused = Outcome::failure(FailureReason::Refused, "connect: refused");
    let results = vec![tcp, http("/health", refused), own, result("c", Outcome::Success)];
    report("a", [results, vec![burst("b"), bandwidth("b"), traceroute("b")]].concat())
}

#[tokio::test]
async fn a_member_of_ours_lives_with_it() {
    let server = Server::answering(answer).await;
    let client = server.client();
    client.announce(&announcement()).await.unwrap();
    client.heartbeat(&id("a")).await.unwrap();
    let peers = client.peers().await.unwrap().members;
    assert_eq!((peers[0].instance_id.as_str(), peers[0].address.to_string().as_str()), ("b", "10.0.0.2:8757"));
    assert_eq!(
        (peers[0].last_seen.as_unix_seconds(), peers[0].registered_at.as_unix_seconds()),
        (1_700_000_000, 1_699_999_999)
    );
    client.withdraw(&id("a")).await.unwrap();
    let asked = server.asked.lock().unwrap().clone();
    let mut register = asked[0].2.clone();
    register.as_object_mut().unwrap().remove("heartbeat_interval_seconds");
    assert_eq!(register, json!({"instance_id": "a", "location": "eu1", "ip": "10.1.2.3", "port": 8757}));
    assert_eq!((&asked[1].2, &asked[3].2), (&json!({"instance_id": "a"}), &json!({"instance_id": "a"})));
}

#[tokio::test]
async fn reports_go_to_it_as_1_x_sends_them() {
    let server = Server::answering(answer).await;
    server.client().report(&newest()).await.unwrap();
    assert_eq!(server.calls(), ["POST /api/v1/report", "POST /report_metrics"]);

    let labels = |target: &str| {
        json!({
            "source_location": "eu1", "source_instance": "a",
            "target_location": "eu1", "target_instance": target, "target_ip": "10.1.2.3",
        })
    };
    let mut http_labels = labels("b");
    http_labels["endpoint"] = json!("/health");
    let duration = |kind: &str, target: &str, seconds: f64| {
        let labels = json!({"check_type": kind, "target_location": "eu1", "target_instance": target});
        json!({"labels": labels, "sum": seconds, "count": 1, "avg_latency_ms": seconds * 1e3})
    };
    let wanted = json!({
        "instance_id": "a",
        "metrics": {
            "connectivity_tcp": {
                "eu1:b": {"labels": labels("b"), "value": 1.0},
                "eu1:c": {"labels": labels("c"), "value": 1.0},
            },
            "connectivity_http": {"eu1:b:/health": {"labels": http_labels, "value": 0.0}},
            "check_durations": {
                "tcp:eu1:b": duration("tcp", "b", 0.0125),
                "tcp:eu1:c": duration("tcp", "c", 0.001),
                "http:eu1:b": duration("http", "b", 0.25),
            },
            "bandwidth_tests": {"eu1:b": {"labels": labels("b"), "bandwidth_mbps": 93.5}},
            "traceroute_tests": {"eu1:b": {"labels": labels("b"), "total_hops": 3, "max_hop_latency_ms": 12.25}},
            "general": {"members_total": 2.0},
            "detailed_traceroute_data": {"eu1:b": {
                "hops": [
                    {"hop": 1, "ip": "192.0.2.1", "latency_ms": 0.5},
                    {"hop": 2, "ip": "*", "latency_ms": null},
                    {"hop": 3, "ip": "10.1.2.3", "latency_ms": 12.25},
                ],
                "timestamp": NOW.as_unix_seconds_f64(), "target_location": "eu1", "target_ip": "10.1.2.3",
                "labels": labels("b"),
            }},
        },
    });
    assert_eq!(server.asked.lock().unwrap()[1].2, wanted);
}

#[tokio::test]
async fn it_is_asked_for_our_path_once_until_the_member_registers_again() {
    let server = Server::answering(answer).await;
    let client = server.client();
    for _ in 0..3 {
        client.report(&newest()).await.unwrap();
    }
    let once = ["POST /api/v1/report", "POST /report_metrics", "POST /report_metrics", "POST /report_metrics"];
    assert_eq!(server.calls(), once);
    client.announce(&announcement()).await.unwrap();
    client.report(&newest()).await.unwrap();
    assert_eq!(server.calls()[4..], ["POST /register", "POST /api/v1/report", "POST /report_metrics"]);
}

#[tokio::test]
async fn our_own_404_is_no_sign_of_1_x() {
    let server = Server::answering(|_| json(StatusCode::NOT_FOUND, &json!({"error": "member not found"}))).await;
    let client = server.client();
    for _ in 0..2 {
        let error = client.report(&newest()).await.unwrap_err();
        assert!(matches!(error, DiscoveryError::NotRegistered), "{error:?}");
    }
    assert_eq!(server.calls(), ["POST /api/v1/report", "POST /api/v1/report"]);
}

#[tokio::test]
async fn a_404_to_a_heartbeat_is_a_member_that_has_to_register() {
    for body in [json!({"error": "member not found"}), json!({"error": "Member not found", "x": 1}), json!(null)] {
        let server = Server::answering(move |_| json(StatusCode::NOT_FOUND, &body)).await;
        let error = server.client().heartbeat(&id("a")).await.unwrap_err();
        assert!(matches!(error, DiscoveryError::NotRegistered), "{error:?}");
    }
}

#[tokio::test]
async fn a_404_of_somebody_else_does_not_make_a_registry_one_of_1_x_for_ever() {
    let server = Server::answering(answer).await;
    let client = server.client();
    client.announce(&announcement()).await.unwrap();
    for _ in 0..11 {
        client.report(&newest()).await.unwrap();
    }
    let asked = server.asked.lock().unwrap().clone();
    let tries: Vec<_> = asked.iter().filter(|(_, path, _)| path == "/api/v1/report").collect();
    assert_eq!(tries.len(), 2, "at first, and after ten reports once more: {asked:?}");
    let legacy = asked.iter().filter(|(_, path, _)| path == "/report_metrics").count();
    assert_eq!(legacy, 11, "every report arrives");
}

#[tokio::test]
async fn what_is_tainted_or_old_is_not_told_as_if_it_were_new() {
    let server = Server::answering(answer).await;
    let client = server.client();
    let sent = newest();
    let tainted = ProbeReport { tainted: true, ..result("tainted", Outcome::Success) };
    let old = ProbeReport { started_at: sent.sent_at - Duration::from_secs(200), ..result("old", Outcome::Success) };
    client.report(&report("a", vec![tainted, old, result("new", Outcome::Success)])).await.unwrap();
    let asked = server.asked.lock().unwrap().clone();
    let metrics = &asked.last().unwrap().2["metrics"]["connectivity_tcp"];
    assert_eq!(metrics.as_object().unwrap().keys().collect::<Vec<_>>(), ["eu1:new"]);
}
