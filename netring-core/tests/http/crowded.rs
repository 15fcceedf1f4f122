//! Many who ask for what takes long: few of them are served at once, and the members are served all the while.

use crate::{
    faulty::{Fault, Faulty},
    ring::{Registry, ask, send},
};
use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use futures_util::future::join_all;
use netring_core::{RegistryEngine, http::metrics_router, prometheus::scrape, testing::sample::report};
use serde_json::json;
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::time::{Instant, sleep, timeout};
use tower::ServiceExt;

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

#[tokio::test(start_paused = true)]
async fn a_crowd_shares_one_scrape() {
    let written = Arc::new(AtomicUsize::new(0));
    let router = metrics_router({
        let written = Arc::clone(&written);
        move || {
            let written = Arc::clone(&written);
            async move {
                sleep(3 * SECOND).await;
                format!("scrapes_total {}\n", written.fetch_add(1, Relaxed) + 1)
            }
        }
    });
    // The first gives up; the others get what it has asked for.
    assert!(timeout(SECOND, ask(&router, "GET", "/metrics", Body::empty())).await.is_err());
    let answers = join_all((0..100).map(|_| ask(&router, "GET", "/metrics", Body::empty()))).await;
    for answer in &answers {
        assert_eq!((answer.status, &answer.body[..]), (StatusCode::OK, &b"scrapes_total 1\n"[..]));
        assert_eq!(answer.header(header::CONTENT_TYPE), "text/plain; version=0.0.4; charset=utf-8");
        assert_eq!(answer.header(header::CONTENT_LENGTH), "16");
    }
    sleep(2 * SECOND).await;
    assert_eq!(ask(&router, "GET", "/metrics", Body::empty()).await.body, b"scrapes_total 2\n");
}

#[tokio::test]
async fn whoever_accepts_gzip_gets_metrics_so() {
    let text: String = (0..100_000).map(|i| format!("netring_members_total{{n=\"{i}\"}} 1\n")).collect();
    let router = metrics_router({
        let text = text.clone();
        move || {
            let text = text.clone();
            async { text }
        }
    });
    let plain = ask(&router, "GET", "/metrics", Body::empty()).await;
    assert_eq!((plain.body.len(), plain.header(header::VARY)), (text.len(), "Accept-Encoding"));
    assert!(plain.headers.get(header::CONTENT_ENCODING).is_none());
    let request = Request::get("/metrics").header(header::ACCEPT_ENCODING, "gzip").body(Body::empty()).unwrap();
    let answer = send(&router, request).await;
    assert_eq!(answer.header(header::CONTENT_ENCODING), "gzip");
    assert!(answer.body.len() * 5 < text.len(), "{} of {}", answer.body.len(), text.len());
    assert_eq!(answer.gunzipped(), text.as_bytes());
}

#[tokio::test]
async fn a_scrape_tells_what_it_leaves_out_of_a_ring_that_is_too_large() {
    let registry = Registry::new();
    for i in 0..=RegistryEngine::MAX_MATRIX_MEMBERS {
        registry.join(&format!("member-{i}")).await;
    }
    let text = scrape(&registry.engine, true).await;
    assert!(text.contains("\nnetring_pairs_left_out 250500\n") && !text.contains("netring_pair_up{"), "{text}");
    assert!(text.contains("\nnetring_location_pairs_left_out 0\n"), "{text}");
    assert!(!scrape(&registry.engine, false).await.contains("netring_pairs_left_out"));
}

#[tokio::test]
async fn answers_for_readers_that_do_not_read_are_bounded_and_one_for_many_counts_once() {
    let registry = Registry::new();
    for i in 0..400 {
        registry.join(&format!("member-{i:03}-{}", "x".repeat(100))).await;
    }
    // Some 40 MB each.
    let open = async |question: &str| {
        let request = Request::get(format!("/api/v1/matrix?{question}")).body(Body::empty()).unwrap();
        registry.router.clone().oneshot(request).await.unwrap()
    };
    let mut held = Vec::new();
    let refused = loop {
        let answer = open(&format!("kind=k{}", held.len())).await;
        if answer.status() != StatusCode::OK {
            break answer;
        }
        held.push(answer);
        assert!(held.len() < 20, "there is no bound");
    };
    let length: usize = held[0].headers()[header::CONTENT_LENGTH].to_str().unwrap().parse().unwrap();
    assert_eq!(held.len(), 256 * 1024 * 1024 / length);
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.headers()[header::RETRY_AFTER], "1");
    assert_eq!(registry.get("/api/v1/matrix?source=nobody").await.status, StatusCode::OK, "a small one is served");
    drop(held);
    assert_eq!(open("kind=k99").await.status(), StatusCode::OK);
}
