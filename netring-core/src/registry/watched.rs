use super::{
    contact::{Contact, News, Way},
    deaf::Gap,
};
use crate::{
    model::{Clock, InstanceId, Member, Registration, Timestamp},
    store::{MemberList, MemberStore, ReceivedReport, StoreError, SweepLimits},
    wire::StoreContact,
};
use async_trait::async_trait;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// A store has its own timeouts; where one has none, what it is asked is given up after this: before a request is, so that
/// whoever asked is told why. What is written is not given up, for nobody would know what came of it.
const LONGEST_READ: Duration = Duration::from_secs(8);

/// Passes every call on to a store and takes note of whether that is in reach. A change is logged once, and not at every
/// call.
#[derive(Debug)]
pub(super) struct WatchedStore {
    store: Arc<dyn MemberStore>,
    clock: Arc<dyn Clock>,
    contact: Mutex<Contact>,
}

impl WatchedStore {
    pub(super) fn new(store: Arc<dyn MemberStore>, clock: Arc<dyn Clock>) -> Self {
        let contact = Mutex::new(Contact::new(clock.now()));
        Self { store, clock, contact }
    }

    /// Whether the store is in reach.
    pub(super) fn contact(&self) -> StoreContact {
        self.lock().state()
    }

    /// See [`Contact::take_gap`].
    pub(super) fn take_gap(&self) -> Option<Gap> {
        self.lock().take_gap(self.clock.now())
    }

    /// Whether there is a gap to be taken.
    pub(super) fn has_gap(&self) -> bool {
        self.lock().has_gap()
    }

    fn lock(&self) -> MutexGuard<'_, Contact> {
        self.contact.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note<T>(&self, way: Way, result: Result<T, StoreError>) -> Result<T, StoreError> {
        let news = self.lock().note(way, result.as_ref().err(), self.clock.now());
        match news {
            Some(News::InReach) => tracing::debug!("the member store is in reach"),
            Some(News::Away(error)) => tracing::warn!(
                %error,
                "the member store is out of reach; the last known list is served, members repeat what they write"
            ),
            Some(News::OtherReason(error)) => tracing::warn!(%error, "the member store is still out of reach"),
            Some(News::Back(away)) => tracing::info!(?away, "the member store is in reach again"),
            None => {}
        }
        result
    }

    async fn read<T>(
        &self,
        way: Way,
        operation: &'static str,
        call: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let result = tokio::time::timeout(LONGEST_READ, call).await.unwrap_or_else(|_| {
            let source = format!("no answer within {LONGEST_READ:?}").into();
            Err(StoreError::Unavailable { operation, source })
        });
        self.note(way, result)
    }
}

#[async_trait]
impl MemberStore for WatchedStore {
    async fn register(&self, registration: Registration, now: Timestamp) -> Result<Member, StoreError> {
        self.note(Way::Write, self.store.register(registration, now).await)
    }

    async fn heartbeat(&self, instance_id: &InstanceId, now: Timestamp) -> Result<(), StoreError> {
        self.note(Way::Write, self.store.heartbeat(instance_id, now).await)
    }

    async fn deregister(&self, instance_id: &InstanceId, now: Timestamp) -> Result<(), StoreError> {
        self.note(Way::Tidy, self.store.deregister(instance_id, now).await)
    }

    async fn members(&self) -> Result<MemberList, StoreError> {
        self.read(Way::Read, "list the members", self.store.members()).await
    }

    async fn sweep(&self, limits: SweepLimits) -> Result<Vec<InstanceId>, StoreError> {
        self.note(Way::Tidy, self.store.sweep(limits).await)
    }

    async fn put_report(&self, report: ReceivedReport) -> Result<(), StoreError> {
        self.note(Way::Write, self.store.put_report(report).await)
    }

    async fn reports(&self) -> Result<Vec<Arc<ReceivedReport>>, StoreError> {
        self.read(Way::Read, "read the reports", self.store.reports()).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.read(Way::Ping, "ask the store", self.store.ping()).await
    }
}
