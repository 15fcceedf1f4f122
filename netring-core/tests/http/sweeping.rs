//! What a sweep removes, and what it must not.

use crate::{
    faulty::{Fault, Faulty, REFUSING},
    ring::Registry,
    silence::{DAY, beat, later, outage, ring, statuses},
};
use axum::http::StatusCode;
use netring_core::{InstanceId, RegistryEngine};
use serde_json::json;
use std::{sync::Arc, time::Duration};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn a_sweep_removes_nobody_for_an_outage() {
    for (silent_before, outage_for, then, removed) in [
        (0, 3 * DAY, 0, 0),
        (0, 3 * DAY, DAY + 300, 0),
        (0, 3 * DAY, DAY + 301, 2),
        (DAY, 3 * DAY, 300, 0),
        (DAY, 3 * DAY, 301, 2),
        (DAY + 301, 3 * DAY, 0, 2),
        (0, 100, DAY + 301, 2),
    ] {
        let (registry, store) = ring().await;
        later(&registry, silent_before);
        outage(&registry, &store, outage_for).await;
        registry.engine.ping().await.unwrap();
        later(&registry, then);
        let swept = registry.engine.sweep().await.unwrap().len();
        assert_eq!(swept, removed, "silent for {silent_before} s, away for {outage_for} s, and then for {then} s");
    }
}

#[tokio::test]
async fn a_sweep_finds_out_that_the_store_is_back() {
    let (registry, store) = ring().await;
    store.both(REFUSING);
    assert_eq!(beat(&registry, "a").await, StatusCode::SERVICE_UNAVAILABLE);
    later(&registry, 3 * DAY);
    assert!(registry.engine.sweep().await.is_err());
    store.both(Fault::None);
    assert!(registry.engine.sweep().await.unwrap().is_empty());
    assert_eq!(registry.engine.store_contact().in_reach, Some(true));
    later(&registry, DAY + 301);
    assert_eq!(registry.engine.sweep().await.unwrap().len(), 2);
}

/// A registry with three members at one address: `killed` and `hung` are known to be replaced by `again`.
async fn replaced() -> (Registry, Faulty) {
    let store = Faulty::new();
    let registry = Registry::with_store(store.clone());
    for id in ["killed", "hung", "again"] {
        registry.join(id).await;
        later(&registry, 1);
    }
    later(&registry, 91);
    beat(&registry, "again").await;
    assert_eq!(statuses(&registry.engine).await, ["again online"], "all have the same address");
    (registry, store)
}

fn id(id: &str) -> InstanceId {
    InstanceId::new(id).unwrap()
}

#[tokio::test]
async fn a_sweep_lists_the_members_only_where_some_are_replaced_and_removes_nobody_who_has_come_back() {
    let (registry, store) = replaced().await;
    beat(&registry, "hung").await;
    let lists = store.lists();
    for _ in 0..3 {
        registry.engine.sweep().await.unwrap();
        assert_eq!(store.lists(), lists + 1, "once for `killed`, and then there is nothing to look at");
    }
    assert_eq!(statuses(&registry.engine).await, ["again online", "hung online", "killed deregistered"]);
}

#[tokio::test]
async fn a_sweep_removes_nobody_who_was_heard_by_another_registry() {
    let (registry, store) = replaced().await;
    let other = RegistryEngine::builder(Arc::new(store.clone())).clock(registry.clock.clone()).build();
    other.heartbeat(&id("hung")).await.unwrap();
    registry.engine.sweep().await.unwrap();
    assert_eq!(statuses(&other).await, ["again online", "hung online", "killed deregistered"]);
}

#[tokio::test]
async fn who_is_replaced_is_removed_later_where_the_store_is_away() {
    let (registry, store) = replaced().await;
    store.both(REFUSING);
    assert!(registry.engine.sweep().await.is_err());
    store.both(Fault::None);
    registry.engine.sweep().await.unwrap();
    assert_eq!(statuses(&registry.engine).await, ["again online", "hung deregistered", "killed deregistered"]);
}

