//! The contracts of `MemberStore` and of `Journal` on a server, on a primary that sentinels name, and on a cluster.

use crate::builder;
use netring_core::testing::{Guard, JournalFixture, JournalHarness, StoreFixture, StoreHarness};
use netring_registry_store::RedisStore;
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

fn store(url: &str, limit: usize) -> RedisStore {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let prefix = format!("test-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    builder(url).prefix(prefix).limit(limit).build().unwrap()
}

fn fixture(url: &str, limit: usize, guard: Guard) -> StoreFixture {
    StoreFixture { store: Arc::new(store(url, limit)), guard }
}

fn journal(url: &str, guard: Guard) -> JournalFixture {
    JournalFixture { journal: Arc::new(store(url, 1)), guard }
}

fn server() -> Arc<RedisServer> {
    static SHARED: Shared<RedisServer> = Shared::new();
    SHARED.get(|| RedisServer::start(&RedisOptions::new()))
}

struct Server;

#[async_trait::async_trait]
impl StoreHarness for Server {
    async fn store(&self, limit: usize) -> StoreFixture {
        let redis = server();
        fixture(&redis.url(), limit, Box::new(redis))
    }
}

#[async_trait::async_trait]
impl JournalHarness for Server {
    async fn journal(&self) -> JournalFixture {
        let redis = server();
        journal(&redis.url(), Box::new(redis))
    }
}

mod server {
    netring_core::member_store_conformance!(super::Server);

    mod journal {
        netring_core::journal_conformance!(super::super::Server);
    }
}

fn sentinel() -> Arc<ReplicatedRedis> {
    static SHARED: Shared<ReplicatedRedis> = Shared::new();
    SHARED.get(|| ReplicatedRedis::start(1, &RedisOptions::new().password("secret")))
}

struct Sentinel;

#[async_trait::async_trait]
impl StoreHarness for Sentinel {
    async fn store(&self, limit: usize) -> StoreFixture {
        let redis = sentinel();
        fixture(&redis.url(), limit, Box::new(redis))
    }
}

#[async_trait::async_trait]
impl JournalHarness for Sentinel {
    async fn journal(&self) -> JournalFixture {
        let redis = sentinel();
        journal(&redis.url(), Box::new(redis))
    }
}

mod sentinel {
    netring_core::member_store_conformance!(super::Sentinel);

    mod journal {
        netring_core::journal_conformance!(super::super::Sentinel);
    }
}

fn cluster() -> Arc<RedisCluster> {
    static SHARED: Shared<RedisCluster> = Shared::new();
    SHARED.get(|| RedisCluster::start(0, &RedisOptions::new()))
}

struct Cluster;

#[async_trait::async_trait]
impl StoreHarness for Cluster {
    async fn store(&self, limit: usize) -> StoreFixture {
        let redis = cluster();
        fixture(&redis.url(), limit, Box::new(redis))
    }
}

#[async_trait::async_trait]
impl JournalHarness for Cluster {
    async fn journal(&self) -> JournalFixture {
        let redis = cluster();
        journal(&redis.url(), Box::new(redis))
    }
}

mod cluster {
    netring_core::member_store_conformance!(super::Cluster);

    mod journal {
        netring_core::journal_conformance!(super::super::Cluster);
    }
}
