//! Real answers are as the document says.

use super::{ask, document, routes, schema::problems};
use crate::{
    RegistryEngine,
    analysis::{
        ExpectedLocation, ExpectedMembers, Fault, GridValue, KindOf, Occurrence, PairRef, RingEvent, State, Subject,
        Suspect, Symptom, TransferDirection, Whose,
    },
    model::{
        AdvertisedAddress, Clock, Endpoint, FailureReason, InstanceId, Location, Outcome, Path, PathChange, ProbeKind,
        ProbeReport, Registration, Timestamp,
    },
    registry::PairChange,
    store::MemoryStore,
    testing::sample::{self, NOW},
    wire::{FaultsResponse, MatrixChanges, StreamReset, WebhookHealth, path},
};
use axum::http::{Method, StatusCode};
use http_body_util::BodyExt;
use serde::Serialize;
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};

fn described() -> Value {
    serde_json::to_value(document()).unwrap()
}

#[track_caller]
fn assert_is(document: &Value, schema: &Value, value: &Value, what: &str) {
    let found = problems(document, schema, value);
    assert!(found.is_empty(), "{what}: {found:#?}\n{value:#}");
}

/// A ring of two members that have seen each other, and miss a third.
async fn ring() -> RegistryEngine {
    let store = Arc::new(MemoryStore::new());
    let expected = ExpectedLocation { expected_count: 3, description: "Frankfurt".to_owned(), ..Default::default() };
    let locations = BTreeMap::from([(location("eu1"), expected)]);
    let registry = RegistryEngine::builder(store.clone())
        .journal(store)
        .clock(At(NOW))
        .expected_members(ExpectedMembers { locations, ..Default::default() })
        .build();
    for (source, target, ip) in [("a", "b", [10, 1, 2, 1]), ("b", "a", [10, 1, 2, 3])] {
        let address = AdvertisedAddress::new(ip.into(), 8757).unwrap();
        registry.register(Registration { address, ..sample::registration(source) }).await.unwrap();
        let failed = Outcome::Failure { reason: FailureReason::Timeout, message: "no answer".to_owned() };
        let results = vec![
            sample::result(target, Outcome::Success),
            ProbeReport { kind: ProbeKind::HTTP, ..sample::result(target, failed) },
            sample::burst(target),
            sample::bandwidth(target),
            sample::traceroute(target),
        ];
        registry.report(sample::report(source, results)).await.unwrap();
    }
    registry.judge().await.unwrap();
    let webhook = WebhookHealth {
        url: "https://alerts.example".to_owned(),
        delivered: 1,
        failed: 1,
        pending: 0,
        last_error: Some("503".to_owned()),
        since: NOW,
    };
    registry.set_webhook_health(move || vec![webhook.clone()]);
    registry
}

#[derive(Debug)]
struct At(Timestamp);

impl Clock for At {
    fn now(&self) -> Timestamp {
        self.0
    }
}

fn location(name: &str) -> Location {
    Location::new(name).unwrap()
}

/// What makes an answer of it that shows much.
fn asked(path: &str) -> Vec<String> {
    match path {
        path::HISTORY | path::TOPOLOGY_PATH => vec![format!("{path}?source=a&target=b")],
        path::MATRIX_GRID => {
            vec![path.to_owned(), format!("{path}?values=latency,loss,jitter,download,upload,hops,p95,age")]
        }
        path::MATRIX => vec![path.to_owned(), format!("{path}?by=location")],
        _ => vec![path.to_owned()],
    }
}

