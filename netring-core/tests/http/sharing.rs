//! One listing for all who ask at about the same time, and the last known one while the store is out of reach.

use crate::{
    faulty::{Fault, Faulty, REFUSING},
    ring::{Answer, Registry, ask},
};
use axum::{
    body::Body,
    http::{StatusCode, header},
};
use futures_util::future::join_all;
use netring_core::testing::sample::NOW;
use serde_json::json;
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep, timeout};

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

/// A registry with the member `a`.
async fn ring() -> (Registry, Faulty) {
    let store = Faulty::new();
    let registry = Registry::with_store(store.clone());
    registry.join("a").await;
    (registry, store)
}

/// What so many get that ask at once, and how long that takes.
async fn crowd(registry: &Registry, many: usize) -> (Vec<Answer>, Duration) {
    let begun = Instant::now();
    let answers = join_all((0..many).map(|_| registry.get("/members"))).await;
    (answers, begun.elapsed())
}

#[track_caller]
fn ids(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, StatusCode::OK);
    let body = answer.json();
    let ids = body["members"].as_array().unwrap().iter().map(|entry| entry["instance_id"].as_str().unwrap().to_owned());
    ids.collect()
}

#[track_caller]
fn assert_stale(answer: &Answer, stale: bool) {
    assert_eq!(ids(answer), ["a"]);
    let since = &answer.json()["stale_since"];
    assert_eq!(since.is_f64(), stale, "{since}");
    assert_eq!(answer.headers.contains_key(header::AGE), stale);
}

#[tokio::test(start_paused = true)]
async fn a_crowd_before_a_store_that_hangs_asks_once_and_gets_the_last_list() {
    let (registry, store) = ring().await;
    registry.get("/members").await;
    store.both(Fault::Hanging);
    sleep(10 * SECOND).await;
    let (answers, took) = crowd(&registry, 100).await;
    answers.iter().for_each(|answer| assert_stale(answer, true));
    assert_eq!((store.lists(), took), (2, 2 * SECOND));
    let (answers, took) = crowd(&registry, 100).await;
    answers.iter().for_each(|answer| assert_stale(answer, true));
    assert_eq!((store.lists(), took), (2, Duration::ZERO), "nobody waits for it a second time");
    // The attempt is given up after 8 s, and the next one is not made at once.
    sleep(6 * SECOND + MS).await;
    store.both(Fault::None);
    assert_stale(&registry.get("/members").await, true);
    assert_eq!(store.lists(), 2);
    sleep(SECOND).await;
    assert_stale(&registry.get("/members").await, false);
    assert_eq!(store.lists(), 3);
}

#[tokio::test(start_paused = true)]
async fn who_waits_behind_an_attempt_that_fails_does_not_wait_for_another() {
    let (registry, store) = ring().await;
    registry.get("/members").await;
    store.both(Fault::Refusing(1_500 * MS));
    sleep(10 * SECOND).await;
    let (answers, took) = crowd(&registry, 100).await;
    answers.iter().for_each(|answer| assert_stale(answer, true));
    assert_eq!((store.lists(), took), (2, 1_500 * MS));
    for _ in 0..9 {
        sleep(100 * MS).await;
        assert_stale(&registry.get("/members").await, true);
    }
    assert_eq!(store.lists(), 2, "nobody tries again for a second");
    sleep(100 * MS).await;
    let (answers, took) = crowd(&registry, 100).await;
    answers.iter().for_each(|answer| assert_stale(answer, true));
    assert_eq!((store.lists(), took), (3, 100 * MS), "and then nobody waits for long");
}

#[tokio::test(start_paused = true)]
async fn without_a_last_list_there_is_an_error_and_no_attempt_for_a_second() {
    let (registry, store) = ring().await;
    store.reading(REFUSING);
    for (after, lists) in [(Duration::ZERO, 1), (999 * MS, 1), (MS, 2)] {
        sleep(after).await;
        let (answers, _) = crowd(&registry, 10).await;
        for answer in answers {
            answer.assert_error(StatusCode::SERVICE_UNAVAILABLE, "the member store is out of reach");
            assert_eq!(answer.header(header::RETRY_AFTER), "1");
            assert!(!answer.json().to_string().contains("12345"), "what the store said is nothing for strangers");
        }
        assert_eq!(store.lists(), lists);
    }
}

