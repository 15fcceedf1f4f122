use super::{CursorName, StoreError};
use crate::{
    analysis::{Occurrence, RingEvent},
    model::{InstanceId, Timestamp},
};
use async_trait::async_trait;
use std::{fmt::Debug, sync::Arc, time::Duration};

/// What the registries of a ring share besides its members: which of them judges, what has happened, and what whoever judges
/// has to remember. With it several registries say the same, and what one of them has opened another can close.
///
/// A store that keeps members should implement this as well. A registry that is given none keeps a journal of its own in
/// memory.
///
/// # Contract
/// 1. [`lead`](Self::lead) makes `holder` the leader until `now` + `lease` where nobody leads at `now`, or `holder` itself
///    does, and says whether it leads. A lease is over at its end exactly.
/// 2. [`resign`](Self::resign) ends the lease of `holder`, and of nobody else.
/// 3. [`record`](Self::record) appends events and replaces the memory in one step, where `holder` leads at `now`; the events get
///    ids that count up by one, from 1 on, in their order, and it gives the id of the last event that there is, 0 where there
///    is none. No id is ever given twice, also when all events before were dropped.
/// 4. Where `holder` does not lead, [`record`](Self::record) is [`StoreError::NotLeading`] and changes nothing.
/// 5. A memory that is `None` leaves the one before.
/// 6. [`events`](Self::events) gives the events with an id above `after`, the oldest first, at most `limit`.
/// 7. Only the newest [`MAX_EVENTS`] events are kept at least, and not more than twice as many.
/// 8. [`memory`](Self::memory) gives the memory as it was recorded last, `None` before.
/// 9. An operation that errs has changed nothing.
/// 10. [`set_cursor`](Self::set_cursor) keeps how far the events were handled under a name, where `holder` leads at `now`;
///     otherwise it is [`StoreError::NotLeading`]. [`cursor`](Self::cursor) gives it, `None` before.
/// 11. A cursor never moves back: a lower id than the one that is kept changes nothing.
/// 12. At most [`MAX_CURSORS`] are kept. One more takes the place of the one that is furthest behind.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Journal: Debug + Send + Sync + 'static {
    /// Whether `holder` leads until `now` + `lease`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn lead(&self, holder: &InstanceId, now: Timestamp, lease: Duration) -> Result<bool, StoreError>;

    /// Ends the lease of `holder`, so that another leads at once.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn resign(&self, holder: &InstanceId) -> Result<(), StoreError>;

    /// Appends events with the time of each, and keeps what `holder` has to remember; gives the id of the last event.
    ///
    /// # Errors
    /// [`StoreError::NotLeading`]; [`StoreError::Unavailable`].
    async fn record(
        &self,
        holder: &InstanceId,
        now: Timestamp,
        events: Vec<(Timestamp, Occurrence)>,
        memory: Option<String>,
    ) -> Result<u64, StoreError>;

    /// The events with an id above `after`, the oldest first, at most `limit` of them.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn events(&self, after: u64, limit: usize) -> Result<Vec<Arc<RingEvent>>, StoreError>;

    /// What whoever leads has to remember, as it was recorded last.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn memory(&self) -> Result<Option<Arc<str>>, StoreError>;

    /// How far the events were handled by what goes under `name`: the id of the last one.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn cursor(&self, name: &CursorName) -> Result<Option<u64>, StoreError>;

    /// Notes that what goes under `name` has handled every event up to `id`.
    ///
    /// # Errors
    /// [`StoreError::NotLeading`]; [`StoreError::Unavailable`].
    async fn set_cursor(
        &self,
        holder: &InstanceId,
        now: Timestamp,
        name: &CursorName,
        id: u64,
    ) -> Result<(), StoreError>;
}

/// How many events a [`Journal`] keeps at least.
pub const MAX_EVENTS: usize = 10_000;
/// How many cursors a [`Journal`] keeps: more than anybody has in use, so that what goes is of something long forgotten.
pub const MAX_CURSORS: usize = 100;
