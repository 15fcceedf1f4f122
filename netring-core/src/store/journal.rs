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
/// Whose time it is: `now` comes from the clock of whoever asks. Registries whose clocks differ by as much as a lease take turns
/// too early or too late, and two of them may think that they lead; [`record`](Self::record) takes from one of them alone.
///
/// # Contract
/// 1. [`lead`](Self::lead) makes `holder` the leader until `now` + `lease` where nobody leads at `now`, or `holder` itself
///    does, and says whether it leads. Where another leads it changes nothing. At its end exactly, a lease is over.
/// 2. [`resign`](Self::resign) ends the lease of `holder`, and of nobody else. Who has none may resign.
/// 3. [`record`](Self::record) appends events and replaces the memory in one step, where `holder` leads at `now`; the events get
///    ids that count up by one, from 1 on, in their order and with the times that they have. It gives the id of the last event
///    that was ever recorded, 0 where there was none, also where it is given no events. No id is given twice, whoever leads and
///    whatever was dropped.
/// 4. Where `holder` does not lead at `now`, [`record`](Self::record) is [`StoreError::NotLeading`] and changes nothing.
/// 5. A memory that is `None` leaves the one before.
/// 6. [`events`](Self::events) gives the events with an id above `after`, the oldest first, at most `limit`: of several pages,
///    each after the last id of the one before, none lacks an event that is kept.
/// 7. The newest [`MAX_EVENTS`] events are kept, and never more than twice as many. So many may also come at once, or more.
/// 8. [`memory`](Self::memory) gives the memory as it was recorded last, to the letter, whoever recorded it; `None` before.
/// 9. An operation that errs has changed nothing, and operations at the same time have the effect of some order of them.
/// 10. [`set_cursor`](Self::set_cursor) keeps how far the events were handled under a name, where `holder` leads at `now`;
///     otherwise it is [`StoreError::NotLeading`]. [`cursor`](Self::cursor) gives it, `None` before.
/// 11. A cursor never moves back: a lower id than the one that is kept changes nothing.
/// 12. At most [`MAX_CURSORS`] are kept. One more takes the place of the one that is furthest behind.
///
/// As with [`MemberStore`](super::MemberStore), an operation of a store that is out of reach ends after a short while with
/// [`StoreError::Unavailable`], whose `source` contains no secrets.
///
/// `netring_core::journal_conformance!` checks an implementation against these rules.
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

/// How many of the newest events a [`Journal`] keeps at least.
pub const MAX_EVENTS: usize = 10_000;
/// How many cursors a [`Journal`] keeps: more than anybody has in use, so that what goes is of something long forgotten.
pub const MAX_CURSORS: usize = 100;
