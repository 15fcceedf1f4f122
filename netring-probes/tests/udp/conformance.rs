use crate::running::Running;
use async_trait::async_trait;
use netring_core::{
    Prober,
    testing::{ProberHarness, TargetFixture, net},
};
use netring_probes::{UdpEcho, UdpProber};
use std::{net::UdpSocket, sync::Arc};

struct Udp;

#[async_trait]
impl ProberHarness for Udp {
    fn prober(&self) -> Arc<dyn Prober> {
        Arc::new(UdpProber::builder().build())
    }

    async fn good(&self) -> TargetFixture {
        let running = Running::start(UdpEcho::builder(), "127.0.0.1:0");
        TargetFixture { target: running.target(), guard: Box::new(running) }
    }

    async fn bad(&self) -> TargetFixture {
        // The kernel refuses what does not come from where this socket is connected to, and nobody else gets its port.
        let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
        taken.connect("127.0.0.1:1").unwrap();
        TargetFixture { target: net::target(taken.local_addr().unwrap()), guard: Box::new(taken) }
    }

    async fn silent(&self) -> TargetFixture {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        TargetFixture { target: net::target(socket.local_addr().unwrap()), guard: Box::new(socket) }
    }
}

netring_core::prober_conformance!(Udp);
