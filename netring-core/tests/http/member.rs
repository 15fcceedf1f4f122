//! `GET /health` and `GET /metrics` of a member.

use crate::ring::{ask, send};
use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use netring_core::{
    Cadence, Discovery, DiscoveryError, InProcessDiscovery, Location, MemberEngine, MemberHandle, MemoryStore,
    PrometheusSink, RegistryEngine, TcpProber, VERSION,
    http::{member_router, not_found_as_json},
    testing::{MockDiscovery, net, sample::id},
};
use serde_json::{Value, json};
use std::{net::Ipv4Addr, sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

const PATIENCE: Duration = Duration::from_secs(30);

fn engine(discovery: impl Discovery) -> MemberEngine {
    MemberEngine::builder(id("a"), Location::new("Zürich \"1\"").unwrap(), 8757, Arc::new(discovery))
        .prober(TcpProber, Cadence::new(Duration::from_millis(20), Duration::from_secs(5)))
        .poll_interval(Duration::from_millis(20))
        .build()
        .unwrap()
}

/// A member that was not started.
pub(crate) fn idle() -> MemberHandle {
    engine(MockDiscovery::new()).handle()
}

async fn health(member: &MemberHandle) -> (StatusCode, Value) {
    let answer = ask(&member_router(member.clone()).build(), "GET", "/health", Body::empty()).await;
    (answer.status, answer.json())
}

/// Asks for the member's health until `good` is content with it.
async fn health_once(member: &MemberHandle, good: impl Fn(&Value) -> bool) -> Value {
    let mut last = Value::Null;
    let asked = async {
        loop {
            last = health(member).await.1;
            if good(&last) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let in_time = tokio::time::timeout(PATIENCE, asked).await.is_ok();
    assert!(in_time, "{last}");
    last
}

#[tokio::test]
async fn a_member_that_was_not_started_is_healthy_and_knows_nobody() {
    let (status, health) = health(&idle()).await;
    assert_eq!(status, StatusCode::OK);
    for (field, wanted) in [
        ("status", json!("healthy")),
        ("instance_id", json!("a")),
        ("location", json!("Zürich \"1\"")),
        ("members_count", json!(0)),
        ("version", json!(VERSION)),
        ("component", json!("member")),
        ("list", json!({"source": "none", "as_of": null, "age_seconds": null})),
        ("probes", json!({"in_flight": 0, "made": 0, "not_made": 0, "busy": 0, "tainted": 0, "sink_panics": 0})),
    ] {
        assert_eq!(health[field], wanted, "{field}");
    }
    assert!(health["timestamp"].is_f64(), "{health}");
    assert_eq!((&health["registry"]["in_reach"], &health["registry"]["registered"]), (&Value::Null, &json!(false)));
}

#[tokio::test]
async fn health_says_whom_the_member_knows_and_that_its_registry_is_in_reach() {
    let registry = RegistryEngine::builder(Arc::new(MemoryStore::new())).build();
    let peer = net::listening().unwrap();
    let mut announced = netring_core::testing::sample::registration("b");
    announced.address = netring_core::AdvertisedAddress::new(Ipv4Addr::LOCALHOST.into(), peer.target.port).unwrap();
    registry.register(announced).await.unwrap();

    let (engine, shutdown) = (engine(InProcessDiscovery::new(registry)), CancellationToken::new());
    let member = engine.handle();
    let running = tokio::spawn(engine.run(shutdown.clone()));
    let health = health_once(&member, |health| health["probes"]["made"].as_u64() > Some(0)).await;
    assert_eq!((&health["status"], &health["members_count"]), (&json!("healthy"), &json!(1)), "itself not counted");
    assert_eq!((&health["registry"]["in_reach"], &health["registry"]["registered"]), (&json!(true), &json!(true)));
    assert_eq!(health["registry"].get("error"), None);
    assert_eq!(health["list"]["source"], "registry");
    assert!(health["list"]["as_of"].is_f64() && health["list"]["age_seconds"].is_f64(), "{health}");
    let loops: Vec<_> = health["loops"].as_array().unwrap().iter().map(|l| l["name"].as_str().unwrap()).collect();
    assert_eq!(loops, ["heartbeat", "poll", "report", "probe"]);
    shutdown.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn a_registry_out_of_reach_is_said_and_is_not_the_members_fault() {
    let gone = || DiscoveryError::Unreachable { operation: "call", peer: "r".into(), source: "it is away".into() };
    let mut discovery = MockDiscovery::new();
    discovery.expect_announce().returning(move |_| Err(gone()));
    discovery.expect_peers().returning(move || Err(gone()));
    discovery.expect_report().returning(move |_| Err(gone()));
    discovery.expect_withdraw().returning(move |_| Err(gone()));
    let (engine, shutdown) = (engine(discovery), CancellationToken::new());
    let member = engine.handle();
    let running = tokio::spawn(engine.run(shutdown.clone()));
    let told = health_once(&member, |health| health["registry"]["in_reach"] == json!(false)).await;
    assert_eq!((&told["status"], &told["members_count"]), (&json!("healthy"), &json!(0)));
    assert_eq!(told["registry"]["registered"], json!(false));
    assert_eq!(told["registry"]["error"], "cannot call at r: it is away");
    assert_eq!(health(&member).await.0, StatusCode::OK);
    shutdown.cancel();
    running.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_loop_that_is_stuck_is_unhealthy() {
    let mut discovery = MockDiscovery::new();
    discovery.expect_announce().returning(|_| Ok(()));
    discovery.expect_peers().returning(|| Ok(vec![].into()));
    discovery.expect_withdraw().returning(|_| Ok(()));
    let engine = engine(discovery);
    let member = engine.handle();
    let shutdown = CancellationToken::new();
    let mut running = Box::pin(engine.run(shutdown.clone()));
    // The loops begin, and then nobody turns them.
    let _ = futures_util::poll!(&mut running);
    tokio::time::advance(Duration::from_secs(3_600)).await;
    let (status, told) = health(&member).await;
    assert_eq!((status, &told["status"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("unhealthy")));
    assert_eq!(told["loops"][1]["healthy"], json!(false), "{told}");
}

#[tokio::test]
async fn metrics_are_what_the_host_gives_as_prometheus_text() {
    let sink = Arc::new(PrometheusSink::new());
    let given = Arc::clone(&sink);
    let router = member_router(idle()).metrics(move || given.render()).build();
    let answer = ask(&router, "GET", "/metrics", Body::empty()).await;
    assert_eq!(
        (answer.status, answer.header(header::CONTENT_TYPE)),
        (StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8")
    );
    let text = String::from_utf8(answer.body).unwrap();
    assert!(text.contains("\nnetring_members_total 0\n") && text.ends_with('\n'), "{text}");
    assert_eq!(text, sink.render());
    let request = Request::get("/metrics").header(header::ACCEPT_ENCODING, "gzip").body(Body::empty()).unwrap();
    let answer = send(&router, request).await;
    assert_eq!(answer.header(header::CONTENT_ENCODING), "gzip");
    assert_eq!(answer.gunzipped(), text.as_bytes());
    let empty = ask(&member_router(idle()).build(), "GET", "/metrics", Body::empty()).await;
    assert_eq!((empty.status, empty.body), (StatusCode::OK, vec![]));
}

#[tokio::test]
async fn metrics_that_panic_end_nothing() {
    let router = member_router(idle()).metrics(|| panic!("a bug")).build();
    for _ in 0..2 {
        assert_eq!(ask(&router, "GET", "/metrics", Body::empty()).await.status, StatusCode::SERVICE_UNAVAILABLE);
    }
    assert_eq!(ask(&router, "GET", "/health", Body::empty()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_path_or_method_that_there_is_not_is_told_in_json() {
    let router = not_found_as_json(member_router(idle()).build());
    ask(&router, "GET", "/nothing", Body::empty()).await.assert_error(StatusCode::NOT_FOUND, "nothing at this path");
    for (method, path) in [("POST", "/health"), ("POST", "/metrics"), ("PUT", "/bandwidth_test")] {
        let answer = ask(&router, method, path, Body::empty()).await;
        answer.assert_error(StatusCode::METHOD_NOT_ALLOWED, "method");
    }
}
