//! What every burst has in common, by whatever protocol: its settings, its pace, its clocks and its statistics.

mod clock;
mod failure;
mod jitter;
mod log;
mod message;
mod probe;
mod progress;
mod protocol;
mod round_trips;
mod run;
mod settings;
mod socket;
mod statistics;

#[cfg(feature = "udp")]
pub(crate) use self::{
    clock::realtime,
    log::EchoStamp,
    message::{SentTo, receive},
    socket::stamp_received,
};
pub(crate) use self::{
    failure::Stop,
    message::Datagram,
    probe::BurstProbe,
    protocol::{Protocol, Reply},
    run::OnProgress,
    socket::{BurstSocket, StampsOn},
};
pub use progress::BurstProgress;
pub use settings::{BurstSettings, InvalidBurstSettings};

/// A number that nobody can guess: an answer that carries it comes from whoever got the question.
pub(crate) fn unpredictable() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    // SipHash under a key from the system's random numbers, another one for each state.
    RandomState::new().hash_one(())
}
