//! What else a registry tells of a ring: to Prometheus, of the topology, and of who is missing.

use crate::ring::{ask, healthy, member, registry};
use netring_testbed::{ReservedPort, eventually, get};
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use std::net::SocketAddr;

const EXPECTED: &str = "
expected_members:
  locations:
    eu1: {expected_count: 2, criticality: high, grace_period: 1, description: Frankfurt}
  settings: {check_interval: 1}
";

async fn metric(registry: SocketAddr, name: &str) -> Option<String> {
    let metrics = get(registry, "/metrics").await.ok()?.body;
    metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')).map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ring_is_told_of_in_every_way_and_who_is_missing_too() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("expected-members.yaml");
    std::fs::write(&file, EXPECTED).unwrap();
    let port = ReservedPort::new().unwrap();
    let registry = registry(
        &port,
        None,
        &[
            ("NETRING_ENABLE_MISSING_DETECTION", "true"),
            ("NETRING_EXPECTED_MEMBERS_FILE", file.to_str().unwrap()),
            ("NETRING_LOG_LEVEL", "info"),
        ],
    );
    let address = registry.address();
    assert!(registry.line("expecting members").contains("members=2"));
    let [a, mut b] = ["a", "b"].map(|id| member(&[address], id));
    healthy(address, 2).await;

    let sd = get(address, "/api/v1/sd").await.unwrap();
    assert_eq!((sd.status, sd.header("content-type")), (200, Some("application/json")));
    let labels = json!({"member_location": "eu1", "member_instance_id": "a", "__meta_netring_member_state": "online"});
    assert_eq!(sd.json()[0], json!({"targets": [a.address().to_string()], "labels": labels}));

    let metrics = get(address, "/metrics").await.unwrap();
    let text = Some("text/plain; version=0.0.4; charset=utf-8");
    assert_eq!((metrics.status, metrics.header("content-type")), (200, text));
    assert!(metrics.body.contains("netring_registry_members{state=\"online\"} 2\n"), "{}", metrics.body);
    let pairs = "netring_location_pair_members{source_location=\"eu1\",state=\"up\",target_location=\"eu1\"} 2\n";
    assert!(metrics.body.contains(pairs), "{}", metrics.body);

    let topology = get(address, "/api/v1/topology").await.unwrap();
    assert_eq!((topology.status, topology.header("content-type")), (200, Some("application/json")));
    let picture = get(address, "/api/v1/topology.svg").await.unwrap();
    assert_eq!((picture.status, picture.header("content-type")), (200, Some("image/svg+xml")));
    assert!(picture.body.starts_with("<svg") && picture.body.contains("eu1"), "{}", picture.body);
    // The graph may be of a moment when not all had registered.
    eventually("both members in the graph", || async {
        let graph = ask(address, "/api/v1/topology").await?;
        (graph["locations"] == json!([{"location": "eu1", "members": ["a", "b"]}])).then_some(())
    })
    .await;

    let all_there = eventually("both are there", || async {
        ask(address, "/api/v1/expected").await.filter(|report| report["locations"]["eu1"]["actual_count"] == 2)
    })
    .await;
    let found = &all_there["locations"]["eu1"];
    assert_eq!((&found["status"], &all_there["alerts"]), (&json!("healthy"), &json!([])), "{all_there}");
    let missing = "netring_missing_members{criticality=\"high\",location=\"eu1\"}";
    assert_eq!(metric(address, missing).await.as_deref(), Some("0"));

    b.signal(Signal::SIGTERM);
    assert!(b.wait().0.success());
    let gone = eventually("one is missing", || async {
        ask(address, "/api/v1/expected").await.filter(|report| report["locations"]["eu1"]["status"] == "missing")
    })
    .await;
    let found = &gone["locations"]["eu1"];
    assert_eq!((&found["missing_count"], &found["actual_count"]), (&json!(1), &json!(1)), "{gone}");
    let since = found["since"].as_f64().unwrap();
    assert!(gone["at"].as_f64().unwrap() >= since + 1.0, "it is missing for the grace period: {gone}");
    let about_it = |alert: &&Value| alert["location"] == "eu1" && alert["level"] == "error";
    assert!(gone["alerts"].as_array().unwrap().iter().any(|alert| about_it(&alert)), "{gone}");
    eventually("the metric", || async { (metric(address, missing).await? == "1").then_some(()) }).await;
}
