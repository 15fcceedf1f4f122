//! What a member sees, as Prometheus metrics.

mod families;
mod series;
mod sink;

pub use sink::PrometheusSink;