#[tokio::test(start_paused = true)]
async fn a_listing_serves_for_four_times_as_long_as_it_took_but_a_second_at_most() {
    for (takes, serves) in [(20 * MS, 80 * MS), (200 * MS, 800 * MS), (600 * MS, SECOND)] {
        let (registry, store) = ring().await;
        store.reading(Fault::Slow(takes));
        let (answers, took) = crowd(&registry, 100).await;
        answers.iter().for_each(|answer| assert_stale(answer, false));
        assert_eq!((store.lists(), took), (1, takes));
        sleep(serves - MS).await;
        registry.get("/members").await;
        assert_eq!(store.lists(), 1, "{takes:?}");
        sleep(MS).await;
        registry.get("/members").await;
        assert_eq!(store.lists(), 2, "{takes:?}");
        registry.clock.advance(serves);
        registry.get("/members").await;
        assert_eq!(store.lists(), 3, "by the registry's clock it is another time");
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_written_here_is_seen_at_once() {
    let (registry, store) = ring().await;
    store.reading(Fault::Slow(500 * MS));
    registry.get("/members").await;
    registry.join("b").await;
    assert_eq!(ids(&registry.get("/members").await), ["a", "b"], "a listing that is fresh has not got it");
    sleep(SECOND).await;
    // One begins, and is under way when another member joins and asks.
    let router = registry.router.clone();
    let before = tokio::spawn(async move { ask(&router, "GET", "/members", Body::empty()).await });
    sleep(100 * MS).await;
    registry.join("c").await;
    let lists = store.lists();
    let (answers, took) = crowd(&registry, 100).await;
    answers.iter().for_each(|answer| assert_eq!(ids(answer), ["a", "b", "c"]));
    assert_eq!((store.lists(), took), (lists + 1, 900 * MS));
    assert_eq!(ids(&before.await.unwrap()), ["a", "b"]);
    registry.post("/deregister", &json!({"instance_id": "b"})).await;
    let gone = registry.get("/members").await.json()["members"][1].clone();
    assert_eq!((&gone["instance_id"], &gone["status"]), (&json!("b"), &json!("deregistered")));
    registry.clock.advance(3_601 * SECOND);
    registry.engine.sweep().await.unwrap();
    assert!(ids(&registry.get("/members").await).is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_at_once_each_see_what_they_have_written() {
    let registry = Arc::new(Registry::with_store(Faulty::new()));
    let busy = (0..8).map(|task| {
        let registry = Arc::clone(&registry);
        tokio::spawn(async move {
            for i in 0..20 {
                let id = format!("member-{task}-{i}");
                registry.join(&id).await;
                let listed = registry.get("/members").await;
                assert!(ids(&listed).contains(&id), "{id} has registered");
            }
        })
    });
    for done in join_all(busy).await {
        done.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn who_gives_up_takes_nothing_from_the_others() {
    let (registry, store) = ring().await;
    store.reading(Fault::Slow(500 * MS));
    assert!(timeout(100 * MS, registry.get("/members")).await.is_err(), "the only one who asks gives up");
    let begun = Instant::now();
    assert_stale(&registry.get("/members").await, false);
    assert_eq!((store.lists(), begun.elapsed()), (1, 400 * MS));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_panics_is_a_store_out_of_reach() {
    let (registry, store) = ring().await;
    store.reading(Fault::Panicking);
    let answer = registry.get("/members").await;
    answer.assert_error(StatusCode::SERVICE_UNAVAILABLE, "the member store is out of reach");
    store.reading(Fault::None);
    sleep(SECOND).await;
    assert_stale(&registry.get("/members").await, false);
}

#[tokio::test(start_paused = true)]
async fn as_long_as_the_members_are_the_same_so_is_their_snapshot() {
    let (registry, _) = ring().await;
    let first = registry.engine.listing().await.unwrap();
    registry.clock.advance(10 * SECOND);
    let second = registry.engine.listing().await.unwrap();
    assert!(Arc::ptr_eq(&first.snapshot, &second.snapshot));
    assert_eq!((first.at, second.at), (NOW, NOW + 10 * SECOND), "but it is known to be true now");
    registry.clock.advance(81 * SECOND);
    let third = registry.engine.listing().await.unwrap();
    assert!(!Arc::ptr_eq(&first.snapshot, &third.snapshot), "it has grown stale");
    assert_eq!(third.stale_since, None);
}

#[tokio::test(start_paused = true)]
async fn a_report_of_1_x_goes_by_the_shared_listing() {
    let (registry, store) = ring().await;
    let report = |id: &str| json!({"instance_id": id, "metrics": {}});
    store.reading(Fault::Slow(100 * MS));
    for _ in 0..10 {
        registry.post("/report_metrics", &report("a")).await.assert(StatusCode::OK, &json!({"status": "ok"}));
    }
    assert_eq!(store.lists(), 1);
    registry.post("/report_metrics", &report("b")).await.assert_error(StatusCode::NOT_FOUND, "member not found");
    store.both(REFUSING);
    sleep(SECOND).await;
    for id in ["a", "b"] {
        // Who is not in the last known list may have come since.
        let answer = registry.post("/report_metrics", &report(id)).await;
        answer.assert_error(StatusCode::SERVICE_UNAVAILABLE, "the member store is out of reach");
        assert_eq!(answer.header(header::RETRY_AFTER), "1");
    }
}
