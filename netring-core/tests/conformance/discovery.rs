use netring_core::{
    Discovery, FixedDiscovery, Host, InProcessDiscovery, Member, MemoryStore, RegistryClient, RegistryEngine,
    http::registry_router,
    testing::{
        DiscoveryFixture, DiscoveryHarness, net,
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
        let refusing = net::refusing().unwrap();
        let Host::Ip(ip) = refusing.target.host else { unreachable!("it is on loopback") };
        let url = format!("http://{ip}:{}", refusing.target.port);
        Some(DiscoveryFixture { discovery: Arc::new(RegistryClient::new(&url).unwrap()), guard: refusing.guard })
    }

    fn registers(&self) -> bool {
        true
    }
}

mod over_http {
    netring_core::discovery_conformance!(super::OverHttp);
}