#[tokio::test]
async fn a_full_store_is_swept_all_the_same() {
    // Heartbeats and pings fail, and so does the list.
    for (silent_before, full_for, removed) in [
        (DAY + 301, 1, &["b"][..]),
        (DAY + 200, 2_000, &[]),
        (DAY + 301, 2 * DAY, &["b"]),
        (0, 7 * DAY, &[]),
        (DAY + 301, 0, &["b"]),
    ] {
        let (registry, store) = ring().await;
        registry.join("gone").await;
        registry.post("/deregister", &json!({"instance_id": "gone"})).await;
        later(&registry, silent_before);
        assert_eq!(beat(&registry, "a").await, StatusCode::OK);
        store.full(true);
        assert_eq!(beat(&registry, "a").await, StatusCode::SERVICE_UNAVAILABLE);
        later(&registry, full_for);
        let mut swept = registry.engine.sweep().await.unwrap();
        let goodbye = silent_before + full_for > 3_600;
        if goodbye {
            assert!(swept.contains(&id("gone")), "a goodbye was heard");
            swept.retain(|swept| *swept != id("gone"));
        }
        let wanted: Vec<_> = removed.iter().copied().map(id).collect();
        assert_eq!(swept, wanted, "silent for {silent_before} s, and full for {full_for} s");
        store.full(false);
        registry.engine.sweep().await.unwrap();
        let listed = statuses(&registry.engine).await;
        assert!(listed.contains(&"a online".to_owned()), "{listed:?}");
    }
}

#[tokio::test]
async fn who_starts_on_a_full_store_removes_nobody_for_silence() {
    let (first, store) = ring().await;
    later(&first, 30 * DAY);
    store.full(true);
    let second = RegistryEngine::builder(Arc::new(store.clone())).clock(first.clock.clone()).build();
    assert!(second.sweep().await.unwrap().is_empty(), "nobody knows for how long there was no registry");
    store.full(false);
    second.ping().await.unwrap();
    assert_eq!(statuses(&second).await, ["a online", "b online"]);
}

/// Lets so many seconds pass, by the clock and by the timers.
async fn seconds(registry: &Registry, many: u64) {
    for _ in 0..many {
        later(registry, 1);
        sleep(Duration::from_secs(1)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn who_was_suspended_heard_nobody_meanwhile() {
    for (at_second, suspended) in [(59, 600), (59, 3 * DAY), (60, 3 * DAY), (30, 3 * DAY)] {
        let (registry, store) = ring().await;
        let stop = CancellationToken::new();
        let running = tokio::spawn({
            let (engine, stop) = (registry.engine.clone(), stop.clone());
            async move { engine.run(stop).await }
        });
        seconds(&registry, at_second).await;
        beat(&registry, "a").await;
        // By its timers no time passes, and the sweep is due.
        later(&registry, suspended);
        assert_eq!(statuses(&registry.engine).await, ["a online", "b online"], "before anything else was looked at");
        seconds(&registry, 1).await;
        assert_eq!(statuses(&registry.engine).await, ["a online", "b online"]);
        seconds(&registry, 91 - at_second).await;
        assert_eq!(statuses(&registry.engine).await[1], "b stale", "it is silent before and since");
        later(&registry, suspended);
        let other = RegistryEngine::builder(Arc::new(store.clone())).clock(registry.clock.clone()).build();
        other.heartbeat(&id("a")).await.unwrap();
        seconds(&registry, 20).await;
        let listed = statuses(&registry.engine).await;
        assert_eq!(listed[0], "a online", "another registry heard it at the end");
        stop.cancel();
        running.await.unwrap();
        later(&registry, 301);
        assert_eq!(statuses(&registry.engine).await[0], "a offline", "who does not run does not tell");
    }
}

#[tokio::test(start_paused = true)]
async fn a_sweep_that_comes_before_the_clock_was_looked_at_removes_nobody() {
    let (registry, _) = ring().await;
    let run = tokio::spawn({
        let engine = registry.engine.clone();
        async move { engine.run(CancellationToken::new()).await }
    });
    seconds(&registry, 5).await;
    later(&registry, 3 * DAY);
    assert!(registry.engine.sweep().await.unwrap().is_empty());
    assert_eq!(statuses(&registry.engine).await, ["a online", "b online"]);
    run.abort();
}
