//! Locations and routers, as JSON and as a picture, and the ways between two members.

use crate::{
    faulty::{Fault, Faulty},
    ring::Registry,
};
use axum::http::{StatusCode, header};
use futures_util::future::join_all;
use netring_core::{
    RegistryEngine,
    analysis::{BottleneckThresholds, PathComparison, Severity, Topology},
    testing::sample::{id, report, traceroute},
};
use serde_json::json;
use std::{sync::Arc, time::Duration};

const GRAPH: &str = "/api/v1/topology";
const PICTURE: &str = "/api/v1/topology.svg";
const PATH: &str = "/api/v1/topology/path";

/// Members `a` at `eu1` and `b` at `us<1>`, of whom the first has traced the second.
async fn ring_of_two(registry: Registry) -> Registry {
    registry.join("a").await;
    let b = json!({"instance_id": "b", "location": "us<1>", "ip": "10.1.2.4", "port": 8757});
    assert_eq!(registry.post("/register", &b).await.status, StatusCode::OK);
    let report = serde_json::to_value(report("a", vec![traceroute("b")])).unwrap();
    assert_eq!(registry.post("/api/v1/report", &report).await.status, StatusCode::OK);
    registry
}

#[tokio::test]
async fn the_graph_can_be_read_back() {
    let registry = ring_of_two(Registry::new()).await;
    let answer = registry.get(GRAPH).await;
    assert_eq!(answer.status, StatusCode::OK);
    let graph: Topology = serde_json::from_value(answer.json()).unwrap();
    assert_eq!(graph, registry.engine.topology().await.unwrap());
    let body = answer.json();
    assert_eq!(
        body["locations"],
        json!([
            {"location": "eu1", "members": ["a"]},
            {"location": "us<1>", "members": ["b"]},
        ])
    );
    assert_eq!(body["routers"], json!([{"ip": "192.0.2.1", "pairs": 1}]));
    assert_eq!(
        body["edges"][1],
        json!({
            "from": {"router": {"ip": "192.0.2.1"}},
            "to": {"location": "us<1>"},
            "silent_hops": 1,
            "pairs": 1,
            "added_latency_seconds": 0.01175,
            "lasting_latency_seconds": 0.01175,
            "loss_ratio": 0.0,
            "severity": "info",
        })
    );
    assert_eq!(
        body["bottlenecks"][0]["sentence"],
        "From 192.0.2.1 to us<1> over 1 silent hop: 1 pair takes 12 ms longer."
    );
}

#[tokio::test]
async fn the_thresholds_are_those_that_the_registry_was_given() {
    let given = ring_of_two(Registry::new()).await;
    let latency_warning = Duration::from_millis(5);
    let thresholds = BottleneckThresholds { latency_warning, ..BottleneckThresholds::default() };
    let engine =
        RegistryEngine::builder(given.store.clone()).clock(given.clock.clone()).bottlenecks(thresholds).build();
    let severity = |graph: &Topology| graph.bottlenecks[0].severity;
    assert_eq!(severity(&engine.topology().await.unwrap()), Severity::Warning);
    assert_eq!(severity(&given.engine.topology().await.unwrap()), Severity::Info);
}

#[tokio::test]
async fn the_picture_is_a_document_that_runs_nothing() {
    let registry = ring_of_two(Registry::new()).await;
    let answer = registry.get(PICTURE).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header(header::CONTENT_TYPE), "image/svg+xml");
    assert_eq!(answer.header(header::CONTENT_SECURITY_POLICY), "default-src 'none'; style-src 'unsafe-inline'");
    assert_eq!(answer.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    let text = String::from_utf8(answer.body).unwrap();
    let document = roxmltree::Document::parse(&text).unwrap();
    assert_eq!(document.root_element().tag_name().name(), "svg");
    assert!(text.contains("us&lt;1&gt;") && !text.contains("us<1>"));
}

#[tokio::test]
async fn the_ways_between_two_members_stand_side_by_side() {
    let registry = ring_of_two(Registry::new()).await;
    let answer = registry.get(&format!("{PATH}?source=b&target=a")).await;
    assert_eq!(answer.status, StatusCode::OK);
    let paths: PathComparison = serde_json::from_value(answer.json()).unwrap();
    assert!(paths.forward.is_none());
    let backward = paths.backward.unwrap();
    assert_eq!((backward.hops, backward.flows[0].hops.len()), (Some(3), 3));
    assert_eq!(answer.json()["source"], json!({"instance_id": "b", "location": "us<1>", "address": "10.1.2.4:8757"}));
    let of_engine = registry.engine.path_between(&id("b"), &id("a")).await.unwrap().unwrap();
    assert_eq!(of_engine.backward.unwrap(), backward);
}

#[tokio::test]
async fn a_bad_question_is_answered_with_the_name_of_what_is_wrong() {
    let registry = ring_of_two(Registry::new()).await;
    let long = format!("?source={}&target=b", "x".repeat(129));
    for (query, status, said) in [
        ("", StatusCode::BAD_REQUEST, "source"),
        ("?source=a", StatusCode::BAD_REQUEST, "target"),
        ("?target=a", StatusCode::BAD_REQUEST, "source"),
        ("?source=a&target=", StatusCode::BAD_REQUEST, "target"),
        ("?source=%0A&target=b", StatusCode::BAD_REQUEST, "source"),
        (&long, StatusCode::BAD_REQUEST, "source"),
        ("?source=a&target=b&hops=3", StatusCode::BAD_REQUEST, "hops"),
        ("?source=a&target=a", StatusCode::BAD_REQUEST, "target"),
        ("?source=a&target=c", StatusCode::NOT_FOUND, "target: there is no member \"c\""),
        ("?source=c&target=a", StatusCode::NOT_FOUND, "source: there is no member \"c\""),
    ] {
        registry.get(&format!("{PATH}{query}")).await.assert_error(status, said);
    }
    for path in [GRAPH, PICTURE, "/api/v1/sd", "/api/v1/expected"] {
        registry.get(&format!("{path}?location=eu1")).await.assert_error(StatusCode::BAD_REQUEST, "location");
    }
    for path in [GRAPH, PICTURE, PATH] {
        registry.post(path, &json!({})).await.assert_error(StatusCode::METHOD_NOT_ALLOWED, "method");
    }
}

#[tokio::test]
async fn a_store_out_of_reach_is_said() {
    let store = Faulty::new();
    let registry = ring_of_two(Registry::with_store(store.clone())).await;
    store.reading(Fault::Refusing(Duration::ZERO));
    for path in [GRAPH.to_owned(), PICTURE.to_owned(), format!("{PATH}?source=a&target=b")] {
        let answer = registry.get(&path).await;
        answer.assert_error(StatusCode::SERVICE_UNAVAILABLE, "the member store is out of reach");
        assert_eq!(answer.header(header::RETRY_AFTER), "1");
    }
}

#[tokio::test(start_paused = true)]
async fn a_crowd_shares_one_graph() {
    let store = Faulty::new();
    let registry = Arc::new(ring_of_two(Registry::with_store(store.clone())).await);
    store.reading(Fault::Slow(Duration::from_millis(500)));
    let before = store.lists();
    let answers = join_all((0..50).map(|i| registry.get(if i % 2 == 0 { GRAPH } else { PICTURE }))).await;
    assert!(answers.iter().all(|answer| answer.status == StatusCode::OK));
    assert_eq!(store.lists() - before, 1);
}
