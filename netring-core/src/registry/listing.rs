use super::{MembersSnapshot, RegistryEngine, RegistryError};
use crate::{model::Timestamp, store::StoreError, task::panic_message};
use futures_util::FutureExt;
use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::watch,
    time::{Instant, timeout_at},
};

/// A listing serves for this many times as long as it took to make, so that to make it takes at most a fifth of the time …
const FRESH_TIMES: u32 = 4;
/// … but for no longer than this. In a small ring every answer is a new one.
const FRESH_AT_MOST: Duration = Duration::from_secs(1);
/// To write a member and to compress it takes some microseconds, which are not among those of the list. They are counted
/// for what goes beyond so many members: in a small ring a listing is out of date at once.
const FRESH_BY_MEMBER: Duration = Duration::from_micros(20);
const SMALL_RING: usize = 100;
/// After an attempt that failed nobody tries again for so long.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(1);
/// Where the store does not answer for so long, the last known listing is served, and the attempt goes on.
const PATIENCE: Duration = Duration::from_secs(2);
/// The same where the attempt before has failed.
const PATIENCE_AFTER_FAILURE: Duration = Duration::from_millis(100);

/// The members as they are shared by all who ask at about the same time.
#[derive(Debug, Clone)]
pub struct Listing {
    /// The members. As long as they and their statuses are the same, so is this.
    pub snapshot: Arc<MembersSnapshot>,
    /// When that was last known to be so: never before the time of the snapshot.
    pub at: Timestamp,
    /// Where nothing newer can be had, because the store is out of reach: since when, which is [`Self::at`]. The statuses are
    /// those of then. Whoever was online is not offline because nobody could hear it.
    pub stale_since: Option<Timestamp>,
}

/// The newest listing, and the making of the next.
#[derive(Debug, Default)]
pub(super) struct Listings {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Counts what may have changed the membership through this registry.
    changes: u64,
    /// Counts the attempts that have ended.
    attempts: u64,
    last: Option<Known>,
    /// The last attempt, where it failed.
    failure: Option<Failure>,
    attempt: Option<Attempt>,
}

#[derive(Debug)]
struct Known {
    snapshot: Arc<MembersSnapshot>,
    at: Timestamp,
    /// How many changes had been made before it.
    changes: u64,
    fresh_for: Duration,
    made: Instant,
}

#[derive(Debug)]
struct Failure {
    at: Instant,
    operation: &'static str,
    reason: String,
}

/// An attempt to make a listing: a task of its own, so that it comes to its end whoever has given up waiting for it.
#[derive(Debug, Clone)]
struct Attempt {
    begun: Instant,
    /// Is closed when the task is over, in whatever way.
    ended: watch::Receiver<()>,
}

/// What somebody who asks has to see.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    /// Every change made before they asked.
    changes: u64,
    /// The attempts that had ended by then: the result of a later one is new enough, for however short it serves.
    attempts: u64,
}

impl Listings {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that the membership may have changed: who asks from now on sees it.
    pub(super) fn invalidate(&self) {
        self.lock().changes += 1;
    }
}

impl State {
    fn answer(&self, wanted: Wanted, now: Timestamp) -> Option<Result<Listing, RegistryError>> {
        let good = self.last.as_ref().filter(|last| last.changes >= wanted.changes);
        let new = self.failure.is_none() && self.attempts > wanted.attempts;
        match (good, &self.failure) {
            (Some(last), _) if new || last.is_fresh(now) => Some(Ok(last.listing())),
            (_, Some(failure)) if failure.at.elapsed() < TRY_AGAIN_AFTER => Some(self.last_known()),
            _ => None,
        }
    }

    /// The last listing, however old, or why there is none.
    fn last_known(&self) -> Result<Listing, RegistryError> {
        match (&self.last, &self.failure) {
            (Some(last), _) => Ok(Listing { stale_since: Some(last.at), ..last.listing() }),
            (None, Some(failure)) => Err(failure.error()),
            (None, None) => Err(Failure::new("list the members", "the attempt ended early").error()),
        }
    }

