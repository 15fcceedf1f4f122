//! `GET /members` for clients that have it already, and in fewer bytes.

use crate::{
    faulty::{Faulty, REFUSING},
    ring::{Answer, Registry, ask, registration, send},
};
use axum::{
    body::Body,
    http::{HeaderName, Request, StatusCode, header},
};
use netring_core::testing::sample::NOW;
use serde_json::json;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

async fn get(registry: &Registry, headers: &[(HeaderName, &str)]) -> Answer {
    let mut request = Request::get("/members");
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    send(&registry.router, request.body(Body::empty()).unwrap()).await
}

async fn tag(registry: &Registry) -> String {
    let answer = get(registry, &[]).await;
    assert_eq!(answer.status, StatusCode::OK);
    answer.header(header::ETAG).to_owned()
}

/// A registry with the member `a`, at the start of a minute.
async fn ring() -> Registry {
    let registry = Registry::new();
    let into_minute = NOW.as_unix_seconds() % 60;
    registry.clock.advance(Duration::from_secs(60 - into_minute));
    registry.join("a").await;
    registry
}

#[tokio::test]
async fn every_answer_says_how_it_may_be_kept() {
    let registry = ring().await;
    let answer = get(&registry, &[]).await;
    assert_eq!(answer.header(header::CACHE_CONTROL), "no-cache");
    assert_eq!(answer.header(header::VARY), "Accept-Encoding");
    assert_eq!(answer.header(header::CONTENT_TYPE), "application/json");
    let tag = answer.header(header::ETAG);
    assert!(tag.starts_with("W/\"") && tag.ends_with('"') && tag.len() > 20, "{tag}");
    for absent in [header::AGE, header::CONTENT_ENCODING] {
        assert!(!answer.headers.contains_key(&absent), "{absent}");
    }
    let head = ask(&registry.router, "HEAD", "/members", Body::empty()).await;
    assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
    assert_eq!(head.headers, answer.headers);
}

#[tokio::test]
async fn who_has_it_already_is_sent_nothing() {
    let registry = ring().await;
    let tag = tag(&registry).await;
    let strong = tag.trim_start_matches("W/");
    for known in [&tag, strong, "*", &format!("\"x\", W/\"y,z\", {tag}"), &format!(" {strong} , \"x\"")] {
        for encoding in ["gzip", "identity"] {
            let headers = [(header::IF_NONE_MATCH, known), (header::ACCEPT_ENCODING, encoding)];
            let answer = get(&registry, &headers).await;
            assert_eq!((answer.status, answer.body.len()), (StatusCode::NOT_MODIFIED, 0), "{known}");
            assert_eq!(answer.header(header::ETAG), tag);
            assert_eq!(answer.header(header::VARY), "Accept-Encoding");
            assert_eq!(answer.header(header::CACHE_CONTROL), "no-cache");
            assert!(!answer.headers.contains_key(header::CONTENT_TYPE));
        }
    }
    for other in ["", "\"x\"", "W/\"\"", "x", &tag[..tag.len() - 1], &format!("x {tag}"), &format!("\"x\" {tag}")] {
        let answer = get(&registry, &[(header::IF_NONE_MATCH, other)]).await;
        assert_eq!(answer.status, StatusCode::OK, "{other}");
        assert_eq!(answer.header(header::ETAG), tag);
    }
}

#[tokio::test]
async fn a_tag_changes_with_all_that_is_said_but_last_seen_and_once_a_minute() {
    let registry = ring().await;
    let first = tag(&registry).await;
    registry.clock.advance(30 * SECOND);
    registry.post("/heartbeat", &json!({"instance_id": "a"})).await;
    registry.clock.advance(2 * SECOND);
    assert_eq!(tag(&registry).await, first, "a heartbeat is no news");
    assert_eq!(get(&registry, &[]).await.json()["members"][0]["last_seen"], (NOW.as_unix_seconds() / 60 + 1) * 60 + 30);
    let mut tags = vec![first];
    let mut new = async |what: &str| {
        let tag = tag(&registry).await;
        assert!(!tags.contains(&tag), "{what}: {tag}");
        tags.push(tag);
    };
    registry.join("b").await;
    new("another member").await;
    let mut moved = registration("b");
    moved["port"] = json!(1);
    registry.post("/register", &moved).await;
    new("another port").await;
    registry.post("/deregister", &json!({"instance_id": "b"})).await;
    new("a goodbye").await;
    registry.clock.advance(29 * SECOND);
    new("another minute").await;
    registry.clock.advance(59 * SECOND);
    new("another minute").await;
    registry.clock.advance(Duration::from_millis(1));
    new("a member that is silent").await;
}

