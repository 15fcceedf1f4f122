//! What several registries see of one Redis, what it costs, and what becomes of a ring that nobody keeps.

use crate::builder;
use netring_core::{
    MemberStore, Outcome, ReceivedReport, StoreError, SweepLimits,
    testing::sample::{NOW, id, registration, report, result},
};
use netring_registry_store::RedisStore;
use netring_testbed::{RedisOptions, RedisServer, RespValue, eventually};
use std::{collections::BTreeMap, time::Duration};

const SECOND: Duration = Duration::from_secs(1);

fn started() -> (RedisServer, RedisStore) {
    let redis = RedisServer::start(&RedisOptions::new());
    let store = builder(&redis.url()).build().unwrap();
    (redis, store)
}

fn received(source: &str, target: &str) -> ReceivedReport {
    ReceivedReport { received_at: NOW, report: report(source, vec![result(target, Outcome::Success)]) }
}

/// How often Redis was asked for what, by a client or by a script.
fn calls(redis: &RedisServer) -> BTreeMap<String, u64> {
    let RespValue::Text(stats) = redis.command(&["INFO", "commandstats"]).unwrap() else { panic!("no text") };
    let calls = stats.lines().filter_map(|line| {
        let (name, rest) = line.strip_prefix("cmdstat_")?.split_once(":calls=")?;
        Some((name.to_owned(), rest.split(',').next()?.parse().ok()?))
    });
    calls.collect()
}

#[tokio::test]
async fn two_registries_on_one_redis_see_the_same() {
    let (redis, one) = started();
    let other = builder(&redis.url()).build().unwrap();
    for i in 0..20 {
        let member = format!("member-{i:02}");
        let (here, there) = if i % 2 == 0 { (&one, &other) } else { (&other, &one) };
        here.register(registration(&member), NOW).await.unwrap();
        there.heartbeat(&id(&member), NOW + SECOND).await.unwrap();
        there.put_report(received(&member, "first")).await.unwrap();
        let members = here.members().await.unwrap();
        assert_eq!(members.members.len(), i + 1, "and none of the others is an old list");
        assert_eq!(members, there.members().await.unwrap());
        assert_eq!(here.reports().await.unwrap(), there.reports().await.unwrap());
        here.put_report(received(&member, "second")).await.unwrap();
        let reports = there.reports().await.unwrap();
        assert_eq!(reports, here.reports().await.unwrap());
        assert_eq!(reports.len(), i + 1);
        assert_eq!(*reports[i], received(&member, "second"));
    }
    one.deregister(&id("member-00"), NOW).await.unwrap();
    assert_eq!(one.members().await.unwrap(), other.members().await.unwrap());
    assert_eq!((one.reports().await.unwrap().len(), other.reports().await.unwrap().len()), (19, 19));
    assert!(matches!(other.heartbeat(&id("member-00"), NOW).await, Err(StoreError::NotFound)));
}

#[tokio::test]
async fn two_rings_on_one_redis_know_nothing_of_each_other() {
    let (redis, one) = started();
    let other = builder(&redis.url()).prefix("other").build().unwrap();
    one.register(registration("a"), NOW).await.unwrap();
    assert!(matches!(other.heartbeat(&id("a"), NOW).await, Err(StoreError::NotFound)));
    assert!(other.members().await.unwrap().members.is_empty());
}

#[tokio::test]
async fn a_ring_that_nobody_writes_to_is_gone_from_redis_without_a_sweep() {
    let redis = RedisServer::start(&RedisOptions::new());
    let store = builder(&redis.url()).retention(SECOND).build().unwrap();
    store.register(registration("a"), NOW).await.unwrap();
    store.register(registration("b"), NOW).await.unwrap();
    store.put_report(received("a", "b")).await.unwrap();
    store.deregister(&id("b"), NOW).await.unwrap();
    let RespValue::Array(keys) = redis.command(&["KEYS", "*"]).unwrap() else { panic!("no list") };
    assert_eq!(keys.len(), 6, "{keys:?}");
    eventually("an empty Redis", || async {
        (redis.command(&["DBSIZE"]).unwrap() == RespValue::Integer(0)).then_some(())
    })
    .await;
    assert!(store.members().await.unwrap().members.is_empty());
    assert!(matches!(store.heartbeat(&id("a"), NOW).await, Err(StoreError::NotFound)));
}

#[tokio::test]
async fn every_key_lives_on_while_members_beat() {
    let (redis, store) = started();
    store.register(registration("a"), NOW).await.unwrap();
    store.register(registration("b"), NOW).await.unwrap();
    store.put_report(received("a", "b")).await.unwrap();
    store.deregister(&id("b"), NOW).await.unwrap();
    let RespValue::Array(keys) = redis.command(&["KEYS", "*"]).unwrap() else { panic!("no list") };
    let time_to_live = |key: &str| match redis.command(&["TTL", key]).unwrap() {
        RespValue::Integer(seconds) => seconds,
        other => panic!("{other}"),
    };
    let two_days = 2 * 86_400;
    for key in &keys {
        let key = key.to_string();
        assert!((two_days - 100..=two_days).contains(&time_to_live(&key)), "{key}: {}", time_to_live(&key));
        redis.command(&["EXPIRE", &key, "1000"]).unwrap();
    }
    store.heartbeat(&id("a"), NOW).await.unwrap();
    for key in &keys {
        assert!(time_to_live(&key.to_string()) > 1000, "{key}");
    }
}

