use super::{
    Lifetimes, MembersSnapshot, RegistryBuilder, RegistryError, View, deaf::Deaf, judge::Judge, listing::Listings,
    snapshot::replaced, watched::WatchedStore, webhooks::Webhooks,
};
use crate::{
    analysis::{BottleneckThresholds, ExpectedMembers, Observatory, Sensitivity},
    model::{Clock, InstanceId, InvalidValue, Member, MemberReport, MemberStatus, Registration, Timestamp},
    store::{Journal, MemberStore, ReceivedReport},
    task::Turns,
    wire::{LoopHealth, StoreContact},
};
use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

/// Keeps a ring: members register with it, tell it that they live, learn of each other, and report. Cheap to clone; every
/// clone is the same registry. It has no state of its own that matters: that is all in the store. What it remembers besides is
/// the last listing, for as long as the store is out of reach, and when that was.
#[derive(Debug, Clone)]
pub struct RegistryEngine {
    pub(super) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) store: WatchedStore,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) lifetimes: Lifetimes,
    pub(super) sweep_interval: Duration,
    pub(super) sweeps: Turns,
    /// The last time in which nobody could be heard.
    pub(super) deaf: Mutex<Option<Deaf>>,
    /// Who was found replaced when the members were last listed, and was not heard of since.
    pub(super) replaced: Mutex<HashSet<InstanceId>>,
    pub(super) listings: Listings,
    /// From when on what lies between two routers is a bottleneck.
    pub(super) bottlenecks: BottleneckThresholds,
    /// What the registries of the ring share besides the members.
    pub(super) journal: Arc<dyn Journal>,
    /// What each round of judging came to. Who reads too slowly misses some, and is told.
    pub(super) views: broadcast::Sender<Arc<View>>,
    /// Who this registry is among those of the ring.
    pub(super) instance_id: InstanceId,
    /// Whether it leads them.
    pub(super) leading: AtomicBool,
    /// What is remembered of every pair.
    pub(super) observatory: RwLock<Observatory>,
    /// What is carried from one round of judging to the next.
    pub(super) judge: tokio::sync::Mutex<Judge>,
    pub(super) judgings: Turns,
    /// What the last round came to.
    pub(super) view: Mutex<Option<Arc<View>>>,
    /// Is cancelled when the registry is shut down.
    pub(super) closing: CancellationToken,
    /// When the clock was looked at last, while it is every second.
    pub(super) ticked: Mutex<Option<Timestamp>>,
    /// From when on something counts as bad.
    pub(super) sensitivity: Sensitivity,
    /// How often the reports are judged.
    pub(super) analysis_interval: Duration,
    /// Which members should be there.
    pub(super) expected: Option<ExpectedMembers>,
    /// Who tells the webhooks of faults.
    pub(super) webhooks: Webhooks,
}

impl Inner {
    pub(super) fn replaced(&self) -> MutexGuard<'_, HashSet<InstanceId>> {
        self.replaced.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time in which nobody could be heard, by what the store has now. A gap is looked at when the members are listed for
    /// the first time after it, and by all who list them meanwhile: so nobody sees them without it.
    fn deaf(&self, members: &[Member]) -> Option<Deaf> {
        let mut last = self.deaf.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(gap) = self.store.take_gap() else { return *last };
        let deaf = Deaf::of(gap, members).map(|deaf| deaf.after(*last, self.lifetimes.ttl)).or(*last);
        if gap.over && deaf != *last {
            tracing::debug!(unheard = ?deaf.map(Deaf::length), "nobody could be heard; that is no silence of the members");
            *last = deaf;
        }
        deaf
    }

