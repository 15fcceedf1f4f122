//! What a member sees, as Prometheus metrics.

mod families;
mod sink;

pub use sink::PrometheusSink;
