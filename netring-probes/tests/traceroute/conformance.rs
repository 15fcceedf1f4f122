//! The contract of `netring_core::Prober`, in each mode.

use super::support::target;
use netring_core::{
    Prober,
    model::TracerouteMode,
    testing::{ProberHarness, TargetFixture, net},
};
use netring_probes::{DestinationPort, TracerouteProber};
use netring_testbed::lab;
use std::{
    net::{Ipv4Addr, UdpSocket},
    sync::Arc,
};

struct Traceroute(TracerouteMode);

#[async_trait::async_trait]
impl ProberHarness for Traceroute {
    fn prober(&self) -> Arc<dyn Prober> {
        let port = DestinationPort::Target;
        Arc::new(TracerouteProber::builder().mode(Some(self.0)).destination_port(port).build().unwrap())
    }

    async fn good(&self) -> TargetFixture {
        // Nothing listens there, as UDP is concerned, and by TCP a connection is refused: both are an answer.
        net::refusing().unwrap()
    }

    async fn bad(&self) -> TargetFixture {
        TargetFixture { target: target(Ipv4Addr::BROADCAST, 9), guard: Box::new(()) }
    }

    async fn silent(&self) -> TargetFixture {
        match self.0 {
            TracerouteMode::Udp => {
                let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
                let port = socket.local_addr().unwrap().port();
                TargetFixture { target: target(Ipv4Addr::LOCALHOST, port), guard: Box::new(socket) }
            }
            _ => net::silent().unwrap(),
        }
    }
}

mod udp {
    use super::*;
    netring_core::prober_conformance!(Traceroute(TracerouteMode::Udp));
}

mod tcp {
    use super::*;

    fn on_host<T: AsyncFnOnce() + Send + 'static>(case: T) {
        lab::test_on_host(|_| {}, case);
    }

    netring_core::prober_conformance!(Traceroute(TracerouteMode::Tcp), on_host);
}