#[tokio::test]
async fn a_sweep_costs_what_has_expired_and_nothing_ever_scans() {
    let (redis, store) = started();
    // The first time the script is sent along.
    store.sweep(SweepLimits { last_seen_before: NOW, deregistered_before: NOW }).await.unwrap();
    let mut spent = Vec::new();
    for size in [10, 2_000] {
        for i in 0..size {
            store.register(registration(&format!("member-{i}")), NOW + SECOND).await.unwrap();
        }
        for old in ["old-1", "old-2", "old-3"] {
            store.register(registration(old), NOW - SECOND).await.unwrap();
            store.put_report(received(old, "x")).await.unwrap();
        }
        let before: u64 = calls(&redis).values().sum();
        let removed = store.sweep(SweepLimits { last_seen_before: NOW, deregistered_before: NOW }).await.unwrap();
        assert_eq!(removed.len(), 3);
        spent.push(calls(&redis).values().sum::<u64>() - before);
    }
    assert_eq!(spent[0], spent[1], "as many commands in a large ring as in a small one");

    store.members().await.unwrap();
    store.reports().await.unwrap();
    store.ping().await.unwrap();
    let calls = calls(&redis);
    let scans = ["keys", "scan", "hscan", "zscan", "sscan"].iter().filter(|name| calls.contains_key(**name)).count();
    assert_eq!(scans, 0, "{calls:?}");
}

#[tokio::test]
async fn a_sweep_of_many_is_done_in_steps() {
    let (_redis, store) = started();
    for i in 0..2_500 {
        store.register(registration(&format!("member-{i}")), NOW).await.unwrap();
    }
    let limits = SweepLimits { last_seen_before: NOW + SECOND, deregistered_before: NOW };
    assert_eq!(store.sweep(limits).await.unwrap().len(), 2_500);
    assert!(store.members().await.unwrap().members.is_empty());
}

#[tokio::test]
async fn records_and_reports_are_read_again_only_when_they_have_changed() {
    let (redis, store) = started();
    for member in ["a", "b"] {
        store.register(registration(member), NOW).await.unwrap();
        store.put_report(received(member, "x")).await.unwrap();
    }
    let asked = || {
        let calls = calls(&redis);
        let records = calls.get("hgetall").copied().unwrap_or_default();
        let reports = calls.get("hmget").copied().unwrap_or_default();
        (records, reports)
    };
    store.members().await.unwrap();
    let (records, _) = asked();
    store.heartbeat(&id("a"), NOW + SECOND).await.unwrap();
    assert_eq!(store.members().await.unwrap().members[0].last_seen, NOW + SECOND);
    assert_eq!(asked().0, records, "a heartbeat changes no record");

    store.reports().await.unwrap();
    let (_, reports) = asked();
    store.reports().await.unwrap();
    assert_eq!(asked().1, reports, "nothing has changed");
    store.put_report(received("b", "y")).await.unwrap();
    assert_eq!(*store.reports().await.unwrap()[1], received("b", "y"));
    assert_eq!(asked().1, reports + 2, "one report has, and it is read with its version");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reads_the_reports_at_the_same_time_gets_all_of_them() {
    let (_redis, store) = started();
    let store = std::sync::Arc::new(store);
    for i in 0..20 {
        store.register(registration(&format!("member-{i}")), NOW).await.unwrap();
        store.put_report(received(&format!("member-{i}"), "x")).await.unwrap();
    }
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let store = std::sync::Arc::clone(&store);
            tokio::spawn(async move {
                for _ in 0..200 {
                    assert_eq!(store.reports().await.unwrap().len(), 20);
                }
            })
        })
        .collect();
    while !readers.iter().all(tokio::task::JoinHandle::is_finished) {
        for i in 0..20 {
            store.put_report(received(&format!("member-{i}"), "y")).await.unwrap();
        }
    }
    for reader in readers {
        reader.await.unwrap();
    }
}

#[tokio::test]
async fn a_crowd_fetches_what_is_new_once() {
    let (redis, store) = started();
    for i in 0..20 {
        store.register(registration(&format!("member-{i}")), NOW).await.unwrap();
        store.put_report(received(&format!("member-{i}"), "x")).await.unwrap();
    }
    let before = calls(&redis).get("hmget").copied().unwrap_or_default();
    let fresh = builder(&redis.url()).build().unwrap();
    let (a, b, c) = tokio::join!(fresh.reports(), fresh.reports(), fresh.reports());
    for reports in [a, b, c] {
        assert_eq!(reports.unwrap().len(), 20);
    }
    assert_eq!(calls(&redis)["hmget"] - before, 2, "the reports, with their versions");
}

#[tokio::test]
async fn reports_of_many_mebibytes_are_read_in_parts() {
    let (redis, store) = started();
    // What cannot be compressed: 60 reports of some 100 kB.
    for i in 0..60 {
        let member = format!("member-{i:02}");
        store.register(registration(&member), NOW).await.unwrap();
        let results = (0..400).map(|_| result(&noise(), Outcome::Success)).collect();
        store.put_report(ReceivedReport { received_at: NOW, report: report(&member, results) }).await.unwrap();
    }
    let bytes: usize = redis.info("used_memory_dataset").unwrap().parse().unwrap();
    assert!(bytes > 2 * 1024 * 1024, "{bytes} would be one part");
    let before = calls(&redis).get("hmget").copied().unwrap_or_default();
    let fresh = builder(&redis.url()).build().unwrap();
    assert_eq!(fresh.reports().await.unwrap().len(), 60);
    assert!(calls(&redis)["hmget"] - before >= 4, "at least two parts");
}

/// An id of 128 characters by chance.
fn noise() -> String {
    use std::hash::{BuildHasher, RandomState};
    (0..8).map(|i| format!("{:016x}", RandomState::new().hash_one(i))).collect()
}
