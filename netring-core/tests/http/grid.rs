//! What `GET /api/v1/matrix/grid` answers.

use crate::{
    faulty::{Fault, Faulty},
    ring::{Answer, Registry, registration, send},
};
use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use futures_util::future::join_all;
use netring_core::{
    FailureReason, Outcome, ProbeReport, RegistryEngine,
    analysis::{GridValue, MatrixFilter, MatrixGrid},
    testing::sample::{bandwidth, burst, report, result, traceroute},
};
use serde_json::{Value, json};
use std::time::Duration;

async fn join(registry: &Registry, id: &str, location: &str) {
    let mut body = registration(id);
    body["location"] = json!(location);
    assert_eq!(registry.post("/register", &body).await.status, StatusCode::OK);
}

/// `a1` and `a2` at `a`, `b1` and one that has left at `b`: `a1` reaches all, `a2` does not reach `b1`, `b1` says nothing.
async fn ring() -> Registry {
    let registry = Registry::new();
    for (id, location) in [("a1", "a"), ("a2", "a"), ("b0", "b"), ("b1", "b")] {
        join(&registry, id, location).await;
    }
    registry.post("/deregister", &json!({"instance_id": "b0"})).await;
    let took = |target, milliseconds| ProbeReport {
        duration: Duration::from_millis(milliseconds),
        ..result(target, Outcome::Success)
    };
    let down = |target| result(target, Outcome::failure(FailureReason::Refused, "connect: refused"));
    let of_a1 = vec![took("b1", 10), burst("b1"), took("a2", 20), bandwidth("a2")];
    let of_a2 = vec![down("b1"), took("a1", 30), traceroute("a1")];
    for (source, results) in [("a1", of_a1), ("a2", of_a2)] {
        registry.engine.report(report(source, results)).await.unwrap();
    }
    registry
}

