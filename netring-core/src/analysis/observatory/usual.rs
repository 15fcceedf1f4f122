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
    samples: u8,
}

impl Usual {
    /// Whether `round_trip` is slow, where it is known what is usual; learns from it where it is not slow.
    pub(super) fn take(&mut self, round_trip: Duration, at: Timestamp, sensitivity: &Sensitivity) -> Option<bool> {
        let micros = (round_trip.as_secs_f64() * 1e6) as f32;
        if self.samples < READY {
            self.learn(micros);
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
        let now = u32::try_from(at.as_unix_seconds()).unwrap_or(u32::MAX).max(1);
        if self.slow_since == 0 || self.slow_since > now {
            self.slow_since = now;
        }
        if u64::from(now - self.slow_since) >= LEARNT_ANEW_AFTER.as_secs() {
            *self = Self::default();
            self.learn(micros);
            return None;
        }
        Some(true)
    }

    fn learn(&mut self, micros: f32) {
        if self.samples == 0 {
            (self.mean, self.deviation) = (micros, micros / 2.0);
        } else {
            let (alpha, beta) = if self.samples < QUICK { (0.125, 0.25) } else { (SLOWER, SLOWER) };
            self.deviation += beta * ((self.mean - micros).abs() - self.deviation);
            self.mean += alpha * (micros - self.mean);
        }
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
