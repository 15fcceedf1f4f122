use crate::{
    connect::Request,
    event,
    scripts::Code,
    store::{RedisStore, internal, micros, random_number, text},
};
use async_trait::async_trait;
use netring_core::{
    InstanceId, Journal, StoreError, Timestamp,
    analysis::{Occurrence, RingEvent},
    store::{CursorName, MAX_CURSORS, MAX_EVENTS},
};
use std::{sync::Arc, time::Duration};

/// Redis keeps a lease for so long after its end, by its own clock: the lease of a registry whose clock is far ahead of the
/// others' would be waited for long after that registry is gone.
const LEASE_SLACK: Duration = Duration::from_secs(60);

impl RedisStore {
    async fn run_on_journal<T: redis::FromRedisValue>(
        &self,
        operation: &'static str,
        script: &Code,
        arguments: Vec<Vec<u8>>,
    ) -> Result<T, StoreError> {
        self.link.ask(operation, &Request::Script(script, &self.keys.journal(), arguments)).await
    }
}

#[async_trait]
impl Journal for RedisStore {
    async fn lead(&self, holder: &InstanceId, now: Timestamp, lease: Duration) -> Result<bool, StoreError> {
        let arguments = vec![
            holder.as_str().into(),
            micros(now),
            micros(now + lease),
            text(lease.saturating_add(LEASE_SLACK).min(self.retention).as_millis()),
            self.retention(),
        ];
        self.run_on_journal::<u8>("lead the ring", &self.scripts.lead, arguments).await.map(|leads| leads == 1)
    }

    async fn resign(&self, holder: &InstanceId) -> Result<(), StoreError> {
        let arguments = vec![holder.as_str().into()];
        self.run_on_journal::<u8>("stop to lead the ring", &self.scripts.resign, arguments).await.map(drop)
    }

    async fn record(
        &self,
        holder: &InstanceId,
        now: Timestamp,
        mut events: Vec<(Timestamp, Occurrence)>,
        memory: Option<String>,
    ) -> Result<u64, StoreError> {
        const OPERATION: &str = "record events";
        // Those before would be dropped at once.
        let too_many = events.len().saturating_sub(MAX_EVENTS);
        events.drain(..too_many);
        let written = move || events.iter().map(|(at, what)| event::write(*at, what)).collect::<Result<Vec<_>, _>>();
        // It is work for milliseconds where there are many; others are to be answered meanwhile.
        let written = tokio::task::spawn_blocking(written).await.map_err(|error| internal(OPERATION, error))?;
        let mut arguments = vec![
            holder.as_str().into(),
            micros(now),
            text(random_number()),
            self.retention(),
            text(MAX_EVENTS),
            text(too_many),
            text(u8::from(memory.is_some())),
            memory.unwrap_or_default().into_bytes(),
        ];
        arguments.extend(written.map_err(|error| internal(OPERATION, error))?);
        let last: i64 = self.run_on_journal(OPERATION, &self.scripts.record, arguments).await?;
        // It is negative where another leads.
        u64::try_from(last).map_err(|_| StoreError::NotLeading)
    }

    async fn events(&self, after: u64, limit: usize) -> Result<Vec<Arc<RingEvent>>, StoreError> {
        self.events.read(&self.link, &self.keys, after, limit).await
    }

    async fn memory(&self) -> Result<Option<Arc<str>>, StoreError> {
        self.memory.read(&self.link, &self.keys).await
    }

    async fn cursor(&self, name: &CursorName) -> Result<Option<u64>, StoreError> {
        const OPERATION: &str = "read how far events were handled";
        let mut transaction = redis::pipe();
        transaction.atomic().hget(&self.keys.cursors, name.as_str());
        let (kept,): (Option<Vec<u8>>,) = self.link.ask(OPERATION, &Request::Transaction(transaction)).await?;
        // What somebody else wrote there is no cursor.
        Ok(kept.and_then(|kept| std::str::from_utf8(&kept).ok()?.parse().ok()))
    }

    async fn set_cursor(
        &self,
        holder: &InstanceId,
        now: Timestamp,
        name: &CursorName,
        id: u64,
    ) -> Result<(), StoreError> {
        let arguments = vec![
            holder.as_str().into(),
            micros(now),
            name.as_str().into(),
            text(id),
            self.retention(),
            text(MAX_CURSORS),
        ];
        match self.run_on_journal("note how far events were handled", &self.scripts.set_cursor, arguments).await? {
            0 => Err(StoreError::NotLeading),
            _ => Ok(()),
        }
    }
}