#[tokio::test]
async fn two_registries_say_the_same() {
    let (one, other) = (ring().await, ring().await);
    other.clock.advance(SECOND);
    for registry in [&one, &other] {
        registry.post("/heartbeat", &json!({"instance_id": "a"})).await;
    }
    other.clock.advance(SECOND);
    assert_ne!(get(&one, &[]).await.body, get(&other, &[]).await.body, "last_seen differs");
    assert_eq!(tag(&one).await, tag(&other).await);
}

#[tokio::test]
async fn who_asks_for_gzip_gets_gzip() {
    let registry = ring().await;
    for i in 0..300 {
        registry.join(&format!("member-{i}")).await;
    }
    let plain = get(&registry, &[]).await;
    for accepted in ["gzip", "deflate, gzip;q=0.5", "*"] {
        let answer = get(&registry, &[(header::ACCEPT_ENCODING, accepted)]).await;
        assert_eq!(answer.header(header::CONTENT_ENCODING), "gzip", "{accepted}");
        assert_eq!(answer.header(header::CONTENT_TYPE), "application/json");
        assert_eq!(answer.header(header::VARY), "Accept-Encoding");
        assert_eq!(answer.header(header::CONTENT_LENGTH), answer.body.len().to_string());
        assert_eq!(answer.header(header::ETAG), plain.header(header::ETAG), "it is a weak tag");
        assert!(answer.body.len() < plain.body.len() / 10, "{} bytes", answer.body.len());
        assert_eq!(answer.gunzipped(), plain.body);
    }
    for not_accepted in ["", "br", "gzip;q=0", "*, gzip;q=0", "identity, gzip;q=0.1", "gzip;q=nonsense"] {
        let answer = get(&registry, &[(header::ACCEPT_ENCODING, not_accepted)]).await;
        assert!(!answer.headers.contains_key(header::CONTENT_ENCODING), "{not_accepted}");
        assert_eq!(answer.header(header::VARY), "Accept-Encoding");
        assert_eq!(answer.body, plain.body);
    }
}

#[tokio::test(start_paused = true)]
async fn a_stale_answer_says_so_and_says_how_members_stood_then() {
    let store = Faulty::new();
    let registry = Registry::with_store(store.clone());
    registry.join("a").await;
    let fresh = get(&registry, &[]).await;
    store.both(REFUSING);
    let beat = registry.post("/heartbeat", &json!({"instance_id": "a"})).await;
    assert_eq!(beat.status, StatusCode::SERVICE_UNAVAILABLE, "it is not silent");
    let mut tags = vec![fresh.header(header::ETAG).to_owned()];
    for (later, age) in [(2_500, "2"), (997_500, "1000")] {
        registry.clock.advance(Duration::from_millis(later));
        let stale = get(&registry, &[]).await;
        assert_eq!((stale.status, stale.header(header::AGE)), (StatusCode::OK, age));
        assert_eq!(stale.header(header::CACHE_CONTROL), "no-cache");
        let mut body = fresh.json();
        body["stale_since"] = json!(NOW.as_unix_seconds_f64());
        assert_eq!(stale.json(), body, "nobody is offline because nobody could be heard");
        tags.push(stale.header(header::ETAG).to_owned());
        let headers = [(header::IF_NONE_MATCH, tags[1].as_str())];
        let same = get(&registry, &headers).await;
        assert_eq!((same.status, same.header(header::AGE)), (StatusCode::NOT_MODIFIED, age));
        let headers = [(header::IF_NONE_MATCH, tags[0].as_str())];
        assert_eq!(get(&registry, &headers).await.status, StatusCode::OK, "a fresh tag is no stale one");
    }
    assert_ne!(tags[0], tags[1]);
    assert_eq!(tags[1], tags[2]);
    store.both(crate::faulty::Fault::None);
    tokio::time::advance(SECOND).await;
    let back = get(&registry, &[(header::IF_NONE_MATCH, tags[1].as_str())]).await;
    assert_eq!((back.status, back.json()), (StatusCode::OK, fresh.json()), "nor when it is back");
    assert!(!back.headers.contains_key(header::AGE));
}
