use super::{Lifetimes, RegistryEngine, engine::Inner, listing::Listings, watched::WatchedStore, webhooks::Webhooks};
use crate::{
    analysis::{BottleneckThresholds, ExpectedMembers, Observatory, Sensitivity},
    model::{Clock, InstanceId, SystemClock},
    store::{Journal, MemberStore, MemoryStore},
    task::Turns,
};
use std::{
    sync::{Arc, Mutex, RwLock, atomic::AtomicBool},
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
    bottlenecks: BottleneckThresholds,
    journal: Option<Arc<dyn Journal>>,
    sensitivity: Sensitivity,
    analysis_interval: Duration,
    history_bytes: usize,
    expected: Option<ExpectedMembers>,
    instance_id: InstanceId,
}

impl RegistryBuilder {
    pub(super) fn new(store: Arc<dyn MemberStore>) -> Self {
        Self {
            store,
            clock: Arc::new(SystemClock),
            lifetimes: Lifetimes::default(),
            sweep_interval: Duration::from_secs(60),
            bottlenecks: BottleneckThresholds::default(),
            journal: None,
            sensitivity: Sensitivity::default(),
            analysis_interval: Duration::from_secs(1),
            history_bytes: 512 << 20,
            expected: None,
            instance_id: InstanceId::random(),
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

    /// From when on what lies between two routers is a bottleneck.
    #[must_use]
    pub fn bottlenecks(mut self, thresholds: BottleneckThresholds) -> Self {
        self.bottlenecks = thresholds;
        self
    }

    /// What it shares with the other registries of the ring besides the members: a journal of its own, in memory, unless told
    /// otherwise.
    #[must_use]
    pub fn journal(mut self, journal: Arc<dyn Journal>) -> Self {
        self.journal = Some(journal);
        self
    }

    /// From when on something counts as bad, and from when on as good again.
    #[must_use]
    pub fn sensitivity(mut self, sensitivity: Sensitivity) -> Self {
        self.sensitivity = sensitivity;
        self
    }

    /// How often the reports are judged; 1 s unless told otherwise, and at least 100 ms.
    #[must_use]
    pub fn analysis_interval(mut self, interval: Duration) -> Self {
        self.analysis_interval = interval.max(Duration::from_millis(100));
        self
    }

    /// Most bytes that the history of all pairs takes in memory; 512 MiB unless told otherwise.
    #[must_use]
    pub fn history_bytes(mut self, bytes: usize) -> Self {
        self.history_bytes = bytes;
        self
    }

    /// Which members should be there; unless told, nobody is expected and nobody is missing.
    #[must_use]
    pub fn expected_members(mut self, expected: ExpectedMembers) -> Self {
        self.expected = Some(expected);
        self
    }

    /// Who it is among the registries of the ring; a random id unless told otherwise.
    #[must_use]
    pub fn instance_id(mut self, instance_id: InstanceId) -> Self {
        self.instance_id = instance_id;
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
                bottlenecks: self.bottlenecks,
                journal: self.journal.unwrap_or_else(|| Arc::new(MemoryStore::new())),
                views: broadcast::Sender::new(VIEWS),
                instance_id: self.instance_id,
                leading: AtomicBool::new(false),
                closing: CancellationToken::new(),
                ticked: Mutex::default(),
                sensitivity: self.sensitivity,
                observatory: RwLock::new(Observatory::new(self.sensitivity, self.history_bytes)),
                judge: tokio::sync::Mutex::default(),
                judgings: Turns::new("judge", self.analysis_interval),
                view: Mutex::default(),
                analysis_interval: self.analysis_interval,
                expected: self.expected,
                webhooks: Webhooks::default(),
            }),
        }
    }
}
