//! What a member sees, and what a registry knows, as Prometheus metrics.

mod families;
mod registry;
mod series;
mod sink;
mod values;

pub use registry::{LocationPairMetrics, PairCounts, PairMetrics, RegistryMetrics, Spread, registry_metrics, scrape};
pub use sink::PrometheusSink;
