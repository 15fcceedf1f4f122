//! Registries whose Redis goes away, hangs, comes back with its data, without it, or under another address.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use netring_testbed::{
    Beat, Daemon, Load, RedisCluster, RedisOptions, RedisServer, ReplicatedRedis, eventually, get, post,
};
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

const MEMBERS: usize = 40;
const PERIOD: Duration = Duration::from_millis(200);

fn registry(url: &str) -> Daemon {
    Daemon::registry(&[("NETRING_REDIS_URL", url)])
}

async fn listed(registry: SocketAddr) -> Option<Value> {
    let answer = get(registry, "/members").await.ok()?;
    (answer.status == 200).then(|| answer.json())
}

/// How many are active in a list that is not old.
async fn active(registry: SocketAddr) -> usize {
    let Some(list) = listed(registry).await.filter(|list| list["stale_since"].is_null()) else { return 0 };
    list["members"].as_array().unwrap().iter().filter(|member| member["status"] == "active").count()
}

async fn everybody(registry: SocketAddr) {
    eventually("everybody in the list", || async { (active(registry).await == MEMBERS).then_some(()) }).await;
}

async fn health(registry: SocketAddr, status: u16) -> Value {
    eventually("that health", || async {
        get(registry, "/health").await.ok().filter(|answer| answer.status == status).map(|answer| answer.json())
    })
    .await
}

/// A registry on the Redis at `url` whose members beat already; it lives as long as the first of these does.
async fn ring(url: &str) -> (Daemon, SocketAddr, Load) {
    let registry = registry(url);
    let address = registry.address();
    let load = Load::start(&[address], MEMBERS, PERIOD);
    everybody(address).await;
    (registry, address, load)
}

/// Nobody was lost by a failover, and writes were taken within 5 s of the promotion.
async fn survived(registry: SocketAddr, load: Load, promoted: Instant) {
    health(registry, 200).await;
    everybody(registry).await;
    // Long enough for everybody to beat again.
    tokio::time::sleep(5 * PERIOD).await;
    let beats = load.stop().await;
    let first = beats.iter().find(|beat| beat.sent > promoted && beat.status == Some(200)).unwrap();
    assert!(first.sent - promoted < Duration::from_secs(5), "{:?} after the promotion", first.sent - promoted);
    assert_eq!(count(&beats, 404), 0, "nobody was lost");
    in_time(&beats);
}

fn count(beats: &[Beat], status: u16) -> usize {
    beats.iter().filter(|beat| beat.status == Some(status)).count()
}

