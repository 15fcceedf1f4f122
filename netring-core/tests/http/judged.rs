//! What becomes of reports once they are judged: odd times, results that come twice, targets that are gone, and members of
//! 1.x.

use crate::ring::{Registry, ask, registration, send};
use axum::http::{Request, StatusCode, header};
use netring_core::{
    FailureReason, MemberReport, Outcome, ProbeReport, Timestamp,
    http::registry_router,
    testing::sample::{NOW, report, result},
};
use serde_json::{Value, json};
use std::{io::Write, time::Duration};

const OWN: &str = "/api/v1/report";
const LEGACY: &str = "/report_metrics";
const SECOND: Duration = Duration::from_secs(1);

async fn ring(members: &[&str]) -> Registry {
    let registry = Registry::new();
    for id in members {
        registry.join(id).await;
    }
    registry
}

/// Posts what `a` says of `b` at these times, and judges it.
async fn tell(registry: &Registry, sent_at: Timestamp, started_at: Timestamp) {
    let result = ProbeReport { started_at, ..result("b", Outcome::Success) };
    let body = MemberReport { sent_at, ..report("a", vec![result]) };
    post(registry, OWN, &serde_json::to_value(body).unwrap()).await;
    registry.engine.judge().await.unwrap();
}

async fn post(registry: &Registry, path: &str, body: &Value) {
    registry.post(path, body).await.assert(StatusCode::OK, &json!({"status": "ok"}));
}

/// The state of how `a` reaches `b`. Each time a router of its own is asked: one may serve an answer again for a while.
async fn state(registry: &Registry) -> Value {
    let router = registry_router(registry.engine.clone());
    let matrix = ask(&router, "GET", "/api/v1/matrix?source=a&target=b", "").await.json();
    matrix["pairs"][0]["state"].clone()
}

/// The members are heard of for so long.
async fn beat(registry: &Registry, time: Duration) {
    registry.clock.advance(time);
    for id in ["a", "b"] {
        post(registry, "/heartbeat", &json!({"instance_id": id})).await;
    }
    registry.engine.judge().await.unwrap();
}

async fn samples(registry: &Registry) -> usize {
    let answer = registry.get("/api/v1/history?source=a&target=b").await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.json()["checks"][0]["hour"].as_array().unwrap().len()
}

#[tokio::test]
async fn times_that_cannot_be_are_as_of_now_or_unknown_and_nothing_is_up_for_ever() {
    let (first, last) = (Timestamp::default(), Timestamp::from_unix_seconds(253_402_300_799));
    for (sent_at, started_at, known) in [
        (NOW, NOW + 3_600 * SECOND, true),
        (NOW, last, true),
        (last, last, true),
        (first, NOW, true),
        (first, last, true),
        // A clock that is wrong is wrong at both times.
        (first, first, true),
        (NOW + 3_600 * SECOND, NOW + 3_600 * SECOND, true),
        // These are old, by the member's own word.
        (NOW, first, false),
        (last, NOW, false),
        (last, first, false),
        (NOW, NOW - 3_600 * SECOND, false),
    ] {
        let registry = ring(&["a", "b"]).await;
        tell(&registry, sent_at, started_at).await;
        let now = if known { "up" } else { "unknown" };
        assert_eq!(state(&registry).await, now, "{sent_at:?} {started_at:?}");
        assert_eq!(samples(&registry).await, usize::from(known), "{sent_at:?} {started_at:?}");
        for _ in 0..4 {
            beat(&registry, 60 * SECOND).await;
        }
        assert_eq!(state(&registry).await, "unknown", "{sent_at:?} {started_at:?}, later");
        // The clock was set right: what comes then is taken.
        let now = registry.engine.now();
        tell(&registry, now, now - SECOND).await;
        assert_eq!(state(&registry).await, "up", "{sent_at:?} {started_at:?}, and then as it should be");
    }
}

#[tokio::test]
async fn however_long_a_probe_or_a_pause_is_said_to_be_a_result_grows_old() {
    for (name, place) in [
        ("check_interval_seconds", "/check_interval_seconds"),
        ("duration_seconds", "/results/0/duration_seconds"),
        ("interval_seconds", "/results/0/interval_seconds"),
    ] {
        let registry = ring(&["a", "b"]).await;
        let mut result = result("b", Outcome::Success);
        result.interval = Some(SECOND);
        let mut body = serde_json::to_value(report("a", vec![result])).unwrap();
        *body.pointer_mut(place).unwrap() = json!(3e8);
        post(&registry, OWN, &body).await;
        registry.engine.judge().await.unwrap();
        assert_eq!(state(&registry).await, "up", "{name}");
        for _ in 0..4 {
            beat(&registry, 86_400 * SECOND).await;
        }
        assert_eq!(state(&registry).await, "unknown", "{name}");
    }
}

