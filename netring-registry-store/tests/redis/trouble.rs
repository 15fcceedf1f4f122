//! A Redis that does not do what it is asked: each time an error that says what to do, and soon.

use crate::builder;
use netring_core::{
    MemberStore, StoreError, SweepLimits,
    testing::sample::{NOW, id, registration},
};
use netring_registry_store::{RedisAddress, RedisStore};
use netring_testbed::{RedisCluster, RedisOptions, RedisServer, ReplicatedRedis, ReservedPort, eventually};
use std::{
    net::Ipv4Addr,
    time::{Duration, Instant},
};

/// What the source of an error says.
fn words<T: std::fmt::Debug>(result: Result<T, StoreError>) -> String {
    match result {
        Err(StoreError::Unavailable { source, .. }) => source.to_string(),
        other => panic!("{other:?}"),
    }
}

fn contains(words: &str, parts: &[&str]) {
    assert!(parts.iter().all(|part| words.contains(part)), "{parts:?} in {words}");
}

async fn in_reach(store: &RedisStore) {
    eventually("a store in reach", || async { store.ping().await.ok() }).await;
}

#[tokio::test]
async fn nothing_listens_and_then_something_does() {
    let mut redis = RedisServer::start(&RedisOptions::new());
    redis.kill();
    let store = builder(&redis.url()).build().unwrap();
    let said = words(store.ping().await);
    contains(&said, &[&redis.port().to_string(), "cannot be reached: does it run", "refused"]);
    redis.restart();
    in_reach(&store).await;
    store.register(registration("a"), NOW).await.unwrap();
}

#[tokio::test]
async fn a_name_that_does_not_resolve() {
    let store = builder("redis://redis.invalid").build().unwrap();
    contains(&words(store.ping().await), &["redis://redis.invalid:6379", "is the name right"]);
}

#[tokio::test]
async fn a_wrong_password_and_none() {
    let redis = RedisServer::start(&RedisOptions::new().password("right"));
    let port = redis.port();
    let wrong = builder(&format!("redis://:wrong@127.0.0.1:{port}")).build().unwrap();
    let said = words(wrong.ping().await);
    contains(&said, &["does not take the user or the password: set the right ones"]);
    assert!(!said.contains("wrong@") && !said.contains(":wrong"), "{said}");
    let none = builder(&format!("redis://127.0.0.1:{port}")).build().unwrap();
    contains(&words(none.ping().await), &["asks for a password: set one"]);
    let address = format!("redis://127.0.0.1:{port}").parse::<RedisAddress>().unwrap().or_password("right");
    RedisStore::builder(address).build().unwrap().ping().await.unwrap();
}

#[tokio::test]
async fn a_database_that_is_not_there() {
    let redis = RedisServer::start(&RedisOptions::new().set("databases", "4"));
    let wrong = builder(&format!("{}/9", redis.url())).build().unwrap();
    contains(&words(wrong.ping().await), &["/9", "has no such database"]);
    let right = builder(&format!("{}/3", redis.url())).build().unwrap();
    right.register(registration("a"), NOW).await.unwrap();
    let other = builder(&redis.url()).build().unwrap();
    assert!(other.members().await.unwrap().members.is_empty(), "it is another database");
}

#[tokio::test]
async fn something_that_is_no_redis() {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        use std::io::{Read, Write};
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            // What it says is what the client gets, whatever came before it hung up.
            let _ = stream.read(&mut [0; 1024]);
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    let store = builder(&format!("redis://127.0.0.1:{port}")).build().unwrap();
    contains(&words(store.ping().await), &["no Redis does: is the port right?"]);
}

#[tokio::test]
async fn a_replica_takes_no_writes_and_then_is_promoted() {
    let redis = RedisServer::start(&RedisOptions::new());
    let store = builder(&redis.url()).build().unwrap();
    store.register(registration("a"), NOW).await.unwrap();
    // Of a primary that is not there; its data stays.
    let nowhere = ReservedPort::new().unwrap();
    redis.command(&["REPLICAOF", "127.0.0.1", &nowhere.port().to_string()]).unwrap();
    let said = words(store.heartbeat(&id("a"), NOW + Duration::from_secs(1)).await);
    contains(&said, &["takes no writes: it is a replica; point to the primary", "READONLY"]);
    for _ in 0..10 {
        // It is read all the while, and sends nobody away whom it has not heard of.
        assert_eq!(store.members().await.unwrap().members.len(), 1);
        contains(&words(store.heartbeat(&id("b"), NOW).await), &["READONLY"]);
    }
    redis.command(&["REPLICAOF", "NO", "ONE"]).unwrap();
    in_reach(&store).await;
    store.heartbeat(&id("a"), NOW).await.unwrap();
}

