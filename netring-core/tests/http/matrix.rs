//! What `GET /api/v1/matrix` answers: filters, the roll-up by locations, and bodies by gzip.

use crate::{
    faulty::{Fault, Faulty, REFUSING},
    ring::{Answer, Registry, registration, send},
};
use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use netring_core::{
    FailureReason, Outcome, ProbeReport, RegistryEngine,
    analysis::{Matrix, RingState, Rollup, State},
    testing::sample::{bandwidth, burst, report, result, traceroute},
};
use serde_json::json;
use std::time::Duration;
use tokio::time::{Instant, sleep};

async fn join(registry: &Registry, id: &str, location: &str) {
    let mut body = registration(id);
    body["location"] = json!(location);
    assert_eq!(registry.post("/register", &body).await.status, StatusCode::OK);
}

async fn tell(registry: &Registry, source: &str, results: Vec<ProbeReport>) {
    registry.engine.report(report(source, results)).await.unwrap();
}

fn took(target: &str, milliseconds: u64) -> ProbeReport {
    ProbeReport { duration: Duration::from_millis(milliseconds), ..result(target, Outcome::Success) }
}

fn down(target: &str) -> ProbeReport {
    result(target, Outcome::failure(FailureReason::Refused, "connect: refused"))
}

/// `a1` and `a2` at `a`, `b1` at `b`: `a1` reaches both, `a2` does not reach `b1`, `b1` says nothing.
async fn ring() -> Registry {
    let registry = Registry::new();
    for (id, location) in [("a1", "a"), ("a2", "a"), ("b1", "b")] {
        join(&registry, id, location).await;
    }
    tell(&registry, "a1", vec![took("b1", 10), burst("b1"), took("a2", 20), bandwidth("a2")]).await;
    tell(&registry, "a2", vec![down("b1"), took("a1", 30), traceroute("a1")]).await;
    registry
}

