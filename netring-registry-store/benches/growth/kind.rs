//! The stores.

use netring_core::{MemberStore, MemoryStore};
use netring_registry_store::RedisStore;
use netring_testbed::{RedisOptions, RedisServer};
use std::{sync::Arc, time::Duration};

#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Memory,
    Redis,
}

impl Kind {
    pub(crate) const ALL: [Self; 2] = [Self::Memory, Self::Redis];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Memory => "MemoryStore",
            Self::Redis => "RedisStore",
        }
    }

    /// One for at most so many members.
    pub(crate) fn start(self, limit: usize) -> Place {
        match self {
            Self::Memory => Place::Memory(Arc::new(MemoryStore::with_limit(limit))),
            Self::Redis => Place::Redis(RedisServer::start(&RedisOptions::new()), limit),
        }
    }
}

/// Where members are kept.
pub(crate) enum Place {
    Memory(Arc<MemoryStore>),
    Redis(RedisServer, usize),
}

impl Place {
    /// A store on it that is connected, and that has read nothing yet.
    pub(crate) async fn open(&self) -> Arc<dyn MemberStore> {
        let store: Arc<dyn MemberStore> = match self {
            Self::Memory(store) => Arc::<MemoryStore>::clone(store),
            Self::Redis(redis, limit) => {
                let address = redis.url().parse().expect("the address of a Redis");
                // Time enough for the list of a large ring on a busy machine: it is to be measured, not to fail.
                let store = RedisStore::builder(address).limit(*limit).timeout(Duration::from_secs(60));
                Arc::new(store.build().expect("a store"))
            }
        };
        store.ping().await.expect("it is there");
        store
    }

    /// Bytes that Redis says it uses, where there is one.
    pub(crate) fn redis_memory(&self) -> Option<f64> {
        match self {
            Self::Memory(_) => None,
            Self::Redis(redis, _) => {
                Some(redis.info("used_memory").expect("it answers").parse().expect("a number of bytes"))
            }
        }
    }
}
