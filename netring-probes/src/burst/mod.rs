//! What every burst has in common, by whatever protocol: its settings, its pace, its clocks and its statistics.

mod clock;
mod jitter;
mod log;
mod progress;
mod round_trips;
mod settings;
mod statistics;

pub use progress::BurstProgress;
pub use settings::{BurstSettings, InvalidBurstSettings};
