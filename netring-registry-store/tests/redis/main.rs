//! `RedisStore` on real Redis servers.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod conformance;
mod journal;
mod shared;
mod strangers;
mod tls;
mod trouble;

use netring_registry_store::{RedisStore, RedisStoreBuilder};
use std::time::Duration;

/// A store that waits long enough for a machine that is busy with other tests.
fn builder(url: &str) -> RedisStoreBuilder {
    RedisStore::builder(url.parse().unwrap()).timeout(Duration::from_secs(20))
}
