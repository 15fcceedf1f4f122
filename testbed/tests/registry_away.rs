//! A registry that is not there, comes late, hangs, or forgets.

use netring_testbed::{Daemon, ReservedPort, eventually, get, hanging};
use nix::sys::signal::Signal;
use std::{
    net::{Ipv4Addr, SocketAddr},
    time::{Duration, Instant},
};

fn registry_at(port: &ReservedPort) -> Daemon {
    let port = port.port().to_string();
    Daemon::start("netring-registry", &["--host", "127.0.0.1", "--port", &port], &[])
}

fn address_of(port: &ReservedPort) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port.port()).into()
}

async fn active(registry: SocketAddr) -> Vec<String> {
    let Ok(answer) = get(registry, "/members").await else { return Vec::new() };
    let members = answer.json()["members"].as_array().unwrap().clone();
    let active = members.iter().filter(|member| member["status"] == "active");
    active.map(|member| member["instance_id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_member_starts_without_a_registry_and_joins_the_one_that_comes_after_a_minute() {
    let port = ReservedPort::new().unwrap();
    let member = Daemon::member(address_of(&port), &[("NETRING_INSTANCE_ID", "early")]);
    let minute = Instant::now() + Duration::from_secs(60);
    while Instant::now() < minute {
        let health = get(member.address(), "/health").await.unwrap();
        assert_eq!(health.status, 200, "{health:?}");
        assert_eq!(get(member.address(), "/metrics").await.unwrap().status, 200);
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let health = get(member.address(), "/health").await.unwrap().json();
    assert_eq!(health["registry"]["in_reach"], false, "{health}");
    let error = health["registry"]["error"].as_str().unwrap();
    assert!(error.contains("refused") && error.contains(&port.port().to_string()), "{error}");

    let registry = registry_at(&port);
    let came = Instant::now();
    assert_eq!(registry.address(), address_of(&port));
    eventually("the member in the list", || async {
        Some(active(address_of(&port)).await).filter(|ids| ids == &["early"])
    })
    .await;
    assert!(came.elapsed() < Duration::from_secs(32), "at most 30 s between tries: {:?}", came.elapsed());
    let metrics = get(member.address(), "/metrics").await.unwrap().body;
    assert!(metrics.contains("netring_registry_up 1"), "{metrics}");
}

#[tokio::test]
async fn after_a_registry_restart_members_come_back_within_one_heartbeat() {
    let port = ReservedPort::new().unwrap();
    let mut registry = registry_at(&port);
    let _ = registry.address();
    let members: Vec<_> = ["a", "b", "c"]
        .iter()
        .map(|id| {
            let environment = [
                ("NETRING_INSTANCE_ID", *id),
                ("NETRING_HEARTBEAT_INTERVAL", "5"),
                // So that it is the heartbeat that finds out.
                ("NETRING_POLL_INTERVAL", "300"),
                ("NETRING_CHECK_INTERVAL", "300"),
            ];
            Daemon::member(address_of(&port), &environment)
        })
        .collect();
    let everybody = || async { Some(active(address_of(&port)).await).filter(|ids| ids == &["a", "b", "c"]) };
    eventually("everybody", everybody).await;

    registry.signal(Signal::SIGKILL);
    let _ = registry.wait();
    let registry = registry_at(&port);
    let _ = registry.address();
    let restarted = Instant::now();
    eventually("everybody back", everybody).await;
    assert!(restarted.elapsed() < Duration::from_secs(6), "one heartbeat is 5 s: {:?}", restarted.elapsed());
    drop(members);
}

#[tokio::test]
async fn a_registry_that_hangs_does_not_keep_a_member_from_stopping() {
    let (registry, _listener) = hanging().unwrap();
    let mut member = Daemon::member(registry, &[]);
    assert_eq!(get(member.address(), "/health").await.unwrap().status, 200);
    member.signal(Signal::SIGTERM);
    let (status, took) = member.wait();
    assert!(status.success() && took < Duration::from_secs(2), "{status} after {took:?}:\n{}", member.log());
}
