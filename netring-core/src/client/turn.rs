//! Which of several registries is asked, and in which order the others come.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// How long after a move the first registry is tried again, and from one such try to the next.
const RETURN_AFTER: Duration = Duration::from_secs(5 * 60);
/// Longest reason of a move in the log, in characters.
const LONGEST_REASON: usize = 300;
/// A move is a warning at most this often: registries that fail by turns are one trouble, and not one a call.
const WARN_EVERY: Duration = Duration::from_secs(60);

/// Whose turn it is. The first registry is the one to come back to.
#[derive(Debug)]
pub(super) struct Turn {
    names: Vec<String>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Where the next call begins.
    current: usize,
    /// The last registry that answered: as long as none does, nobody has moved.
    settled: usize,
    /// When the member moved away from the first registry, or tried last to return.
    away_since: Instant,
    /// What went wrong with the registry that was left.
    reason: String,
    /// When a move was told last as a warning.
    warned: Option<Instant>,
}

impl Turn {
    pub(super) fn new(names: Vec<String>) -> Self {
        let state = State { current: 0, settled: 0, away_since: Instant::now(), reason: String::new(), warned: None };
        Self { names, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The index of the current registry, and of the others in their order.
    pub(super) fn order(&self) -> impl Iterator<Item = usize> + use<> {
        let (count, current) = (self.names.len(), self.state().current);
        (0..count).map(move |step| (current + step) % count)
    }

    /// The current registry, and the others in their order.
    pub(super) fn attempts(&self) -> impl Iterator<Item = Attempt<'_>> + use<'_> {
        self.attempts_from(None)
    }

    /// The same, but the first registry comes first where its time has come again.
    pub(super) fn attempts_to_return(&self) -> impl Iterator<Item = Attempt<'_>> + use<'_> {
        let mut state = self.state();
        let due = state.current != 0 && state.away_since.elapsed() >= RETURN_AFTER;
        if due {
            state.away_since = Instant::now();
        }
        drop(state);
        self.attempts_from(due.then_some(0))
    }

    /// Whether a move is to be a warning; then those that follow soon are none.
    fn may_warn(&self) -> bool {
        let mut state = self.state();
        let may = state.warned.is_none_or(|at| at.elapsed() >= WARN_EVERY);
        if may {
            state.warned = Some(Instant::now());
        }
        may
    }

    fn attempts_from(&self, first: Option<usize>) -> impl Iterator<Item = Attempt<'_>> + use<'_> {
        let order = first.into_iter().chain(self.order().filter(move |&index| Some(index) != first));
        order.enumerate().map(move |(step, index)| Attempt {
            turn: self,
            index,
            moves: step > 0 || first.is_some(),
            open: true,
        })
    }
}

/// One registry's part of a call. Dropped before its end is known, it has failed: whoever made the call did not wait longer.
#[derive(Debug)]
pub(super) struct Attempt<'a> {
    turn: &'a Turn,
    index: usize,
    /// An answer makes this registry the current one, whichever was.
    moves: bool,
    open: bool,
}

impl Attempt<'_> {
    pub(super) fn index(&self) -> usize {
        self.index
    }

    /// The registry did not answer: the next call begins at the next one, unless another call has moved on already.
    pub(super) fn failed(mut self, reason: &str) {
        self.end_as_failure(reason);
    }

    /// The registry answered.
    pub(super) fn answered(mut self) {
        let Some((from, reason)) = self.settle() else { return };
        let names = &self.turn.names;
        let (from, to) = (&names[from], &names[self.index]);
        if self.index == 0 && reason.is_empty() {
            tracing::info!(%from, %to, "moved back to the registry that comes first");
        } else if !self.turn.may_warn() {
            tracing::debug!(%from, %to, %reason, "moved to another registry");
        } else {
            tracing::warn!(%from, %to, %reason, "moved to another registry");
        }
    }

