//! The journal that several registries share on one Redis, what it costs, and values there that somebody else wrote.

use crate::builder;
use netring_core::{
    Journal, Location, MemberStore, StoreError, Timestamp,
    analysis::{Occurrence, Whose},
    store::CursorName,
    testing::sample::{NOW, id, registration},
};
use netring_registry_store::RedisStore;
use netring_testbed::{RedisOptions, RedisServer, RespValue, eventually};
use std::{sync::Arc, time::Duration};

const SECOND: Duration = Duration::from_secs(1);
const LEASE: Duration = Duration::from_secs(10);
const KEYS: [&str; 4] = ["{netring}:lease", "{netring}:events", "{netring}:journal", "{netring}:memory"];

fn started() -> (RedisServer, RedisStore) {
    let redis = RedisServer::start(&RedisOptions::new());
    let store = builder(&redis.url()).build().unwrap();
    (redis, store)
}

fn joined(instance_id: &str) -> (Timestamp, Occurrence) {
    (NOW, Occurrence::Joined(Whose { instance_id: id(instance_id), location: Location::new("eu1").unwrap() }))
}

async fn lead(store: &RedisStore, holder: &str, now: Timestamp) -> bool {
    store.lead(&id(holder), now, LEASE).await.unwrap()
}

async fn record(store: &RedisStore, holder: &str, members: &[&str], memory: Option<&str>) -> Result<u64, StoreError> {
    let events = members.iter().map(|member| joined(member)).collect();
    store.record(&id(holder), NOW, events, memory.map(str::to_owned)).await
}

/// The events as they are listed: id and member.
async fn listed(store: &RedisStore) -> Vec<String> {
    let name = |event: &Arc<netring_core::analysis::RingEvent>| match &event.what {
        Occurrence::Joined(whose) => format!("{} {}", event.id, whose.instance_id),
        other => panic!("{other:?}"),
    };
    store.events(0, usize::MAX).await.unwrap().iter().map(name).collect()
}

async fn memory(store: &RedisStore) -> Option<String> {
    store.memory().await.unwrap().map(|memory| memory.to_string())
}

fn calls(redis: &RedisServer, command: &str) -> u64 {
    let stats = redis.command(&["INFO", "commandstats"]).unwrap().to_string();
    let line = stats.lines().find_map(|line| line.strip_prefix(&format!("cmdstat_{command}:calls=")));
    line.map_or(0, |line| line.split(',').next().unwrap().parse().unwrap())
}

#[tokio::test]
async fn of_two_registries_one_leads_and_the_other_goes_on_where_it_ended() {
    let (redis, one) = started();
    let other = builder(&redis.url()).build().unwrap();
    assert!(lead(&one, "one", NOW).await && !lead(&other, "other", NOW).await);
    record(&one, "one", &["a", "b"], Some("of one")).await.unwrap();
    let refused = record(&other, "other", &["x"], Some("of other")).await;
    assert!(matches!(refused, Err(StoreError::NotLeading)), "{refused:?}");
    assert_eq!(listed(&other).await, ["1 a", "2 b"]);
    assert_eq!(memory(&other).await.as_deref(), Some("of one"));

    // It is not heard of any more.
    assert!(!lead(&other, "other", NOW + LEASE - SECOND).await);
    assert!(lead(&other, "other", NOW + LEASE).await);
    let late = record(&one, "one", &["x"], Some("too late")).await;
    assert!(matches!(late, Err(StoreError::NotLeading)), "{late:?}");
    record(&other, "other", &["c"], Some("of other")).await.unwrap();
    for store in [&one, &other] {
        assert_eq!(listed(store).await, ["1 a", "2 b", "3 c"]);
        assert_eq!(memory(store).await.as_deref(), Some("of other"));
    }
    other.resign(&id("other")).await.unwrap();
    assert!(lead(&one, "one", NOW).await);
}

#[tokio::test]
async fn two_rings_on_one_redis_have_a_journal_each() {
    let (redis, one) = started();
    let other = builder(&redis.url()).prefix("other").build().unwrap();
    assert!(lead(&one, "a", NOW).await && lead(&other, "b", NOW).await);
    record(&one, "a", &["a"], Some("of one")).await.unwrap();
    assert_eq!((listed(&other).await, memory(&other).await), (vec![], None));
}

#[tokio::test]
async fn a_ping_leaves_the_journal_as_it_is() {
    let (_redis, store) = started();
    assert!(lead(&store, "a", NOW).await);
    record(&store, "a", &["a"], Some("first")).await.unwrap();
    let name = CursorName::new("webhook").unwrap();
    store.set_cursor(&id("a"), NOW, &name, 1).await.unwrap();
    store.ping().await.unwrap();
    assert_eq!(store.cursor(&name).await.unwrap(), Some(1));
    assert_eq!((listed(&store).await, memory(&store).await.as_deref()), (vec!["1 a".to_owned()], Some("first")));
    store.ping().await.unwrap();
}

