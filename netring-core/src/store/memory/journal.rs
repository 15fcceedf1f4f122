use super::MemoryStore;
use crate::{
    analysis::{Occurrence, RingEvent},
    model::{InstanceId, Timestamp},
    store::{Journal, MAX_EVENTS, StoreError},
};
use async_trait::async_trait;
use std::{collections::VecDeque, sync::Arc, time::Duration};

#[derive(Debug, Default)]
pub(super) struct State {
    /// Who leads, and until when.
    lease: Option<(InstanceId, Timestamp)>,
    last_event: u64,
    events: VecDeque<Arc<RingEvent>>,
    memory: Option<Arc<str>>,
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
        if !state.lease.as_ref().is_some_and(|(leader, until)| leader == holder && *until > now) {
            return Err(StoreError::NotLeading);
        }
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
}