    /// Ends the attempt well. Where that moves the member, gives the registry that it left, and why.
    fn settle(&mut self) -> Option<(usize, String)> {
        self.open = false;
        let index = self.index;
        let mut state = self.turn.state();
        // A late answer is no reason to go back to a registry that another call has left meanwhile.
        if state.current != index && !self.moves {
            return None;
        }
        state.current = index;
        let from = std::mem::replace(&mut state.settled, index);
        let reason = std::mem::take(&mut state.reason);
        if from == index {
            return None;
        }
        state.away_since = Instant::now();
        Some((from, reason))
    }

    fn end_as_failure(&mut self, reason: &str) {
        self.open = false;
        let mut state = self.turn.state();
        if state.current == self.index {
            state.current = (self.index + 1) % self.turn.names.len();
        }
        if state.settled == self.index {
            state.reason = reason.chars().take(LONGEST_REASON).collect();
        }
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if self.open {
            self.end_as_failure("no answer while it was waited for");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn() -> Turn {
        Turn::new(["a", "b", "c"].map(str::to_owned).to_vec())
    }

    fn order<'a>(attempts: impl Iterator<Item = Attempt<'a>>) -> Vec<usize> {
        attempts
            .map(|mut attempt| {
                attempt.open = false;
                attempt.index()
            })
            .collect()
    }

    #[test]
    fn a_move_is_told_once_and_with_its_reason() {
        let turn = turn();
        let mut attempts = turn.attempts();
        attempts.next().unwrap().failed("it is down");
        assert_eq!(attempts.next().unwrap().settle(), Some((0, "it is down".to_owned())));
        assert_eq!(turn.attempts().next().unwrap().settle(), None);
        assert_eq!(order(turn.attempts()), [1, 2, 0]);
    }

    #[test]
    fn as_long_as_none_answers_nobody_has_moved() {
        let turn = turn();
        for _ in 0..3 {
            turn.attempts().for_each(|attempt| attempt.failed("down"));
        }
        assert_eq!(turn.attempts().next().unwrap().settle(), None, "back where it was");
    }

    #[test]
    fn an_attempt_that_is_dropped_has_failed() {
        let turn = turn();
        drop(turn.attempts().next());
        assert_eq!(order(turn.attempts()), [1, 2, 0]);
    }

    #[test]
    fn calls_at_the_same_time_move_on_once() {
        let turn = turn();
        let (mut one, mut other, mut late) = (turn.attempts(), turn.attempts(), turn.attempts());
        let slow = late.next().unwrap();
        let (first, second) = (one.next().unwrap(), other.next().unwrap());
        first.failed("down");
        second.failed("down");
        assert_eq!(one.next().unwrap().settle(), Some((0, "down".to_owned())));
        assert_eq!(other.next().unwrap().settle(), None);
        slow.answered();
        assert_eq!(order(turn.attempts()), [1, 2, 0], "a late answer moves nobody back");
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_registry_is_tried_again_every_five_minutes() {
        let turn = turn();
        drop(turn.attempts().next());
        turn.attempts().next().unwrap().answered();
        assert_eq!(order(turn.attempts_to_return()), [1, 2, 0]);
        tokio::time::advance(RETURN_AFTER).await;
        assert_eq!(order(turn.attempts()), [1, 2, 0], "not by every call");
        let mut attempts = turn.attempts_to_return();
        attempts.next().unwrap().failed("still down");
        attempts.next().unwrap().answered();
        assert_eq!(order(turn.attempts_to_return()), [1, 2, 0], "not at once again");
        tokio::time::advance(RETURN_AFTER).await;
        let mut attempts = turn.attempts_to_return();
        assert_eq!(attempts.next().unwrap().settle(), Some((1, String::new())));
        assert_eq!(order(turn.attempts_to_return()), [0, 1, 2]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_move_is_a_warning_once_a_minute() {
        let turn = turn();
        assert_eq!([turn.may_warn(), turn.may_warn()], [true, false]);
        tokio::time::advance(WARN_EVERY).await;
        assert_eq!([turn.may_warn(), turn.may_warn()], [true, false]);
    }
}