#[tokio::test]
async fn only_what_is_new_is_read() {
    let (redis, one) = started();
    let other = builder(&redis.url()).build().unwrap();
    assert!(lead(&one, "a", NOW).await);
    record(&one, "a", &["a"], Some("first")).await.unwrap();
    let asked = || (calls(&redis, "zrangebyscore"), calls(&redis, "get"));
    assert_eq!((listed(&other).await.len(), memory(&other).await.as_deref()), (1, Some("first")));
    let before = asked();
    assert_eq!((listed(&other).await.len(), memory(&other).await.as_deref()), (1, Some("first")));
    assert_eq!(asked(), before, "nothing has changed");
    // The script gets the lease.
    record(&one, "a", &["b"], None).await.unwrap();
    assert_eq!((listed(&other).await.len(), memory(&other).await.as_deref()), (2, Some("first")));
    assert_eq!(asked(), (before.0 + 1, before.1 + 1), "an event, and no memory");
}

#[tokio::test]
async fn a_call_whose_answer_was_lost_records_once() {
    let (redis, store) = started();
    assert!(lead(&store, "a", NOW).await);
    record(&store, "a", &["a"], None).await.unwrap();
    let text = include_str!("../../src/lua/record.lua");
    let (now, event) = (NOW.as_unix_micros().to_string(), format!("{} {}", NOW.as_unix_micros(), event_of("b")));
    let mut call = vec!["EVAL", text, "4"];
    call.extend(KEYS);
    call.extend(["a", &now, "123", "100000", "10000", "0", "0", "", &event]);
    for _ in 0..2 {
        assert_eq!(redis.command(&call).unwrap(), RespValue::Integer(2));
    }
    assert_eq!(listed(&store).await, ["1 a", "2 b"]);
}

