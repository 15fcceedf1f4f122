//! A ring whose link is cut, and a member of which dies; and who is told.

use crate::{
    answers::{have_answers, rules_ask_for_what_there_is, rules_work},
    dashboard::queries,
    receiver::Receiver,
    servers::Servers,
};
use netring_testbed::{
    eventually,
    lab::{self, Loss, Sites},
};
use serde_json::Value;
use std::{collections::BTreeSet, fs};

const EXPECTED: &str = "
expected_members:
  locations:
    asia1: {expected_count: 2, criticality: low}
    eu1: {expected_count: 2}
    us1: {expected_count: 2, criticality: high}
  settings: {check_interval: 1}
";
/// What asks for something that is wrong, so that nothing is there in a ring that is well.
const OF_TROUBLE: [&str; 6] =
    ["Failed connections", "Failures by reason", "Open faults", "Faults over time", "Alerts", "annotation Faults"];
/// What nobody may be told of as long as nothing is broken.
const SERIOUS: [&str; 7] = [
    "NetringConnectivityDown",
    "NetringExpectedMembersMissing",
    "NetringFault",
    "NetringMemberDown",
    "NetringNobodyJudges",
    "NetringNoMembers",
    "NetringRegistryDown",
];

fn ring(expected: &str) -> Sites {
    let registry = [("NETRING_ENABLE_MISSING_DETECTION", "true"), ("NETRING_EXPECTED_MEMBERS_FILE", expected)];
    let members = [
        ("NETRING_PROBES", "tcp,http,udp,icmp,bandwidth,traceroute"),
        ("NETRING_BANDWIDTH_TEST_INTERVAL", "5"),
        ("NETRING_BANDWIDTH_TEST_MODE", "fixed"),
        ("NETRING_TRACEROUTE_INTERVAL", "5"),
        ("NETRING_TRACEROUTE_TIMEOUT", "2"),
    ];
    Sites::start_with(&["asia1", "eu1", "us1"], &registry, &members)
}

fn label<'a>(alert: &'a Value, name: &str) -> &'a str {
    alert["labels"][name].as_str().unwrap_or_default()
}

/// What Prometheus scrapes as members, and each of whom it got an answer: address, name and location.
async fn scraped(servers: &Servers) -> Option<BTreeSet<[String; 3]>> {
    let targets = servers.prometheus("/api/v1/targets?state=active").await?;
    let targets = targets["data"]["activeTargets"].as_array()?.iter();
    let up = targets.filter(|target| target["labels"]["job"] == "netring" && target["health"] == "up");
    Some(
        up.map(|target| {
            ["instance", "member_instance_id", "member_location"].map(|name| label(target, name).to_owned())
        })
        .collect(),
    )
}

/// What the registry has as members.
async fn members(ring: &Sites) -> Option<BTreeSet<[String; 3]>> {
    let answer = ring.ask("/members").await?;
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let of = |member: &Value| {
        let address = format!("{}:{}", word(&member["ip"]), member["port"]);
        [address, word(&member["instance_id"]), word(&member["location"])]
    };
    Some(answer["members"].as_array()?.iter().map(of).collect())
}

/// The alerts `name` of which Alertmanager tells nobody, for another one stands for them.
async fn held_back(servers: &Servers, name: &str) -> Option<Vec<Value>> {
    let held =
        |alert: &Value| label(alert, "alertname") == name && alert["status"]["inhibitedBy"] != Value::from([""; 0]);
    Some(servers.alerts().await?.into_iter().filter(held).collect())
}

#[test]
fn who_is_to_be_told_is_told_what_broke_and_that_it_is_over() {
    lab::test(async || {
        let folder = tempfile::tempdir().unwrap();
        let expected = folder.path().join("expected-members.yaml");
        fs::write(&expected, EXPECTED).unwrap();
        let mut ring = ring(expected.to_str().unwrap());
        ring.healthy().await;
        let receiver = Receiver::start(&ring).await;
        let servers = Servers::start(&ring);

        // Whom Prometheus found are the members of the registry.
        let there = members(&ring).await.unwrap();
        assert_eq!(there.len(), 6);
        eventually("every member scraped", || async { (scraped(&servers).await? == there).then_some(()) }).await;

        let (of_trouble, of_every_day): (Vec<_>, Vec<_>) =
            queries().into_iter().partition(|query| OF_TROUBLE.contains(&query.asker.as_str()));
        assert!(of_trouble.len() >= OF_TROUBLE.len());
        have_answers(&servers, &of_every_day).await;
        rules_work(&servers).await;
        let told: Vec<_> =
            receiver.taken().into_iter().filter(|alert| SERIOUS.contains(&label(alert, "alertname"))).collect();
        assert!(told.is_empty(), "nothing is broken: {told:?}");

        // A link is cut: one message names it, and the pairs that go over it are silent.
        ring.between[&(0, 1)].set_loss(&Loss::All);
        let fault = receiver.told("NetringFault", "firing").await;
        let labels = ["scope", "subject", "symptom", "severity", "location_pair"].map(|name| label(&fault, name));
        assert_eq!(labels, ["location_pair", "asia1 <> eu1", "unreachable", "critical", "asia1 <> eu1"]);
        assert_eq!(fault["annotations"]["summary"], "location_pair asia1 <> eu1: unreachable");
        let pairs = eventually("eight pairs that the fault explains", || async {
            held_back(&servers, "NetringConnectivityDown").await.filter(|pairs| pairs.len() == 8)
        })
        .await;
        for pair in &pairs {
            let ends = BTreeSet::from([label(pair, "source_location"), label(pair, "target_location")]);
            assert_eq!(ends, BTreeSet::from(["asia1", "eu1"]), "{pair}");
            let summary = pair["annotations"]["summary"].as_str().unwrap();
            assert!(summary.contains("asia1") && summary.contains("eu1"), "{summary}");
        }
        have_answers(&servers, &of_trouble).await;
        rules_ask_for_what_there_is(&servers).await;
        rules_work(&servers).await;

        // It is mended.
        ring.between[&(0, 1)].set_loss(&Loss::None);
        let over = receiver.told("NetringFault", "resolved").await;
        assert_eq!(over["labels"], fault["labels"]);
        ring.healthy().await;
        eventually("no pair that fails", || async {
            servers.query("ALERTS{alertname=\"NetringConnectivityDown\"}").await?.is_empty().then_some(())
        })
        .await;

        // A member dies: that is one message as well.
        ring.members.remove("us1-2");
        let is_down =
            |alert: &Value| label(alert, "alertname") == "NetringFault" && label(alert, "target_instance") == "us1-2";
        eventually("the member that is down", || async { receiver.taken().into_iter().find(is_down) }).await;
        let down = eventually("the target that is down", || async {
            held_back(&servers, "NetringMemberDown").await?.into_iter().next()
        })
        .await;
        assert_eq!(["member_instance_id", "member_location"].map(|name| label(&down, name)), ["us1-2", "us1"]);

        for alert in receiver.taken().iter().chain(&servers.alerts().await.unwrap()) {
            let words = alert["annotations"].to_string();
            assert!(!words.contains("error expanding") && !words.contains("<no value>"), "{alert}");
            assert!(words.contains("summary") && words.contains("description"), "{alert}");
        }
    });
}
