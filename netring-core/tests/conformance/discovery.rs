use netring_core::{
    Discovery, FixedDiscovery, Host, InProcessDiscovery, Member, MemoryStore, Registries, RegistryClient,
    RegistryEngine,
    http::registry_router,
    testing::{
        DiscoveryFixture, DiscoveryHarness, Guard, net,
        sample::{NOW, registration},
    },
};
use std::sync::Arc;

fn without_guard(discovery: impl Discovery) -> DiscoveryFixture {
    DiscoveryFixture { discovery: Arc::new(discovery), guard: Box::new(()) }
}

fn registry() -> RegistryEngine {
    RegistryEngine::builder(Arc::new(MemoryStore::new())).build()
}

struct Fixed(usize);

#[async_trait::async_trait]
impl DiscoveryHarness for Fixed {
    async fn discovery(&self) -> DiscoveryFixture {
        let registration = registration("fixed");
        let member = Member {
            instance_id: registration.instance_id,
            location: registration.location,
            address: registration.address,
            heartbeat_interval: None,
            udp_echo: false,
            registered_at: NOW,
            last_seen: NOW,
            deregistered_at: None,
        };
        without_guard(FixedDiscovery::new(std::iter::repeat_n(member, self.0)))
    }

    async fn out_of_reach(&self) -> Option<DiscoveryFixture> {
        None
    }

    fn registers(&self) -> bool {
        false
    }
}

mod fixed_to_nobody {
    netring_core::discovery_conformance!(super::Fixed(0));
}

mod fixed_to_one {
    netring_core::discovery_conformance!(super::Fixed(1));
}

struct InProcess;

#[async_trait::async_trait]
impl DiscoveryHarness for InProcess {
    async fn discovery(&self) -> DiscoveryFixture {
        without_guard(InProcessDiscovery::new(registry()))
    }

    async fn out_of_reach(&self) -> Option<DiscoveryFixture> {
        None
    }

    fn registers(&self) -> bool {
        true
    }
}

mod in_process {
    netring_core::discovery_conformance!(super::InProcess);
}

/// Where nothing listens, for as long as the guard lives.
fn refusing_url() -> (String, Guard) {
    let refusing = net::refusing().unwrap();
    let Host::Ip(ip) = refusing.target.host else { unreachable!("it is on loopback") };
    (format!("http://{ip}:{}", refusing.target.port), refusing.guard)
}

struct OverHttp;

#[async_trait::async_trait]
impl DiscoveryHarness for OverHttp {
    async fn discovery(&self) -> DiscoveryFixture {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut server = tokio::task::JoinSet::new();
        server.spawn(async move { axum::serve(listener, registry_router(registry())).await.unwrap() });
        DiscoveryFixture { discovery: Arc::new(RegistryClient::new(&url).unwrap()), guard: Box::new(server) }
    }

    async fn out_of_reach(&self) -> Option<DiscoveryFixture> {
        let (url, guard) = refusing_url();
        Some(DiscoveryFixture { discovery: Arc::new(RegistryClient::new(&url).unwrap()), guard })
    }

    fn registers(&self) -> bool {
        true
    }
}

mod over_http {
    netring_core::discovery_conformance!(super::OverHttp);
}

/// Two registries on one store, and a third that is not there.
struct OverSeveral;

#[async_trait::async_trait]
impl DiscoveryHarness for OverSeveral {
    async fn discovery(&self) -> DiscoveryFixture {
        let registry = registry();
        let (url, refusing) = refusing_url();
        let mut urls = vec![url];
        let mut servers = tokio::task::JoinSet::new();
        for _ in 0..2 {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            urls.push(format!("http://{}", listener.local_addr().unwrap()));
            let router = registry_router(registry.clone());
            servers.spawn(async move { axum::serve(listener, router).await.unwrap() });
        }
        DiscoveryFixture {
            discovery: Arc::new(Registries::from_urls(urls).unwrap()),
            guard: Box::new((servers, refusing)),
        }
    }

    async fn out_of_reach(&self) -> Option<DiscoveryFixture> {
        let [(one, one_guard), (other, other_guard)] = [refusing_url(), refusing_url()];
        let discovery = Arc::new(Registries::from_urls([one, other]).unwrap());
        Some(DiscoveryFixture { discovery, guard: Box::new((one_guard, other_guard)) })
    }

    fn registers(&self) -> bool {
        true
    }
}

mod over_several {
    netring_core::discovery_conformance!(super::OverSeveral);
}
