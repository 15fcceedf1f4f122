//! `GET /api/v1/sd`, as Prometheus reads it.

use crate::ring::{Registry, registration};
use axum::http::{StatusCode, header};
use netring_core::{
    MemberList, StoreError,
    testing::{
        MockMemberStore,
        sample::{NOW, registration as sample},
    },
};
use serde_json::{Value, json};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

const PATH: &str = "/api/v1/sd";

fn target(address: &str, location: &str, id: &str, state: &str) -> Value {
    json!({
        "targets": [address],
        "labels": {"member_location": location, "member_instance_id": id, "__meta_netring_member_state": state},
    })
}

#[tokio::test]
async fn every_active_member_is_a_target_with_its_labels() {
    let registry = Registry::new();
    registry.get(PATH).await.assert(StatusCode::OK, &json!([]));
    for (id, ip, location) in [
        ("c-gone", "10.0.0.3", "eu1"),
        ("d-silent", "10.0.0.4", "eu1"),
        ("a", "10.0.0.1", "Zürich \"1\" \\"),
        ("b", "2001:db8::1", "us1"),
        ("e-mapped", "::ffff:10.0.0.5", "us1"),
    ] {
        let mut body = registration(id);
        body["ip"] = json!(ip);
        body["location"] = json!(location);
        assert_eq!(registry.post("/register", &body).await.status, StatusCode::OK, "{id}");
    }
    registry.post("/deregister", &json!({"instance_id": "c-gone"})).await;
    for (after, d_silent) in [(0, Some("online")), (91, Some("stale")), (301, None)] {
        registry.clock.advance(Duration::from_secs(after) - registry.engine.now().since(NOW));
        for id in ["a", "b", "e-mapped"] {
            registry.post("/heartbeat", &json!({"instance_id": id})).await;
        }
        let wanted = [
            Some(target("10.0.0.1:8757", "Zürich \"1\" \\", "a", "online")),
            Some(target("[2001:db8::1]:8757", "us1", "b", "online")),
            d_silent.map(|state| target("10.0.0.4:8757", "eu1", "d-silent", state)),
            Some(target("10.0.0.5:8757", "us1", "e-mapped", "online")),
        ];
        // A heartbeat is seen in the next listing, at most a second later.
        registry.clock.advance(Duration::from_secs(1));
        let answer = registry.get(PATH).await;
        answer.assert(StatusCode::OK, &wanted.into_iter().flatten().collect());
        assert!(!answer.headers.contains_key(header::AGE), "it is new");
    }
}

#[tokio::test(start_paused = true)]
async fn the_last_known_members_are_there_while_the_store_is_away() {
    let away = Arc::new(AtomicBool::new(true));
    let (mut store, is_away) = (MockMemberStore::new(), Arc::clone(&away));
    store.expect_members().returning(move || {
        if is_away.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable { operation: "list the members", source: "gone".into() });
        }
        let joined = sample("a");
        let member = netring_core::Member {
            instance_id: joined.instance_id,
            location: joined.location,
            address: joined.address,
            heartbeat_interval: None,
            udp_echo: false,
            registered_at: NOW,
            last_seen: NOW,
            deregistered_at: None,
        };
        Ok(MemberList { revision: 1, members: vec![member] })
    });
    // Prometheus keeps the list that it has where the answer is an error.
    let registry = Registry::with_store(store);
    registry.get(PATH).await.assert_error(StatusCode::SERVICE_UNAVAILABLE, "the member store is out of reach");
    away.store(false, Ordering::SeqCst);
    // After an attempt that failed nobody tries again for a second.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let known = registry.get(PATH).await.json();
    assert_eq!(known[0]["labels"]["member_instance_id"], "a");
    away.store(true, Ordering::SeqCst);
    registry.clock.advance(Duration::from_secs(7));
    let answer = registry.get(PATH).await;
    answer.assert(StatusCode::OK, &known);
    assert_eq!(answer.header(header::AGE), "7");
}
