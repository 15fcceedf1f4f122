//! Values under our prefix that somebody else wrote.

use crate::builder;
use netring_core::{
    MemberStore, Outcome, ReceivedReport, StoreError, SweepLimits,
    testing::sample::{NOW, id, registration, report, result},
};
use netring_registry_store::RedisStore;
use netring_testbed::{RedisOptions, RedisServer};
use std::time::Duration;

fn started() -> (RedisServer, RedisStore) {
    let redis = RedisServer::start(&RedisOptions::new());
    let store = builder(&redis.url()).build().unwrap();
    (redis, store)
}

fn received(source: &str) -> ReceivedReport {
    ReceivedReport { received_at: NOW, report: report(source, vec![result("x", Outcome::Success)]) }
}

/// What the source of an error says.
fn words(error: &StoreError) -> String {
    match error {
        StoreError::Unavailable { source, .. } => source.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn records_that_are_none_are_left_out_and_written_over() {
    let (redis, store) = started();
    store.register(registration("a"), NOW).await.unwrap();
    for (field, value) in [("b", "hello"), ("c", "1 1 {}"), ("d\n", "1 1 {}"), ("", "")] {
        redis.command(&["HSET", "{netring}:members", field, value]).unwrap();
        redis.command(&["ZADD", "{netring}:seen", "1", field]).unwrap();
    }
    redis.command(&["ZADD", "{netring}:seen", "-inf", "nobody"]).unwrap();
    let fresh = builder(&redis.url()).build().unwrap();
    let listed = fresh.members().await.unwrap().members;
    assert_eq!(listed.iter().map(|member| member.instance_id.as_str()).collect::<Vec<_>>(), ["a"]);

    store.register(registration("b"), NOW).await.unwrap();
    assert_eq!(store.members().await.unwrap(), fresh.members().await.unwrap());
    assert_eq!(store.members().await.unwrap().members.len(), 2);
    // What stands in an index without a record is nobody, and has to register.
    assert!(matches!(store.heartbeat(&id("nobody"), NOW).await, Err(StoreError::NotFound)));
    let limits = SweepLimits { last_seen_before: NOW, deregistered_before: NOW };
    let swept: Vec<_> = store.sweep(limits).await.unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(swept, ["c"], "what is no id is removed and not told, and nobody is gone with its heartbeat");
    assert_eq!(store.members().await.unwrap().members.len(), 2);
}

#[tokio::test]
async fn reports_that_are_none_are_left_out() {
    let (redis, store) = started();
    for member in ["a", "b", "c"] {
        store.register(registration(member), NOW).await.unwrap();
        store.put_report(received(member)).await.unwrap();
    }
    redis.command(&["HSET", "{netring}:reports", "b", "hello"]).unwrap();
    redis.command(&["HSET", "{netring}:report_versions", "x", "1"]).unwrap();
    redis.command(&["HSET", "{netring}:report_versions", "", "no number"]).unwrap();
    redis.command(&["HDEL", "{netring}:reports", "c"]).unwrap();
    let reports = store.reports().await.unwrap();
    assert_eq!(reports.iter().map(|report| report.report.instance_id.as_str()).collect::<Vec<_>>(), ["a"]);
}

#[tokio::test]
async fn a_key_of_another_type_is_told_with_what_to_do() {
    for key in ["members", "seen", "left", "reports", "report_versions"] {
        let (redis, store) = started();
        store.register(registration("a"), NOW).await.unwrap();
        store.put_report(received("a")).await.unwrap();
        let dump = || {
            let keys = ["members", "seen", "left", "revision", "reports", "report_versions"];
            let others = keys.iter().filter(|&&other| other != key);
            others.map(|other| redis.command(&["DUMP", &format!("{{netring}}:{other}")]).unwrap()).collect::<Vec<_>>()
        };
        let key = format!("{{netring}}:{key}");
        redis.command(&["SET", &key, "hello"]).unwrap();
        let before = dump();
        let everything = [
            store.ping().await.err(),
            store.members().await.err(),
            store.register(registration("b"), NOW).await.err(),
            store.heartbeat(&id("a"), NOW + Duration::from_secs(1)).await.err(),
            store.put_report(received("a")).await.err(),
            store.reports().await.err(),
            store.deregister(&id("a"), NOW).await.err(),
            store.sweep(SweepLimits { last_seen_before: NOW, deregistered_before: NOW }).await.err(),
        ];
        assert!(everything[0].is_some(), "{key}: a ping finds it");
        let errors: Vec<_> = everything.iter().flatten().map(words).collect();
        if key == "report_versions" {
            assert_eq!(dump(), before, "what errs has changed nothing");
        }
        for error in errors {
            assert!(error.contains("netring did not write: delete it, or set another prefix"), "{key}: {error}");
            assert!(error.contains("WRONGTYPE") && error.contains(&redis.port().to_string()), "{key}: {error}");
        }
    }
}

#[tokio::test]
async fn a_revision_that_is_none_is_told_and_healed_by_the_next_change() {
    let (redis, store) = started();
    store.register(registration("a"), NOW).await.unwrap();
    redis.command(&["SET", "{netring}:revision", "hello"]).unwrap();
    let error = words(&store.members().await.unwrap_err());
    assert!(error.contains("netring did not write"), "{error}");
    store.register(registration("b"), NOW).await.unwrap();
    assert_eq!(store.members().await.unwrap().members.len(), 2);
}

#[tokio::test]
async fn keys_that_redis_threw_away_come_back_with_the_members() {
    for key in ["members", "seen", "revision"] {
        let (redis, store) = started();
        store.register(registration("a"), NOW).await.unwrap();
        redis.command(&["DEL", &format!("{{netring}}:{key}")]).unwrap();
        let fresh = builder(&redis.url()).build().unwrap();
        if key == "revision" {
            assert_eq!(fresh.members().await.unwrap().members.len(), 1);
        } else {
            assert!(fresh.members().await.unwrap().members.is_empty(), "{key}");
            let error = store.heartbeat(&id("a"), NOW).await.unwrap_err();
            assert!(matches!(error, StoreError::NotFound), "{key}: {error:?}");
            store.register(registration("a"), NOW).await.unwrap();
        }
        assert_eq!(store.members().await.unwrap().members.len(), 1, "{key}");
        store.heartbeat(&id("a"), NOW).await.unwrap();
    }
}