#[tokio::test]
async fn every_answer_of_a_ring_is_as_its_schema_says() {
    let (document, registry) = (described(), ring().await);
    let mut bodies = 0;
    for route in routes().into_iter().filter(|route| route.method == utoipa::openapi::HttpMethod::Get) {
        for asked in asked(route.path) {
            let answer = ask(&registry, Method::GET, &asked).await;
            assert_eq!(answer.status(), StatusCode::OK, "{asked}");
            let content = &document["paths"][route.path]["get"]["responses"]["200"]["content"];
            let content_type = answer.headers()["content-type"].to_str().unwrap();
            let media = content_type.split(';').next().unwrap();
            let schema = &content[media]["schema"];
            assert!(schema.is_object(), "{asked}: {media} is not in the document");
            // A stream has no end.
            if media == "application/json" {
                let body = answer.into_body().collect().await.unwrap().to_bytes();
                let value: Value = serde_json::from_slice(&body).unwrap();
                assert_is(&document, schema, &value, &asked);
                bodies += 1;
            }
        }
    }
    assert_eq!(bodies, 14);
}

/// The others are of no use where there is nothing in them.
#[tokio::test]
async fn the_ring_has_something_to_tell() {
    let registry = ring().await;
    let get = async |path: &str| -> Value {
        let body = ask(&registry, Method::GET, path).await.into_body().collect().await.unwrap().to_bytes();
        serde_json::from_slice(&body).unwrap()
    };
    assert_eq!(get(path::MATRIX).await["pairs"].as_array().unwrap().len(), 2);
    assert_eq!(get("/api/v1/matrix?by=location").await["pairs"].as_array().unwrap().len(), 1);
    let grid = get("/api/v1/matrix/grid?values=latency,loss,jitter,download,upload,hops,p95,age").await;
    for value in GridValue::ALL {
        assert!(grid[value.field()][0][1].is_number(), "{value:?}: {grid}");
    }
    assert!(!get(path::TOPOLOGY).await["edges"].as_array().unwrap().is_empty());
    assert!(get("/api/v1/topology/path?source=a&target=b").await["forward"].is_object());
    assert!(!get("/api/v1/history?source=a&target=b").await["checks"][0]["hour"].as_array().unwrap().is_empty());
    assert_eq!(get(path::EXPECTED).await["locations"]["eu1"]["missing_count"], 1);
    assert_eq!(get(path::EVENTS).await["events"].as_array().unwrap().len(), 2);
    assert_eq!(get(path::SERVICE_DISCOVERY).await.as_array().unwrap().len(), 2);
    let health = get(path::HEALTH).await;
    assert_eq!(health["webhooks"].as_array().unwrap().len(), 1);
    assert_eq!(
        health["analysis"],
        json!({
            "leading": true,
            "rounds": 1,
            "last_round_at": NOW.as_unix_seconds_f64(),
            "faults_open": 0,
            "expected_members": true,
            "history": serde_json::to_value(registry.history_health()).unwrap(),
        })
    );
    assert_eq!(health["analysis"]["history"]["pairs"], 2);
}

fn subjects() -> Vec<Subject> {
    let (id, at) = (|name| InstanceId::new(name).unwrap(), location("eu1"));
    let of_kind = |of| Subject::Kind { kind: ProbeKind::HTTP, endpoint: Some(Endpoint::new("/").unwrap()), of };
    let (near, far) = ([192, 0, 2, 1].into(), [192, 0, 2, 2].into());
    vec![
        Subject::Target { instance_id: id("a"), location: at.clone() },
        Subject::Inbound { instance_id: id("a"), location: at.clone() },
        Subject::Source { instance_id: id("a"), location: at.clone() },
        Subject::Location { location: at.clone() },
        Subject::Partition { sides: [vec![at.clone(), location("eu2")], vec![location("us1"), location("us2")]] },
        Subject::LocationPair { locations: [at.clone(), location("us1")] },
        Subject::Direction { source_location: at.clone(), target_location: location("us1") },
        Subject::Pair { source: id("a"), target: id("b"), both_ways: true },
        of_kind(KindOf::Target(id("a"))),
        of_kind(KindOf::Source(id("a"))),
        of_kind(KindOf::Direction(at.clone(), at)),
        of_kind(KindOf::Pair(id("a"), id("b"))),
        of_kind(KindOf::Ring),
        Subject::Router { router: near },
        Subject::Link { link: [near, far] },
    ]
}

