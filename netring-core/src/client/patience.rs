use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// A registry is left after this long, where it is not known to take longer …
const USUAL: Duration = Duration::from_secs(2);
/// … and after this long at most, so that a member, which gives a call 5 s, comes to another one.
const LONGEST: Duration = Duration::from_millis(3_500);
/// A registry has this long, however many there are: with less, those that are far away and well would all fail.
const SHORTEST: Duration = Duration::from_secs(1);
/// The last attempt of a call begins within this time: four that take their shortest …
const TOGETHER: Duration = Duration::from_secs(4);
/// … and what the clock loses by that.
const SLACK: Duration = Duration::from_millis(100);

/// How long the last good answer to each operation took.
#[derive(Debug, Default)]
pub(super) struct Took(Mutex<BTreeMap<&'static str, Duration>>);

impl Took {
    pub(super) fn note(&self, operation: &'static str, took: Duration) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(operation, took);
    }

    /// The longest of them: a registry that is slow with one thing may be so with all.
    fn longest(&self) -> Duration {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).values().max().copied().unwrap_or_default()
    }
}

/// Whether there is no time for another attempt, `elapsed` after the call began.
pub(super) fn is_over(elapsed: Duration) -> bool {
    elapsed > TOGETHER + SLACK
}

/// How long an attempt may take that begins `elapsed` after its call, where `others` registries are left to be tried.
/// `None` is for as long as whoever made the call waits: the last one that there is time for.
pub(super) fn bound(elapsed: Duration, others: usize, took: &Took, has_answer: bool) -> Option<Duration> {
    let left = TOGETHER.saturating_sub(elapsed);
    if others == 0 || left + SLACK < SHORTEST {
        // An answer of sorts is not to be lost while this registry says nothing.
        return has_answer.then(|| left.max(SHORTEST / 2));
    }
    let share = (left / u32::try_from(others).unwrap_or(u32::MAX)).clamp(SHORTEST, USUAL);
    Some(share.max((took.longest() * 3 / 2).min(LONGEST)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_bound_is_fair_and_knows_who_is_slow() {
        let took = |seconds: f64| {
            let took = Took::default();
            took.note("a", Duration::from_secs_f64(seconds));
            took.note("b", Duration::ZERO);
            took
        };
        for (elapsed, others, seconds, wanted) in [
            (0.0, 1, 0.0, Some(2.0)),
            (0.0, 2, 0.1, Some(2.0)),
            (0.0, 99, 0.1, Some(1.0)),
            (0.0, 1, 2.0, Some(3.0)),
            (0.0, 99, 2.0, Some(3.0)),
            (0.0, 1, 9.0, Some(3.5)),
            (3.05, 9, 0.1, Some(1.0)),
            (3.5, 9, 0.1, None),
            (0.0, 0, 0.1, None),
        ] {
            let bound = bound(SECOND.mul_f64(elapsed), others, &took(seconds), false);
            assert_eq!(bound.map(|bound| bound.as_secs_f64()), wanted, "{elapsed} {others} {seconds}");
        }
        assert_eq!(bound(Duration::ZERO, 0, &took(0.0), true), Some(4 * SECOND));
        assert_eq!(bound(4 * SECOND, 3, &took(0.0), true), Some(SECOND / 2));
    }
}
