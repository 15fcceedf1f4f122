//! Many who ask for what takes long: few of them are served at once, and the members are served all the while.

use crate::{
    faulty::{Fault, Faulty},
    ring::Registry,
};
use axum::http::{StatusCode, header};
use futures_util::future::join_all;
use netring_core::testing::sample::report;
use serde_json::json;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

const SECOND: Duration = Duration::from_secs(1);

/// A registry whose store takes 5 s to give the reports.
async fn slow() -> Registry {
    let store = Faulty::new();
    let registry = Registry::with_store(store.clone());
    registry.join("a").await;
    registry.join("b").await;
    store.reports_only(Fault::Slow(5 * SECOND));
    registry
}

/// The matrix and the paths: so many questions, no two of which are the same.
fn questions() -> [fn(usize) -> String; 2] {
    [|i| format!("/api/v1/matrix?max_latency_ms={i}"), |_| "/api/v1/topology/path?source=a&target=b".to_owned()]
}

#[tokio::test(start_paused = true)]
async fn who_hangs_up_gives_no_turn_to_others_before_the_work_has_ended() {
    for question in questions() {
        let registry = slow().await;
        for i in 0..2 {
            assert!(timeout(SECOND / 2, registry.get(&question(i))).await.is_err());
        }
        let begun = Instant::now();
        assert_eq!(registry.get(&question(2)).await.status, StatusCode::OK);
        assert_eq!(begun.elapsed(), 9 * SECOND, "{}", question(2));
    }
}

#[tokio::test(start_paused = true)]
async fn few_wait_for_a_turn_and_the_next_are_told_at_once() {
    for question in questions() {
        let registry = slow().await;
        let begun = Instant::now();
        let ask = async |i| (registry.get(&question(i)).await, begun.elapsed());
        let (turned_away, others): (Vec<_>, Vec<_>) =
            join_all((0..50).map(ask)).await.into_iter().partition(|(_, took)| *took == Duration::ZERO);
        assert_eq!(turned_away.len(), 50 - 2 - 16, "{}", question(0));
        for (answer, _) in turned_away {
            answer.assert_error(StatusCode::SERVICE_UNAVAILABLE, "too many are waiting");
            assert_eq!(answer.header(header::RETRY_AFTER), "1");
        }
        let served = others.iter().filter(|(answer, _)| answer.status == StatusCode::OK).count();
        assert!(served >= 2, "{served}");
    }
}

#[tokio::test(start_paused = true)]
async fn members_are_served_while_others_ask_for_more_than_is_allowed() {
    let store = Faulty::new();
    let registry = Registry::with_store(store.clone());
    registry.join("a").await;
    store.reports_only(Fault::Slow(5 * SECOND));
    let crowd = join_all((0..1_100).map(|_| registry.get("/api/v1/topology")));
    let members = async {
        sleep(SECOND).await;
        registry.get("/openapi.json").await.assert_error(StatusCode::SERVICE_UNAVAILABLE, "too many requests at once");
        store.reports_only(Fault::None);
        registry.join("b").await;
        let (member, metrics) = (json!({"instance_id": "b"}), json!({"instance_id": "b", "metrics": {}}));
        let results = serde_json::to_value(report("b", vec![])).unwrap();
        for answer in [
            registry.post("/heartbeat", &member).await,
            registry.post("/report_metrics", &metrics).await,
            registry.post("/api/v1/report", &results).await,
            registry.get("/members").await,
            registry.post("/deregister", &member).await,
        ] {
            assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        }
        assert_eq!(registry.get("/health").await.json()["component"], "registry");
    };
    let (answers, ()) = tokio::join!(crowd, members);
    assert_eq!(answers.iter().filter(|answer| answer.status == StatusCode::OK).count(), 1_024);
}
