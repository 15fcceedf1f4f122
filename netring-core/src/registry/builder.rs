use super::{Lifetimes, RegistryEngine, engine::Inner, listing::Listings, watched::WatchedStore};
use crate::{
    model::{Clock, SystemClock},
    store::{Journal, MemberStore, MemoryStore},
    task::Turns,
};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

/// A reader that is so many rounds behind misses some.
const VIEWS: usize = 16;

/// Makes a [`RegistryEngine`].
#[derive(Debug)]
pub struct RegistryBuilder {
    store: Arc<dyn MemberStore>,
    clock: Arc<dyn Clock>,
    lifetimes: Lifetimes,
    sweep_interval: Duration,
    journal: Option<Arc<dyn Journal>>,
}

impl RegistryBuilder {
    pub(super) fn new(store: Arc<dyn MemberStore>) -> Self {
        Self {
            store,
            clock: Arc::new(SystemClock),
            lifetimes: Lifetimes::default(),
            sweep_interval: Duration::from_secs(60),
            journal: None,
        }
    }

    /// How long a silent member counts as what.
    #[must_use]
    pub fn lifetimes(mut self, lifetimes: Lifetimes) -> Self {
        self.lifetimes = lifetimes;
        self
    }

    /// How often records that are no longer visible are removed; 60 s unless told otherwise, and at least 100 ms.
    #[must_use]
    pub fn sweep_interval(mut self, interval: Duration) -> Self {
        self.sweep_interval = interval.max(Duration::from_millis(100));
        self
    }

    /// What it shares with the other registries of the ring besides the members: a journal of its own, in memory, unless told
    /// otherwise.
    #[must_use]
    pub fn journal(mut self, journal: Arc<dyn Journal>) -> Self {
        self.journal = Some(journal);
        self
    }

    /// The clock to go by; the system's unless told otherwise.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The registry. It answers at once; [`RegistryEngine::run`] keeps its store tidy.
    #[must_use]
    pub fn build(self) -> RegistryEngine {
        RegistryEngine {
            inner: Arc::new(Inner {
                store: WatchedStore::new(self.store, Arc::clone(&self.clock)),
                clock: self.clock,
                lifetimes: self.lifetimes,
                sweeps: Turns::new("sweep", self.sweep_interval),
                sweep_interval: self.sweep_interval,
                deaf: Mutex::default(),
                replaced: Mutex::default(),
                listings: Listings::default(),
                journal: self.journal.unwrap_or_else(|| Arc::new(MemoryStore::new())),
                views: broadcast::Sender::new(VIEWS),
                closing: CancellationToken::new(),
                ticked: Mutex::default(),
            }),
        }
    }
}
