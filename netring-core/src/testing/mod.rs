//! For whoever implements one of the traits, or tests code that uses them.
//!
//! With the feature `conformance`, one call of a macro runs a trait's contract against an implementation, every rule as a
//! test of its own name. The test crate needs tokio with the features `macros` and `rt`:
//!
//! ```
//! use netring_core::{MemoryStore, testing::{StoreFixture, StoreHarness}};
//!
//! #[derive(Debug)]
//! struct Memory;
//!
//! #[async_trait::async_trait]
//! impl StoreHarness for Memory {
//!     async fn store(&self, limit: usize) -> StoreFixture {
//!         StoreFixture::new(MemoryStore::with_limit(limit))
//!     }
//! }
//!
//! netring_core::member_store_conformance!(Memory);
//! ```
//!
//! With the feature `mock`, every trait has a mock made by mockall.

#[cfg(feature = "conformance")]
pub mod discovery;
#[cfg(feature = "conformance")]
pub mod journal;
#[cfg(feature = "conformance")]
pub mod net;
#[cfg(feature = "conformance")]
pub mod prober;
#[cfg(feature = "conformance")]
pub mod sample;
#[cfg(feature = "conformance")]
pub mod sink;
#[cfg(feature = "conformance")]
pub mod store;

#[cfg(feature = "conformance")]
pub use self::{
    discovery::{DiscoveryFixture, DiscoveryHarness},
    journal::{JournalFixture, JournalHarness},
    prober::{ProberHarness, TargetFixture},
    store::{StoreFixture, StoreHarness},
};
#[cfg(feature = "mock")]
pub use crate::{
    discovery::MockDiscovery,
    prober::MockProber,
    sink::MockMetricSink,
    store::{MockJournal, MockMemberStore},
};

/// Whatever a fixture needs for as long as it is used: a server, a temporary folder.
#[cfg(feature = "conformance")]
pub type Guard = Box<dyn std::any::Any + Send>;

/// Defines a test for each case of a suite; `$run` runs what is no test of tokio.
#[cfg(feature = "conformance")]
#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_cases {
    ($suite:ident, $harness:expr, [$($case:ident,)*]) => {$(
        #[tokio::test]
        async fn $case() {
            $crate::testing::$suite::$case(&$harness).await;
        }
    )*};
    ($suite:ident, $harness:expr, $run:path, [$($case:ident,)*]) => {$(
        #[test]
        fn $case() {
            $run(async || $crate::testing::$suite::$case(&$harness).await);
        }
    )*};
}

/// Makes a round of judging by hand: whoever looks at the [`views`](crate::RegistryEngine::views) of `registry` is given `view`.
#[cfg(feature = "conformance")]
pub fn publish_view(registry: &crate::RegistryEngine, view: crate::registry::View) {
    registry.publish(view);
}
