//! Registries and members, and what is asked of them.

use netring_testbed::{Daemon, RedisServer, ReservedPort, eventually, get};
use serde_json::Value;
use std::net::SocketAddr;

/// A registry on `port`, in `redis` where there is one.
pub(crate) fn registry(port: &ReservedPort, redis: Option<&RedisServer>, more: &[(&str, &str)]) -> Daemon {
    let port = port.port().to_string();
    let url = redis.map(RedisServer::url);
    let redis = url.as_deref().map(|url| ("NETRING_REDIS_URL", url));
    let environment: Vec<_> = redis.into_iter().chain(more.iter().copied()).collect();
    Daemon::start("netring-registry", &["--host", "127.0.0.1", "--port", &port], &environment)
}

/// A member that looks every second, and knows after half of one that nobody answers.
pub(crate) fn member(registries: &[SocketAddr], id: &str) -> Daemon {
    let urls: Vec<_> = registries.iter().map(|address| format!("http://{address}")).collect();
    let arguments = ["--host", "127.0.0.1", "--port", "0", "--registry-url", &urls.join(",")];
    let environment = [
        ("NETRING_INSTANCE_ID", id),
        ("NETRING_LOCATION", "eu1"),
        ("NETRING_HEARTBEAT_INTERVAL", "1"),
        ("NETRING_POLL_INTERVAL", "1"),
        ("NETRING_CHECK_INTERVAL", "1"),
        ("NETRING_TCP_TIMEOUT", "0.5"),
        ("NETRING_PROBES", "tcp"),
    ];
    Daemon::start("netring-member", &arguments, &environment)
}

/// What `registry` answers, where it does with 200.
pub(crate) async fn ask(registry: SocketAddr, path: &str) -> Option<Value> {
    let answer = get(registry, path).await.ok()?;
    (answer.status == 200).then(|| answer.json())
}

/// Waits until `registry` sees so many members online, each of whom reaches each other, and nothing at fault.
pub(crate) async fn healthy(registry: SocketAddr, count: usize) {
    eventually("a healthy ring", || async {
        let matrix = ask(registry, "/api/v1/matrix").await?;
        let online = |member: &&Value| member["status"] == "online";
        let online = matrix["members"].as_array()?.iter().filter(online).count();
        let up = |pair: &&Value| pair["state"] == "up";
        let up = matrix["pairs"].as_array()?.iter().filter(up).count();
        (online == count && up == count * (count - 1) && open(registry).await?.is_empty()).then_some(())
    })
    .await;
}

/// The faults that are open: the id of each, and what is at fault.
pub(crate) async fn open(registry: SocketAddr) -> Option<Vec<(String, String)>> {
    Some(named(&ask(registry, "/api/v1/faults").await?["open"]))
}

/// The same of faults that were given already.
pub(crate) fn named(faults: &Value) -> Vec<(String, String)> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let name = |fault: &Value| {
        let what = [&fault["scope"], &fault["instance_id"], &fault["symptom"]].map(word).join(" ");
        (word(&fault["id"]), what)
    };
    faults.as_array().unwrap().iter().map(name).collect()
}

/// The id of the fault, once there is one and it is that `id` is down.
pub(crate) async fn down(registry: SocketAddr, id: &str) -> String {
    let faults = eventually("a fault", || async { open(registry).await.filter(|open| !open.is_empty()) }).await;
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert_eq!(faults[0].1, format!("target {id} unreachable"));
    faults[0].0.clone()
}

/// Waits for so many seconds of judging, in which `registry` says at each round that these faults are open, and no others.
pub(crate) async fn still_open(registry: SocketAddr, seconds: f64, faults: &[(String, String)]) {
    let first = ask(registry, "/api/v1/faults").await.unwrap()["at"].as_f64().unwrap();
    eventually("rounds of judging", || async {
        let answer = ask(registry, "/api/v1/faults").await?;
        assert_eq!(named(&answer["open"]), faults, "{answer}");
        (answer["at"].as_f64().unwrap() >= first + seconds).then_some(())
    })
    .await;
}

/// Every event that `registry` tells of.
pub(crate) async fn events(registry: SocketAddr) -> Option<Vec<Value>> {
    Some(ask(registry, "/api/v1/events?limit=1000").await?["events"].as_array()?.clone())
}

/// Of each of `events` its kind, and whose it is: of a fault its id.
pub(crate) fn kinds(events: &[Value]) -> Vec<(String, String)> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let whose = |event: &Value| {
        if event["fault"].is_null() { word(&event["instance_id"]) } else { word(&event["fault"]["id"]) }
    };
    events.iter().map(|event| (word(&event["kind"]), whose(event))).collect()
}

/// What of `events` is of faults.
pub(crate) fn of_faults(events: &[Value]) -> Vec<(String, String)> {
    kinds(events).into_iter().filter(|(kind, _)| kind.starts_with("fault")).collect()
}

/// Asserts that they count up from 1 without a gap.
pub(crate) fn are_counted(events: &[Value]) {
    let ids: Vec<_> = events.iter().map(|event| event["id"].as_u64().unwrap()).collect();
    assert_eq!(ids, (1..=ids.len() as u64).collect::<Vec<_>>());
}

/// Whether `registry` leads, as it says itself.
pub(crate) async fn leads(registry: SocketAddr) -> Option<bool> {
    let metrics = get(registry, "/metrics").await.ok()?.body;
    metrics.lines().find_map(|line| line.strip_prefix("netring_registry_leading ")).map(|value| value == "1")
}

/// The one of two that leads, once exactly one does.
pub(crate) async fn leader(registries: [SocketAddr; 2]) -> usize {
    eventually("a single leader", || async {
        match (leads(registries[0]).await?, leads(registries[1]).await?) {
            (true, false) => Some(0),
            (false, true) => Some(1),
            _ => None,
        }
    })
    .await
}
