use super::coded::{Coded, round_trip_of};
use crate::{analysis::Sensitivity, model::Timestamp};
use std::time::Duration;

/// So many round trips are needed to tell what is usual.
const READY: u8 = 5;
/// So many are weighed as a TCP sender weighs them (RFC 6298, section 2); what comes later weighs less, so that what is usual
/// does not follow what it is compared with.
const QUICK: u8 = 8;
const SLOWER: f32 = 1.0 / 32.0;
/// What has been slow for so long is usual.
const LEARNT_ANEW_AFTER: Duration = Duration::from_secs(86_400);

/// What the round trip of a check usually takes: smoothed as in RFC 6298, over those that are not slow.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Usual {
    /// In microseconds.
    mean: f32,
    /// How far they are from it, in microseconds.
    deviation: f32,
    /// Unix seconds of the first of those that are slow now; 0 where they are not.
    slow_since: u32,
    /// Unix seconds since when it is known.
    known_since: u32,
    /// The first ones, to 0.05 %, until there are enough of them.
    first: [u16; READY as usize],
    samples: u8,
}

impl Usual {
    /// Since when it is known what is usual.
    pub(super) fn known_since(&self) -> Option<Timestamp> {
        (self.samples >= READY).then(|| Timestamp::from_unix_seconds(self.known_since.into()))
    }

    /// Whether `round_trip` is slow, where it is known what is usual; learns from it where it is not slow.
    pub(super) fn take(&mut self, round_trip: Duration, at: Timestamp, sensitivity: &Sensitivity) -> Option<bool> {
        let micros = (round_trip.as_secs_f64() * 1e6) as f32;
        let now = u32::try_from(at.as_unix_seconds()).unwrap_or(u32::MAX).max(1);
        if self.samples < READY {
            self.begin(round_trip, now);
            return None;
        }
        let rise = (sensitivity.latency_rise.as_secs_f64() * 1e6)
            .max(sensitivity.latency_rise_ratio * f64::from(self.mean))
            .max(sensitivity.latency_rise_deviations * f64::from(self.deviation));
        if f64::from(micros) <= f64::from(self.mean) + rise {
            self.slow_since = 0;
            self.learn(micros);
            return Some(false);
        }
        if self.slow_since == 0 || self.slow_since > now {
            self.slow_since = now;
        }
        if u64::from(now - self.slow_since) >= LEARNT_ANEW_AFTER.as_secs() {
            *self = Self::default();
            self.begin(round_trip, now);
            return None;
        }
        Some(true)
    }

    /// The median of the first ones is what it begins with: a single one that took long, as the first often does, is left out.
    fn begin(&mut self, round_trip: Duration, now: u32) {
        if let Some(first) = self.first.get_mut(usize::from(self.samples)) {
            *first = Coded::new(false, Some(round_trip)).round_trip_code().unwrap_or_default();
        }
        self.samples += 1;
        if self.samples < READY {
            return;
        }
        let micros = |code: u16| round_trip_of(code).as_micros() as f32;
        let middle = usize::from(READY / 2);
        let mut first = self.first.map(micros);
        first.sort_unstable_by(f32::total_cmp);
        self.mean = first[middle];
        let mut deviations = first.map(|micros| (micros - self.mean).abs());
        deviations.sort_unstable_by(f32::total_cmp);
        // Five tell little of how much they vary.
        self.deviation = deviations[middle].max(self.mean / 8.0);
        self.known_since = now;
    }

    fn learn(&mut self, micros: f32) {
        let (alpha, beta) = if self.samples < QUICK { (0.125, 0.25) } else { (SLOWER, SLOWER) };
        self.deviation += beta * ((self.mean - micros).abs() - self.deviation);
        self.mean += alpha * (micros - self.mean);
        self.samples = self.samples.saturating_add(1).min(QUICK);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_700_000_000);

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn learnt(round_trips: impl IntoIterator<Item = u64>) -> Usual {
        let mut usual = Usual::default();
        for round_trip in round_trips {
            usual.take(ms(round_trip), NOW, &Sensitivity::default());
        }
        usual
    }

    #[test]
    fn slow_is_what_is_longer_than_usual_by_all_three_limits() {
        let steady = |round_trip: u64| vec![round_trip; 100];
        for (before, round_trip, slow) in [
            (vec![10; 4], 1_000, None),
            (steady(10), 30, Some(false)),
            (steady(10), 31, Some(true)),
            // A quarter of the usual is more than 20 ms.
            (steady(200), 249, Some(false)),
            (steady(200), 251, Some(true)),
            // It varies by some 20 ms, and four times that is more still.
            ([80, 120].repeat(100), 170, Some(false)),
            ([80, 120].repeat(100), 190, Some(true)),
            (steady(100), 1, Some(false)),
        ] {
            let name = format!("{} times, then {round_trip} ms", before.len());
            assert_eq!(learnt(before).take(ms(round_trip), NOW, &Sensitivity::default()), slow, "{name}");
        }
    }

    #[test]
    fn what_is_slow_changes_nothing_until_it_has_lasted_for_a_day() {
        let mut usual = learnt([10; 50]);
        let hour = |hour: u64| NOW + Duration::from_secs(3_600 * hour);
        for h in 0..24 {
            assert_eq!(usual.take(ms(100), hour(h), &Sensitivity::default()), Some(true), "hour {h}");
        }
        assert_eq!(usual.take(ms(10), hour(24), &Sensitivity::default()), Some(false), "the day begins anew");
        for h in 24..48 {
            assert_eq!(usual.take(ms(100), hour(h), &Sensitivity::default()), Some(true), "hour {h}");
        }
        for h in 48..53 {
            assert_eq!(usual.take(ms(100), hour(h), &Sensitivity::default()), None, "hour {h}");
        }
        assert_eq!(usual.take(ms(100), hour(53), &Sensitivity::default()), Some(false));
        assert_eq!(usual.take(ms(200), hour(54), &Sensitivity::default()), Some(true));
    }

    #[test]
    fn a_first_one_that_took_long_is_not_usual() {
        for first in [vec![1_000, 10, 10, 10, 10], vec![10, 1_000, 10, 1_000, 10]] {
            let mut usual = learnt(first);
            assert_eq!(usual.take(ms(50), NOW, &Sensitivity::default()), Some(true));
            assert_eq!(usual.known_since(), Some(NOW));
        }
        assert_eq!(learnt([10; 4]).known_since(), None);
    }

    #[test]
    fn absurd_times_are_taken() {
        let mut usual = learnt([]);
        for round_trip in [Duration::MAX, Duration::ZERO, Duration::MAX, Duration::MAX, Duration::ZERO, Duration::MAX] {
            for at in [Timestamp::from_unix_micros(u64::MAX), Timestamp::default()] {
                usual.take(round_trip, at, &Sensitivity::default());
            }
        }
        assert!(usual.mean.is_finite() && usual.deviation.is_finite());
    }
}
