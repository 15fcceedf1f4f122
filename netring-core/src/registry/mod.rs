//! The registry's engine: who is in the ring, how each member stands, and what the members report.

mod analysis;
mod builder;
mod contact;
mod deaf;
mod engine;
mod error;
mod hearing;
mod judge;
mod judging;
mod lifetimes;
mod listing;
mod matrix;
mod snapshot;
mod step;
mod suspended;
mod sweep;
mod view;
mod watched;
mod webhooks;

pub use builder::RegistryBuilder;
pub use engine::RegistryEngine;
pub use error::RegistryError;
pub use lifetimes::Lifetimes;
pub use listing::Listing;
#[cfg(feature = "http")]
pub(crate) use matrix::{Known, blocking, check_locations, check_size};
pub use snapshot::MembersSnapshot;
pub use view::{PairChange, View};