#[tokio::test]
async fn a_result_counts_once_however_often_it_comes() {
    let registry = ring(&["a", "b"]).await;
    tell(&registry, NOW, NOW).await;
    for _ in 0..5 {
        tell(&registry, NOW, NOW).await;
        assert_eq!(samples(&registry).await, 1);
    }
    // Sent again a while later, by a member that has nothing newer.
    beat(&registry, 30 * SECOND).await;
    tell(&registry, NOW + 30 * SECOND, NOW).await;
    assert_eq!(samples(&registry).await, 1);
    tell(&registry, NOW + 31 * SECOND, NOW + 30 * SECOND).await;
    assert_eq!(samples(&registry).await, 2);
    let twice = vec![result("b", Outcome::Success); 3];
    beat(&registry, 30 * SECOND).await;
    let later = |result| ProbeReport { started_at: NOW + 60 * SECOND, ..result };
    let body = MemberReport { sent_at: NOW + 60 * SECOND, ..report("a", twice.into_iter().map(later).collect()) };
    post(&registry, OWN, &serde_json::to_value(body).unwrap()).await;
    registry.engine.judge().await.unwrap();
    assert_eq!(samples(&registry).await, 3, "three times in one report");
}

#[tokio::test]
async fn targets_that_are_not_in_the_ring_are_left_out() {
    let registry = ring(&["a", "b", "c"]).await;
    registry.post("/deregister", &json!({"instance_id": "c"})).await;
    for _ in 0..8 {
        let now = registry.engine.now();
        let failure = || Outcome::failure(FailureReason::Refused, "connect: refused");
        let results = [("b", Outcome::Success), ("c", failure()), ("nobody", failure()), ("a", failure())];
        let result = |(target, outcome)| ProbeReport { started_at: now, ..result(target, outcome) };
        let body = MemberReport { sent_at: now, ..report("a", results.map(result).into()) };
        post(&registry, OWN, &serde_json::to_value(body).unwrap()).await;
        beat(&registry, 60 * SECOND).await;
    }
    let matrix = registry.get("/api/v1/matrix").await.json();
    let pairs: Vec<_> =
        matrix["pairs"].as_array().unwrap().iter().map(|pair| (&pair["source"], &pair["target"])).collect();
    assert_eq!(pairs, [(&json!("a"), &json!("b")), (&json!("b"), &json!("a"))]);
    assert_eq!(registry.get("/api/v1/faults").await.json()["open"], json!([]));
    for target in ["nobody", "a"] {
        let answer = registry.get(&format!("/api/v1/history?source=a&target={target}")).await;
        answer.assert_error(StatusCode::NOT_FOUND, "nothing is remembered");
    }
    registry.get("/api/v1/topology/path?source=a&target=nobody").await.assert_error(StatusCode::NOT_FOUND, "nobody");
}

