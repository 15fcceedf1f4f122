use super::curve::Curve;
use std::time::Duration;

/// A window is no shorter: timers and wake-ups on a busy system are late by some milliseconds.
const SHORTEST_WINDOW: Duration = Duration::from_millis(100);
/// A window holds at least so many bytes, some 32 segments, so that one more or less is within the tolerance.
const WINDOW_BYTES: f64 = 48.0 * 1024.0;
/// A window is as many of the path's round trips, so that what TCP does in each of them evens out.
const ROUND_TRIPS: u32 = 4;
/// A window is two round trips through a full queue as well, within which a lost segment is repaired, but no longer than
/// this: a queue of seconds would leave no time for any estimate.
const LONGEST_LOADED: Duration = Duration::from_millis(600);
/// So many windows at least and at most have to agree.
const WINDOWS: (u32, u32) = (4, 8);
/// The windows together span the time of so many bytes, within these bounds: what a shaper lets through in a burst must
/// not pass for the rate of the path, and a fast path must not be loaded for long.
const SPAN_BYTES: f64 = 24.0 * 1024.0 * 1024.0;
const SPAN: (Duration, Duration) = (Duration::from_millis(400), Duration::from_secs(1));
/// No window differs from the mean of all by more than this part of it.
const WINDOW_TOLERANCE: f64 = 0.08;
/// The two halves of the windows do not differ by more: a rate that still grows or falls has not settled.
const TREND_TOLERANCE: f64 = 0.03;
/// A window is at fault where it kept the sender waiting for this part of the time.
const WINDOW_LIMITED: f64 = 0.5;

/// Where a round trip takes longer than the shortest one by this part of it and by this time, something is queued on the
/// path: it is full.
const QUEUED: (f64, Duration) = (0.02, Duration::from_millis(1));
/// A shorter round trip is not told from the noise of timers; and TCP grows fast enough then to fill the path anyway.
const TELLING: Duration = Duration::from_millis(5);

/// Tells the rate of a path from the bytes that TCP delivered over it.
///
/// Slow start doubles the rate with each round trip, a shaper's token bucket and an empty queue let a burst through, and
/// loss halves the rate: none of them looks the same for long. So the rate has settled once it was the same in
/// successive windows, each of several round trips, for long enough. It is that of those windows; what was before does
/// not count. A burst that lasts longer than the windows cannot be told from the path.
///
/// A rate can be level below what the path carries, where TCP left slow start too early (Ha and Rhee, "Taming the elephants:
/// New TCP slow start", 2011) or a buffer at an end is too small. A path that is full has a queue, or loses something; where
/// there is neither, it is not the path that settled the rate.
#[derive(Debug)]
pub(super) struct Estimator {
    curve: Curve,
    round_trips: RoundTrips,
    last_loss: Option<Duration>,
}

/// Round-trip times, as far as they are known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct RoundTrips {
    /// The shortest.
    pub(super) shortest: Duration,
    /// As it is now, with what is queued on the path.
    pub(super) loaded: Duration,
}

/// A rate that has settled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Steady {
    pub(super) bits_per_second: f64,
    /// Whether a TCP window held it there, and not the path.
    pub(super) window_limited: bool,
}

impl Estimator {
    pub(super) fn new() -> Self {
        Self { curve: Curve::new(), round_trips: RoundTrips::default(), last_loss: None }
    }

    /// Notes that `bytes` were delivered by `at`, and that a window had kept the sender waiting for so long until then.
    pub(super) fn push(&mut self, at: Duration, bytes: u64, window_limited: Duration) {
        self.curve.push(at, bytes, window_limited);
    }

    pub(super) fn set_round_trips(&mut self, round_trips: RoundTrips) {
        self.round_trips = round_trips;
    }

    /// Notes that segments were lost or overtaken, as is seen now.
    pub(super) fn set_loss(&mut self) {
        self.last_loss = Some(self.curve.end());
    }

    pub(super) fn curve(&self) -> &Curve {
        &self.curve
    }

    /// The rate, once it has settled: it is level, and the path full or a window at fault.
    pub(super) fn settled(&self) -> Option<Steady> {
        let (steady, begin) = self.level()?;
        (steady.window_limited || self.is_full_since(begin)).then_some(steady)
    }

    /// The rate where it is level, and since when it is.
    fn level(&self) -> Option<(Steady, Duration)> {
        let now = self.curve.end();
        let (windows, span) = self.windows();
        // One window more: in the first one queues fill, even where the rate looks the same.
        let earliest = self.curve.first_byte() + span / windows;
        let begin = now.checked_sub(span).filter(|&begin| begin >= earliest)?;
        let mean = self.curve.rate(begin, now);
        let part = |from: u32, to: u32, of: u32| self.curve.rate(begin + span * from / of, begin + span * to / of);
        let agree = (0..windows).all(|i| (part(i, i + 1, windows) - mean).abs() <= WINDOW_TOLERANCE * mean);
        let level = (part(1, 2, 2) - part(0, 1, 2)).abs() <= TREND_TOLERANCE * mean;
        let window_limited = self.curve.window_limited(begin, now) >= WINDOW_LIMITED;
        (mean > 0.0 && agree && level).then_some((Steady { bits_per_second: mean, window_limited }, begin))
    }

    /// Whether the path was full, as far as that can be told.
    fn is_full_since(&self, begin: Duration) -> bool {
        let RoundTrips { shortest, loaded } = self.round_trips;
        let untold = shortest < TELLING || loaded.is_zero();
        untold || loaded >= shortest.mul_f64(1.0 + QUEUED.0) + QUEUED.1 || self.last_loss.is_some_and(|at| at >= begin)
    }

    /// How many windows have to agree, and how long they are together.
    fn windows(&self) -> (u32, Duration) {
        let RoundTrips { shortest, loaded } = self.round_trips;
        let window =
            SHORTEST_WINDOW.max(shortest.saturating_mul(ROUND_TRIPS)).max(loaded.saturating_mul(2).min(LONGEST_LOADED));
        let now = self.curve.end();
        let rate = self.curve.rate(now.saturating_sub(window), now);
        let window = window.max(time_of(WINDOW_BYTES, rate));
        let span = time_of(SPAN_BYTES, rate).clamp(SPAN.0, SPAN.1).max(window.saturating_mul(WINDOWS.0));
        let windows = (span.as_secs_f64() / window.as_secs_f64()) as u32;
        (windows.clamp(WINDOWS.0, WINDOWS.1), span)
    }

    /// The rate as far as it is known while it has not settled: that of the later half of the transfer, in which less of
    /// the start-up is. Where it is level on a path that is not full, some window of TCP's is at fault.
    pub(super) fn so_far(&self) -> Steady {
        if let Some((steady, begin)) = self.level()
            && !self.is_full_since(begin)
        {
            return Steady { window_limited: true, ..steady };
        }
        let (first, now) = (self.curve.first_byte(), self.curve.end());
        let middle = first + (now - first) / 2;
        let bits_per_second = match self.curve.rate(middle, now) {
            // All of it came at once, or nothing in the later half.
            none if none <= 0.0 => self.curve.rate(Duration::ZERO, now),
            rate => rate,
        };
        Steady { bits_per_second, window_limited: self.curve.window_limited(middle, now) >= WINDOW_LIMITED }
    }
}

/// How long `bytes` take at `rate` bits per second; at most an hour, which is longer than any test.
fn time_of(bytes: f64, rate: f64) -> Duration {
    Duration::from_secs_f64(if rate > 0.0 { (bytes * 8.0 / rate).min(3_600.0) } else { 3_600.0 })
}

#[cfg(test)]
mod tests;
