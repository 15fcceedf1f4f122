//! Several registries on one store, of which some are away, hang, or are killed.

use crate::server::{Server, announcement, every_call_of};
use axum::{Router, extract::Request, http::StatusCode, middleware::Next, response::IntoResponse};
use netring_core::{
    CancellationToken, Discovery, DiscoveryError, Location, MemberEngine, MemoryStore, Outcome, Registries,
    RegistryClient, RegistryEngine,
    http::registry_router,
    testing::sample::{id, report, result},
};
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::runtime::Runtime;

/// What a registry does with its calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    Well,
    Hanging,
    Unavailable,
}

/// A registry on a runtime of its own, so that it can be killed with all of its connections.
struct Registry {
    address: SocketAddr,
    mood: Arc<Mutex<Mood>>,
    /// The path of each call, when it came, and whether it was answered well.
    calls: Arc<Mutex<Vec<(String, Instant, bool)>>>,
    runtime: Option<Runtime>,
}

impl Registry {
    fn start(engine: &RegistryEngine) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let (mood, calls) = (Arc::new(Mutex::new(Mood::Well)), Arc::<Mutex<Vec<_>>>::default());
        let (its_mood, its_calls, address) = (Arc::clone(&mood), Arc::clone(&calls), listener.local_addr().unwrap());
        let router: Router =
            registry_router(engine.clone()).layer(axum::middleware::from_fn(move |request: Request, next: Next| {
                let mood = *its_mood.lock().unwrap();
                its_calls.lock().unwrap().push((request.uri().path().to_owned(), Instant::now(), mood == Mood::Well));
                async move {
                    match mood {
                        Mood::Well => next.run(request).await,
                        Mood::Hanging => std::future::pending().await,
                        Mood::Unavailable => StatusCode::SERVICE_UNAVAILABLE.into_response(),
                    }
                }
            }));
        runtime.spawn(async move { axum::serve(tokio::net::TcpListener::from_std(listener).unwrap(), router).await });
        Self { address, mood, calls, runtime: Some(runtime) }
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn set_mood(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    fn kill(&mut self) {
        self.runtime.take().unwrap().shutdown_background();
    }

    /// When each call of `path` came that was answered well.
    fn answered(&self, path: &str) -> Vec<Instant> {
        self.calls.lock().unwrap().iter().filter(|(p, _, well)| p == path && *well).map(|(_, at, _)| *at).collect()
    }

    fn count(&self) -> usize {
        self.calls.lock().unwrap().len()
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Two registries on one store, and a way to them that prefers the first.
fn two() -> ([Registry; 2], Registries) {
    let engine = RegistryEngine::builder(Arc::new(MemoryStore::new())).build();
    let registries = [Registry::start(&engine), Registry::start(&engine)];
    let named = registries.iter().map(|r| (r.url(), Arc::new(RegistryClient::new(&r.url()).unwrap()) as _));
    let client = Registries::in_order(named.collect::<Vec<_>>()).unwrap();
    (registries, client)
}

#[tokio::test]
async fn every_call_comes_through_while_one_registry_lives() {
    let (mut registries, client) = two();
    client.announce(&announcement()).await.unwrap();
    assert_eq!([0, 1].map(|i| registries[i].count()), [1, 0]);
    registries[0].kill();
    for (operation, result) in every_call_of(&client).await {
        // The last call comes after the goodbye.
        let good = result.is_ok() || operation == "report" && matches!(result, Err(DiscoveryError::NotRegistered));
        assert!(good, "{operation}: {result:?}");
    }
    registries[1].kill();
    for (operation, result) in every_call_of(&client).await {
        let error = result.expect_err(operation).to_string();
        assert!(error.starts_with(&format!("cannot {operation} at any of 2 registries, at last http://")), "{error}");
    }
}

#[tokio::test]
async fn a_registry_that_is_unavailable_is_left_and_not_asked_again() {
    let (registries, client) = two();
    registries[0].set_mood(Mood::Unavailable);
    client.announce(&announcement()).await.unwrap();
    for _ in 0..3 {
        client.heartbeat(&id("a")).await.unwrap();
    }
    assert_eq!([0, 1].map(|i| registries[i].count()), [1, 4]);
}

#[tokio::test]
async fn a_registry_that_hangs_is_left_after_two_seconds() {
    let (registries, client) = two();
    client.announce(&announcement()).await.unwrap();
    registries[0].set_mood(Mood::Hanging);
    let begun = Instant::now();
    client.heartbeat(&id("a")).await.unwrap();
    assert!(begun.elapsed() >= Duration::from_secs(2), "{:?}", begun.elapsed());
    client.heartbeat(&id("a")).await.unwrap();
    assert_eq!([0, 1].map(|i| registries[i].count()), [2, 2], "the second heartbeat begins at the other");
}

#[tokio::test]
async fn a_registry_that_does_not_know_the_member_has_answered() {
    let (registries, client) = two();
    let unknown = client.heartbeat(&id("nobody")).await;
    assert!(matches!(unknown, Err(DiscoveryError::NotRegistered)), "{unknown:?}");
    assert_eq!([0, 1].map(|i| registries[i].count()), [1, 0]);
}

/// A proxy whose registry is gone, in front of one that works.
async fn behind_a_proxy(status: StatusCode, said: &'static str) -> (Server, Registry, Registries) {
    let proxy = Server::answering(move |_| (status, said)).await;
    let engine = RegistryEngine::builder(Arc::new(MemoryStore::new())).build();
    let registry = Registry::start(&engine);
    let named = [proxy.url(), registry.url()].map(|url| {
        let client = RegistryClient::new(&url).unwrap();
        (url, Arc::new(client) as Arc<dyn Discovery>)
    });
    let client = Registries::in_order(named).unwrap();
    (proxy, registry, client)
}

#[tokio::test]
async fn a_proxy_whose_registry_is_gone_is_left() {
    for (status, said) in [
        (404, "404 page not found\n"),
        (404, ""),
        (404, r#"{"error": "no such route"}"#),
        (403, "no"),
        (401, "no"),
        (400, "no"),
        (421, "no"),
        (302, "elsewhere"),
        (502, "gone"),
        (200, "welcome"),
    ] {
        let status = StatusCode::from_u16(status).unwrap();
        let (proxy, registry, client) = behind_a_proxy(status, said).await;
        client.announce(&announcement()).await.unwrap();
        client.heartbeat(&id("a")).await.unwrap_or_else(|error| panic!("{status}: {error}"));
        assert_eq!(client.peers().await.unwrap().members.len(), 1, "{status}");
        assert_eq!((proxy.calls().len(), registry.count()), (1, 3), "{status}: only the first call begins there");
        let newest = report("a", vec![result("b", Outcome::Success)]);
        for _ in 0..2 {
            client.report(&newest).await.unwrap_or_else(|error| panic!("{status}: {error}"));
        }
    }
}

#[tokio::test]
async fn a_heartbeat_to_a_proxy_whose_registry_is_gone_is_not_for_who_has_to_register() {
    let (_proxy, _registry, client) = behind_a_proxy(StatusCode::NOT_FOUND, "").await;
    // The other one does not know the member, and says so.
    assert!(matches!(client.heartbeat(&id("a")).await, Err(DiscoveryError::NotRegistered)));
    let proxy = Server::answering(|_| StatusCode::NOT_FOUND).await;
    let newest = report("a", vec![result("b", Outcome::Success)]);
    for result in [proxy.client().heartbeat(&id("a")).await, proxy.client().report(&newest).await] {
        assert!(matches!(result, Err(DiscoveryError::Rejected { .. })), "{result:?}");
    }
}

#[test]
fn the_members_of_a_ring_spread_over_their_registries() {
    let urls = ["http://a.example", "http://b.example", "http://c.example"];
    let mut firsts = BTreeMap::<String, u32>::new();
    for _ in 0..300 {
        let registries = Registries::from_urls(urls).unwrap();
        let names: Vec<_> = registries.names().collect();
        assert_eq!(names.len(), 3);
        *firsts.entry(names[0].to_owned()).or_default() += 1;
    }
    assert!(firsts.len() == 3 && firsts.values().all(|&n| n > 40), "{firsts:?}");
}

#[test]
fn a_bad_url_among_good_ones_is_named_and_no_password_is_told() {
    let error = Registries::from_urls(["http://a.example", "ftp://user:s3cr3t@b.example"]).unwrap_err().to_string();
    assert!(error.contains("ftp://***@b.example") && !error.contains("s3cr3t"), "{error}");
    let registries = Registries::from_urls(["http://user:s3cr3t@a.example", "http://b.example"]).unwrap();
    let written = format!("{registries:?} {:?}", registries.names().collect::<Vec<_>>());
    assert!(!written.contains("s3cr3t"), "{written}");
}

#[tokio::test]
async fn a_member_whose_registry_is_killed_misses_no_heartbeat_for_longer_than_interval_and_timeout() {
    const INTERVAL: Duration = Duration::from_millis(200);
    const TIMEOUT: Duration = Duration::from_secs(5);
    let (mut registries, client) = two();
    let engine = MemberEngine::builder(id("a"), Location::new("eu1").unwrap(), 8757, Arc::new(client))
        .advertise([10, 1, 2, 3].into())
        .heartbeat_interval(INTERVAL)
        .registry_timeout(TIMEOUT)
        .build()
        .unwrap();
    let (shutdown, handle) = (CancellationToken::new(), engine.handle());
    let running = tokio::spawn(engine.run(shutdown.clone()));
    let beats = |registry: &Registry| registry.answered("/heartbeat");
    let until = async |enough: &dyn Fn() -> bool| {
        let waited = async {
            while !enough() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), waited).await.unwrap();
    };
    until(&|| beats(&registries[0]).len() >= 3).await;
    registries[0].kill();
    until(&|| beats(&registries[1]).len() >= 3).await;
    shutdown.cancel();
    running.await.unwrap();
    let all: Vec<_> = registries.iter().flat_map(beats).collect();
    let longest = all.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
    assert!(longest <= INTERVAL + TIMEOUT, "{longest:?}");
    assert_eq!(registries[1].answered("/register").len(), 0, "the registries share what they know");
    assert_eq!(registries[1].answered("/deregister").len(), 1);
    assert_eq!(handle.health().registry.in_reach, Some(true));
}
