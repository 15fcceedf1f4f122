//! What the probes of the manifests ask, asked of real daemons in whatever state they may be.

use crate::{
    config::{SECRET, started},
    object::text,
    site::{Site, sites},
};
use netring_testbed::{Daemon, RedisOptions, RedisServer, ReservedPort, eventually, get};
use serde_json::json;
use std::net::SocketAddr;

const PROBES: [&str; 3] = ["startupProbe", "livenessProbe", "readinessProbe"];

/// The primary site without components.
fn primary() -> &'static Site {
    sites().iter().find(|site| site.is_primary() && site.components.is_empty()).unwrap()
}

/// The path of a probe, which asks at the container's own port.
fn path(workload: &str, probe: &str) -> &'static str {
    let (_, template) = primary().workload(workload);
    let container = &template["spec"]["containers"][0];
    let get = &container[probe]["httpGet"];
    assert_eq!((&get["port"], &container["ports"][0]["name"]), (&json!("http"), &json!("http")), "{workload} {probe}");
    text(get, "/path")
}

/// The statuses that the three probes get.
async fn asked(workload: &str, at: SocketAddr) -> [u16; 3] {
    let mut statuses = [0; 3];
    for (status, probe) in statuses.iter_mut().zip(PROBES) {
        *status = get(at, path(workload, probe)).await.unwrap().status;
    }
    statuses
}

/// The daemon with the manifest's file and variables, where a test can have it.
fn start(workload: &str, others: &[(&str, &str)]) -> Daemon {
    let started = started(primary(), workload, "");
    let mut arguments = started.arguments.clone();
    arguments.extend(["--host", "127.0.0.1", "--port", "0"].map(str::to_owned));
    let state = tempfile::tempdir().unwrap();
    let mut variables: Vec<_> = started.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    variables.extend(others);
    variables.push(("NETRING_STATE_DIR", state.path().to_str().unwrap()));
    let daemon = Daemon::start(&started.daemon, &arguments, &variables);
    // The file and the folder are read before it listens.
    let _ = daemon.address();
    daemon
}

async fn unhealthy(registry: SocketAddr) {
    eventually("503 by /health", || async {
        get(registry, "/health").await.ok().filter(|answer| answer.status == 503).map(|_| ())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_goes_away_kills_no_registry_and_takes_none_out_of_the_service() {
    let mut redis = RedisServer::start(&RedisOptions::new().persistent().password(SECRET));
    let registry = start("netring-registry", &[("NETRING_REDIS_URL", &redis.url())]);
    let at = registry.address();
    eventually("ready", || async { (asked("netring-registry", at).await == [200; 3]).then_some(()) }).await;
    redis.kill();
    unhealthy(at).await;
    assert_eq!(asked("netring-registry", at).await, [200; 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_never_saw_its_redis_lives_and_is_not_ready() {
    let nobody = ReservedPort::new().unwrap();
    let url = format!("redis://127.0.0.1:{}", nobody.port());
    let registry = start("netring-registry", &[("NETRING_REDIS_URL", &url)]);
    unhealthy(registry.address()).await;
    assert_eq!(asked("netring-registry", registry.address()).await, [200, 200, 503]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_without_a_registry_lives_and_is_ready() {
    let nobody = ReservedPort::new().unwrap();
    let url = format!("http://127.0.0.1:{}", nobody.port());
    let member = start("netring-member", &[("NETRING_REGISTRY_URL", &url)]);
    let _ = member.line("the registry is out of reach");
    assert_eq!(asked("netring-member", member.address()).await, [200; 3]);
}

/// A daemon takes 2 s to end, and is killed when the grace period is over.
#[test]
fn the_grace_period_is_long_enough() {
    for site in sites() {
        for (object, template) in site.workloads() {
            let pod = &template["spec"];
            let waits = pod["containers"][0].pointer("/lifecycle/preStop/sleep/seconds");
            let waits = waits.map_or(0, |seconds| seconds.as_u64().unwrap());
            assert!(
                pod["terminationGracePeriodSeconds"].as_u64() >= Some(waits + 5),
                "{}: {}",
                site.name,
                object.name()
            );
        }
    }
}