    pub(super) fn last_deaf(&self) -> Option<Deaf> {
        *self.deaf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RegistryEngine {
    /// A report has at most this many results: 3,000 targets with seven probers each.
    pub const MAX_RESULTS: usize = 21_000;
    /// There is no whole matrix of more active members than this: it has 249,500 pairs.
    pub const MAX_MATRIX_MEMBERS: usize = 500;
    /// There is no matrix of more pairs than this, whatever part of a larger ring it is of.
    pub const MAX_MATRIX_PAIRS: usize = Self::MAX_MATRIX_MEMBERS * (Self::MAX_MATRIX_MEMBERS - 1);
    /// A heartbeat interval that a member names is at most this.
    pub const MAX_HEARTBEAT_INTERVAL: Duration = Duration::from_secs(86_400);

    /// A registry that keeps its members in `store`.
    #[must_use]
    pub fn builder(store: Arc<dyn MemberStore>) -> RegistryBuilder {
        RegistryBuilder::new(store)
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
        let registered = self.inner.store.register(registration, self.now()).await;
        // Also where it failed: nobody knows how far it came.
        self.inner.listings.invalidate();
        let member = registered?;
        self.inner.replaced().remove(&member.instance_id);
        tracing::debug!(instance_id = %member.instance_id, location = %member.location, address = %member.address, "registered");
        Ok(member)
    }

    /// Notes that a member is alive.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where it has to register first.
    pub async fn heartbeat(&self, instance_id: &InstanceId) -> Result<(), RegistryError> {
        self.inner.store.heartbeat(instance_id, self.now()).await?;
        self.inner.replaced().remove(instance_id);
        Ok(())
    }

    /// Notes that a member says goodbye; it stays visible as deregistered for a while. An unknown id is no error.
    ///
    /// # Errors
    /// Where the store is out of reach.
    pub async fn deregister(&self, instance_id: &InstanceId) -> Result<(), RegistryError> {
        let deregistered = self.inner.store.deregister(instance_id, self.now()).await;
        self.inner.listings.invalidate();
        deregistered?;
        tracing::debug!(%instance_id, "deregistered");
        Ok(())
    }

    /// Every member that is visible, and how it stands. Who is silent and was replaced by another member at the same address
    /// is not; the next [`sweep`](Self::sweep) deregisters it. Time in which the store was out of reach, or there was no
    /// registry, is no silence of anybody.
    ///
    /// This asks the store. Where many ask, [`listing`](Self::listing) does so for all of them.
    ///
    /// # Errors
    /// Where the store is out of reach.
    pub async fn members(&self) -> Result<MembersSnapshot, RegistryError> {
        let mut list = self.inner.store.members().await?;
        self.inner.look_at_clock();
        let (at, deaf) = (self.now(), self.inner.deaf(&list.members));
        let status =
            |member: &Member| self.inner.lifetimes.status_after(member, Deaf::silence(deaf, member.last_seen, at));
        let replaced = replaced(&list.members, status);
        list.members.retain(|member| !replaced.contains(&member.instance_id));
        *self.inner.replaced() = replaced;
        let with_status = |member: Member| {
            let status: MemberStatus = status(&member);
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

    /// Asks whether the store is in reach and takes writes.
    ///
    /// # Errors
    /// Where it is not, or does not.
    pub async fn ping(&self) -> Result<(), RegistryError> {
        Ok(self.inner.store.ping().await?)
    }

    /// Whether the store was in reach at the last calls.
    #[must_use]
    pub fn store_contact(&self) -> StoreContact {
        self.inner.store.contact()
    }

    /// What happens in the ring is kept here.
    #[must_use]
    pub fn journal(&self) -> &Arc<dyn Journal> {
        &self.inner.journal
    }

    /// Every round of judging from now on.
    #[must_use]
    pub fn views(&self) -> broadcast::Receiver<Arc<View>> {
        self.inner.views.subscribe()
    }

    /// Who this registry is among those of the ring: the holder of the lease in its [`journal`](Self::journal).
    #[must_use]
    pub fn instance_id(&self) -> &InstanceId {
        &self.inner.instance_id
    }

    /// Whether it leads the registries of the ring, as far as it knows: what only one of them may do is then for it to do.
    #[must_use]
    pub fn leads(&self) -> bool {
        self.inner.leading.load(Ordering::Acquire)
    }

    /// For tests, and for the loop that judges.
    #[doc(hidden)]
    pub fn set_leading(&self, leading: bool) {
        self.inner.leading.store(leading, Ordering::Release);
    }

    /// Is cancelled when [`run`](Self::run) has been told to end: then what never ends by itself, as an event stream, has to.
    #[must_use]
    pub fn closing(&self) -> CancellationToken {
        self.inner.closing.clone()
    }

    /// Gives `view` to all who look at rounds of judging.
    #[cfg(any(test, feature = "conformance"))]
    pub(crate) fn publish(&self, view: View) {
        // It fails where nobody looks.
        drop(self.inner.views.send(Arc::new(view)));
    }

    /// The time by this registry's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// How the loops are that remove old records and that judge the reports.
    #[must_use]
    pub fn loops(&self) -> Vec<LoopHealth> {
        vec![self.inner.sweeps.health(), self.inner.judgings.health()]
    }
}
