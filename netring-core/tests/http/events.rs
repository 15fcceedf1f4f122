//! `GET /api/v1/events`.

use crate::ring::Registry;
use axum::http::StatusCode;
use netring_core::{
    Journal, Location, Timestamp,
    analysis::{Fault, Occurrence, PairRef, Subject, Symptom, Whose},
    testing::sample::{NOW, id},
};
use serde_json::json;
use std::{sync::Arc, time::Duration};

const SECOND: Duration = Duration::from_secs(1);

pub(crate) fn whose(instance_id: &str, location: &str) -> Whose {
    Whose { instance_id: id(instance_id), location: Location::new(location).unwrap() }
}

pub(crate) fn fault(subject: Subject) -> Occurrence {
    Occurrence::FaultOpened {
        fault: Box::new(Fault {
            id: "1".to_owned(),
            subject,
            symptom: Symptom::Unreachable,
            since: NOW,
            closed_at: None,
            relapses: 0,
            confidence: 1.0,
            pairs: vec![PairRef { source: id("a"), target: id("u") }],
            pairs_total: 1,
            suspects: Vec::new(),
            sentence: "It is down.\nReally.".to_owned(),
        }),
    }
}

/// Records as whoever leads, and gives the id of the last event.
pub(crate) async fn record(journal: &Arc<dyn Journal>, events: Vec<(Timestamp, Occurrence)>) -> u64 {
    let holder = id("registry");
    assert!(journal.lead(&holder, NOW, SECOND).await.unwrap());
    journal.record(&holder, NOW, events, None).await.unwrap()
}

/// Six events, a second apart; `a` of eu1 is registered.
async fn registry() -> Registry {
    let registry = Registry::new();
    registry.join("a").await;
    let all = [
        Occurrence::Joined(whose("a", "eu1")),
        Occurrence::Joined(whose("u", "us1")),
        Occurrence::Stale(whose("u", "us1")),
        fault(Subject::Target { instance_id: id("u"), location: Location::new("us1").unwrap() }),
        fault(Subject::Pair { source: id("a"), target: id("x"), both_ways: false }),
        Occurrence::Left(whose("u", "us1")),
    ];
    let at = |i: usize| NOW + SECOND * u32::try_from(i).unwrap();
    record(registry.engine.journal(), all.into_iter().enumerate().map(|(i, what)| (at(i), what)).collect()).await;
    registry
}

async fn ids(registry: &Registry, query: &str) -> Vec<u64> {
    let answer = registry.get(&format!("/api/v1/events{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{query}: {answer:?}");
    let body = answer.json();
    assert_eq!(body["last_id"], 6, "{query}");
    body["events"].as_array().unwrap().iter().map(|event| event["id"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn an_empty_journal_has_none() {
    Registry::new().get("/api/v1/events").await.assert(StatusCode::OK, &json!({"events": [], "last_id": 0}));
}

#[tokio::test]
async fn an_event_has_its_fields() {
    let body = registry().await.get("/api/v1/events?limit=6").await.json();
    let started = NOW.as_unix_seconds() as f64;
    let joined = json!({"id": 1, "at": started, "kind": "joined", "instance_id": "a", "location": "eu1"});
    assert_eq!(body["events"][0], joined);
    let fault = &body["events"][3];
    assert_eq!((&fault["kind"], &fault["fault"]["scope"]), (&json!("fault_opened"), &json!("target")));
    assert_eq!(fault["at"], json!(started + 3.0));
}

#[tokio::test]
async fn the_newest_that_match_come_the_oldest_first() {
    let registry = registry().await;
    let started = NOW.as_unix_seconds();
    for (query, wanted) in [
        (String::new(), &[1, 2, 3, 4, 5, 6][..]),
        ("?limit=2".to_owned(), &[5, 6]),
        ("?limit=1000".to_owned(), &[1, 2, 3, 4, 5, 6]),
        ("?after=4".to_owned(), &[5, 6]),
        ("?after=6".to_owned(), &[]),
        ("?after=18446744073709551615".to_owned(), &[]),
        ("?after=1&limit=2".to_owned(), &[5, 6]),
        (format!("?since={}", started + 3), &[4, 5, 6]),
        (format!("?since={}.5", started + 3), &[5, 6]),
        ("?since=0".to_owned(), &[1, 2, 3, 4, 5, 6]),
        ("?kind=joined".to_owned(), &[1, 2]),
        ("?kind=left,stale".to_owned(), &[3, 6]),
        ("?kind=joined&limit=1".to_owned(), &[2]),
        ("?kind=offline".to_owned(), &[]),
        // That of the pair is told by where its member stands, which is in the list of the members.
        ("?location=eu1".to_owned(), &[1, 5]),
        ("?location=us1".to_owned(), &[2, 3, 4, 6]),
        ("?location=mars".to_owned(), &[]),
        ("?location=us1&kind=fault_opened".to_owned(), &[4]),
    ] {
        assert_eq!(ids(&registry, &query).await, wanted, "{query}");
    }
}

/// What is answered with 400, and the words that say what is wrong.
pub(crate) const BAD: [(&str, &str); 6] = [
    ("kind=hello", "kind: must be of joined, left"),
    ("kind=joined,", "kind: must be of joined, left"),
    ("location=", "location"),
    ("location=a&location=b", "location"),
    ("locatoin=eu1", "locatoin"),
    ("kind=%ff", "kind"),
];

#[tokio::test]
async fn a_wrong_parameter_is_named() {
    let registry = registry().await;
    let own = [
        ("since=yesterday", "since"),
        ("since=-1", "since"),
        ("since=nan", "since"),
        ("since=1e300", "since"),
        ("after=-1", "after"),
        ("after=1.5", "after"),
        ("limit=0", "limit: must be from 1 to 1000, not 0"),
        ("limit=1001", "limit: must be from 1 to 1000, not 1001"),
        ("limit=many", "limit"),
        ("kind=matrix", "kind: changes of the matrix are no events"),
        ("last_event_id=1", "last_event_id"),
    ];
    for (query, said) in BAD.into_iter().chain(own) {
        let answer = registry.get(&format!("/api/v1/events?{query}")).await;
        answer.assert_error(StatusCode::BAD_REQUEST, said);
    }
    assert_eq!(registry.get("/api/v1/events").await.json()["events"].as_array().map(Vec::len), Some(6));
}