fn event_of(instance_id: &str) -> String {
    format!(r#"{{"kind":"joined","instance_id":"{instance_id}","location":"eu1"}}"#)
}

#[tokio::test]
async fn events_that_are_none_are_left_out() {
    let (redis, store) = started();
    assert!(lead(&store, "a", NOW).await);
    record(&store, "a", &["a", "b", "c"], Some("memory")).await.unwrap();
    let of_another = format!("7 {} {}", NOW.as_unix_micros(), event_of("x"));
    for (score, value) in [("2", "hello"), ("1.5", ""), ("2", &*of_another), ("-1", "x"), ("inf", "y"), ("-inf", "z")] {
        redis.command(&["ZADD", "{netring}:events", score, value]).unwrap();
    }
    redis.command(&["ZREMRANGEBYSCORE", "{netring}:events", "1", "1"]).unwrap();
    let fresh = builder(&redis.url()).build().unwrap();
    assert_eq!(listed(&fresh).await, ["2 b", "3 c"]);
    assert_eq!(record(&store, "a", &["d"], None).await.unwrap(), 4);
    assert_eq!(listed(&fresh).await, ["2 b", "3 c", "4 d"]);
    // They go where the oldest go.
    redis.command(&["HSET", "{netring}:journal", "last_event", "20000"]).unwrap();
    assert_eq!(record(&store, "a", &["e"], None).await.unwrap(), 20_001);
    assert_eq!(listed(&fresh).await, ["20001 e"]);
    assert_eq!(redis.command(&["ZCARD", "{netring}:events"]).unwrap(), RespValue::Integer(2), "it, and one at the end");
}

#[tokio::test]
async fn values_that_are_none_are_written_over() {
    let (redis, store) = started();
    redis.command(&["SET", "{netring}:lease", "hello"]).unwrap();
    redis.command(&["SET", "{netring}:memory", "\u{1f4a9}"]).unwrap();
    redis.command(&["HSET", "{netring}:journal", "last_event", "hello"]).unwrap();
    assert_eq!((listed(&store).await, memory(&store).await), (vec![], None));
    store.resign(&id("a")).await.unwrap();
    let refused = record(&store, "a", &["a"], None).await;
    assert!(matches!(refused, Err(StoreError::NotLeading)), "{refused:?}");
    assert!(lead(&store, "a", NOW).await);
    assert_eq!(record(&store, "a", &["a"], Some("mine")).await.unwrap(), 1);
    assert_eq!((listed(&store).await, memory(&store).await.as_deref()), (vec!["1 a".to_owned()], Some("mine")));
}

#[tokio::test]
async fn a_key_of_another_type_is_told_with_what_to_do() {
    for key in KEYS {
        let (redis, store) = started();
        assert!(lead(&store, "a", NOW).await);
        record(&store, "a", &["a"], Some("memory")).await.unwrap();
        redis.command(&["DEL", key]).unwrap();
        redis.command(&["SADD", key, "hello"]).unwrap();
        let dump = || KEYS.map(|key| redis.command(&["DUMP", key]).unwrap());
        let before = dump();
        let recorded = record(&store, "a", &["b"], Some("another")).await;
        assert!(recorded.is_err(), "{key}");
        assert_eq!(dump(), before, "what errs has changed nothing");
        let everything = [
            store.ping().await.err(),
            recorded.err(),
            // Those that do not look at this key go on.
            if key == KEYS[0] { store.lead(&id("a"), NOW, LEASE).await.err() } else { None },
            if key == KEYS[2] { store.events(0, 10).await.err() } else { None },
            if key == KEYS[2] { store.memory().await.err() } else { None },
        ];
        assert!(everything[0].is_some(), "{key}: a ping finds it");
        for error in everything.into_iter().flatten() {
            let StoreError::Unavailable { source, .. } = error else { panic!("{key}: {error:?}") };
            let said = source.to_string();
            assert!(said.contains("netring did not write") && said.contains("WRONGTYPE"), "{key}: {said}");
        }
    }
}

#[tokio::test]
async fn a_redis_that_has_lost_events_is_read_anew() {
    let (redis, store) = started();
    let reader = builder(&redis.url()).build().unwrap();
    assert!(lead(&store, "a", NOW).await);
    record(&store, "a", &["a", "b", "c"], Some("old")).await.unwrap();
    assert_eq!(listed(&reader).await, ["1 a", "2 b", "3 c"]);
    // As after a failover to a replica that had two of them.
    redis.command(&["ZREMRANGEBYSCORE", KEYS[1], "3", "3"]).unwrap();
    redis.command(&["HSET", KEYS[2], "last_event", "2", "call", "before"]).unwrap();
    record(&store, "a", &["d", "e"], None).await.unwrap();
    assert_eq!(listed(&reader).await, ["1 a", "2 b", "3 d", "4 e"]);
    redis.command(&["ZREMRANGEBYSCORE", KEYS[1], "4", "4"]).unwrap();
    redis.command(&["HSET", KEYS[2], "last_event", "3", "call", "before"]).unwrap();
    record(&store, "a", &["f"], None).await.unwrap();
    assert_eq!(listed(&reader).await, ["1 a", "2 b", "3 d", "4 f"], "as many, and another");

    redis.command(&["FLUSHALL"]).unwrap();
    assert_eq!((listed(&reader).await, memory(&reader).await), (vec![], None));
    assert!(lead(&store, "b", NOW).await);
    assert_eq!(record(&store, "b", &["x"], Some("new")).await.unwrap(), 1);
    assert_eq!((listed(&reader).await, memory(&reader).await.as_deref()), (vec!["1 x".to_owned()], Some("new")));
}

#[tokio::test]
async fn a_count_that_redis_threw_away_goes_on_behind_the_events() {
    let (redis, store) = started();
    assert!(lead(&store, "a", NOW).await);
    record(&store, "a", &["a", "b"], Some("memory")).await.unwrap();
    redis.command(&["DEL", KEYS[2]]).unwrap();
    assert_eq!(record(&store, "a", &["c"], None).await.unwrap(), 3);
    assert_eq!(listed(&store).await, ["1 a", "2 b", "3 c"]);
}

#[tokio::test]
async fn every_key_lives_on_while_somebody_leads_and_the_lease_only_a_little_longer_than_it_lasts() {
    let (redis, store) = started();
    let time_to_live = |key: &str| match redis.command(&["PTTL", key]).unwrap() {
        RespValue::Integer(milliseconds) => milliseconds / 1_000,
        other => panic!("{other}"),
    };
    assert!(lead(&store, "a", NOW).await);
    record(&store, "a", &["a"], Some("memory")).await.unwrap();
    let two_days = 2 * 86_400;
    for key in &KEYS[1..] {
        assert!((two_days - 100..=two_days).contains(&time_to_live(key)), "{key}: {}", time_to_live(key));
        redis.command(&["EXPIRE", key, "1000"]).unwrap();
    }
    assert!(lead(&store, "a", NOW).await);
    for key in &KEYS[1..] {
        assert!(time_to_live(key) > 1_000, "{key}");
    }
    assert!((0..=70).contains(&time_to_live(KEYS[0])), "{}", time_to_live(KEYS[0]));
    // A member that beats has nothing to do with it.
    store.register(registration("a"), NOW).await.unwrap();
    assert!((0..=70).contains(&time_to_live(KEYS[0])), "{}", time_to_live(KEYS[0]));
}

#[tokio::test]
async fn a_journal_that_nobody_writes_to_is_gone() {
    let redis = RedisServer::start(&RedisOptions::new());
    let store = builder(&redis.url()).retention(SECOND).build().unwrap();
    assert!(lead(&store, "a", NOW).await);
    record(&store, "a", &["a"], Some("memory")).await.unwrap();
    eventually("an empty Redis", || async {
        (redis.command(&["DBSIZE"]).unwrap() == RespValue::Integer(0)).then_some(())
    })
    .await;
    assert_eq!((listed(&store).await, memory(&store).await), (vec![], None));
}
