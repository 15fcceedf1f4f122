//! Loss, jitter and round-trip times by UDP: [`UdpProber`] asks, and [`UdpEcho`] answers.

mod counters;
mod echo;
mod echo_builder;
mod key;
mod limits;
mod lru;
mod packet;
mod prober;
mod sessions;

pub use counters::EchoCounters;
pub use echo::UdpEcho;
pub use echo_builder::UdpEchoBuilder;
pub use key::{InvalidRingKey, RingKey};
pub use prober::{UdpProber, UdpProberBuilder};
