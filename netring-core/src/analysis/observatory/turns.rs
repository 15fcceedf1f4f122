use super::window::Window;
use crate::{
    analysis::{Sensitivity, Standing},
    model::Timestamp,
};

/// When a check turned bad and good, and when it last did what it stands for; by the registry's clock.
///
/// It tells which of two checks that contradict each other says something of now: checks are not made equally often.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Turns {
    /// The first bad result of those that make it bad, or would with one more.
    bad: Tick,
    /// When it was known to be good again, or for the first time.
    good: Tick,
    /// The last result that was as the check stands.
    confirmed: Tick,
}

/// A time in sixteenths of a second, of which the lower 32 bits are kept: times that are compared are less than four years
/// apart.
#[derive(Debug, Clone, Copy, Default)]
struct Tick(u32);

impl Tick {
    fn of(time: Timestamp) -> Self {
        Self((time.as_unix_micros() / 62_500) as u32)
    }

    fn after(self, other: Self) -> i32 {
        self.0.wrapping_sub(other.0) as i32
    }

    fn is_known(self) -> bool {
        self.0 != 0
    }
}

impl Turns {
    /// Takes note of a result that ended at `at`, which made `after` of `before`.
    pub(super) fn take(&mut self, bad: bool, before: Window, after: Window, at: Timestamp, sensitivity: &Sensitivity) {
        let at = Tick::of(at);
        if bad && before.standing() != Standing::Bad && before.is_clean(sensitivity) {
            self.bad = at;
        }
        match after.standing() {
            Standing::Bad if bad => self.confirmed = at,
            Standing::Good if !bad => {
                if before.standing() != Standing::Good {
                    self.good = at;
                }
                self.confirmed = at;
            }
            _ => {}
        }
    }

    /// When it turned to `standing`, in ticks after `now`: bad with its first bad result, or good again. Nothing where it is good
    /// and never was bad.
    pub(super) fn turned(self, standing: Standing, now: Timestamp) -> Option<i32> {
        match standing {
            Standing::Unknown => None,
            Standing::Bad => Some(self.bad.after(Tick::of(now))),
            Standing::Good if self.bad.is_known() && self.good.after(self.bad) > 0 => {
                Some(self.good.after(Tick::of(now)))
            }
            Standing::Good => None,
        }
    }

    /// When it last did what it stands for, in ticks after `now`.
    pub(super) fn confirmed(self, now: Timestamp) -> i32 {
        self.confirmed.after(Tick::of(now))
    }

    /// Whether all that makes a check what it is, which stands as `standing`, was before `other` turned to the contrary.
    pub(super) fn are_before(self, standing: Standing, other: Self) -> bool {
        match standing {
            Standing::Unknown => false,
            Standing::Good => self.confirmed.after(other.bad) <= 0,
            // So that of two no more than one is.
            Standing::Bad => self.confirmed.after(other.good) < 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// Results that come one a second from the second `start` on.
    fn turns(results: &str, start: u64) -> (Standing, Turns) {
        let (mut turns, mut window) = (Turns::default(), Window::default());
        for (i, result) in (0..).zip(results.chars()) {
            let before = window;
            window.push(result == 'x', &Sensitivity::default());
            let at = Timestamp::from_unix_seconds(1_700_000_000) + Duration::from_secs(start + i);
            turns.take(result == 'x', before, window, at, &Sensitivity::default());
        }
        (window.standing(), turns)
    }

    #[test]
    fn what_was_before_the_other_turned_is_told() {
        for (results, start, other, expected) in [
            // The other has been bad since the second 5.
            (".", 4, ".....xx", true),
            (".", 5, ".....xx", true),
            (".", 6, ".....xx", false),
            (".x", 4, ".....xx", true),
            (".x.", 4, ".....xx", false),
            // A single one that has passed is no beginning, and one between two bad ones is no end.
            (".", 4, "..x..xx", true),
            (".", 4, "...x.x", false),
            (".", 4, "...xx.x.x", false),
            // The other is good since the second 6.
            ("xx", 3, "..xx...", true),
            ("xx", 5, "..xx...", false),
            ("xx", 6, "..xx...", false),
            ("xx", 3, "......x", false),
            ("xx.", 4, "..xx...", true),
            ("x", 0, "...", false),
        ] {
            let ((standing, one), (_, other_turns)) = (turns(results, start), turns(other, 0));
            assert_eq!(one.are_before(standing, other_turns), expected, "{results} from {start} on, and {other}");
        }
    }

    #[test]
    fn of_two_no_more_than_one_is_outdated() {
        for (a, b) in [("xx", ".."), ("x", "."), (".xx", "xx..."), ("x.x", "...")] {
            let ((one, first), (other, second)) = (turns(a, 0), turns(b, 0));
            assert!(!(first.are_before(one, second) && second.are_before(other, first)), "{a} and {b}");
        }
    }
}
