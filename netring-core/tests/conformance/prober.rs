mod tcp {
    use netring_core::{
        Prober, TcpProber,
        testing::{ProberHarness, TargetFixture, net},
    };
    use std::sync::Arc;

    struct Tcp;

    #[async_trait::async_trait]
    impl ProberHarness for Tcp {
        fn prober(&self) -> Arc<dyn Prober> {
            Arc::new(TcpProber)
        }

        async fn good(&self) -> TargetFixture {
            net::listening().unwrap()
        }

        async fn bad(&self) -> TargetFixture {
            net::refusing().unwrap()
        }

        async fn silent(&self) -> TargetFixture {
            net::silent().unwrap()
        }
    }

    netring_core::prober_conformance!(Tcp);
}