async fn grid(registry: &Registry, query: &str) -> Value {
    let answer = registry.get(&format!("/api/v1/matrix/grid?{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{query}: {answer:?}");
    answer.json()
}

#[tokio::test]
async fn a_small_grid_is_this() {
    let registry = ring().await;
    registry.clock.advance(Duration::from_secs(4));
    let member = |id: &str, location: &str| {
        json!({"instance_id": id, "location": location, "address": "10.1.2.3:8757", "status": "online",
               "last_seen": 1.7e9})
    };
    let mut gone = member("b0", "b");
    gone["status"] = json!("deregistered");
    gone["deregistered_at"] = json!(1.7e9);
    assert_eq!(
        grid(&registry, "values=latency,loss,download,hops,age").await,
        json!({
            "at": 1_700_000_004.0,
            "state": "unhealthy",
            "members": [member("a1", "a"), member("a2", "a"), gone, member("b1", "b")],
            "sources": [0, 1, 3],
            "targets": [0, 1, 3],
            "kinds": ["bandwidth", "tcp", "traceroute", "udp"],
            "states": [".++", "+.x", "??."],
            "latency_seconds": [[null, 0.01, 0.011], [0.01225, null, null], [null, null, null]],
            "loss_ratio": [[null, null, 0.1], [null, null, null], [null, null, null]],
            "download_bits_per_second": [[null, 93_500_000, null], [null, null, null], [null, null, null]],
            "hops": [[null, null, null], [3, null, null], [null, null, null]],
            "age_seconds": [[null, 4, 4], [4, null, 4], [null, null, null]],
        })
    );
}

#[tokio::test]
async fn a_member_that_has_died_is_a_column_and_a_row_of_the_picture() {
    let registry = Registry::new();
    let members = ["asia1-a", "eu1-a", "eu1-b", "us1-a", "us1-b"];
    for id in members {
        join(&registry, id, id.split('-').next().unwrap()).await;
    }
    let dead = "us1-b";
    let tell = async |source: &str| {
        let probe = |target: &&str| match *target {
            target if target == dead => result(target, Outcome::failure(FailureReason::Timeout, "no answer within 5s")),
            target => ProbeReport { duration: Duration::from_micros(83_600), ..result(target, Outcome::Success) },
        };
        let results = members.iter().filter(|target| **target != source).map(probe).collect();
        registry.engine.report(report(source, results)).await.unwrap();
    };
    tell(dead).await;
    registry.clock.advance(Duration::from_secs(200));
    for id in members.into_iter().filter(|id| *id != dead) {
        tell(id).await;
    }
    let grid = grid(&registry, "").await;
    assert_eq!(grid["states"], json!([".+++x", "+.++x", "++.+x", "+++.x", "????."]));
    assert_eq!(grid["latency_seconds"][0], json!([null, 0.0836, 0.0836, 0.0836, null]));
}

#[tokio::test]
async fn what_is_written_is_the_grid_of_the_engine() {
    let registry = ring().await;
    for (values, words) in [
        (GridValue::ALL.to_vec(), "values=latency,loss,jitter,download,upload,hops,p95,age"),
        (vec![GridValue::Latency], ""),
        (vec![GridValue::Upload, GridValue::Age], "values=age,upload"),
    ] {
        let expected = registry.engine.matrix_grid(MatrixFilter::default(), values).await.unwrap();
        assert_eq!(serde_json::from_value::<MatrixGrid>(grid(&registry, words).await).unwrap(), expected, "{words}");
    }
    let empty = grid(&Registry::new(), "").await;
    assert_eq!((&empty["states"], &empty["latency_seconds"]), (&json!([]), &json!([])));
}

#[tokio::test]
async fn a_filter_leaves_rows_and_columns_and_kinds() {
    let registry = ring().await;
    for (query, states, state) in [
        ("source=a1", json!([".++"]), "healthy"),
        ("target=b1", json!(["+", "x", "."]), "unhealthy"),
        ("source=a1&target=a1", json!(["."]), "healthy"),
        ("source_location=b", json!(["??."]), "unknown"),
        ("source_location=a&target_location=b", json!(["+", "x"]), "unhealthy"),
        ("kind=udp,bandwidth&source=a1", json!([".++"]), "healthy"),
        ("kind=udp&source=a1", json!([".?+"]), "unknown"),
        ("source=nobody", json!([]), "healthy"),
    ] {
        let grid = grid(&registry, query).await;
        assert_eq!((&grid["states"], &grid["state"]), (&states, &json!(state)), "{query}");
    }
    let kinds = &grid(&registry, "kind=udp&source=a2").await["kinds"];
    assert_eq!(*kinds, json!(["tcp", "traceroute"]), "those that may be asked for");
}

#[tokio::test]
async fn a_parameter_that_makes_no_sense_is_named() {
    let registry = ring().await;
    for (query, said) in [
        ("values=", "values: unknown variant ``, expected one of `latency`, `loss`, `jitter`, `download`"),
        ("values=latency,speed", "values: unknown variant `speed`"),
        ("source=", "source: instance_id must not be empty"),
        ("target_location=%00", "target_location: location must have no control characters"),
        ("kind=TCP", "kind: kind must be a word"),
        ("state=up", "unknown field `state`"),
        ("values=loss&values=age", "duplicate field `values`"),
    ] {
        let answer = registry.get(&format!("/api/v1/matrix/grid?{query}")).await;
        answer.assert_error(StatusCode::BAD_REQUEST, said);
    }
}

#[tokio::test]
async fn a_ring_of_a_thousand_has_a_grid_and_a_larger_one_is_told_in_parts() {
    let registry = Registry::new();
    for i in 0..RegistryEngine::MAX_GRID_MEMBERS {
        join(&registry, &format!("member-{i}"), ["eu1", "us1"][i % 2]).await;
    }
    let whole = grid(&registry, "").await;
    let states = whole["states"].as_array().unwrap();
    assert_eq!(states.len(), 1_000);
    for (row, states) in states.iter().enumerate() {
        let states = states.as_str().unwrap();
        assert_eq!((states.len(), states.find('.')), (1_000, Some(row)));
    }
    assert!(whole["latency_seconds"].as_array().unwrap().iter().all(|row| row.as_array().unwrap().len() == 1_000));

    join(&registry, "one-more", "eu1").await;
    let answer = registry.get("/api/v1/matrix/grid?values=age").await;
    answer.assert_error(
        StatusCode::UNPROCESSABLE_ENTITY,
        "that are 1001 sources by 1001 targets, and there is no grid of more than 1000 members by as many: \
         ask for less by source_location or target_location, or for the matrix by=location",
    );
    assert!(registry.engine.matrix_grid(MatrixFilter::default(), vec![]).await.is_err());
    assert_eq!(grid(&registry, "source_location=eu1").await["states"].as_array().unwrap().len(), 501);
}

async fn by_gzip(registry: &Registry, path: &str) -> Answer {
    let request = Request::get(path).header(header::ACCEPT_ENCODING, "gzip").body(Body::empty()).unwrap();
    send(&registry.router, request).await
}

#[tokio::test]
async fn an_answer_by_gzip_is_the_same_answer() {
    let registry = Registry::new();
    // So that there is more than one part of it.
    for i in 0..300 {
        join(&registry, &format!("member-{i}"), "eu1").await;
    }
    let plain = registry.get("/api/v1/matrix/grid?values=latency,age").await;
    let answer = by_gzip(&registry, "/api/v1/matrix/grid?values=age,latency").await;
    assert_eq!((answer.header(header::CONTENT_ENCODING), answer.header(header::VARY)), ("gzip", "Accept-Encoding"));
    assert_eq!(answer.gunzipped(), plain.body);
    assert_eq!(plain.header(header::CONTENT_LENGTH), plain.body.len().to_string());
}

#[tokio::test(start_paused = true)]
async fn a_crowd_shares_one_grid() {
    let store = Faulty::new();
    let registry = Registry::with_store(store.clone());
    registry.join("a").await;
    store.reports_only(Fault::Slow(Duration::from_millis(100)));
    let before = store.lists();
    let answers = join_all((0..50).map(|_| registry.get("/api/v1/matrix/grid?values=latency,age"))).await;
    assert!(answers.iter().all(|answer| answer.status == StatusCode::OK));
    assert_eq!(store.lists(), before + 1);
}