#[tokio::test]
async fn a_redis_without_memory_keeps_what_it_has() {
    let redis = RedisServer::start(&RedisOptions::new());
    let store = builder(&redis.url()).build().unwrap();
    store.register(registration("a"), NOW).await.unwrap();
    redis.command(&["CONFIG", "SET", "maxmemory", "1"]).unwrap();
    // It takes no transaction then, though it only reads.
    let register = words(store.register(registration("b"), NOW).await);
    for said in [register, words(store.ping().await), words(store.members().await)] {
        contains(&said, &["is out of memory: raise its `maxmemory`", "OOM"]);
    }
    // What frees memory is done.
    store.deregister(&id("a"), NOW).await.unwrap();
    let limits = SweepLimits { last_seen_before: NOW, deregistered_before: NOW + Duration::from_secs(1) };
    assert_eq!(store.sweep(limits).await.unwrap(), [id("a")]);
    redis.command(&["CONFIG", "SET", "maxmemory", "0"]).unwrap();
    assert_eq!(store.members().await.unwrap().members.len(), 0);
    store.register(registration("b"), NOW).await.unwrap();
}

#[tokio::test]
async fn a_user_that_may_not_do_all() {
    let redis = RedisServer::start(&RedisOptions::new());
    redis
        .command(&["ACL", "SETUSER", "reader", "on", ">pw", "~*", "+@read", "+@connection", "+multi", "+exec"])
        .unwrap();
    let store = builder(&format!("redis://reader:pw@127.0.0.1:{}", redis.port())).build().unwrap();
    store.members().await.unwrap();
    contains(&words(store.ping().await), &["does not allow this user all that is needed", "NOPERM"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_hangs_holds_nobody_for_longer_than_the_timeout() {
    const TIMEOUT: Duration = Duration::from_secs(1);
    // The machine may be busy with other tests.
    const GRACE: Duration = Duration::from_secs(2);
    let mut redis = RedisServer::start(&RedisOptions::new());
    let store = std::sync::Arc::new(builder(&redis.url()).timeout(TIMEOUT).build().unwrap());
    store.register(registration("a"), NOW).await.unwrap();
    redis.stop();
    for round in 0..3 {
        let calls: Vec<_> = (0..100)
            .map(|_| {
                let store = std::sync::Arc::clone(&store);
                tokio::spawn(async move {
                    let begun = Instant::now();
                    (words(store.heartbeat(&id("a"), NOW).await), begun.elapsed())
                })
            })
            .collect();
        let mut at_once = 0;
        for call in calls {
            let (said, took) = call.await.unwrap();
            contains(&said, &["does not answer", "it hangs, is overloaded, or packets are lost"]);
            assert!(took < TIMEOUT + GRACE, "round {round}: {took:?}");
            at_once += usize::from(took < TIMEOUT / 2);
        }
        // Once it is known to hang, at most the one that tries again waits.
        assert!(round == 0 || at_once >= 99, "round {round}: {at_once} of 100 at once");
    }
    redis.cont();
    in_reach(&store).await;
    store.heartbeat(&id("a"), NOW).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_given_up_does_no_harm() {
    let mut redis = RedisServer::start(&RedisOptions::new());
    redis.stop();
    let store = builder(&redis.url()).build().unwrap();
    for _ in 0..10 {
        tokio::time::timeout(Duration::from_millis(10), store.ping()).await.unwrap_err();
    }
    redis.cont();
    in_reach(&store).await;
}

#[tokio::test]
async fn a_redis_that_was_restarted_knows_the_scripts_again() {
    let mut redis = RedisServer::start(&RedisOptions::new().persistent());
    let store = builder(&redis.url()).build().unwrap();
    store.register(registration("a"), NOW).await.unwrap();
    redis.command(&["SCRIPT", "FLUSH"]).unwrap();
    store.heartbeat(&id("a"), NOW).await.unwrap();
    redis.kill();
    redis.restart();
    in_reach(&store).await;
    store.heartbeat(&id("a"), NOW).await.unwrap();
    redis.restart_empty();
    in_reach(&store).await;
    assert!(matches!(store.heartbeat(&id("a"), NOW).await, Err(StoreError::NotFound)));
    assert!(store.members().await.unwrap().members.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn sentinels_that_know_no_such_service_and_a_primary_that_changes() {
    let mut redis = ReplicatedRedis::start(1, &RedisOptions::new().password("pw"));
    let url = redis.url();
    let other = builder(&url.replace("/netring", "/other")).build().unwrap();
    contains(&words(other.ping().await), &["names no primary of that service"]);
    let store = builder(&url).build().unwrap();
    store.register(registration("a"), NOW).await.unwrap();
    let former = redis.primary().address();
    let primary = redis.primary();
    // One replica has it before the primary dies.
    primary.command(&["WAIT", "1", "0"]).unwrap();
    redis.primary_mut().kill();
    let _ = redis.wait_for_promotion(former);
    in_reach(&store).await;
    store.heartbeat(&id("a"), NOW).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_goes_on_without_a_node_and_with_a_promoted_replica() {
    let mut redis = RedisCluster::start(1, &RedisOptions::new());
    let store = builder(&redis.url()).build().unwrap();
    store.register(registration("a"), NOW).await.unwrap();
    let owner = redis.owner("{netring}:members");
    redis.node_mut(owner).command(&["WAIT", "1", "0"]).unwrap();
    redis.node_mut(owner).kill();
    let _ = redis.wait_for_promotion(owner);
    in_reach(&store).await;
    store.heartbeat(&id("a"), NOW).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_node_that_hangs_keeps_nobody_from_the_others() {
    // Longer than a connection may take anyway: a node that used all of it would leave no time for the others.
    const TIMEOUT: Duration = Duration::from_secs(4);
    let mut redis = RedisCluster::start(1, &RedisOptions::new());
    let first = builder(&redis.url()).timeout(TIMEOUT).build().unwrap();
    first.register(registration("a"), NOW).await.unwrap();
    let owner = redis.owner("{netring}:members");
    redis.node_mut(owner).command(&["WAIT", "1", "0"]).unwrap();
    redis.node_mut(owner).stop();
    let _ = redis.wait_for_promotion(owner);
    // Who was connected, and who comes while it still hangs.
    let second = builder(&redis.url()).timeout(TIMEOUT).build().unwrap();
    for store in [&first, &second] {
        in_reach(store).await;
        store.heartbeat(&id("a"), NOW).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sentinel_that_hangs_keeps_nobody_from_the_others() {
    let mut redis = ReplicatedRedis::start(1, &RedisOptions::new());
    redis.sentinels_mut()[0].stop();
    let store = builder(&redis.url()).timeout(Duration::from_millis(500)).build().unwrap();
    in_reach(&store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_closes_each_connection_is_not_asked_again_and_again() {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("redis://{}", listener.local_addr().unwrap());
    let count = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counter = std::sync::Arc::clone(&count);
    std::thread::spawn(move || {
        use std::io::{Read, Write};
        for stream in listener.incoming() {
            counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let mut stream = stream.unwrap();
            // It greets, and closes with the first thing that it is asked.
            while stream.read(&mut [0; 1024]).is_ok_and(|bytes| bytes > 0) {
                if stream.write_all(b"+OK\r\n+OK\r\n").is_err()
                    || counter.load(std::sync::atomic::Ordering::Relaxed).is_multiple_of(2)
                {
                    break;
                }
            }
        }
    });
    let store = builder(&url).timeout(Duration::from_secs(1)).build().unwrap();
    let begun = Instant::now();
    let mut asked = 0;
    while begun.elapsed() < Duration::from_secs(2) {
        let _ = store.ping().await;
        asked += 1;
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let connections = count.load(std::sync::atomic::Ordering::Relaxed);
    assert!(connections < 20 && asked > 20, "{connections} connections for {asked} calls");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_whose_node_of_our_slot_is_lost_says_so_until_it_is_back() {
    let mut redis = RedisCluster::start(0, &RedisOptions::new().persistent());
    let store = builder(&redis.url()).timeout(Duration::from_secs(2)).build().unwrap();
    store.register(registration("a"), NOW).await.unwrap();
    let owner = redis.owner("{netring}:members");
    redis.node_mut(owner).kill();
    let said = words(store.heartbeat(&id("a"), NOW).await);
    contains(&said, &["redis+cluster://"]);
    redis.node_mut(owner).restart();
    redis.wait_until_whole();
    in_reach(&store).await;
    store.heartbeat(&id("a"), NOW).await.unwrap();
}