fn fault(subject: Subject) -> Fault {
    Fault {
        id: "fault".to_owned(),
        subject,
        symptom: Symptom::Lossy,
        since: NOW,
        closed_at: Some(NOW),
        relapses: 1,
        confidence: 0.5,
        pairs: vec![pair()],
        pairs_total: 1,
        suspects: vec![Suspect { routers: vec![[192, 0, 2, 1].into()], share: 0.5 }],
        sentence: "It is at fault.".to_owned(),
    }
}

fn pair() -> PairRef {
    PairRef { source: sample::id("a"), target: sample::id("b") }
}

fn assert_named(document: &Value, name: &str, value: impl Serialize) {
    let schema = json!({ "$ref": format!("#/components/schemas/{name}") });
    assert_is(document, &schema, &serde_json::to_value(value).unwrap(), name);
}

#[test]
fn every_fault_and_every_event_is_as_its_schema_says() {
    let document = described();
    let faults: Vec<_> = subjects().into_iter().map(fault).collect();
    assert_named(
        &document,
        "FaultsResponse",
        FaultsResponse { at: NOW, stale_since: Some(NOW), open: faults.clone(), closed: faults },
    );
    let whose = |name| Whose { instance_id: sample::id(name), location: location("eu1") };
    let fault = || Box::new(fault(Subject::Location { location: location("eu1") }));
    let path = |router: [u8; 4]| Path(vec![vec![router.into()], Vec::new()]);
    let change = PathChange { at: NOW, before: vec![path([192, 0, 2, 1])], after: vec![path([192, 0, 2, 2])] };
    let (source, target) = (whose("a"), whose("b"));
    let occurrences = [
        Occurrence::Joined(whose("a")),
        Occurrence::Left(whose("a")),
        Occurrence::Stale(whose("a")),
        Occurrence::Offline(whose("a")),
        Occurrence::Online(whose("a")),
        Occurrence::FaultOpened { fault: fault() },
        Occurrence::FaultClosed { fault: fault() },
        Occurrence::PathChanged { source: source.clone(), target: target.clone(), change },
        Occurrence::ThroughputDropped {
            source,
            target,
            direction: TransferDirection::Upload,
            bits_per_second: 1e6,
            usual_bits_per_second: 1e7,
        },
    ];
    assert_eq!(occurrences.len(), Occurrence::KINDS.len());
    for what in occurrences {
        assert_named(&document, "RingEvent", RingEvent { id: 1, at: NOW, what });
    }
    let changes = vec![PairChange { pair: pair(), before: State::Up, state: State::Down }];
    assert_named(&document, "MatrixChanges", MatrixChanges { at: NOW, changes, changes_total: 1 });
    assert_named(&document, "StreamReset", StreamReset { last_id: 7 });
}

#[test]
fn what_is_not_as_its_schema_says_is_found() {
    let document = described();
    let schema = json!({ "$ref": "#/components/schemas/FaultsResponse" });
    let good = serde_json::to_value(FaultsResponse {
        at: NOW,
        stale_since: Some(NOW),
        open: vec![fault(subjects().remove(0))],
        closed: vec![],
    });
    let good = good.unwrap();
    assert_is(&document, &schema, &good, "as it is");
    for (pointer, name, bad) in [
        ("", "at", None),
        ("", "more", Some(json!(1))),
        ("", "open", Some(json!("none"))),
        ("/open/0", "scope", Some(json!("nobody"))),
        ("/open/0", "instance_id", None),
        ("/open/0", "symptom", Some(json!("sad"))),
        ("/open/0", "confidence", Some(json!("high"))),
        ("/open/0", "more", Some(json!(1))),
        ("/open/0/pairs/0", "source", Some(json!(1))),
    ] {
        let mut value = good.clone();
        let object = value.pointer_mut(pointer).unwrap().as_object_mut().unwrap();
        match bad.clone() {
            Some(bad) => object.insert(name.to_owned(), bad),
            None => object.remove(name),
        };
        assert!(!problems(&document, &schema, &value).is_empty(), "{pointer}/{name}: {bad:?}");
    }
}
