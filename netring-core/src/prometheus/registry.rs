//! What a registry knows of its ring, as Prometheus text.

mod families;
mod input;
mod scrape;
mod text;

pub use input::{LocationPairMetrics, PairCounts, PairMetrics, RegistryMetrics, Spread};
pub use scrape::scrape;
pub use text::registry_metrics;
