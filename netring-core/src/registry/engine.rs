use super::Lifetimes;
use crate::{
    analysis::{self, Matrix},
    model::{
        AdvertisedAddress, Clock, InstanceId, InvalidValue, Member, MemberReport, MemberStatus, Registration,
        SystemClock, Timestamp,
    },
    store::{MemberStore, ReceivedReport, StoreError},
    task::{Turns, supervise},
    wire::LoopHealth,
};
use std::{collections::HashMap, sync::Arc, time::Duration};
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

    /// How often records that are no longer visible are removed; 60 s unless told otherwise.
    #[must_use]
    pub fn sweep_interval(mut self, interval: Duration) -> Self {
        self.sweep_interval = interval;
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

/// Leaves out who is silent where another member has joined since at the very same address. That is the same host,
/// started again without a goodbye and under a new id; nobody will ever hear of the old one.
fn without_replaced(members: &mut Vec<Member>, status: impl Fn(&Member) -> MemberStatus) {
    let mut joined: HashMap<AdvertisedAddress, Timestamp> = HashMap::new();
    for member in members.iter().filter(|member| status(member) == MemberStatus::Online) {
        let newest = joined.entry(member.address).or_default();
        *newest = member.registered_at.max(*newest);
    }
    members.retain(|member| {
        let silent = matches!(status(member), MemberStatus::Stale | MemberStatus::Offline);
        !silent || joined.get(&member.address).is_none_or(|joined| *joined <= member.registered_at)
    });
}

impl RegistryEngine {
    /// A report has at most this many results: 3,000 targets with three probers each.
    pub const MAX_RESULTS: usize = 9_000;
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
        without_replaced(&mut list.members, |member| self.inner.lifetimes.status(member, at));
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
    /// Where the store is out of reach.
    pub async fn matrix(&self) -> Result<Matrix, RegistryError> {
        let snapshot = self.members().await?;
        let reports = self.inner.store.reports().await?;
        Ok(analysis::matrix(&snapshot, &reports))
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
