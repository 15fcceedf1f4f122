use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What an echo has done since it began, in packets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EchoCounters {
    /// Requests that were answered.
    pub answered: u64,
    /// What was not a request of this protocol to one of this host's own addresses.
    pub malformed: u64,
    /// Requests without the key of the ring.
    pub unauthenticated: u64,
    /// Requests with the key of the ring whose time differs from this system's clock by more than ten minutes: they are
    /// replayed, or one of the two clocks is wrong.
    pub stale: u64,
    /// Requests with the key of the ring that had arrived twice before.
    pub replayed: u64,
    /// Requests beyond what one address may ask, or all of them.
    pub rate_limited: u64,
    /// What could not be received or sent, as the system said.
    pub socket_errors: u64,
}

/// The same, while it is counted.
#[derive(Debug, Default)]
pub(super) struct Counting {
    pub(super) answered: AtomicU64,
    pub(super) malformed: AtomicU64,
    pub(super) unauthenticated: AtomicU64,
    pub(super) stale: AtomicU64,
    pub(super) replayed: AtomicU64,
    pub(super) rate_limited: AtomicU64,
    pub(super) socket_errors: AtomicU64,
}

impl Counting {
    pub(super) fn get(&self) -> EchoCounters {
        EchoCounters {
            answered: self.answered.load(Relaxed),
            malformed: self.malformed.load(Relaxed),
            unauthenticated: self.unauthenticated.load(Relaxed),
            stale: self.stale.load(Relaxed),
            replayed: self.replayed.load(Relaxed),
            rate_limited: self.rate_limited.load(Relaxed),
            socket_errors: self.socket_errors.load(Relaxed),
        }
    }
}
