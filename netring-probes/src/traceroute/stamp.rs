use std::time::{Duration, SystemTime};
use tokio::time::Instant;

/// When something was sent or arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    /// When this process saw it.
    pub(super) seen: Instant,
    /// The system's clock, read after `seen`, and how long it was until it was read: the scheduler may come between.
    clock: Option<(SystemTime, Duration)>,
    /// When the kernel saw it arrive, by the system's clock.
    kernel: Option<SystemTime>,
}

impl Stamp {
    /// Now, by both clocks.
    pub(super) fn now() -> Self {
        let seen = Instant::now();
        let clock = SystemTime::now();
        Self { seen, clock: Some((clock, seen.elapsed())), kernel: None }
    }

    /// Now, with the time that the kernel gives to what arrived.
    pub(super) fn arrived(kernel: Option<SystemTime>) -> Self {
        Self { kernel, ..Self::now() }
    }

    /// That moment, as this process alone saw it.
    #[cfg(test)]
    pub(super) fn at(seen: Instant) -> Self {
        Self { seen, clock: None, kernel: None }
    }

    /// From `sent` to this arrival. The kernel's time tells it without the delays of this process. It counts by a clock that
    /// somebody may set meanwhile; so it is taken only where that clock and the one that nobody sets went on alike, and
    /// where it is no longer than what the process saw, which is always an upper bound.
    pub(super) fn since(self, sent: Self) -> Duration {
        let seen = self.seen.saturating_duration_since(sent.seen);
        let by_kernel = self.kernel.zip(sent.clock).and_then(|(kernel, (clock, _))| kernel.duration_since(clock).ok());
        by_kernel.filter(|by_kernel| *by_kernel <= seen && !self.is_set_since(sent)).unwrap_or(seen)
    }

    /// Whether the system's clock was set between `sent` and this.
    fn is_set_since(self, sent: Self) -> bool {
        let (Some((clock, late)), Some((earlier, early))) = (self.clock, sent.clock) else { return true };
        let Ok(elapsed) = clock.duration_since(earlier) else { return true };
        let seen = self.seen.saturating_duration_since(sent.seen);
        let slack = SLACK + seen / SLEW;
        elapsed + early + slack < seen || elapsed > seen + late + slack
    }
}

/// What the two clocks may differ by all the same, and the part of the time that passed which NTP may add to it (it slews by
/// at most 0.05 %).
const SLACK: Duration = Duration::from_micros(50);
const SLEW: u32 = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_time_counts_unless_the_clock_was_set() {
        let (seen, clock) = (Instant::now(), SystemTime::now());
        let ms = Duration::from_millis;
        let sent = Stamp { seen, clock: Some((clock, ms(0))), kernel: None };
        // Seen after 10 ms; when the system's clock was read then, and the kernel's stamp.
        let arrived = |now: SystemTime, late, kernel| Stamp { seen: seen + ms(10), clock: Some((now, late)), kernel };
        let since = |now, kernel| arrived(now, ms(0), Some(kernel)).since(sent);
        assert_eq!(since(clock + ms(10), clock + ms(7)), ms(7));
        assert_eq!(since(clock + ms(11), clock + ms(8)), ms(10), "the clock was set forward");
        assert_eq!(since(clock + ms(6), clock + ms(3)), ms(10), "it was set back, by less than the round trip");
        assert_eq!(since(clock - ms(90), clock - ms(93)), ms(10), "it was set back, by more");
        assert_eq!(since(clock + ms(10), clock + ms(11)), ms(10), "a stamp of later than now");
        assert_eq!(arrived(clock + ms(10), ms(0), None).since(sent), ms(10));
        assert_eq!(Stamp::at(seen + ms(10)).since(Stamp::at(seen)), ms(10));
        // This process was put aside before it read the second clock.
        assert_eq!(arrived(clock + ms(50), ms(40), Some(clock + ms(7))).since(sent), ms(7));
        let late = Stamp { clock: Some((clock + ms(4), ms(4))), ..sent };
        assert_eq!(arrived(clock + ms(10), ms(0), Some(clock + ms(7))).since(late), ms(3));
    }
}
