//! The probers of this crate against the contract of [`netring_core::Prober`].

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

#[cfg(feature = "bandwidth")]
mod bandwidth {
    use netring_core::{
        FixedDiscovery, InstanceId, Location, MemberEngine, Prober,
        http::member_router,
        testing::{ProberHarness, TargetFixture, net},
    };
    use netring_probes::BandwidthProber;
    use std::sync::Arc;
    use tokio::{net::TcpListener, task::JoinSet};

    struct Bandwidth;

    #[async_trait::async_trait]
    impl ProberHarness for Bandwidth {
        fn prober(&self) -> Arc<dyn Prober> {
            Arc::new(BandwidthProber::builder().max_bytes(64 * 1024).build())
        }

        async fn good(&self) -> TargetFixture {
            let (id, location) = (InstanceId::new("m1").unwrap(), Location::new("us1").unwrap());
            let engine = MemberEngine::builder(id, location, 1, Arc::new(FixedDiscovery::default())).build().unwrap();
            let router = member_router(engine.handle()).max_bandwidth_tests(1_000).build();
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let target = net::target(listener.local_addr().unwrap());
            let mut server = JoinSet::new();
            server.spawn(async move { axum::serve(listener, router).await.unwrap() });
            TargetFixture { target, guard: Box::new(server) }
        }

        async fn bad(&self) -> TargetFixture {
            net::refusing().unwrap()
        }

        async fn silent(&self) -> TargetFixture {
            net::silent().unwrap()
        }
    }

    netring_core::prober_conformance!(Bandwidth);
}

mod http {
    use netring_core::{
        Endpoint, Prober,
        testing::{ProberHarness, TargetFixture, net},
    };
    use netring_probes::HttpProber;
    use std::sync::Arc;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::{TcpListener, TcpStream},
        task::JoinSet,
    };

    struct Http;

    /// Reads a request and gives a small answer. A client that has gone meanwhile is no fault.
    async fn answer(mut stream: TcpStream) {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match stream.read_buf(&mut head).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
        }
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
        let _ = stream.shutdown().await;
    }

    #[async_trait::async_trait]
    impl ProberHarness for Http {
        fn prober(&self) -> Arc<dyn Prober> {
            Arc::new(HttpProber::new(Endpoint::new("/health").unwrap()))
        }

        async fn good(&self) -> TargetFixture {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let target = net::target(listener.local_addr().unwrap());
            let mut server = JoinSet::new();
            server.spawn(async move {
                let mut connections = JoinSet::new();
                loop {
                    connections.spawn(answer(listener.accept().await.unwrap().0));
                }
            });
            TargetFixture { target, guard: Box::new(server) }
        }

        async fn bad(&self) -> TargetFixture {
            net::refusing().unwrap()
        }

        async fn silent(&self) -> TargetFixture {
            net::silent().unwrap()
        }
    }

    netring_core::prober_conformance!(Http);
}
