//! The daemons as processes: a ring that comes together, loses members, and says goodbye.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use netring_core::{
    RegistryClient,
    analysis::{Matrix, RingState},
    wire::path,
};
use netring_testbed::{Daemon, eventually, get};
use nix::sys::signal::Signal;
use serde_json::Value;
use std::{net::SocketAddr, time::Duration};

/// Intervals for people who do not want to wait.
const FAST: [(&str, &str); 3] =
    [("NETRING_HEARTBEAT_INTERVAL", "1"), ("NETRING_POLL_INTERVAL", "1"), ("NETRING_CHECK_INTERVAL", "1s")];

fn member(registry: SocketAddr, id: &str, location: &str) -> Daemon {
    let mut environment = FAST.to_vec();
    environment.extend([("NETRING_INSTANCE_ID", id), ("NETRING_LOCATION", location)]);
    Daemon::member(registry, &environment)
}

async fn matrix(registry: SocketAddr) -> Matrix {
    RegistryClient::new(&format!("http://{registry}")).unwrap().get(path::MATRIX).await.unwrap()
}

async fn until_healthy(registry: SocketAddr, members: usize) -> Matrix {
    eventually("a healthy ring", || async {
        Some(matrix(registry).await).filter(|m| m.state == RingState::Healthy && m.members.len() == members)
    })
    .await
}

async fn status_of(registry: SocketAddr, id: &str) -> Option<String> {
    let members = matrix(registry).await.members;
    members.into_iter().find(|m| m.instance_id.as_str() == id).map(|m| m.status.to_string())
}

async fn listed(registry: SocketAddr) -> Vec<Value> {
    get(registry, "/members").await.unwrap().json()["members"].as_array().unwrap().clone()
}

#[tokio::test]
async fn members_find_each_other_and_show_what_the_seeds_show() {
    let registry = Daemon::registry(&[]);
    let address = registry.address();
    let (eu, us) = (member(address, "eu-1", "eu1-k8s"), member(address, "us-1", "us1-k8s"));
    until_healthy(address, 2).await;

    let members = listed(address).await;
    let port = us.address().port();
    assert_eq!(members.len(), 2);
    assert_eq!((&members[1]["instance_id"], &members[1]["location"]), (&"us-1".into(), &"us1-k8s".into()));
    assert_eq!((&members[1]["ip"], &members[1]["port"]), (&"127.0.0.1".into(), &port.into()));
    assert_eq!(members[1]["status"], "active");

    let labels = "source_instance=\"eu-1\",source_location=\"eu1-k8s\",target_instance=\"us-1\",\
                  target_ip=\"127.0.0.1\",target_location=\"us1-k8s\"";
    let metrics = get(eu.address(), "/metrics").await.unwrap().body;
    for line in [
        format!("netring_connectivity_tcp{{{labels}}} 1"),
        format!("netring_connectivity_http{{endpoint=\"/health\",{labels}}} 1"),
        format!("netring_connectivity_http{{endpoint=\"/metrics\",{labels}}} 1"),
        "netring_members_total 1".to_owned(),
        "netring_registry_up 1".to_owned(),
    ] {
        assert!(metrics.lines().any(|l| l == line), "{line:?} is not in\n{metrics}");
    }
    assert!(metrics.contains("netring_member_last_seen_timestamp{instance_id=\"us-1\",location=\"us1-k8s\"} "));
    assert!(metrics.contains("netring_check_duration_seconds_bucket{check_type=\"tcp\","));
    assert!(metrics.contains("process_cpu_seconds_total"));

    let health = get(eu.address(), "/health").await.unwrap();
    let body = health.json();
    assert_eq!((health.status, &body["status"], &body["members_count"]), (200, &"healthy".into(), &1.into()));
    assert_eq!((&body["instance_id"], &body["component"]), (&"eu-1".into(), &"member".into()));
}

#[tokio::test]
async fn a_member_that_is_killed_goes_stale_and_then_offline() {
    let registry = Daemon::registry(&[("NETRING_MEMBER_TTL", "5")]);
    let address = registry.address();
    let (stays, mut killed) = (member(address, "stays", "eu1"), member(address, "killed", "us1"));
    until_healthy(address, 2).await;

    killed.signal(Signal::SIGKILL);
    let _ = killed.wait();
    for status in ["stale", "offline"] {
        eventually(status, || async { status_of(address, "killed").await.filter(|now| now == status) }).await;
    }
    assert_eq!(matrix(address).await.state, RingState::Unhealthy);
    let ids: Vec<_> = listed(address).await.iter().map(|m| m["instance_id"].clone()).collect();
    assert_eq!(ids, ["stays"], "members of 1.x do not see who is offline");
    eventually("its series to go", || async {
        let metrics = get(stays.address(), "/metrics").await.unwrap().body;
        (!metrics.contains("killed")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_member_that_is_told_to_stop_deregisters_within_two_seconds() {
    let registry = Daemon::registry(&[]);
    let address = registry.address();
    // A target on which every probe hangs for as long as it may.
    let silent = netring_core::testing::net::silent().unwrap();
    let target = serde_json::json!({
        "instance_id": "silent", "location": "eu1", "ip": "127.0.0.1", "port": silent.target.port,
    });
    assert_eq!(netring_testbed::post(address, "/register", &target).await.unwrap().status, 200);

    for (id, signal) in [("by-term", Signal::SIGTERM), ("by-int", Signal::SIGINT)] {
        let mut member = member(address, id, "us1");
        let health = member.address();
        eventually("a probe that hangs", || async {
            let in_flight = get(health, "/health").await.unwrap().json()["probes"]["in_flight"].as_u64();
            in_flight.filter(|&probes| probes > 0)
        })
        .await;
        member.signal(signal);
        let (status, took) = member.wait();
        assert!(status.success() && took < Duration::from_secs(2), "{status} after {took:?}:\n{}", member.log());
        let entry = listed(address).await.into_iter().find(|entry| entry["instance_id"] == id).unwrap();
        assert_eq!(entry["status"], "deregistered");
        assert!(entry["deregistered_at"].is_u64(), "{entry}");
        // The matrix may be a moment old.
        eventually("its goodbye in the matrix", || async {
            status_of(address, id).await.filter(|status| status == "deregistered")
        })
        .await;
    }
}

#[tokio::test]
async fn a_registry_that_is_told_to_stop_ends_in_time_also_with_open_connections() {
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let mut registry = Daemon::registry(&[]);
        let _idle = tokio::net::TcpStream::connect(registry.address()).await.unwrap();
        registry.signal(signal);
        let (status, took) = registry.wait();
        assert!(status.success() && took < Duration::from_secs(2), "{status} after {took:?}");
    }
}
