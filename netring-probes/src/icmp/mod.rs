//! Loss, jitter and round-trip times by ICMP echo: [`IcmpProber`].

mod packet;
mod prober;
mod socket;

pub use prober::IcmpProber;
pub use socket::{IcmpSocket, IcmpUnavailable};
