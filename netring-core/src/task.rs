//! Loops that live on: what panics is contained, counted and started again, and every loop's last turn is known.

use crate::wire::LoopHealth;
use futures_util::FutureExt;
use std::{
    any::Any,
    panic::AssertUnwindSafe,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// How long after a panic a loop is started again.
const RESTART_DELAY: Duration = Duration::from_secs(1);
/// What a loop may take beyond two of its periods before it counts as stuck: the longest back-off, and a call's timeout.
const ALLOWANCE: Duration = Duration::from_secs(45);

/// The turns of one loop.
#[derive(Debug)]
pub(crate) struct Turns {
    name: &'static str,
    period: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Clone, Copy)]
struct State {
    /// Since when turns are awaited.
    begun: Option<Instant>,
    /// When the last turn ended.
    turned: Option<Instant>,
    turns: u64,
    panics: u64,
}

impl Turns {
    pub(crate) fn new(name: &'static str, period: Duration) -> Self {
        Self { name, period, state: Mutex::new(State { begun: None, turned: None, turns: 0, panics: 0 }) }
    }

    pub(crate) const fn name(&self) -> &'static str {
        self.name
    }

    fn update(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Notes that turns are awaited from now on.
    pub(crate) fn begun(&self) {
        self.update(|state| state.begun = Some(Instant::now()));
    }

    /// Notes the end of a turn.
    pub(crate) fn turned(&self) {
        self.update(|state| {
            state.turned = Some(Instant::now());
            state.turns += 1;
        });
    }

    pub(crate) fn panicked(&self) {
        self.update(|state| state.panics += 1);
    }

    pub(crate) fn health(&self) -> LoopHealth {
        let state = *self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let awaited_since = state.begun.max(state.turned);
        LoopHealth {
            name: self.name.to_owned(),
            healthy: awaited_since
                .is_none_or(|since| since.elapsed() <= self.period.saturating_mul(2).saturating_add(ALLOWANCE)),
            period_seconds: self.period.as_secs_f64(),
            last_turn_seconds_ago: state.turned.map(|turned| turned.elapsed().as_secs_f64()),
            turns: state.turns,
            panics: state.panics,
        }
    }
}

/// Runs `task`, and starts it again whenever it panics. `on_panic` is told the name of the loop.
pub(crate) async fn supervise<F: Future<Output = ()>>(
    turns: &Turns,
    on_panic: impl Fn(&'static str),
    task: impl Fn() -> F,
) {
    turns.begun();
    while let Err(panic) = AssertUnwindSafe(async { task().await }).catch_unwind().await {
        turns.panicked();
        on_panic(turns.name());
        tracing::error!(task = turns.name(), panic = panic_message(&*panic), "a task panicked; starting it again");
        tokio::time::sleep(RESTART_DELAY).await;
    }
}

/// The words of a panic, where it has some.
pub(crate) fn panic_message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test(start_paused = true)]
    async fn a_task_that_panics_is_started_again_and_counted() {
        let turns = Turns::new("test", Duration::from_secs(1));
        let runs = AtomicU32::new(0);
        let told = AtomicU32::new(0);
        supervise(
            &turns,
            |name| {
                assert_eq!(name, "test");
                told.fetch_add(1, Ordering::Relaxed);
            },
            || async {
                assert!(runs.fetch_add(1, Ordering::Relaxed) == 2, "on purpose");
                turns.turned();
            },
        )
        .await;
        let health = turns.health();
        assert_eq!((health.panics, health.turns, told.load(Ordering::Relaxed)), (2, 1, 2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_loop_that_turns_is_healthy_and_one_that_is_stuck_is_not() {
        let turns = Turns::new("test", Duration::from_secs(60));
        turns.begun();
        for _ in 0..20 {
            tokio::time::advance(Duration::from_secs(60)).await;
            turns.turned();
            assert!(turns.health().healthy);
        }
        tokio::time::advance(Duration::from_secs(165)).await;
        assert!(turns.health().healthy);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(!turns.health().healthy);
        assert_eq!(turns.health().last_turn_seconds_ago, Some(166.0));
    }
}
