use super::MemoryStore;
use crate::{
    analysis::{Occurrence, RingEvent},
    model::{InstanceId, Timestamp},
    store::{CursorName, Journal, MAX_CURSORS, MAX_EVENTS, StoreError},
};
use async_trait::async_trait;
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

#[derive(Debug, Default)]
pub(super) struct State {
    /// Who leads, and until when.
    lease: Option<(InstanceId, Timestamp)>,
    last_event: u64,
    events: VecDeque<Arc<RingEvent>>,
    memory: Option<Arc<str>>,
    /// How far the events were handled, by name.
    cursors: BTreeMap<CursorName, u64>,
}

impl State {
    fn check_leads(&self, holder: &InstanceId, now: Timestamp) -> Result<(), StoreError> {
        let leads = self.lease.as_ref().is_some_and(|(leader, until)| leader == holder && *until > now);
        if leads { Ok(()) } else { Err(StoreError::NotLeading) }
    }
}

#[async_trait]
impl Journal for MemoryStore {
    async fn lead(&self, holder: &InstanceId, now: Timestamp, lease: Duration) -> Result<bool, StoreError> {
        let state = &mut self.state().journal;
        let led_by_another = state.lease.as_ref().is_some_and(|(leader, until)| leader != holder && *until > now);
        if !led_by_another {
            state.lease = Some((holder.clone(), now + lease));
        }
        Ok(!led_by_another)
    }

    async fn resign(&self, holder: &InstanceId) -> Result<(), StoreError> {
        self.state().journal.lease.take_if(|(leader, _)| leader == holder);
        Ok(())
    }

    async fn record(
        &self,
        holder: &InstanceId,
        now: Timestamp,
        events: Vec<(Timestamp, Occurrence)>,
        memory: Option<String>,
    ) -> Result<u64, StoreError> {
        let state = &mut self.state().journal;
        state.check_leads(holder, now)?;
        for (at, what) in events {
            state.last_event += 1;
            state.events.push_back(Arc::new(RingEvent { id: state.last_event, at, what }));
        }
        let surplus = state.events.len().saturating_sub(MAX_EVENTS);
        state.events.drain(..surplus);
        if let Some(memory) = memory {
            state.memory = Some(memory.into());
        }
        Ok(state.last_event)
    }

    async fn events(&self, after: u64, limit: usize) -> Result<Vec<Arc<RingEvent>>, StoreError> {
        let state = &self.state().journal;
        let first = state.events.partition_point(|event| event.id <= after);
        Ok(state.events.iter().skip(first).take(limit).cloned().collect())
    }

    async fn memory(&self) -> Result<Option<Arc<str>>, StoreError> {
        Ok(self.state().journal.memory.clone())
    }

    async fn cursor(&self, name: &CursorName) -> Result<Option<u64>, StoreError> {
        Ok(self.state().journal.cursors.get(name).copied())
    }

    async fn set_cursor(
        &self,
        holder: &InstanceId,
        now: Timestamp,
        name: &CursorName,
        id: u64,
    ) -> Result<(), StoreError> {
        let state = &mut self.state().journal;
        state.check_leads(holder, now)?;
        if !state.cursors.contains_key(name) && state.cursors.len() >= MAX_CURSORS {
            let furthest_behind = state.cursors.iter().min_by_key(|(_, id)| **id).map(|(name, _)| name.clone());
            furthest_behind.map(|name| state.cursors.remove(&name));
        }
        let kept = state.cursors.entry(name.clone()).or_default();
        *kept = id.max(*kept);
        Ok(())
    }
}
