//! What a client makes of a list of members.

use crate::server::{Server, json};
use axum::http::StatusCode;
use netring_core::{Discovery, DiscoveryError};
use serde_json::{Value, json};

fn entry(id: &str) -> Value {
    json!({
        "instance_id": id, "location": "us1", "ip": "10.0.0.2", "port": 8757,
        "last_seen": 1_700_000_000, "registered_at": 1_699_999_999, "status": "active",
    })
}

async fn listed(members: Vec<Value>) -> Result<Vec<String>, DiscoveryError> {
    let body = json!({"members": members, "count": members.len()});
    let server = Server::answering(move |_| json(StatusCode::OK, &body)).await;
    let peers = server.client().peers().await?.members;
    Ok(peers.into_iter().map(|peer| peer.instance_id.to_string()).collect())
}

#[tokio::test]
async fn an_entry_that_makes_no_sense_is_left_out_and_the_others_stay() {
    for (field, value) in [
        ("instance_id", json!("")),
        ("instance_id", json!("a\u{202e}")),
        ("instance_id", json!(1)),
        ("location", json!("x".repeat(129))),
        ("location", json!(null)),
        ("ip", json!("auto")),
        ("ip", json!("")),
        ("ip", json!("0.0.0.0")),
        ("ip", json!("224.0.0.1")),
        ("port", json!(0)),
        ("port", json!(65_536)),
        ("port", json!("8757")),
        ("last_seen", json!(-1)),
        ("last_seen", json!("yesterday")),
        ("status", json!(1)),
    ] {
        let mut bad = entry("bad");
        bad[field] = value.clone();
        let peers = listed(vec![entry("a"), bad, entry("z")]).await.unwrap();
        assert_eq!(peers, ["a", "z"], "{field} {value}");
    }
    for bad in [json!(null), json!(1), json!("a"), json!([]), json!({}), json!([entry("a")])] {
        assert_eq!(listed(vec![entry("a"), bad.clone(), entry("z")]).await.unwrap(), ["a", "z"], "{bad}");
    }
}

#[tokio::test]
async fn only_the_word_active_is_to_be_probed() {
    for status in ["deregistered", "Active", "ACTIVE", "inactive", "expired", "draining", "", "other"] {
        let mut other = entry("b");
        other["status"] = json!(status);
        assert_eq!(listed(vec![entry("a"), other]).await.unwrap(), ["a"], "{status}");
    }
}

#[tokio::test]
async fn fields_that_1_x_or_a_later_version_adds_are_no_matter() {
    let mut more = entry("a");
    more["deregistered_at"] = Value::Null;
    more["state"] = json!("online");
    more["labels"] = json!({"rack": 7});
    assert_eq!(listed(vec![more]).await.unwrap(), ["a"]);
    let mut unheard_of = entry("b");
    unheard_of["state"] = json!("lonely");
    assert_eq!(listed(vec![unheard_of]).await.unwrap(), ["b"], "the state is for people, the status says what to do");
}

#[tokio::test]
async fn an_empty_ring_is_empty() {
    assert!(listed(vec![]).await.unwrap().is_empty());
}
