//! A member on loopback, as far as a person can look at one from outside.

use netring_core::{
    CancellationToken, FixedDiscovery, InstanceId, Location, MemberEngine,
    http::{MemberRouter, member_router},
};
use netring_probes::{RingKey, UdpEcho};
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket},
    sync::Arc,
};
use tokio::runtime::Runtime;

/// It ends with this value.
pub(crate) struct Member {
    pub(crate) address: SocketAddr,
    echo: Arc<UdpEcho>,
    _runtime: Runtime,
}

impl Member {
    pub(crate) fn start() -> Self {
        Self::with(Ipv4Addr::LOCALHOST.into(), None, |router| router)
    }

    /// A member at `ip` with the ring's `key`, whose router is as `set` sets it.
    pub(crate) fn with(ip: IpAddr, key: Option<&str>, set: impl FnOnce(MemberRouter) -> MemberRouter) -> Self {
        let runtime = Runtime::new().unwrap();
        let _inside = runtime.enter();
        let (listener, socket) = same_port(ip);
        let address = listener.local_addr().unwrap();
        let mut echo = UdpEcho::builder();
        if let Some(key) = key {
            echo = echo.key(key.parse::<RingKey>().unwrap());
        }
        let echo = Arc::new(echo.from_std(socket).unwrap());
        let running = Arc::clone(&echo);
        runtime.spawn(async move { running.run(CancellationToken::new()).await });

        let discovery = Arc::new(FixedDiscovery::default());
        let (id, location) = (InstanceId::new("target").unwrap(), Location::new("us1").unwrap());
        let engine = MemberEngine::builder(id, location, address.port(), discovery).build().unwrap();
        let router = set(member_router(engine.handle())).build();
        runtime.spawn(engine.run(CancellationToken::new()));
        listener.set_nonblocking(true).unwrap();
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        runtime.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, echo, _runtime: runtime }
    }

    /// How many packets came to its echo.
    pub(crate) fn echoed(&self) -> u64 {
        self.echo.counters().answered
    }

    pub(crate) fn name(&self) -> String {
        self.address.to_string()
    }
}

/// A port that is free for TCP and for UDP.
fn same_port(ip: IpAddr) -> (TcpListener, UdpSocket) {
    let mut taken = Vec::new();
    for _ in 0..100 {
        let listener = TcpListener::bind((ip, 0)).unwrap();
        match UdpSocket::bind(listener.local_addr().unwrap()) {
            Ok(socket) => return (listener, socket),
            // It is kept, so that the next one is another.
            Err(_) => taken.push(listener),
        }
    }
    panic!("no port is free for both");
}
