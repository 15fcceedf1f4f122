//! Two hundred members in one process: a full mesh of 39,800 pairs over real sockets.

use netring_core::{
    Cadence, InstanceId, Location, MemberEngine, MemoryStore, RegistryClient, RegistryEngine, TcpProber,
    analysis::{Matrix, RingState, State},
    http::{member_router, registry_router},
    wire::path,
};
use netring_testbed::eventually;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

const MEMBERS: usize = 200;
const INTERVAL: Duration = Duration::from_secs(30);

async fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_members_reach_each_other_and_leave() {
    let registry = RegistryEngine::builder(Arc::new(MemoryStore::new())).build();
    let (socket, address) = listener().await;
    let router = registry_router(registry.clone());
    tokio::spawn(async move { axum::serve(socket, router).await });

    let shutdown = CancellationToken::new();
    let (mut members, mut handles) = (JoinSet::new(), Vec::new());
    for i in 0..MEMBERS {
        let (socket, own) = listener().await;
        let client = RegistryClient::new(&format!("http://{address}")).unwrap();
        let location = Location::new(format!("site-{}", i % 10)).unwrap();
        let id = InstanceId::new(format!("member-{i:03}")).unwrap();
        let member = MemberEngine::builder(id, location, own.port(), Arc::new(client))
            .prober(TcpProber, Cadence::new(INTERVAL, Duration::from_secs(10)))
            .report_interval(INTERVAL)
            .poll_interval(Duration::from_secs(10))
            // All of them share two cores here; a real member has a host of its own to be in time on.
            .taint_after(INTERVAL)
            .registry_timeout(INTERVAL)
            .build()
            .unwrap();
        let router = member_router(member.handle()).build();
        tokio::spawn(async move { axum::serve(socket, router).await });
        handles.push(member.handle());
        members.spawn(member.run(shutdown.clone()));
    }

    eventually("everybody to know everybody", || async {
        handles.iter().all(|member| member.members().len() == MEMBERS - 1).then_some(())
    })
    .await;
    let client = RegistryClient::new(&format!("http://{address}")).unwrap();
    let matrix: Matrix = eventually("everybody to reach everybody", || async {
        // To make the matrix is work, which the members need the cores for.
        tokio::time::sleep(Duration::from_secs(3)).await;
        (registry.matrix().await.unwrap().state == RingState::Healthy).then_some(())?;
        Some(client.get(path::MATRIX).await.unwrap())
    })
    .await;
    assert_eq!(matrix.pairs.len(), MEMBERS * (MEMBERS - 1));
    assert!(matrix.pairs.iter().all(|pair| pair.state == State::Up));
    for member in &handles {
        let probes = member.health().probes;
        assert_eq!((probes.not_made, probes.sink_panics), (0, 0));
    }

    shutdown.cancel();
    while members.join_next().await.is_some() {}
    let left = registry.members().await.unwrap();
    assert_eq!((left.members.len(), left.active().count()), (MEMBERS, 0), "everybody said goodbye");
}
