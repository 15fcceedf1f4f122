//! The throughput of a path, once TCP has started up: [`BandwidthProber`].

mod builder;
mod connection;
mod curve;
mod download;
mod estimator;
mod meter;
mod payload;
mod prober;
mod progress;
mod request;
mod stop;
mod stream;
mod tcp_info;
mod upload;

pub use builder::{BandwidthProberBuilder, TestMode};
pub use prober::BandwidthProber;
pub use progress::{BandwidthProgress, Direction, Directions};
