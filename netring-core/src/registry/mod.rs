//! The registry's engine: who is in the ring, how each member stands, and what the members report.

mod engine;
mod lifetimes;

pub use engine::{MembersSnapshot, RegistryBuilder, RegistryEngine, RegistryError};
pub use lifetimes::Lifetimes;
