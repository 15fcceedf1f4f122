//! A client and a registry of ours.

use crate::server::{Server, announcement, every_call};
use axum::Router;
use netring_core::{
    Announcement, Discovery, DiscoveryError, Endpoint, HttpMeasurement, Measurement, MemoryStore, Outcome, ProbeKind,
    ProbeReport, Registries, RegistryClient, RegistryEngine,
    analysis::{Matrix, RingState},
    http::registry_router,
    testing::sample::{id, report, result},
    wire::{RegistryHealth, path},
};
use std::{net::IpAddr, sync::Arc, time::Duration};

fn registry() -> RegistryEngine {
    RegistryEngine::builder(Arc::new(MemoryStore::new())).build()
}

async fn advertised(registry: &RegistryEngine) -> IpAddr {
    registry.members().await.unwrap().members[0].0.address.ip()
}

#[tokio::test]
async fn every_call_comes_through() {
    let registry = registry();
    let server = Server::start(registry_router(registry.clone())).await;
    let client = server.client();
    client.announce(&announcement()).await.unwrap();
    let (member, _) = registry.members().await.unwrap().members.remove(0);
    assert_eq!((member.instance_id.as_str(), member.location.as_str()), ("a", "eu1"));
    assert_eq!(member.address.to_string(), "10.1.2.3:8757");
    assert_eq!(member.heartbeat_interval, Some(Duration::from_secs(45)));
    client.heartbeat(&id("a")).await.unwrap();
    assert_eq!(client.peers().await.unwrap().members[0].address, member.address);
    client.report(&report("a", vec![result("a", Outcome::Success)])).await.unwrap();
    let matrix: Matrix = client.get(path::MATRIX).await.unwrap();
    assert_eq!((matrix.members.len(), matrix.state), (1, RingState::Healthy));
    let health: RegistryHealth = client.get(path::HEALTH).await.unwrap();
    assert_eq!(health.component, "registry");
    client.withdraw(&id("a")).await.unwrap();
    assert!(client.peers().await.unwrap().members.is_empty());
}

#[tokio::test]
async fn a_registry_may_stand_behind_a_path() {
    let registry = registry();
    let server = Server::start(Router::new().nest("/ring/one", registry_router(registry))).await;
    for prefix in ["/ring/one", "/ring/one/"] {
        let client = RegistryClient::new(&format!("{}{prefix}", server.url())).unwrap();
        for (operation, result) in every_call(&client).await {
            // The last call comes after the goodbye.
            let good = if operation == "report" {
                matches!(result, Err(DiscoveryError::NotRegistered))
            } else {
                result.is_ok()
            };
            assert!(good, "{prefix} {operation}: {result:?}");
        }
    }
}

#[tokio::test]
async fn who_names_no_address_advertises_the_one_that_the_kernel_uses() {
    for (bind, loopback) in [("127.0.0.1:0", "127.0.0.1"), ("[::1]:0", "::1")] {
        let registry = registry();
        let server = Server::start_on(bind, registry_router(registry.clone())).await;
        server.client().announce(&Announcement { ip: None, ..announcement() }).await.unwrap();
        assert_eq!(advertised(&registry).await, loopback.parse::<IpAddr>().unwrap());
    }
}

#[tokio::test]
async fn of_several_registries_the_first_that_is_named_decides_the_address_whichever_is_asked() {
    let registry = registry();
    let [four, six] = ["127.0.0.1:0", "[::1]:0"].map(|bind| Server::start_on(bind, registry_router(registry.clone())));
    let (four, six) = (four.await, six.await);
    for _ in 0..8 {
        for (urls, loopback) in [([four.url(), six.url()], "127.0.0.1"), ([six.url(), four.url()], "::1")] {
            let client = Registries::from_urls(urls).unwrap();
            client.announce(&Announcement { ip: None, ..announcement() }).await.unwrap();
            assert_eq!(advertised(&registry).await, loopback.parse::<IpAddr>().unwrap());
        }
    }
}

#[tokio::test]
async fn a_registry_may_be_named() {
    let registry = registry();
    let server = Server::start(registry_router(registry.clone())).await;
    let client = RegistryClient::new(&format!("http://localhost:{}", server.address.port())).unwrap();
    client.announce(&Announcement { ip: None, ..announcement() }).await.unwrap();
    assert!(advertised(&registry).await.is_loopback());
}

#[tokio::test]
async fn what_a_registry_refuses_is_said_in_its_words() {
    let server = Server::start(registry_router(registry())).await;
    let bad = Announcement { ip: Some([224, 0, 0, 1].into()), ..announcement() };
    let error = server.client().announce(&bad).await.unwrap_err();
    assert!(matches!(error, DiscoveryError::Rejected { .. }), "{error:?}");
    let wanted = format!(
        "{}/ refused to register: 400 Bad Request: ip must be the address of one host, 224.0.0.1 is multicast",
        server.url()
    );
    assert_eq!(error.to_string(), wanted);
}

#[tokio::test]
async fn a_report_with_as_many_results_as_a_registry_takes_comes_through() {
    let registry = registry();
    let server = Server::start(registry_router(registry.clone())).await;
    let client = server.client();
    client.announce(&announcement()).await.unwrap();
    let measurement = Measurement::Http(HttpMeasurement {
        connect: Some(Duration::from_nanos(123_456_789)),
        first_byte: Some(Duration::from_nanos(123_456_789)),
        body: Some(Duration::from_nanos(123_456_789)),
        status: Some(200),
        body_bytes: 12_345,
        ..HttpMeasurement::default()
    });
    let result = |i: usize| ProbeReport {
        kind: ProbeKind::HTTP,
        endpoint: Some(Endpoint::new("/health").unwrap()),
        measurement: Some(measurement.clone()),
        ..result(&format!("6f9619ff-8b86-d011-b42d-{i:012}"), Outcome::Success)
    };
    let results: Vec<_> = (0..RegistryEngine::MAX_RESULTS).map(result).collect();
    client.report(&report("a", results.clone())).await.unwrap();
    let too_many = report("a", [results.clone(), vec![results[0].clone()]].concat());
    let refused = client.report(&too_many).await.unwrap_err();
    assert!(refused.to_string().contains("results must have at most 21000"), "{refused}");
}
