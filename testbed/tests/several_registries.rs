//! Several registries on one Redis, with members that move between them.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use netring_testbed::{Daemon, Load, RedisOptions, RedisServer, ReservedPort, eventually, get};
use nix::sys::signal::Signal;
use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    time::{Duration, Instant, SystemTime},
};

fn registry(redis: &RedisServer, port: &ReservedPort) -> Daemon {
    let port = port.port().to_string();
    let arguments = ["--host", "127.0.0.1", "--port", &port];
    Daemon::start("netring-registry", &arguments, &[("NETRING_REDIS_URL", &redis.url())])
}

/// A member of both registries, which beats every second.
fn member(registries: &[SocketAddr], id: &str, more: &[(&str, &str)]) -> Daemon {
    let urls: Vec<_> = registries.iter().map(|address| format!("http://{address}")).collect();
    let urls = urls.join(",");
    let arguments = ["--host", "127.0.0.1", "--port", "0", "--registry-url", &urls];
    let environment = [
        &[
            ("NETRING_INSTANCE_ID", id),
            ("NETRING_HEARTBEAT_INTERVAL", "1"),
            ("NETRING_POLL_INTERVAL", "1"),
            ("NETRING_CHECK_INTERVAL", "1"),
        ],
        more,
    ]
    .concat();
    Daemon::start("netring-member", &arguments, &environment)
}

/// Each member's state and when it was last seen, in the list of `registry`.
async fn members(registry: SocketAddr) -> BTreeMap<String, (String, u64)> {
    let Ok(answer) = get(registry, "/members").await else { return BTreeMap::new() };
    let list = answer.json()["members"].as_array().unwrap().clone();
    let entry = |member: &serde_json::Value| {
        let text = |name: &str| member[name].as_str().unwrap().to_owned();
        (text("instance_id"), (text("state"), member["last_seen"].as_u64().unwrap()))
    };
    list.iter().map(entry).collect()
}

async fn all_online(registry: SocketAddr, count: usize) {
    eventually("everybody online", || async {
        let members = members(registry).await;
        (members.len() == count && members.values().all(|(state, _)| state == "online")).then_some(())
    })
    .await;
}

/// At least `count` members, and so many that each of `registries` is the first one of somebody: the order is random.
fn ring_of(count: usize, registries: &[SocketAddr]) -> Vec<Daemon> {
    let mut ring = Vec::new();
    let mut first = BTreeSet::new();
    while ring.len() < count || first.len() < registries.len() {
        assert!(ring.len() < 60, "{first:?} alone is ever the first registry of a member");
        let member = member(registries, &format!("m{:02}", ring.len()), &[]);
        let line = member.line("listening");
        let names = line.split_once("registry=").map(|(_, names)| names.trim_start_matches('"'));
        let begins = |address: &&SocketAddr| names.unwrap().starts_with(&format!("http://{address}/"));
        first.insert(*registries.iter().find(begins).unwrap_or_else(|| panic!("no registry in {line:?}")));
        ring.push(member);
    }
    ring
}

/// A heartbeat interval, the time in which a call comes to a registry that works, and two seconds, for `last_seen` is in whole
/// ones and the machine may be busy.
const LONGEST_SILENCE: u64 = 1 + 5 + 2;

