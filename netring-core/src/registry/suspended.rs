//! A process that was suspended, or whose machine was, heard nobody meanwhile.

use super::engine::Inner;
use crate::model::Timestamp;
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::{MissedTickBehavior, interval};

const TICK: Duration = Duration::from_secs(1);
/// A tick may be late by so much before the time since the last one counts as a gap.
const LATE: Duration = Duration::from_secs(5);

/// Forgets when the last tick was: once nobody looks at the clock any more, that tells nothing.
struct Ticking<'a>(&'a Mutex<Option<Timestamp>>);

impl Drop for Ticking<'_> {
    fn drop(&mut self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Inner {
    /// Looks at the clock every second.
    pub(super) async fn tick(&self) {
        let ticking = Ticking(&self.ticked);
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.look_at_clock();
            *ticking.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.clock.now());
        }
    }

    /// Notices where much more than a second has passed since the last tick. Whoever judges how long members are silent does
    /// this first: after a standstill all timers are due at once, in any order.
    pub(super) fn look_at_clock(&self) {
        let mut ticked = self.ticked.lock().unwrap_or_else(PoisonError::into_inner);
        let (Some(last), now) = (*ticked, self.clock.now()) else { return };
        if now.since(last) > TICK + LATE {
            *ticked = Some(now);
            self.store.stood_still(last, now);
            tracing::warn!(standstill = ?now.since(last), "this process stood still; that is no silence of the members");
        }
    }
}