async fn matrix(registry: &Registry, query: &str) -> Matrix {
    let answer = registry.get(&format!("/api/v1/matrix?{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{query}: {answer:?}");
    serde_json::from_value(answer.json()).unwrap()
}

#[tokio::test]
async fn the_answer_is_the_matrix_of_the_engine() {
    let registry = ring().await;
    assert_eq!(matrix(&registry, "").await, registry.engine.matrix().await.unwrap());
    assert_eq!(matrix(&Registry::new(), "").await.pairs, []);
}

#[tokio::test]
async fn a_filter_leaves_the_pairs_that_it_names() {
    let registry = ring().await;
    for (query, pairs) in [
        ("", "a1-a2 a1-b1 a2-a1 a2-b1 b1-a1 b1-a2"),
        ("source=a1", "a1-a2 a1-b1"),
        ("target=a1", "a2-a1 b1-a1"),
        ("source=a1&target=a1", ""),
        ("source=nobody", ""),
        ("source_location=a", "a1-a2 a1-b1 a2-a1 a2-b1"),
        ("target_location=b", "a1-b1 a2-b1"),
        ("source=a1&source_location=b", ""),
        ("source_location=a&target_location=a", "a1-a2 a2-a1"),
        ("state=up", "a1-a2 a1-b1 a2-a1"),
        ("state=down", "a2-b1"),
        ("state=degraded", ""),
        ("state=unknown", "b1-a1 b1-a2"),
        ("state=down,unknown", "a2-b1 b1-a1 b1-a2"),
        ("kind=udp&state=up", "a1-b1"),
        ("kind=tcp,udp&state=down", "a2-b1"),
        ("kind=of_your_own&state=up,down,degraded", ""),
        // What measures a round-trip time: a burst 11 ms to b1, a throughput test 10 to a2, and a traceroute 12.25 to a1.
        ("min_latency_ms=11", "a1-b1 a2-a1"),
        ("min_latency_ms=11.001", "a2-a1"),
        ("max_latency_ms=11", "a1-b1 a1-a2"),
        ("min_latency_ms=0&max_latency_ms=1e9", "a1-a2 a1-b1 a2-a1"),
        ("by=member&source=a2&state=up", "a2-a1"),
    ] {
        let matrix = matrix(&registry, query).await;
        let mut got: Vec<_> = matrix.pairs.iter().map(|pair| format!("{}-{}", pair.source, pair.target)).collect();
        let mut wanted: Vec<_> = pairs.split_whitespace().collect();
        got.sort();
        wanted.sort_unstable();
        assert_eq!(got, wanted, "{query}");
    }
}

#[tokio::test]
async fn the_state_of_a_pair_is_that_of_the_kinds_asked_for() {
    let registry = ring().await;
    let lost = ProbeReport { outcome: Outcome::failure(FailureReason::Timeout, "all were lost"), ..burst("b1") };
    tell(&registry, "a1", vec![took("b1", 1), lost]).await;
    for (query, state, checks) in [
        ("source=a1&target=b1", State::Up, 2),
        ("source=a1&target=b1&kind=tcp", State::Up, 1),
        ("source=a1&target=b1&kind=udp", State::Down, 1),
        ("source=a1&target=b1&kind=udp,tcp", State::Degraded, 2),
        ("source=a1&target=b1&kind=icmp", State::Unknown, 0),
    ] {
        let matrix = matrix(&registry, query).await;
        assert_eq!((matrix.pairs[0].state, matrix.pairs[0].checks.len()), (state, checks), "{query}");
    }
}

#[tokio::test]
async fn the_members_of_a_filter_are_its_rows_and_columns_and_the_ring_is_no_better_for_it() {
    let registry = ring().await;
    for (query, members, state) in [
        ("", "a1 a2 b1", RingState::Unhealthy),
        ("source=a1", "a1 a2 b1", RingState::Healthy),
        ("source_location=a&target_location=a", "a1 a2", RingState::Healthy),
        ("source=b1&target=a1", "a1 b1", RingState::Unknown),
        ("state=up", "a1 a2 b1", RingState::Unhealthy),
        ("min_latency_ms=20", "a1 a2 b1", RingState::Unhealthy),
    ] {
        let matrix = matrix(&registry, query).await;
        let ids: Vec<_> = matrix.members.iter().map(|member| member.instance_id.as_str()).collect();
        assert_eq!((ids.join(" ").as_str(), matrix.state), (members, state), "{query}");
    }
}

#[tokio::test]
async fn a_parameter_that_makes_no_sense_is_named() {
    let registry = ring().await;
    let long = format!("source={}", "x".repeat(129));
    let many = format!("kind={}", (0..17).map(|i| format!("k{i}")).collect::<Vec<_>>().join(","));
    for (query, said) in [
        ("source=", "source: instance_id must not be empty"),
        (&long, "source: instance_id must have at most 128 bytes"),
        ("target_location=%00", "target_location: location must have no control characters"),
        ("kind=TCP", "kind: kind must be a word"),
        ("kind=tcp,,udp", "kind: kind must be a word"),
        (&many, "kind: at most 16 words"),
        ("state=sideways", "state: unknown variant `sideways`"),
        ("state=", "state: unknown variant ``"),
        ("min_latency_ms=NaN", "min_latency_ms: must be milliseconds, 0 or more, not NaN"),
        ("min_latency_ms=-1", "min_latency_ms: must be milliseconds, 0 or more, not -1"),
        ("max_latency_ms=inf", "max_latency_ms: must be milliseconds, 0 or more, not inf"),
        ("max_latency_ms=1e300", "max_latency_ms: must be milliseconds"),
        ("max_latency_ms=soon", "max_latency_ms: "),
        ("min_latency_ms=2&max_latency_ms=1", "min_latency_ms must not be more than max_latency_ms"),
        ("by=planet", "by: unknown variant `planet`"),
        ("sauce=a1", "unknown field `sauce`"),
        ("source=a1&source=a2", "duplicate field `source`"),
    ] {
        let answer = registry.get(&format!("/api/v1/matrix?{query}")).await;
        answer.assert_error(StatusCode::BAD_REQUEST, said);
    }
}

#[tokio::test]
async fn a_check_says_what_its_probe_measures_and_nothing_else() {
    let registry = ring().await;
    let tcp = ProbeReport { interval: Some(Duration::from_secs(30)), ..took("b1", 10) };
    tell(&registry, "a1", vec![tcp, burst("b1"), bandwidth("b1"), traceroute("b1")]).await;
    registry.clock.advance(Duration::from_secs(4));
    let answer = registry.get("/api/v1/matrix?source=a1&target=b1").await.json();
    // The members' clock said 4 s ago that the probe, which took 10 ms, had begun just then.
    let checks = json!([
        {"kind": "tcp", "state": "up", "duration_seconds": 0.01, "age_seconds": 4.0, "next_check_seconds": 25.99},
        {"kind": "udp", "state": "up", "duration_seconds": 0.001, "round_trip_time_seconds": 0.011, "loss_ratio": 0.1,
         "interarrival_jitter_seconds": 0.002, "age_seconds": 4.0},
        {"kind": "bandwidth", "state": "up", "duration_seconds": 0.001, "round_trip_time_seconds": 0.01,
         "download_bits_per_second": 93.5e6, "download_settled": true, "upload_bits_per_second": 40e6,
         "upload_settled": false, "age_seconds": 4.0},
        {"kind": "traceroute", "state": "up", "duration_seconds": 0.001, "round_trip_time_seconds": 0.01225, "hops": 3,
         "age_seconds": 4.0},
    ]);
    assert_eq!(answer["pairs"][0]["checks"], checks);
    registry.clock.advance(Duration::from_secs(250));
    // Another question, for the answer to that one may still serve.
    let answer = registry.get("/api/v1/matrix?source=a1&target=b1&kind=tcp").await.json();
    let check = &answer["pairs"][0]["checks"][0];
    assert_eq!((&check["next_check_seconds"], &check["state"]), (&json!(0.0), &json!("unknown")));
}

#[tokio::test]
async fn locations_are_rolled_up() {
    let registry = ring().await;
    let answer = registry.get("/api/v1/matrix?by=location").await.json();
    let spread = |worst: f64, median: f64, best: f64| json!({"worst": worst, "median": median, "best": best});
    let one = |value| spread(value, value, value);
    assert_eq!(answer["state"], "unhealthy");
    assert_eq!(
        answer["locations"],
        json!([
            {"location": "a", "online": 2, "stale": 0, "offline": 0, "deregistered": 0},
            {"location": "b", "online": 1, "stale": 0, "offline": 0, "deregistered": 0},
        ])
    );
    assert_eq!(
        answer["pairs"],
        json!([
            {"source_location": "a", "target_location": "a", "state": "up", "up": 2, "down": 0, "degraded": 0, "unknown": 0,
             "latency_seconds": spread(0.01225, 0.01225, 0.01), "download_bits_per_second": one(93.5e6),
             "upload_bits_per_second": one(40e6), "worst": {"source": "a2", "target": "a1"}},
            {"source_location": "a", "target_location": "b", "state": "down", "up": 1, "down": 1, "degraded": 0,
             "unknown": 0, "latency_seconds": one(0.011), "loss_ratio": one(0.1), "worst": {"source": "a2", "target": "b1"}},
            {"source_location": "b", "target_location": "a", "state": "unknown", "up": 0, "down": 0, "degraded": 0,
             "unknown": 2, "worst": {"source": "b1", "target": "a1"}},
        ])
    );
    // Filters apply first.
    let answer = registry.get("/api/v1/matrix?by=location&kind=tcp&state=up&target=b1").await.json();
    let rollup: Rollup = serde_json::from_value(answer).unwrap();
    assert_eq!(rollup.pairs.len(), 1, "{rollup:?}");
    assert_eq!((rollup.pairs[0].state, rollup.pairs[0].up, rollup.pairs[0].down), (State::Up, 1, 0));
    assert_eq!(rollup.state, RingState::Unhealthy, "one that is not shown is down");
}

#[tokio::test]
async fn a_ring_too_large_for_a_matrix_says_so_and_is_told_by_locations_and_in_parts() {
    let registry = Registry::new();
    for i in 0..=RegistryEngine::MAX_MATRIX_MEMBERS {
        join(&registry, &format!("member-{i}"), ["eu1", "us1"][i % 2]).await;
    }
    let answer = registry.get("/api/v1/matrix").await;
    let said = "501 active members, and there is no matrix of more than 500: ask for it by=location";
    answer.assert_error(StatusCode::UNPROCESSABLE_ENTITY, said);
    assert!(registry.engine.matrix().await.is_err());
    let answer = registry.get("/api/v1/matrix?state=up").await;
    answer.assert_error(StatusCode::UNPROCESSABLE_ENTITY, said);
    assert_eq!(registry.get("/members").await.status, StatusCode::OK);

    let rollup: Rollup = serde_json::from_value(registry.get("/api/v1/matrix?by=location").await.json()).unwrap();
    let unknown: Vec<_> = rollup.pairs.iter().map(|pair| pair.unknown).collect();
    assert_eq!(unknown, [251 * 250, 251 * 250, 250 * 251, 250 * 249]);
    assert_eq!(matrix(&registry, "source_location=eu1").await.pairs.len(), 251 * 500);
    assert_eq!(matrix(&registry, "source=member-0&target_location=us1").await.pairs.len(), 250);
    registry.post("/deregister", &json!({"instance_id": "member-0"})).await;
    assert_eq!(registry.get("/api/v1/matrix").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_part_that_is_too_large_is_refused_too() {
    let registry = Registry::new();
    for i in 0..=RegistryEngine::MAX_MATRIX_MEMBERS {
        join(&registry, &format!("member-{i}"), "eu1").await;
    }
    let answer = registry.get("/api/v1/matrix?source_location=eu1").await;
    answer.assert_error(StatusCode::UNPROCESSABLE_ENTITY, "that are 250500 pairs");
}

async fn by_gzip(registry: &Registry, path: &str) -> Answer {
    let request = Request::get(path).header(header::ACCEPT_ENCODING, "gzip").body(Body::empty()).unwrap();
    send(&registry.router, request).await
}

#[tokio::test]
async fn an_answer_by_gzip_is_the_same_answer() {
    let registry = Registry::new();
    for i in 0..100 {
        join(&registry, &format!("member-{i}"), "eu1").await;
    }
    let answer = by_gzip(&registry, "/api/v1/matrix").await;
    assert_eq!((answer.header(header::CONTENT_ENCODING), answer.header(header::VARY)), ("gzip", "Accept-Encoding"));
    assert_eq!(answer.header(header::CONTENT_LENGTH), answer.body.len().to_string());
    let matrix: Matrix = serde_json::from_slice(&answer.gunzipped()).unwrap();
    assert_eq!(matrix, registry.engine.matrix().await.unwrap());
    let plain = registry.get("/api/v1/matrix").await;
    assert_eq!(plain.header(header::CONTENT_LENGTH), plain.body.len().to_string());
    assert_eq!(plain.header(header::CONTENT_ENCODING), "");
    assert_eq!(plain.body, answer.gunzipped());
}

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

/// A registry whose matrix takes 100 ms to make.
async fn slow() -> (Registry, Faulty) {
    let store = Faulty::new();
    let registry = Registry::with_store(store.clone());
    registry.join("a").await;
    store.reports_only(Fault::Slow(100 * MS));
    (registry, store)
}

async fn timed(registry: &Registry) -> (StatusCode, Duration) {
    let begun = Instant::now();
    (registry.get("/api/v1/matrix").await.status, begun.elapsed())
}

#[tokio::test(start_paused = true)]
async fn what_takes_long_is_ready_before_it_is_asked_for_again() {
    let (registry, store) = slow().await;
    assert_eq!(timed(&registry).await, (StatusCode::OK, 100 * MS));
    for _ in 0..20 {
        sleep(700 * MS).await;
        assert_eq!(timed(&registry).await, (StatusCode::OK, Duration::ZERO));
    }
    registry.join("b").await;
    sleep(2 * SECOND).await;
    let answer = registry.get("/api/v1/matrix").await.json();
    assert_eq!(answer["members"].as_array().unwrap().len(), 2, "and it is a new one");

    // Nobody asks for a while.
    sleep(40 * SECOND).await;
    let made = store.lists();
    sleep(600 * SECOND).await;
    assert_eq!(store.lists(), made);
    assert_eq!(timed(&registry).await, (StatusCode::OK, 100 * MS));
    sleep(20 * SECOND).await;
    assert!(store.lists() > made + 10, "it is kept new again");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_cannot_be_made_anew_is_not_served_for_long() {
    let (registry, store) = slow().await;
    assert_eq!(timed(&registry).await.0, StatusCode::OK);
    store.reports_only(REFUSING);
    sleep(2 * SECOND).await;
    assert_eq!(timed(&registry).await.0, StatusCode::SERVICE_UNAVAILABLE);
    store.reports_only(Fault::Slow(100 * MS));
    assert_eq!(timed(&registry).await.0, StatusCode::OK);
    // Where the store hangs, whoever asks is told so once the answer is old.
    store.reports_only(Fault::Hanging);
    sleep(3 * SECOND).await;
    assert_eq!(timed(&registry).await, (StatusCode::SERVICE_UNAVAILABLE, 8 * SECOND));
}
