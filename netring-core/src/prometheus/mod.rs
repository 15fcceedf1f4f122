//! What a member sees, as Prometheus metrics.

mod families;
mod series;
mod sink;
mod values;

pub use sink::PrometheusSink;
