use super::{
    contact::{Contact, News, Operation},
    deaf::Gap,
    hearing::Hearing,
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

/// Passes every call on to a store and takes note of whether that is in reach, and of when members can be heard by it. A
/// change is logged once, and not at every call.
#[derive(Debug)]
pub(super) struct WatchedStore {
    store: Arc<dyn MemberStore>,
    clock: Arc<dyn Clock>,
    known: Mutex<Known>,
}

#[derive(Debug)]
struct Known {
    contact: Contact,
    hearing: Hearing,
}

impl WatchedStore {
    pub(super) fn new(store: Arc<dyn MemberStore>, clock: Arc<dyn Clock>) -> Self {
        let now = clock.now();
        let known = Mutex::new(Known { contact: Contact::new(now), hearing: Hearing::new(now) });
        Self { store, clock, known }
    }

    /// Whether the store is in reach.
    pub(super) fn contact(&self) -> StoreContact {
        self.lock().contact.state()
    }

    /// See [`Hearing::take_gap`].
    pub(super) fn take_gap(&self) -> Option<Gap> {
        self.lock().hearing.take_gap(self.clock.now())
    }

    /// See [`Hearing::gap`].
    pub(super) fn gap(&self) -> Option<Gap> {
        self.lock().hearing.gap(self.clock.now())
    }

    /// See [`Hearing::stood_still`].
    pub(super) fn stood_still(&self, since: Timestamp, now: Timestamp) {
        self.lock().hearing.stood_still(since, now);
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note<T>(&self, operation: Operation, result: Result<T, StoreError>) -> Result<T, StoreError> {
        let news = {
            let mut known = self.lock();
            let now = self.clock.now();
            match &result {
                Ok(_) if operation.hears() => known.hearing.succeeded(now),
                Err(StoreError::Unavailable { .. }) if operation.hears() => known.hearing.failed(now),
                _ => {}
            }
            known.contact.note(operation, result.as_ref().err(), now)
        };
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
        operation: Operation,
        name: &'static str,
        call: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let result = tokio::time::timeout(LONGEST_READ, call).await.unwrap_or_else(|_| {
            let source = format!("no answer within {LONGEST_READ:?}").into();
            Err(StoreError::Unavailable { operation: name, source })
        });
        self.note(operation, result)
    }
}

#[async_trait]
impl MemberStore for WatchedStore {
    async fn register(&self, registration: Registration, now: Timestamp) -> Result<Member, StoreError> {
        self.note(Operation::Register, self.store.register(registration, now).await)
    }

    async fn heartbeat(&self, instance_id: &InstanceId, now: Timestamp) -> Result<(), StoreError> {
        self.note(Operation::Heartbeat, self.store.heartbeat(instance_id, now).await)
    }

    async fn deregister(&self, instance_id: &InstanceId, now: Timestamp) -> Result<(), StoreError> {
        self.note(Operation::Deregister, self.store.deregister(instance_id, now).await)
    }

    async fn members(&self) -> Result<MemberList, StoreError> {
        self.read(Operation::Members, "list the members", self.store.members()).await
    }

    async fn sweep(&self, limits: SweepLimits) -> Result<Vec<InstanceId>, StoreError> {
        self.note(Operation::Sweep, self.store.sweep(limits).await)
    }

    async fn put_report(&self, report: ReceivedReport) -> Result<(), StoreError> {
        self.note(Operation::PutReport, self.store.put_report(report).await)
    }

    async fn reports(&self) -> Result<Vec<Arc<ReceivedReport>>, StoreError> {
        self.read(Operation::Reports, "read the reports", self.store.reports()).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.read(Operation::Ping, "ask the store", self.store.ping()).await
    }
}
