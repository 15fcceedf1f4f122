//! The reports of 1.x members and of ours, and what the matrix makes of them.

use crate::ring::Registry;
use axum::http::StatusCode;
use netring_core::{
    Measurement, Outcome,
    testing::sample::{report, result},
};
use serde_json::{Value, json};
use std::time::Duration;

const PATHS: [&str; 2] = ["/report_metrics", "/api/v1/report"];

/// What a 1.x member `a` says of its peer `b`, with every section.
fn full_report() -> Value {
    let labels = json!({
        "source_location": "eu1", "source_instance": "a",
        "target_location": "eu1", "target_instance": "b", "target_ip": "10.1.2.3",
    });
    let mut http_labels = labels.clone();
    http_labels["endpoint"] = json!("/health");
    let duration = |kind: &str, mean: f64| {
        let labels = json!({"check_type": kind, "target_location": "eu1", "target_instance": "b"});
        json!({"labels": labels, "sum": mean * 4e-3, "count": 4, "avg_latency_ms": mean})
    };
    let hops = json!([
        {"hop": 1, "ip": "192.0.2.1", "latency_ms": 0.5},
        {"hop": 2, "ip": "*", "latency_ms": null},
        {"hop": 3, "ip": "10.1.2.3", "latency_ms": 12.25},
    ]);
    json!({
        "instance_id": "a",
        "metrics": {
            "connectivity_tcp": {"eu1:b": {"labels": labels, "value": 1.0}},
            "connectivity_http": {"eu1:b:/health": {"labels": http_labels, "value": 0.0}},
            "check_durations": {"tcp:eu1:b": duration("tcp", 12.5), "http:eu1:b": duration("http", 250.0)},
            "bandwidth_tests": {"eu1:b": {"labels": labels, "bandwidth_mbps": 93.5}},
            "traceroute_tests": {"eu1:b": {"labels": labels, "total_hops": 3, "max_hop_latency_ms": 12.25}},
            "general": {"members_total": 1},
            "detailed_traceroute_data": {"eu1:b": {
                "hops": hops, "timestamp": 1_700_000_000.5,
                "target_location": "eu1", "target_ip": "10.1.2.3", "labels": labels,
            }},
        },
    })
}

async fn ring_of_two() -> Registry {
    let registry = Registry::new();
    registry.join("a").await;
    registry.join("b").await;
    registry
}

async fn checks(registry: &Registry, source: &str) -> Value {
    let answer = registry.get("/api/v1/matrix").await;
    assert_eq!(answer.status, StatusCode::OK);
    let pairs = answer.json()["pairs"].as_array().unwrap().clone();
    pairs.into_iter().find(|pair| pair["source"] == source).unwrap()
}

#[tokio::test]
async fn a_full_report_of_1_x_shows_in_the_matrix() {
    let registry = ring_of_two().await;
    let answer = registry.post("/report_metrics", &full_report()).await;
    answer.assert(StatusCode::OK, &json!({"status": "ok"}));
    let said = "a member of netring 1.x does not say why";
    let tcp = json!({"kind": "tcp", "state": "up", "duration_seconds": 0.0125, "age_seconds": 0.0, "next_check_seconds": 59.987});
    let http = json!({
        "kind": "http", "endpoint": "/health", "state": "down", "duration_seconds": 0.25, "age_seconds": 0.0,
        "next_check_seconds": 59.75, "reason": "other", "message": said,
    });
    let done = |kind: &str, seconds: f64| json!({"kind": kind, "state": "up", "duration_seconds": 0.0, "age_seconds": seconds, "next_check_seconds": 300.0});
    let mut trace = done("traceroute", 0.0);
    trace["round_trip_time_seconds"] = json!(0.012_25);
    trace["hops"] = json!(3);
    let mut bandwidth = done("bandwidth", 0.0);
    bandwidth["download_bits_per_second"] = json!(93.5e6);
    bandwidth["download_settled"] = json!(false);
    let wanted = json!({"source": "a", "target": "b", "state": "degraded", "checks": [tcp, http, bandwidth, trace]});
    assert_eq!(checks(&registry, "a").await, wanted);
    assert_eq!(checks(&registry, "b").await["state"], "unknown", "nothing is known of the way back");
}

