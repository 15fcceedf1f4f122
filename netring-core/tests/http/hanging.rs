//! A store that does not answer, and a request that does not end.

use crate::ring::{Registry, ask, registration};
use axum::{
    body::{Body, Bytes},
    http::{StatusCode, header},
};
use netring_core::{
    InstanceId, Member, MemberList, MemberStore, ReceivedReport, Registration, StoreError, SweepLimits, Timestamp,
    testing::sample::report,
};
use serde_json::json;
use std::{convert::Infallible, future::pending, sync::Arc};

#[derive(Debug)]
struct Hanging;

#[async_trait::async_trait]
impl MemberStore for Hanging {
    async fn register(&self, _: Registration, _: Timestamp) -> Result<Member, StoreError> {
        pending().await
    }

    async fn heartbeat(&self, _: &InstanceId, _: Timestamp) -> Result<(), StoreError> {
        pending().await
    }

    async fn deregister(&self, _: &InstanceId, _: Timestamp) -> Result<(), StoreError> {
        pending().await
    }

    async fn members(&self) -> Result<MemberList, StoreError> {
        pending().await
    }

    async fn sweep(&self, _: SweepLimits) -> Result<Vec<InstanceId>, StoreError> {
        pending().await
    }

    async fn put_report(&self, _: ReceivedReport) -> Result<(), StoreError> {
        pending().await
    }

    async fn reports(&self) -> Result<Vec<Arc<ReceivedReport>>, StoreError> {
        pending().await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        pending().await
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_is_not_the_callers_fault() {
    let registry = Registry::with_store(Hanging);
    let member = json!({"instance_id": "a"});
    let writes = [
        registry.post("/register", &registration("a")).await,
        registry.post("/heartbeat", &member).await,
        registry.post("/deregister", &member).await,
        registry.post("/api/v1/report", &serde_json::to_value(report("a", vec![])).unwrap()).await,
    ];
    let reads = [
        registry.get("/members").await,
        registry.post("/report_metrics", &json!({"instance_id": "a", "metrics": {}})).await,
        registry.get("/api/v1/matrix").await,
    ];
    let (no_answer, away) = ("no answer within 10s", "the member store is out of reach: cannot list the members");
    for (answer, said) in writes.iter().map(|answer| (answer, no_answer)).chain(reads.iter().map(|a| (a, away))) {
        answer.assert_error(StatusCode::SERVICE_UNAVAILABLE, said);
        assert_eq!(answer.header(header::RETRY_AFTER), "1");
    }
    let health = registry.get("/health").await;
    assert_eq!(health.status, StatusCode::SERVICE_UNAVAILABLE);
    let error = health.json()["error"].clone();
    assert_eq!(error, "the member store is out of reach: cannot ask the store: no answer within 8s");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_end_is_the_callers_fault() {
    let registry = Registry::new();
    let begun = futures_util::stream::once(async { Ok::<_, Infallible>(Bytes::from_static(b"{\"instance_id\":")) });
    let endless = futures_util::StreamExt::chain(begun, futures_util::stream::pending());
    let answer = ask(&registry.router, "POST", "/heartbeat", Body::from_stream(endless)).await;
    answer.assert_error(StatusCode::REQUEST_TIMEOUT, "the body took longer than 5s");
}