    fn landed(&mut self, result: Result<MembersSnapshot, Failure>, begun: Instant, changes: u64) {
        self.attempts += 1;
        match result {
            Ok(new) => {
                let at = new.at;
                let beyond = u32::try_from(new.members.len().saturating_sub(SMALL_RING)).unwrap_or(u32::MAX);
                let fresh_for = begun.elapsed() * FRESH_TIMES + FRESH_BY_MEMBER.saturating_mul(beyond);
                let fresh_for = fresh_for.min(FRESH_AT_MOST);
                let same = self.last.take().filter(|last| last.snapshot.members == new.members);
                let snapshot = same.map_or_else(|| Arc::new(new), |last| last.snapshot);
                self.last = Some(Known { snapshot, at, changes, fresh_for, made: Instant::now() });
                self.failure = None;
            }
            Err(failure) => self.failure = Some(failure),
        }
    }
}

impl Known {
    /// The statuses follow from the registry's clock: a listing is not served on when that has moved.
    fn is_fresh(&self, now: Timestamp) -> bool {
        self.made.elapsed() < self.fresh_for && now.since(self.at) < self.fresh_for
    }

    fn listing(&self) -> Listing {
        Listing { snapshot: Arc::clone(&self.snapshot), at: self.at, stale_since: None }
    }
}

impl Failure {
    fn new(operation: &'static str, reason: impl Into<String>) -> Self {
        Self { at: Instant::now(), operation, reason: reason.into() }
    }

    fn of(error: RegistryError) -> Self {
        match error {
            RegistryError::Store(StoreError::Unavailable { operation, source }) => {
                Self::new(operation, source.to_string())
            }
            error => Self::new("list the members", error.to_string()),
        }
    }

    fn error(&self) -> RegistryError {
        StoreError::Unavailable { operation: self.operation, source: self.reason.clone().into() }.into()
    }
}

impl Attempt {
    fn is_under_way(&self) -> bool {
        self.ended.has_changed().is_ok()
    }
}

impl RegistryEngine {
    /// The members, for many who ask: the store is asked once at a time, and what it says serves for up to a second. A member
    /// that has come, gone or changed through this registry is seen at once. Where the store is out of reach it is the last
    /// known listing, and says so.
    ///
    /// # Errors
    /// Where the store is out of reach and there is no last known listing.
    pub async fn listing(&self) -> Result<Listing, RegistryError> {
        let wanted = {
            let state = self.inner.listings.lock();
            Wanted { changes: state.changes, attempts: state.attempts }
        };
        // The attempt under way may have begun before the last change. The one after it has not.
        for _ in 0..2 {
            let (mut attempt, deadline) = {
                let mut state = self.inner.listings.lock();
                if let Some(answer) = state.answer(wanted, self.now()) {
                    return answer;
                }
                let attempt = match state.attempt.take().filter(Attempt::is_under_way) {
                    Some(attempt) => attempt,
                    None => self.attempt(state.changes),
                };
                state.attempt = Some(attempt.clone());
                let patience = if state.failure.is_some() { PATIENCE_AFTER_FAILURE } else { PATIENCE };
                let deadline = state.last.is_some().then(|| attempt.begun + patience);
                (attempt, deadline)
            };
            // Nothing is ever sent: this ends with the task.
            let ended = attempt.ended.changed();
            match deadline {
                Some(deadline) => {
                    if timeout_at(deadline, ended).await.is_err() {
                        break;
                    }
                }
                None => drop(ended.await),
            }
        }
        let state = self.inner.listings.lock();
        state.answer(wanted, self.now()).unwrap_or_else(|| state.last_known())
    }

    fn attempt(&self, changes: u64) -> Attempt {
        let (begun, (running, ended)) = (Instant::now(), watch::channel(()));
        let registry = self.clone();
        tokio::spawn(async move {
            let result = match AssertUnwindSafe(registry.members()).catch_unwind().await {
                Ok(result) => result.map_err(Failure::of),
                Err(panic) => Err(Failure::new("list the members", format!("a panic: {}", panic_message(&*panic)))),
            };
            registry.inner.listings.lock().landed(result, begun, changes);
            drop(running);
        });
        Attempt { begun, ended }
    }
}
