//! A simulated network, for testing what sends real packets through real sockets.
//!
//! A file in `testbed/networks` describes the network: targets, and the routers on the way to each, with their delays and
//! their faults. [`Simulator`] is what it does, without any socket: packets of IPv4 and IPv6 in, packets out.
//! [`SimulatedNetwork`] puts it behind a TUN device. It keeps the truth about every packet as a [`Passage`], so that a test can hold what a prober says beside what was so.

mod answer;
mod counters;
mod delay_queue;
mod extension;
pub mod network;
mod packet;
mod passage;
mod running;
mod simulator;
#[cfg(test)]
mod tests;
mod walk;

pub use network::{Network, NetworkError};
pub use passage::{Fate, Passage};
pub use running::SimulatedNetwork;
pub use simulator::{Reply, Simulator};