#[tokio::test]
async fn numbers_that_a_1_x_member_writes_with_a_fraction_are_taken() {
    let registry = ring_of_two().await;
    let mut body = full_report();
    body["metrics"]["check_durations"]["tcp:eu1:b"]["count"] = json!(4.0);
    body["metrics"]["traceroute_tests"]["eu1:b"]["total_hops"] = json!(3.0);
    body["metrics"]["general"]["members_total"] = json!(1.0);
    body["metrics"]["connectivity_tcp"]["eu1:b"]["value"] = json!(1);
    registry.post("/report_metrics", &body).await.assert(StatusCode::OK, &json!({"status": "ok"}));
}

#[tokio::test]
async fn any_section_of_a_1_x_report_may_be_missing_or_empty() {
    let registry = ring_of_two().await;
    let full = full_report();
    for section in full["metrics"].as_object().unwrap().keys() {
        for empty in [false, true] {
            let mut body = full.clone();
            let metrics = body["metrics"].as_object_mut().unwrap();
            metrics.remove(section);
            if empty {
                metrics.insert(section.clone(), json!({}));
            }
            let answer = registry.post("/report_metrics", &body).await;
            assert_eq!(answer.status, StatusCode::OK, "{section}: {:?}", answer.json());
        }
    }
    let nothing = json!({"instance_id": "a", "metrics": {}});
    registry.post("/report_metrics", &nothing).await.assert(StatusCode::OK, &json!({"status": "ok"}));
    assert_eq!(checks(&registry, "a").await["checks"], json!([]), "the newest report is the one that counts");
}

#[tokio::test]
async fn a_1_x_report_of_a_target_that_nobody_knows_is_left_out() {
    let registry = ring_of_two().await;
    let mut body = full_report();
    body["metrics"]["connectivity_tcp"]["x:y"] = json!({"labels": {"target_instance": "<b>"}, "value": 0.0});
    body["metrics"]["connectivity_tcp"]["x:z"] = json!({"labels": {}, "value": 0.0});
    registry.post("/report_metrics", &body).await.assert(StatusCode::OK, &json!({"status": "ok"}));
    let reports = registry.store.reports().await.unwrap();
    let targets: Vec<_> = reports[0].report.results.iter().map(|r| r.target.instance_id.as_str()).collect();
    assert_eq!(targets, ["b"; 4]);
}

