//! The members that the servers know, and what they send.

use netring_core::{
    AdvertisedAddress, Clock, InstanceId, Location, MemberStore, Registration, RegistryEngine, SystemClock,
    http::registry_router,
};
use std::{net::Ipv4Addr, sync::Arc};

/// What a heartbeat is answered with.
pub(crate) const HEARTBEAT_ANSWER: &str = r#"{"status":"ok"}"#;

/// The id of one of the members, as long as a random one. It ends as redis-benchmark writes a number.
fn instance_id(member: usize) -> InstanceId {
    InstanceId::new(format!("00000000-0000-4000-8000-{member:012}")).expect("an id")
}

/// A heartbeat as a member sends it.
pub(crate) fn heartbeat(member: usize) -> String {
    let body = format!(r#"{{"instance_id":"{}"}}"#, instance_id(member));
    format!(
        "POST /heartbeat HTTP/1.1\r\nhost: 127.0.0.1:8756\r\nuser-agent: netring/2.0.0\r\naccept: */*\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Registers the members.
pub(crate) async fn fill(store: &dyn MemberStore, members: usize) {
    for member in 0..members {
        let ip = Ipv4Addr::from(u32::from(Ipv4Addr::new(10, 0, 0, 1)) + u32::try_from(member).expect("a small ring"));
        let registration = Registration {
            instance_id: instance_id(member),
            location: Location::new("eu1").expect("a location"),
            address: AdvertisedAddress::new(ip.into(), 8757).expect("an address"),
            heartbeat_interval: None,
            udp_echo: false,
        };
        store.register(registration, SystemClock.now()).await.expect("there is room");
    }
}

/// A registry that knows them.
pub(crate) async fn registry(store: Arc<dyn MemberStore>, members: usize) -> axum::Router {
    fill(&*store, members).await;
    registry_router(RegistryEngine::builder(store).build())
}
