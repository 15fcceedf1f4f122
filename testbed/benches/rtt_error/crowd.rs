//! Five hundred others that a member probes.

use netring_core::{
    AdvertisedAddress, Cadence, FixedDiscovery, InstanceId, Location, Member, MemberEngine, PrometheusSink, TcpProber,
    Timestamp,
};
use std::{
    net::{Ipv4Addr, TcpListener},
    sync::Arc,
    thread,
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// Listens on loopback, on a thread of its own that ends with the process; gives the port.
pub(crate) fn listen() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).expect("a free port");
    let port = listener.local_addr().expect("a bound address").port();
    thread::spawn(move || listener.incoming().flatten().for_each(drop));
    port
}

/// A member that probes `count` of them each second, until `end`.
pub(crate) async fn probe(count: u16, port: u16, end: CancellationToken) {
    let targets = (0..count).map(|number| target(number, port));
    let member = MemberEngine::builder(
        InstanceId::random(),
        Location::new("here").expect("a location"),
        port,
        Arc::new(FixedDiscovery::new(targets)),
    )
    .sink(Arc::new(PrometheusSink::new()))
    .prober(TcpProber, Cadence::new(Duration::from_secs(1), Duration::from_secs(5)));
    member.build().expect("a member").run(end).await;
}

/// Each has an address of its own, or the closed connections that the kernel still remembers would take up the ports
/// that there are towards one.
fn target(number: u16, port: u16) -> Member {
    let [high, low] = number.to_be_bytes();
    Member {
        instance_id: InstanceId::new(format!("target-{number}")).expect("an id"),
        location: Location::new(format!("site-{}", number % 50)).expect("a location"),
        address: AdvertisedAddress::new(Ipv4Addr::new(127, 2, high, low).into(), port).expect("an address"),
        heartbeat_interval: None,
        udp_echo: false,
        registered_at: Timestamp::default(),
        last_seen: Timestamp::default(),
        deregistered_at: None,
    }
}