#[tokio::test]
async fn throughput_and_traceroutes_of_1_x_are_taken_for_what_they_are() {
    let registry = ring_of_two().await;
    let mut body = full_report();
    let labels = body["metrics"]["bandwidth_tests"]["eu1:b"]["labels"].clone();
    let trace = |hops: Value| json!({"hops": hops, "timestamp": -1.0, "labels": labels});
    registry.post("/report_metrics", &body).await.assert(StatusCode::OK, &json!({"status": "ok"}));
    let results = |measured: fn(&Measurement) -> bool| {
        let reports = registry.store.reports();
        async move {
            let reports = reports.await.unwrap();
            let results = reports[0].report.results.iter();
            results.filter(|result| result.measurement.as_ref().is_some_and(measured)).cloned().collect::<Vec<_>>()
        }
    };
    let is_trace = |measurement: &Measurement| matches!(measurement, Measurement::Traceroute(_));
    let is_test = |measurement: &Measurement| matches!(measurement, Measurement::Bandwidth(_));
    let Some(Measurement::Bandwidth(test)) = results(is_test).await[0].measurement.clone() else { panic!("no test") };
    let download = test.download.unwrap();
    assert_eq!((download.bits_per_second, download.settled, test.upload), (93.5e6, false, None));
    let Some(Measurement::Traceroute(path)) = results(is_trace).await[0].measurement.clone() else {
        panic!("no trace")
    };
    assert_eq!((path.hops(), path.max_hop_round_trip_time()), (Some(3), Some(Duration::from_micros(12_250))));
    assert_eq!(path.flows[0].path().to_string(), "192.0.2.1 > * > 10.1.2.3");

    // What makes no sense is left out, and what ends before the target has not reached it.
    for (hops, path, reached) in [
        (json!([{"hop": 1, "ip": "192.0.2.1", "latency_ms": 1.0}, {"hop": 2, "ip": "*"}]), "192.0.2.1", false),
        (json!([{"hop": 3, "ip": "10.1.2.3", "latency_ms": 1.0}]), "* > * > 10.1.2.3", true),
        (
            json!([{"hop": 1, "ip": "<b>", "latency_ms": 1.0}, {"hop": 1, "ip": "10.1.2.3", "latency_ms": -1.0}]),
            "",
            false,
        ),
        (json!([{"hop": 400, "ip": "10.1.2.3", "latency_ms": 1.0}]), "", false),
    ] {
        body["metrics"]["detailed_traceroute_data"]["eu1:b"] = trace(hops.clone());
        body["metrics"]["bandwidth_tests"]["eu1:b"]["bandwidth_mbps"] = json!(-1.0);
        registry.post("/report_metrics", &body).await.assert(StatusCode::OK, &json!({"status": "ok"}));
        assert_eq!(results(is_test).await, [], "a rate below zero");
        let Some(Measurement::Traceroute(trace)) = results(is_trace).await[0].measurement.clone() else {
            panic!("none")
        };
        assert_eq!((trace.flows[0].path().to_string().as_str(), trace.reached()), (path, reached), "{hops}");
    }
}

#[tokio::test]
async fn a_report_of_our_own_shows_in_the_matrix_with_all_it_says() {
    let registry = ring_of_two().await;
    let body = serde_json::to_value(report("a", vec![result("b", Outcome::Success)])).unwrap();
    registry.post("/api/v1/report", &body).await.assert(StatusCode::OK, &json!({"status": "ok"}));
    let pair = checks(&registry, "a").await;
    assert_eq!((&pair["state"], &pair["checks"][0]["duration_seconds"]), (&json!("up"), &json!(0.001)));
}

#[tokio::test]
async fn a_report_of_a_member_past_its_time_to_live_is_taken_at_both_paths() {
    let registry = ring_of_two().await;
    registry.clock.advance(Duration::from_secs(301));
    let own = serde_json::to_value(report("a", vec![])).unwrap();
    for (path, body) in PATHS.into_iter().zip([full_report(), own]) {
        registry.post(path, &body).await.assert(StatusCode::OK, &json!({"status": "ok"}));
    }
}

#[tokio::test]
async fn a_report_of_somebody_unknown_is_not_found() {
    let registry = ring_of_two().await;
    registry.post("/deregister", &json!({"instance_id": "b"})).await;
    for id in ["nobody", "b"] {
        let mut legacy = full_report();
        legacy["instance_id"] = json!(id);
        let own = serde_json::to_value(report(id, vec![])).unwrap();
        for (path, body) in PATHS.into_iter().zip([legacy, own]) {
            let answer = registry.post(path, &body).await;
            answer.assert(StatusCode::NOT_FOUND, &json!({"error": "member not found"}));
        }
    }
    assert!(registry.store.reports().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_section_of_a_1_x_report_that_is_null_is_empty() {
    let registry = ring_of_two().await;
    let body =
        json!({"instance_id": "a", "metrics": {"connectivity_tcp": null, "general": null, "traceroute_tests": {}}});
    registry.post("/report_metrics", &body).await.assert(StatusCode::OK, &json!({"status": "ok"}));
}
