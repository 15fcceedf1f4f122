use super::Lifetimes;
use crate::{
    analysis::{self, Matrix},
    model::{
        AdvertisedAddress, Clock, InstanceId, InvalidValue, Location, Member, MemberReport, MemberStatus, Registration,
        SystemClock, Timestamp,
    },
    store::{MemberStore, ReceivedReport, StoreError},
    task::{Turns, supervise},
    wire::LoopHealth,
};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// Keeps a ring: members register with it, tell it that they live, learn of each other, and report. Cheap to clone; every
/// clone is the same registry. It has no state of its own that matters: that is all in the store.
#[derive(Debug, Clone)]
pub struct RegistryEngine {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    store: Arc<dyn MemberStore>,
    clock: Arc<dyn Clock>,
    lifetimes: Lifetimes,
    sweep_interval: Duration,
    sweeps: Turns,
}

/// Makes a [`RegistryEngine`].
#[derive(Debug)]
pub struct RegistryBuilder {
    store: Arc<dyn MemberStore>,
    clock: Arc<dyn Clock>,
    lifetimes: Lifetimes,
    sweep_interval: Duration,
}

impl RegistryBuilder {
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
                store: self.store,
                clock: self.clock,
                lifetimes: self.lifetimes,
                sweeps: Turns::new("sweep", self.sweep_interval),
                sweep_interval: self.sweep_interval,
            }),
        }
    }
}

/// Why the registry did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// What was asked makes no sense.
    #[error(transparent)]
    Invalid(#[from] InvalidValue),
    /// The store refused, or is out of reach.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The ring is too large for a matrix of every pair.
    #[error(
        "the ring has {active} active members, and there is no matrix of more than {}",
        RegistryEngine::MAX_MATRIX_MEMBERS
    )]
    TooManyMembers {
        /// How many it has.
        active: usize,
    },
}

/// The ring's members at one moment, and how each of them stands.
#[derive(Debug, Clone)]
pub struct MembersSnapshot {
    /// When this was so.
    pub at: Timestamp,
    /// Differs from an earlier one when and only when the membership has changed.
    pub revision: u64,
    /// The members, in the order of their ids.
    pub members: Vec<(Member, MemberStatus)>,
}

impl MembersSnapshot {
    /// Those that are to be probed.
    pub fn active(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|(_, status)| status.is_active()).map(|(member, _)| member)
    }
}

/// Who is silent, where another member has registered since in the same location and at the very same address: that is
/// the same host, started again without a goodbye and under a new id, and nobody will ever hear of the old one.
fn replaced(members: &[Member], status: impl Fn(&Member) -> MemberStatus) -> HashSet<InstanceId> {
    let mut newest: HashMap<(&Location, AdvertisedAddress), Timestamp> = HashMap::new();
    for member in members {
        let registered_at = newest.entry((&member.location, member.address)).or_default();
        *registered_at = member.registered_at.max(*registered_at);
    }
    let silent = |member: &&Member| matches!(status(member), MemberStatus::Stale | MemberStatus::Offline);
    let replaced = |member: &&Member| newest[&(&member.location, member.address)] > member.registered_at;
    members.iter().filter(silent).filter(replaced).map(|member| member.instance_id.clone()).collect()
}

impl RegistryEngine {
    /// A report has at most this many results: 3,000 targets with three probers each.
    pub const MAX_RESULTS: usize = 9_000;
    /// There is no matrix of more active members than this: it has 249,500 pairs.
    pub const MAX_MATRIX_MEMBERS: usize = 500;
    /// A heartbeat interval that a member names is at most this.
    pub const MAX_HEARTBEAT_INTERVAL: Duration = Duration::from_secs(86_400);

    /// A registry that keeps its members in `store`.
    #[must_use]
    pub fn builder(store: Arc<dyn MemberStore>) -> RegistryBuilder {
        RegistryBuilder {
            store,
            clock: Arc::new(SystemClock),
            lifetimes: Lifetimes::default(),
            sweep_interval: Duration::from_secs(60),
        }
    }

    /// Takes a member in, or renews what is known of it.
    ///
    /// # Errors
    /// Where its heartbeat interval makes no sense, or the store has no room or is out of reach.
    pub async fn register(&self, registration: Registration) -> Result<Member, RegistryError> {
        if registration.heartbeat_interval.is_some_and(|i| i.is_zero() || i > Self::MAX_HEARTBEAT_INTERVAL) {
            return Err(
                InvalidValue::new("heartbeat_interval_seconds", "must be more than 0 and at most one day").into()
            );
        }
        let member = self.inner.store.register(registration, self.now()).await?;
        tracing::debug!(instance_id = %member.instance_id, location = %member.location, address = %member.address, "registered");
        Ok(member)
    }