/// No request took longer than the timeout of 2 s, on a machine that is busy with other tests.
fn in_time(beats: &[Beat]) {
    let slowest = beats.iter().max_by_key(|beat| beat.took).unwrap();
    assert!(slowest.took < Duration::from_secs(4), "{slowest:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_is_killed_under_load_and_comes_back_with_its_data() {
    let mut redis = RedisServer::start(&RedisOptions::new().persistent());
    let (registry, address, load) = ring(&redis.url()).await;

    redis.kill();
    let before = Instant::now();
    let health_away = health(address, 503).await;
    assert_eq!((&health_away["status"], &health_away["store"]["in_reach"]), (&json!("unhealthy"), &json!(false)));
    let since = health_away["store"]["since"].as_f64().unwrap();
    // First the connection was closed; that nobody listens any more shows with the next try.
    eventually("the reason", || async {
        let health = get(address, "/health").await.ok()?.json();
        health["error"].as_str()?.contains("does it run, are host and port right?").then_some(())
    })
    .await;
    // The last list is there, and says that it is old; to write is refused, with when to try again.
    let old = eventually("a list that says it is old", || async {
        let answer = get(address, "/members").await.ok()?;
        answer.header("age").is_some().then_some(answer)
    })
    .await;
    assert_eq!((old.status, old.json()["members"].as_array().unwrap().len()), (200, MEMBERS));
    assert!(old.json()["stale_since"].as_f64().unwrap() <= since + before.elapsed().as_secs_f64());
    let _: u64 = old.header("age").unwrap().parse().unwrap();
    assert!(old.json()["members"].as_array().unwrap().iter().all(|member| member["status"] == "active"));
    for path in ["/heartbeat", "/register", "/deregister"] {
        let body = json!({"instance_id": "x", "location": "eu1", "ip": "10.0.0.1", "port": 8757});
        let refused = post(address, path, &body).await.unwrap();
        assert_eq!((refused.status, refused.header("retry-after")), (503, Some("1")), "{path}");
        assert!(!refused.body.contains("redis"), "what the store is, is nobody's business: {}", refused.body);
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(get(address, "/health").await.unwrap().json()["store"]["since"], since, "it is one outage");

    redis.restart();
    let back = health(address, 200).await;
    assert_eq!((&back["status"], &back["store"]["in_reach"]), (&json!("healthy"), &json!(true)));
    everybody(address).await;
    let list = get(address, "/members").await.unwrap();
    assert_eq!((list.header("age"), &list.json()["stale_since"]), (None, &Value::Null));
    let beats = load.stop().await;
    assert_eq!(count(&beats, 404), 0, "nobody was forgotten");
    assert!(count(&beats, 503) > MEMBERS);
    in_time(&beats);

    // It was told when it changed, and not with each of the many requests.
    let log = registry.log();
    assert_eq!(log.lines().filter(|line| line.contains("out of reach")).count(), 1, "{log}");
    assert_eq!(log.lines().filter(|line| line.contains("in reach again")).count(), 1, "{log}");
    assert!(!log.contains("redis::"), "the client's own log would be told with each try: {log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_comes_back_empty_and_is_filled_within_one_heartbeat() {
    let mut redis = RedisServer::start(&RedisOptions::new());
    let (_registry, address, load) = ring(&redis.url()).await;
    redis.kill();
    health(address, 503).await;
    redis.restart_empty();
    health(address, 200).await;
    let back = Instant::now();
    everybody(address).await;
    // A heartbeat finds out, the next request registers, and the machine is busy.
    assert!(back.elapsed() < 2 * PERIOD + Duration::from_secs(3), "{:?}", back.elapsed());
    let beats = load.stop().await;
    assert!(count(&beats, 404) >= MEMBERS, "everybody was forgotten once");
    in_time(&beats);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_starts_without_redis_and_serves_once_it_is_there() {
    let mut redis = RedisServer::start(&RedisOptions::new());
    redis.kill();
    let registry = registry(&redis.url());
    let address = registry.address();
    let health_away = health(address, 503).await;
    assert_eq!(health_away["store"]["in_reach"], false, "{health_away}");
    let nothing = get(address, "/members").await.unwrap();
    assert_eq!((nothing.status, nothing.header("retry-after")), (503, Some("1")), "there is no list to serve");
    let _ = registry.line("does it run, are host and port right?");
    let load = Load::start(&[address], MEMBERS, PERIOD);
    redis.restart();
    everybody(address).await;
    health(address, 200).await;
    in_time(&load.stop().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_hangs_keeps_nobody_waiting_for_longer_than_the_timeout() {
    let mut redis = RedisServer::start(&RedisOptions::new());
    let (_registry, address, load) = ring(&redis.url()).await;
    redis.stop();
    health(address, 503).await;
    let hung = Instant::now();
    while hung.elapsed() < Duration::from_secs(6) {
        let asked = Instant::now();
        let list = get(address, "/members").await.unwrap();
        assert_eq!((list.status, list.json()["members"].as_array().unwrap().len()), (200, MEMBERS));
        assert!(asked.elapsed() < Duration::from_secs(4), "{:?}", asked.elapsed());
    }
    redis.cont();
    health(address, 200).await;
    everybody(address).await;
    let beats = load.stop().await;
    assert_eq!(count(&beats, 404), 0);
    in_time(&beats);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failover_by_sentinel_under_load_loses_nobody() {
    let mut redis = ReplicatedRedis::start(1, &RedisOptions::new());
    let (_registry, address, load) = ring(&redis.url()).await;
    let former = redis.primary().address();
    redis.primary().command(&["WAIT", "1", "0"]).unwrap();
    redis.primary_mut().kill();
    let promoted = tokio::task::block_in_place(|| redis.wait_for_promotion(former));
    survived(address, load, promoted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_loses_the_node_of_the_ring_goes_on_with_its_replica() {
    let mut redis = RedisCluster::start(1, &RedisOptions::new());
    let (_registry, address, load) = ring(&redis.url()).await;
    let owner = redis.owner("{netring}:members");
    redis.node_mut(owner).command(&["WAIT", "1", "0"]).unwrap();
    redis.node_mut(owner).kill();
    let promoted = tokio::task::block_in_place(|| redis.wait_for_promotion(owner));
    survived(address, load, promoted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_loses_another_node_does_not_notice() {
    let mut redis = RedisCluster::start(0, &RedisOptions::new());
    let (_registry, address, load) = ring(&redis.url()).await;
    let owner = redis.owner("{netring}:members");
    let other = redis.nodes().iter().map(netring_testbed::RedisServer::address).find(|&node| node != owner).unwrap();
    redis.node_mut(other).kill();
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(active(address).await, MEMBERS);
    assert_eq!(get(address, "/health").await.unwrap().status, 200);
    let beats = load.stop().await;
    assert_eq!((count(&beats, 404), count(&beats, 503)), (0, 0));
}
