//! Where a registry keeps its members: the traits [`MemberStore`] and [`Journal`], and [`MemoryStore`].

mod cursor;
mod journal;
mod memory;

pub use cursor::CursorName;
#[cfg(feature = "mock")]
pub use journal::MockJournal;
pub use journal::{Journal, MAX_CURSORS, MAX_EVENTS};
pub use memory::MemoryStore;

use crate::{
    model::{InstanceId, Member, MemberReport, Registration, Timestamp},
    wire::MEMBER_NOT_FOUND,
};
use async_trait::async_trait;
use std::{error::Error, fmt::Debug, sync::Arc};

/// Keeps the members of a ring and the last report of each.
///
/// Time comes in as an argument, so that a test can age a record without waiting, and several registries can share
/// one store. What a time means (online, stale, offline) is for the registry to say, not for the store.
///
/// # Contract
/// 1. [`register`](Self::register) keeps an unknown member as active, with `registered_at` and `last_seen` at `now`,
///    and gives its record.
/// 2. To register again with the same particulars changes `last_seen` and nothing else.
/// 3. To register a known id with other particulars replaces them and keeps `registered_at`.
/// 4. To register a deregistered member makes it active again, with a new `registered_at`.
/// 5. [`heartbeat`](Self::heartbeat) moves `last_seen` and nothing else. An unknown or deregistered id is
///    [`StoreError::NotFound`].
/// 6. `last_seen` never moves back.
/// 7. [`deregister`](Self::deregister) marks a member with `deregistered_at` and drops its report. An unknown id, or one
///    that is deregistered already, is no error and changes nothing.
/// 8. [`members`](Self::members) gives every record, in the order of the ids, and a revision. The revision differs from
///    an earlier one when and only when a record has come, gone, or changed in anything but `last_seen`.
/// 9. [`sweep`](Self::sweep) removes the records that are older than its limits, with their reports, and gives their
///    ids. A record exactly at a limit stays.
/// 10. [`put_report`](Self::put_report) keeps the last report of an active member in place of the one before. For any other
///     id it is [`StoreError::NotFound`].
/// 11. [`reports`](Self::reports) gives the last report of each member, in the order of the ids.
/// 12. A store that is full refuses an unknown member with [`StoreError::Full`]; those that it knows may go on.
/// 13. An operation that errs has changed nothing, and operations at the same time have the effect of some order
///     of them.
/// 14. [`ping`](Self::ping) asks whether the store is in reach and takes writes, and changes nothing that shows elsewhere.
///
/// An operation of a store that is out of reach ends after a short while with [`StoreError::Unavailable`]. A registry shows its
/// `source` in `GET /health` and in its log, so that it must not contain secrets.
///
/// `netring_core::member_store_conformance!` checks an implementation against these rules.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait MemberStore: Debug + Send + Sync + 'static {
    /// Takes a member in, or renews what is known of it.
    ///
    /// # Errors
    /// [`StoreError::Full`] where there is no room for another; [`StoreError::Unavailable`].
    async fn register(&self, registration: Registration, now: Timestamp) -> Result<Member, StoreError>;

    /// Notes that an active member is alive at `now`.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where it is not known as active; [`StoreError::Unavailable`].
    async fn heartbeat(&self, instance_id: &InstanceId, now: Timestamp) -> Result<(), StoreError>;

    /// Notes that a member has said goodbye at `now`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn deregister(&self, instance_id: &InstanceId, now: Timestamp) -> Result<(), StoreError>;

    /// Every record there is.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn members(&self) -> Result<MemberList, StoreError>;

    /// Removes what is older than `limits`. Where a store that is short of room refuses other writes, this should work: it frees
    /// some.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn sweep(&self, limits: SweepLimits) -> Result<Vec<InstanceId>, StoreError>;

    /// Keeps the last report of an active member.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where the member is not known as active; [`StoreError::Unavailable`].
    async fn put_report(&self, report: ReceivedReport) -> Result<(), StoreError>;

    /// The last report of each member.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn reports(&self) -> Result<Vec<Arc<ReceivedReport>>, StoreError>;

    /// Asks whether the store is in reach and takes writes.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where it cannot be read, or cannot be written.
    async fn ping(&self) -> Result<(), StoreError>;
}

/// Every record of a store at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberList {
    /// Differs from an earlier one when and only when the membership has changed.
    pub revision: u64,
    /// The records, in the order of their ids.
    pub members: Vec<Member>,
}

/// What a sweep removes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SweepLimits {
    /// Active members that were last seen before this.
    pub last_seen_before: Timestamp,
    /// Deregistered members that said goodbye before this.
    pub deregistered_before: Timestamp,
}

/// A report with the time at which it came in, by the registry's clock.
#[derive(Debug, Clone, PartialEq)]
pub struct ReceivedReport {
    /// When it came in.
    pub received_at: Timestamp,
    /// What the member sent.
    pub report: MemberReport,
}

/// Why a store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The member is not known as active: it has to register again.
    #[error("{MEMBER_NOT_FOUND}")]
    NotFound,
    /// There is no room for another member.
    #[error("the registry is full: it keeps at most {limit} members")]
    Full {
        /// How many it keeps.
        limit: usize,
    },
    /// Another registry leads the ring now.
    #[error("another registry leads the ring now")]
    NotLeading,
    /// The store cannot be reached, or does not work.
    #[error("the member store is out of reach: cannot {operation}")]
    Unavailable {
        /// What was tried.
        operation: &'static str,
        /// What went wrong.
        source: Box<dyn Error + Send + Sync>,
    },
}

impl StoreError {
    /// All that is known of it, for a log: what [`Display`](std::fmt::Display) says, and the source where there is one.
    #[must_use]
    pub fn with_reason(&self) -> String {
        match self.source() {
            Some(source) => format!("{self}: {source}"),
            None => self.to_string(),
        }
    }
}
