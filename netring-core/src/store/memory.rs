mod journal;

use super::{MemberList, MemberStore, ReceivedReport, StoreError, SweepLimits};
use crate::model::{InstanceId, Member, Registration, Timestamp};
use async_trait::async_trait;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Keeps members in this process's memory: nothing to install, and gone with the process. Members come back by
/// themselves within one heartbeat.
#[derive(Debug)]
pub struct MemoryStore {
    limit: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    revision: u64,
    members: BTreeMap<InstanceId, Member>,
    reports: BTreeMap<InstanceId, Arc<ReceivedReport>>,
    journal: journal::State,
}

impl MemoryStore {
    /// How many members a store keeps unless told otherwise.
    pub const DEFAULT_LIMIT: usize = 100_000;

    /// An empty store for at most [`Self::DEFAULT_LIMIT`] members.
    #[must_use]
    pub fn new() -> Self {
        Self::with_limit(Self::DEFAULT_LIMIT)
    }

    /// An empty store for at most `limit` members, those that are deregistered or offline counted too.
    #[must_use]
    pub fn with_limit(limit: usize) -> Self {
        Self { limit, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No operation leaves the state half changed when it panics, so that a poisoned lock is as good as any.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl State {
    fn active(&mut self, instance_id: &InstanceId) -> Result<&mut Member, StoreError> {
        self.members.get_mut(instance_id).filter(|member| member.deregistered_at.is_none()).ok_or(StoreError::NotFound)
    }
}

#[async_trait]
impl MemberStore for MemoryStore {
    async fn register(&self, registration: Registration, now: Timestamp) -> Result<Member, StoreError> {
        let mut guard = self.state();
        let state = &mut *guard;
        let known = state.members.get(&registration.instance_id);
        if known.is_none() && state.members.len() >= self.limit {
            return Err(StoreError::Full { limit: self.limit });
        }
        let active = known.filter(|member| member.deregistered_at.is_none());
        let member = Member {
            registered_at: active.map_or(now, |member| member.registered_at),
            last_seen: known.map_or(now, |member| member.last_seen.max(now)),
            deregistered_at: None,
            instance_id: registration.instance_id,
            location: registration.location,
            address: registration.address,
            heartbeat_interval: registration.heartbeat_interval,
            udp_echo: registration.udp_echo,
        };
        if known.is_none_or(|known| Member { last_seen: member.last_seen, ..known.clone() } != member) {
            state.revision += 1;
        }
        state.members.insert(member.instance_id.clone(), member.clone());
        Ok(member)
    }

    async fn heartbeat(&self, instance_id: &InstanceId, now: Timestamp) -> Result<(), StoreError> {
        let mut state = self.state();
        let member = state.active(instance_id)?;
        member.last_seen = member.last_seen.max(now);
        Ok(())
    }

    async fn deregister(&self, instance_id: &InstanceId, now: Timestamp) -> Result<(), StoreError> {
        let mut state = self.state();
        if let Ok(member) = state.active(instance_id) {
            member.deregistered_at = Some(now);
            state.reports.remove(instance_id);
            state.revision += 1;
        }
        Ok(())
    }

    async fn members(&self) -> Result<MemberList, StoreError> {
        let state = self.state();
        Ok(MemberList { revision: state.revision, members: state.members.values().cloned().collect() })
    }

    async fn sweep(&self, limits: SweepLimits) -> Result<Vec<InstanceId>, StoreError> {
        let mut state = self.state();
        let expired = |member: &Member| match member.deregistered_at {
            Some(deregistered_at) => deregistered_at < limits.deregistered_before,
            None => member.last_seen < limits.last_seen_before,
        };
        let removed: Vec<_> =
            state.members.values().filter(|member| expired(member)).map(|member| member.instance_id.clone()).collect();
        for instance_id in &removed {
            state.members.remove(instance_id);
            state.reports.remove(instance_id);
        }
        if !removed.is_empty() {
            state.revision += 1;
        }
        Ok(removed)
    }

    async fn put_report(&self, report: ReceivedReport) -> Result<(), StoreError> {
        let mut state = self.state();
        state.active(&report.report.instance_id)?;
        state.reports.insert(report.report.instance_id.clone(), Arc::new(report));
        Ok(())
    }

    async fn reports(&self) -> Result<Vec<Arc<ReceivedReport>>, StoreError> {
        Ok(self.state().reports.values().cloned().collect())
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
