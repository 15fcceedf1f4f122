//! Two clocks. The kernel stamps packets by the system's clock, which somebody may step; how long something took is
//! told by the monotonic one alone. Both are read at every packet, so that a step shows.

use std::time::{Duration, Instant, SystemTime};

/// Both clocks read at once: the monotonic one before and after the other, so that being put aside by the scheduler
/// between two reads does not look like a step. In nanoseconds, since the burst began and since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) before: u64,
    pub(crate) realtime: u64,
    pub(crate) after: u64,
}

impl Reading {
    /// What both clocks say now.
    pub(crate) fn now(began: Instant) -> Self {
        let before = nanos(began.elapsed());
        let realtime = realtime();
        Self { before, realtime, after: nanos(began.elapsed()) }
    }

    /// How long after `earlier` this was, by the monotonic clock.
    pub(crate) fn since(&self, earlier: &Self) -> Duration {
        Duration::from_nanos(self.before.saturating_sub(earlier.after))
    }

    /// Whether the system's clock was stepped between `earlier` and this.
    pub(crate) fn stepped_since(&self, earlier: &Self) -> bool {
        let elapsed = i128::from(self.realtime) - i128::from(earlier.realtime);
        let shortest = i128::from(self.before) - i128::from(earlier.after);
        let longest = i128::from(self.after) - i128::from(earlier.before);
        let slack = i128::from(slack(nanos(self.since(earlier))));
        elapsed < shortest - slack || elapsed > longest + slack
    }
}

/// What the two clocks may differ by after `elapsed` nanoseconds without a step: NTP slews by at most 0.05 %.
pub(crate) const fn slack(elapsed: u64) -> u64 {
    50_000 + elapsed / 1_000
}

/// The system's clock: nanoseconds since the Unix epoch.
pub(crate) fn realtime() -> u64 {
    nanos(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default())
}

/// In nanoseconds; what is longer than 584 years is as long.
pub(crate) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    #[test]
    fn a_step_shows_and_being_put_aside_does_not() {
        let sent = Reading { before: 10 * MS, realtime: 1_000 * MS, after: 10 * MS };
        for (before, realtime, after, stepped) in [
            (15, 1_005, 15, false),
            // Put aside for 40 ms before the system's clock was read, or after.
            (15, 1_045, 55, false),
            (15, 1_005, 55, false),
            (15, 1_006, 15, true),
            (15, 1_004, 15, true),
            (15, 900, 15, true),
            (15, 900_000, 15, true),
        ] {
            let received = Reading { before: before * MS, realtime: realtime * MS, after: after * MS };
            assert_eq!(received.stepped_since(&sent), stepped, "{received:?}");
        }
    }
}