    /// Notes that a member is alive.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where it has to register first.
    pub async fn heartbeat(&self, instance_id: &InstanceId) -> Result<(), RegistryError> {
        Ok(self.inner.store.heartbeat(instance_id, self.now()).await?)
    }

    /// Notes that a member says goodbye; it stays visible as deregistered for a while. An unknown id is no error.
    ///
    /// # Errors
    /// Where the store is out of reach.
    pub async fn deregister(&self, instance_id: &InstanceId) -> Result<(), RegistryError> {
        self.inner.store.deregister(instance_id, self.now()).await?;
        tracing::debug!(%instance_id, "deregistered");
        Ok(())
    }

    /// Every member that is visible, and how it stands. Who is silent and was replaced by another member at the same address
    /// is not.
    ///
    /// # Errors
    /// Where the store is out of reach.
    pub async fn members(&self) -> Result<MembersSnapshot, RegistryError> {
        let mut list = self.inner.store.members().await?;
        let at = self.now();
        let replaced = replaced(&list.members, |member| self.inner.lifetimes.status(member, at));
        list.members.retain(|member| !replaced.contains(&member.instance_id));
        let with_status = |member: Member| {
            let status = self.inner.lifetimes.status(&member, at);
            (member, status)
        };
        Ok(MembersSnapshot {
            at,
            revision: list.revision,
            members: list.members.into_iter().map(with_status).collect(),
        })
    }

    /// Takes a member's newest results.
    ///
    /// # Errors
    /// Where there are too many of them, or the member has to register first.
    pub async fn report(&self, report: MemberReport) -> Result<(), RegistryError> {
        if report.results.len() > Self::MAX_RESULTS {
            let problem = format!("must have at most {} entries, not {}", Self::MAX_RESULTS, report.results.len());
            return Err(InvalidValue::new("results", problem).into());
        }
        Ok(self.inner.store.put_report(ReceivedReport { received_at: self.now(), report }).await?)
    }

    /// Who reaches whom, by the last report of each member.
    ///
    /// # Errors
    /// Where the store is out of reach, or more than [`Self::MAX_MATRIX_MEMBERS`] are active: a matrix grows with their
    /// square.
    pub async fn matrix(&self) -> Result<Matrix, RegistryError> {
        let snapshot = self.members().await?;
        let active = snapshot.active().count();
        if active > Self::MAX_MATRIX_MEMBERS {
            return Err(RegistryError::TooManyMembers { active });
        }
        let reports = self.inner.store.reports().await?;
        // It is work for a second where the ring is large; others are to be answered meanwhile.
        tokio::task::spawn_blocking(move || analysis::matrix(&snapshot, &reports)).await.map_err(|error| {
            RegistryError::Store(StoreError::Unavailable { operation: "make the matrix", source: error.into() })
        })
    }

    /// Asks whether the store is in reach.
    ///
    /// # Errors
    /// Where it is not.
    pub async fn ping(&self) -> Result<(), RegistryError> {
        Ok(self.inner.store.ping().await?)
    }

    /// The time by this registry's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// How the loop that removes old records is.
    #[must_use]
    pub fn loops(&self) -> Vec<LoopHealth> {
        vec![self.inner.sweeps.health()]
    }

    /// Removes what is no longer visible, now.
    ///
    /// # Errors
    /// Where the store is out of reach.
    pub async fn sweep(&self) -> Result<Vec<InstanceId>, RegistryError> {
        let (list, at) = (self.inner.store.members().await?, self.now());
        for instance_id in replaced(&list.members, |member| self.inner.lifetimes.status(member, at)) {
            // In its place, for good: it is not to come back when who replaced it is gone too.
            self.inner.store.deregister(&instance_id, at).await?;
            tracing::info!(%instance_id, "deregistered: another member has taken its address");
        }
        let removed = self.inner.store.sweep(self.inner.lifetimes.sweep_limits(self.now())).await?;
        for instance_id in &removed {
            tracing::info!(%instance_id, "removed: not heard of for too long, or deregistered");
        }
        Ok(removed)
    }

    /// Keeps the store tidy until `shutdown`. Without it the registry answers all the same, but old records stay.
    pub async fn run(&self, shutdown: CancellationToken) {
        let sweeping = supervise(
            &self.inner.sweeps,
            |_| {},
            || async {
                loop {
                    tokio::time::sleep(self.inner.sweep_interval).await;
                    if let Err(error) = self.sweep().await {
                        tracing::warn!(%error, "cannot remove old records; trying again at the next sweep");
                    }
                    self.inner.sweeps.turned();
                }
            },
        );
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = sweeping => {}
        }
    }
}
