use crate::{
    model::{Clock, SystemClock, Timestamp},
    wire::{ListHealth, ListSource},
};
use std::time::Duration;
use tokio::time::Instant;

/// Where the list of members comes from, and when it was true.
#[derive(Debug, Clone, Copy)]
pub(super) struct ListOrigin {
    source: ListSource,
    as_of: Timestamp,
    /// How old it was when it was taken. Its age goes on by a clock that nobody steps.
    age: Duration,
    taken: Instant,
}

impl ListOrigin {
    /// A list that the ring gave now, and that was true `age` ago.
    pub(super) fn from_registry(age: Duration) -> Self {
        Self::new(ListSource::Registry, SystemClock.now() - age, age)
    }

    /// A list that was saved, and was true at `as_of`: now at the latest, whatever the clock was then.
    pub(super) fn from_state_dir(as_of: Timestamp) -> Self {
        let now = SystemClock.now();
        Self::new(ListSource::StateDir, as_of.min(now), now.since(as_of))
    }

    fn new(source: ListSource, as_of: Timestamp, age: Duration) -> Self {
        Self { source, as_of, age, taken: Instant::now() }
    }

    /// When the list was true, by the system's clock.
    pub(super) const fn as_of(&self) -> Timestamp {
        self.as_of
    }

    /// How old the list is now.
    pub(super) fn age(&self) -> Duration {
        self.age.saturating_add(self.taken.elapsed())
    }

    pub(super) fn health(&self) -> ListHealth {
        let age_seconds = Some(self.age().as_secs_f64());
        ListHealth { source: self.source, as_of: Some(self.as_of), age_seconds }
    }
}
