//! Tracing the routers on the way to a target: [`TracerouteProber`].

mod builder;
mod identity;
mod memory;
mod outcome;
#[doc(hidden)]
pub mod packet;
mod path;
mod prober;
mod progress;
mod record;
mod run;
mod schedule;
#[cfg(test)]
mod simulation;
mod socket;
mod stamp;

pub use builder::{DestinationPort, TracerouteProberBuilder, TracerouteUnavailable};
pub use prober::TracerouteProber;
pub use progress::TracerouteProgress;