/// Watches for `time` that `registry` hears of each of `count` members as often as it should.
async fn heard_of(registry: SocketAddr, count: usize, time: Duration) {
    let watched = Instant::now();
    while watched.elapsed() < time {
        let members = members(registry).await;
        assert_eq!(members.len(), count, "{members:?}");
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
        let silent = |(_, seen): &(String, u64)| now.saturating_sub(*seen) > LONGEST_SILENCE;
        assert!(!members.values().any(silent), "{:?} after, at {now}: {members:?}", watched.elapsed());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn members_move_on_when_their_registry_is_killed_or_hangs_and_none_is_silent_for_long() {
    let redis = RedisServer::start(&RedisOptions::new());
    let ports = [ReservedPort::new().unwrap(), ReservedPort::new().unwrap()];
    let mut registries: Vec<_> = ports.iter().map(|port| registry(&redis, port)).collect();
    let addresses: Vec<_> = registries.iter().map(Daemon::address).collect();
    let ring = ring_of(6, &addresses);
    for &address in &addresses {
        all_online(address, ring.len()).await;
    }
    // Once it dies, and all move to the other; and once that one hangs, and all move back.
    for (gone, stays, signal) in [(0, 1, Signal::SIGKILL), (1, 0, Signal::SIGSTOP)] {
        registries[gone].signal(signal);
        // Nearly twice the longest silence: who does not move on is silent for longer by then.
        heard_of(addresses[stays], ring.len(), Duration::from_secs(15)).await;
        all_online(addresses[stays], ring.len()).await;
        for member in &ring {
            let health = get(member.address(), "/health").await.unwrap().json();
            let others = ring.len() as u64 - 1;
            assert_eq!(
                (health["members_count"].as_u64(), &health["status"]),
                (Some(others), &"healthy".into()),
                "{health}"
            );
            assert_eq!(health["registry"]["in_reach"], true, "{health}");
        }
        if gone == 0 {
            let _ = registries[gone].wait();
            registries[gone] = registry(&redis, &ports[gone]);
            assert_eq!(registries[gone].address(), addresses[gone]);
            // It kept nothing of its own, and knows everybody at once.
            assert_eq!(members(addresses[gone]).await.len(), ring.len());
        } else {
            registries[gone].signal(Signal::SIGCONT);
        }
        for &address in &addresses {
            all_online(address, ring.len()).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_knows_of_no_registry_is_left_for_one_that_is_a_registry() {
    // As a proxy without a backend: whatever is asked for, it is not found.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = listener.local_addr().unwrap();
    tokio::spawn(async { axum::serve(listener, axum::Router::new()).await });
    let redis = RedisServer::start(&RedisOptions::new());
    let port = ReservedPort::new().unwrap();
    let registry = registry(&redis, &port);
    // Somebody begins with the proxy.
    let ring = ring_of(2, &[proxy, registry.address()]);
    all_online(registry.address(), ring.len()).await;
    heard_of(registry.address(), ring.len(), Duration::from_secs(10)).await;
    for member in &ring {
        let health = get(member.address(), "/health").await.unwrap().json();
        assert_eq!(health["members_count"].as_u64(), Some(ring.len() as u64 - 1), "{health}");
        assert_eq!((&health["registry"]["in_reach"], &health["registry"]["registered"]), (&true.into(), &true.into()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_is_killed_while_members_beat_and_no_heartbeat_is_lost_for_long() {
    const PERIOD: Duration = Duration::from_millis(200);
    let redis = RedisServer::start(&RedisOptions::new());
    let ports = [ReservedPort::new().unwrap(), ReservedPort::new().unwrap()];
    let mut registries: Vec<_> = ports.iter().map(|port| registry(&redis, port)).collect();
    let addresses: Vec<_> = registries.iter().map(Daemon::address).collect();
    let load = Load::start(&addresses, 40, PERIOD);
    all_online(addresses[0], 40).await;
    registries[0].signal(Signal::SIGKILL);
    let _ = registries[0].wait();
    let killed = Instant::now();
    tokio::time::sleep(Duration::from_secs(3)).await;
    registries[0] = registry(&redis, &ports[0]);
    let _ = registries[0].address();
    all_online(addresses[0], 40).await;
    assert_eq!(members(addresses[0]).await.len(), members(addresses[1]).await.len());
    let beats = load.stop().await;
    assert!(beats.iter().all(|beat| beat.status != Some(404)), "nobody was forgotten");
    let mut last: BTreeMap<&str, Instant> = BTreeMap::new();
    let mut longest = Duration::ZERO;
    for beat in beats.iter().filter(|beat| beat.status == Some(200)) {
        if let Some(before) = last.insert(&beat.member, beat.sent).filter(|&before| before > killed - 5 * PERIOD) {
            longest = longest.max(beat.sent - before);
        }
    }
    assert!(longest < Duration::from_secs(4), "{longest:?} without a heartbeat that was taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_restarts_while_every_registry_is_away_and_still_knows_whom_to_probe() {
    let redis = RedisServer::start(&RedisOptions::new());
    let port = ReservedPort::new().unwrap();
    let mut registry_daemon = registry(&redis, &port);
    let address = registry_daemon.address();
    let folder = tempfile::tempdir().unwrap();
    let state_dir = folder.path().join("state");
    let keeps = [("NETRING_STATE_DIR", state_dir.to_str().unwrap())];
    let _peer = member(&[address], "peer", &[]);
    let mut keeper = member(&[address], "keeper", &keeps);
    eventually("the peer", || async {
        let health = get(keeper.address(), "/health").await.ok()?.json();
        (health["members_count"] == 1).then_some(())
    })
    .await;
    eventually("the list on disk", || async { state_dir.join("members.json").exists().then_some(()) }).await;
    registry_daemon.signal(Signal::SIGKILL);
    let _ = registry_daemon.wait();
    keeper.signal(Signal::SIGKILL);
    let _ = keeper.wait();

    let keeper = member(&[address], "keeper", &keeps);
    // It listens before it has read what it kept.
    let health = eventually("the list that was kept", || async {
        let health = get(keeper.address(), "/health").await.ok()?.json();
        (health["list"]["source"] == "state_dir").then_some(health)
    })
    .await;
    assert_eq!(health["members_count"], 1, "{health}");
    assert!(health["list"]["age_seconds"].as_f64().unwrap() > 0.0, "{health}");
    eventually("a probe of the peer", || async {
        let metrics = get(keeper.address(), "/metrics").await.ok()?.body;
        let probed = metrics.lines().any(|line| {
            line.starts_with("netring_connectivity_tcp{")
                && line.contains("target_instance=\"peer\"")
                && line.ends_with(" 1")
        });
        (probed && metrics.contains("netring_members_list_timestamp_seconds ")).then_some(())
    })
    .await;

    registry_daemon = registry(&redis, &port);
    assert_eq!(registry_daemon.address(), address);
    eventually("a list of the registry's own", || async {
        let health = get(keeper.address(), "/health").await.ok()?.json();
        (health["list"]["source"] == "registry").then_some(())
    })
    .await;
}
