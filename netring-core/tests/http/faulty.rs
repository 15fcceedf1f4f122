//! A store in memory that can be taken out of reach, for reads and for writes.

use netring_core::{
    InstanceId, Member, MemberList, MemberStore, MemoryStore, ReceivedReport, Registration, StoreError, SweepLimits,
    Timestamp,
};
use std::{
    future::pending,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// It answers after a while.
    Slow(Duration),
    /// It says after a while that it is out of reach.
    Refusing(Duration),
    Hanging,
    Panicking,
}

pub(crate) const REFUSING: Fault = Fault::Refusing(Duration::ZERO);

#[derive(Debug, Clone)]
pub(crate) struct Faulty(Arc<State>);

#[derive(Debug)]
struct State {
    memory: MemoryStore,
    reading: Mutex<Fault>,
    writing: Mutex<Fault>,
    reports: Mutex<Fault>,
    full: AtomicBool,
    lists: AtomicUsize,
}

impl Faulty {
    pub(crate) fn new() -> Self {
        Self(Arc::new(State {
            memory: MemoryStore::new(),
            reading: Mutex::new(Fault::None),
            writing: Mutex::new(Fault::None),
            reports: Mutex::new(Fault::None),
            full: AtomicBool::new(false),
            lists: AtomicUsize::new(0),
        }))
    }

    pub(crate) fn reading(&self, fault: Fault) {
        *self.0.reading.lock().unwrap() = fault;
    }

    pub(crate) fn writing(&self, fault: Fault) {
        *self.0.writing.lock().unwrap() = fault;
    }

    pub(crate) fn both(&self, fault: Fault) {
        self.reading(fault);
        self.writing(fault);
    }

    /// Of the reports alone.
    pub(crate) fn reports_only(&self, fault: Fault) {
        *self.0.reports.lock().unwrap() = fault;
    }

    /// As a Redis without memory: nothing works but a sweep, which frees some.
    pub(crate) fn full(&self, full: bool) {
        self.both(if full { REFUSING } else { Fault::None });
        self.0.full.store(full, Relaxed);
    }

    /// How often the members were listed.
    pub(crate) fn lists(&self) -> usize {
        self.0.lists.load(Relaxed)
    }

    async fn read(&self) -> Result<(), StoreError> {
        let fault = *self.0.reading.lock().unwrap();
        meet(fault).await
    }

    async fn of_reports(&self) -> Result<(), StoreError> {
        let fault = *self.0.reports.lock().unwrap();
        meet(fault).await
    }

    async fn write(&self) -> Result<(), StoreError> {
        let fault = *self.0.writing.lock().unwrap();
        meet(fault).await
    }
}

async fn meet(fault: Fault) -> Result<(), StoreError> {
    match fault {
        Fault::None => Ok(()),
        Fault::Slow(by) => {
            tokio::time::sleep(by).await;
            Ok(())
        }
        Fault::Refusing(after) => {
            tokio::time::sleep(after).await;
            Err(StoreError::Unavailable { operation: "ask the store", source: "password 12345 is wrong".into() })
        }
        Fault::Hanging => pending().await,
        Fault::Panicking => panic!("on purpose"),
    }
}

#[async_trait::async_trait]
impl MemberStore for Faulty {
    async fn register(&self, registration: Registration, now: Timestamp) -> Result<Member, StoreError> {
        self.write().await?;
        self.0.memory.register(registration, now).await
    }

    async fn heartbeat(&self, instance_id: &InstanceId, now: Timestamp) -> Result<(), StoreError> {
        self.write().await?;
        self.0.memory.heartbeat(instance_id, now).await
    }

    async fn deregister(&self, instance_id: &InstanceId, now: Timestamp) -> Result<(), StoreError> {
        self.write().await?;
        self.0.memory.deregister(instance_id, now).await
    }

    /// What it was when it was asked for: whoever writes meanwhile is not in it.
    async fn members(&self) -> Result<MemberList, StoreError> {
        self.0.lists.fetch_add(1, Relaxed);
        let list = self.0.memory.members().await?;
        self.read().await?;
        Ok(list)
    }

    async fn sweep(&self, limits: SweepLimits) -> Result<Vec<InstanceId>, StoreError> {
        if !self.0.full.load(Relaxed) {
            self.write().await?;
        }
        self.0.memory.sweep(limits).await
    }

    async fn put_report(&self, report: ReceivedReport) -> Result<(), StoreError> {
        self.of_reports().await?;
        self.write().await?;
        self.0.memory.put_report(report).await
    }

    async fn reports(&self) -> Result<Vec<Arc<ReceivedReport>>, StoreError> {
        self.of_reports().await?;
        self.read().await?;
        self.0.memory.reports().await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.read().await?;
        self.write().await
    }
}
