//! The contract of `MemberStore` on a server, on a primary that sentinels name, and on a cluster.

use crate::builder;
use netring_core::testing::{Guard, StoreFixture, StoreHarness};
use netring_testbed::{RedisCluster, RedisOptions, RedisServer, ReplicatedRedis};
use std::sync::{
    Arc, Mutex, Weak,
    atomic::{AtomicU32, Ordering},
};

/// What the tests of one kind share as long as one of them runs, each with a prefix of its own.
struct Shared<T>(Mutex<Weak<T>>);

impl<T: Send + Sync + 'static> Shared<T> {
    const fn new() -> Self {
        Self(Mutex::new(Weak::new()))
    }

    fn get(&self, start: impl FnOnce() -> T) -> Arc<T> {
        let mut shared = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let started = Arc::new(start());
            *shared = Arc::downgrade(&started);
            started
        })
    }
}

fn fixture(url: &str, limit: usize, guard: Guard) -> StoreFixture {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let prefix = format!("test-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    let store = builder(url).prefix(prefix).limit(limit).build().unwrap();
    StoreFixture { store: Arc::new(store), guard }
}

struct Server;

#[async_trait::async_trait]
impl StoreHarness for Server {
    async fn store(&self, limit: usize) -> StoreFixture {
        static SHARED: Shared<RedisServer> = Shared::new();
        let redis = SHARED.get(|| RedisServer::start(&RedisOptions::new()));
        fixture(&redis.url(), limit, Box::new(redis))
    }
}

mod server {
    netring_core::member_store_conformance!(super::Server);
}

struct Sentinel;

#[async_trait::async_trait]
impl StoreHarness for Sentinel {
    async fn store(&self, limit: usize) -> StoreFixture {
        static SHARED: Shared<ReplicatedRedis> = Shared::new();
        let redis = SHARED.get(|| ReplicatedRedis::start(1, &RedisOptions::new().password("secret")));
        fixture(&redis.url(), limit, Box::new(redis))
    }
}

mod sentinel {
    netring_core::member_store_conformance!(super::Sentinel);
}

struct Cluster;

#[async_trait::async_trait]
impl StoreHarness for Cluster {
    async fn store(&self, limit: usize) -> StoreFixture {
        static SHARED: Shared<RedisCluster> = Shared::new();
        let redis = SHARED.get(|| RedisCluster::start(0, &RedisOptions::new()));
        fixture(&redis.url(), limit, Box::new(redis))
    }
}

mod cluster {
    netring_core::member_store_conformance!(super::Cluster);
}
