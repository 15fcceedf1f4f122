//! A member in a host of the lab, which answers over HTTP as the daemon does.

use netring_core::{
    FixedDiscovery, InstanceId, Location, MemberEngine, Target,
    http::{MemberRouter, member_router},
    testing::net,
};
use netring_testbed::lab::Host;
use std::{net::IpAddr, sync::Arc};
use tokio::net::TcpListener;

/// A member at `address` of `host`, as `with` sets it, until the lab is gone.
pub(crate) async fn member(
    host: &Host,
    address: IpAddr,
    with: impl FnOnce(MemberRouter) -> MemberRouter + Send + 'static,
) -> Target {
    host.run(async move || {
        let (id, location) = (InstanceId::new("m1").expect("an id"), Location::new("us1").expect("a location"));
        let discovery = Arc::new(FixedDiscovery::default());
        let engine = MemberEngine::builder(id, location, 1, discovery).build().expect("a member");
        let router = with(member_router(engine.handle())).build();
        let listener = TcpListener::bind((address, 0)).await.expect("a free port");
        let target = net::target(listener.local_addr().expect("a bound address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        target
    })
    .await
}