#[tokio::test]
async fn a_million_targets_are_refused_and_nothing_of_them_is_kept() {
    const MILLION: usize = 1_000_000;
    let registry = ring(&["a", "b"]).await;
    tell(&registry, NOW, NOW).await;
    let before = registry.state().await;
    let result = serde_json::to_string(&result("b", Outcome::Success)).unwrap();
    let own = serde_json::to_string(&report("a", vec![])).unwrap();
    let own = own.replace("\"results\":[]", &format!("\"results\":[{}{result}]", format!("{result},").repeat(MILLION)));
    let mut legacy = String::from(r#"{"instance_id":"a","metrics":{"connectivity_tcp":{"#);
    for i in 0..MILLION {
        legacy.push_str(&format!(r#""{i}":{{"labels":{{"target_instance":"b"}},"value":0}},"#));
    }
    legacy.push_str(r#""b":{"labels":{},"value":0}}}}"#);
    for (path, body) in [(OWN, own), (LEGACY, legacy)] {
        assert!(serde_json::from_str::<serde::de::IgnoredAny>(&body).is_ok());
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(body.as_bytes()).unwrap();
        let request = Request::post(path).header(header::CONTENT_ENCODING, "gzip");
        let answer = send(&registry.router, request.body(gzip.finish().unwrap().into()).unwrap()).await;
        answer.assert_error(StatusCode::PAYLOAD_TOO_LARGE, "");
        registry.post_bytes(path, body).await.assert_error(StatusCode::PAYLOAD_TOO_LARGE, "");
        registry.engine.judge().await.unwrap();
        assert_eq!(registry.state().await, before, "{path}");
    }
    assert_eq!((state(&registry).await, samples(&registry).await), (json!("up"), 1));
}

#[tokio::test]
async fn a_parameter_that_makes_no_sense_is_named() {
    let registry = ring(&["a", "b"]).await;
    tell(&registry, NOW, NOW).await;
    let long = format!("history?target=b&source={}", "x".repeat(129));
    for (question, said) in [
        ("faults?scope=planet", "scope: unknown variant `planet`"),
        ("faults?scope=", "scope: unknown variant ``"),
        ("faults?scope=Target", "scope: unknown variant `Target`"),
        ("faults?scope=target&scope=pair", "scope"),
        ("faults?symptom=tired", "symptom: unknown variant `tired`"),
        ("faults?symptom=%ff", "symptom"),
        ("faults?state=open", "unknown field `state`"),
        ("history", "missing field `source`"),
        ("history?source=a", "missing field `target`"),
        ("history?target=b", "missing field `source`"),
        ("history?source=&target=b", "source: instance_id must not be empty"),
        ("history?source=a&target=%00", "target: instance_id"),
        ("history?source=a&target=b&target=b", "target"),
        ("history?source=a&target=b&hours=1", "unknown field `hours`"),
        (&long, "source: instance_id must have at most 128 bytes"),
    ] {
        registry.get(&format!("/api/v1/{question}")).await.assert_error(StatusCode::BAD_REQUEST, said);
    }
    for question in ["faults", "faults?scope=target&symptom=unreachable", "history?source=a&target=b"] {
        assert_eq!(registry.get(&format!("/api/v1/{question}")).await.status, StatusCode::OK, "{question}");
    }
}

/// How a member reports.
type Style = fn(&Registry, &str, &[(&str, bool)]) -> (&'static str, Value);

fn own(registry: &Registry, source: &str, seen: &[(&str, bool)]) -> (&'static str, Value) {
    let now = registry.engine.now();
    let one = |&(target, good): &(&str, bool)| {
        let failure = || Outcome::failure(FailureReason::Refused, "connect: refused");
        let outcome = if good { Outcome::Success } else { failure() };
        ProbeReport { started_at: now, duration: Duration::ZERO, ..result(target, outcome) }
    };
    let body = MemberReport { sent_at: now, ..report(source, seen.iter().map(one).collect()) };
    (OWN, serde_json::to_value(body).unwrap())
}

/// As a member of 1.x does: floats in place of words, and no time.
fn legacy(_: &Registry, source: &str, seen: &[(&str, bool)]) -> (&'static str, Value) {
    let one = |&(target, good): &(&str, bool)| {
        let labels = json!({
            "source_location": "eu1", "source_instance": source,
            "target_location": "eu1", "target_instance": target, "target_ip": "10.1.2.3",
        });
        (format!("eu1:{target}"), json!({"labels": labels, "value": if good { 1.0 } else { 0.0 }}))
    };
    let values: serde_json::Map<_, _> = seen.iter().map(one).collect();
    (LEGACY, json!({"instance_id": source, "metrics": {"connectivity_tcp": values, "general": {"members_total": 2.0}}}))
}

/// Every round of a ring of three: whether `c` lives, and what is at fault.
async fn judged(style: Style) -> Vec<(bool, Vec<Value>)> {
    let registry = Registry::new();
    for (port, id) in (8_000..).zip(["a", "b", "c"]) {
        let mut body = registration(id);
        body["port"] = json!(port);
        assert_eq!(registry.post("/register", &body).await.status, StatusCode::OK);
    }
    let mut rounds = Vec::new();
    for round in 0..40 {
        let lives = !(8..20).contains(&round);
        for (source, one, other) in [("a", "b", "c"), ("b", "a", "c"), ("c", "a", "b")] {
            if source == "c" && !lives {
                continue;
            }
            post(&registry, "/heartbeat", &json!({"instance_id": source})).await;
            let (path, body) = style(&registry, source, &[(one, true), (other, other != "c" || lives)]);
            post(&registry, path, &body).await;
        }
        registry.engine.judge().await.unwrap();
        let faults = registry.get("/api/v1/faults").await.json();
        let open = faults["open"].as_array().unwrap().iter().map(|fault| {
            json!([fault["scope"], fault["instance_id"], fault["symptom"], fault["since"], fault["pairs"]])
        });
        rounds.push((lives, open.collect()));
        registry.clock.advance(60 * SECOND);
    }
    rounds
}

#[tokio::test]
async fn members_of_1_x_are_believed_as_our_own_are() {
    let (ours, theirs) = (judged(own).await, judged(legacy).await);
    assert_eq!(ours, theirs);
    let (_, open) = ours.iter().rfind(|(lives, _)| !lives).unwrap();
    assert_eq!(open.len(), 1, "{ours:?}");
    assert_eq!((&open[0][0], &open[0][1], &open[0][2]), (&json!("target"), &json!("c"), &json!("unreachable")));
    assert_eq!(open[0][4], json!([{"source": "a", "target": "c"}, {"source": "b", "target": "c"}]));
    assert_eq!(ours.last().unwrap().1, Vec::<Value>::new());
    assert!(ours.iter().take(8).all(|(_, open)| open.is_empty()), "{ours:?}");
}
