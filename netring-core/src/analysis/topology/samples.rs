use std::time::Duration;

/// Most samples that are kept of one value.
const MAX_SAMPLES: usize = 128;

/// Differences of round trips, in microseconds. Where there are many, only every second is kept, then every fourth and so on:
/// always the same ones, and evenly of all.
#[derive(Debug, Clone, Default)]
pub(super) struct Samples {
    kept: Vec<i32>,
    seen: u32,
    /// Every so many-th, as a power of two, is kept.
    shift: u32,
}

impl Samples {
    pub(super) fn add(&mut self, microseconds: i64) {
        let due = self.seen & ((1 << self.shift) - 1) == 0;
        self.seen = self.seen.wrapping_add(1);
        if !due {
            return;
        }
        let value = i32::try_from(microseconds).unwrap_or(if microseconds < 0 { i32::MIN } else { i32::MAX });
        self.kept.push(value);
        if self.kept.len() >= MAX_SAMPLES && self.shift < 24 {
            self.shift += 1;
            let mut keep = false;
            self.kept.retain(|_| {
                keep = !keep;
                keep
            });
        }
    }

    /// The median and how far it may be off, where there are any.
    pub(super) fn summary(&mut self) -> Option<Summary> {
        self.kept.sort_unstable();
        let at = |part: f64| {
            let place = part * (self.kept.len().checked_sub(1)? as f64);
            let low = f64::from(*self.kept.get(place.floor() as usize)?);
            let high = f64::from(*self.kept.get(place.ceil() as usize)?);
            Some(low + (high - low) * place.fract())
        };
        let spread = match self.kept.len() {
            0 | 1 => None,
            2 | 3 => at(1.0).zip(at(0.0)),
            _ => at(0.75).zip(at(0.25)),
        };
        Some(Summary {
            median: at(0.5)?.round() as i64,
            uncertainty: spread.map(|(high, low)| duration((high - low) / 2.0)),
        })
    }
}

/// What samples come to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Summary {
    /// In microseconds.
    pub(super) median: i64,
    pub(super) uncertainty: Option<Duration>,
}

impl Summary {
    /// The median, where a negative one is zero.
    pub(super) fn clamped(self) -> Duration {
        Duration::from_micros(u64::try_from(self.median).unwrap_or(0))
    }
}

fn duration(microseconds: f64) -> Duration {
    Duration::from_micros(microseconds.max(0.0).round() as u64)
}

/// A duration of a stranger in microseconds.
pub(super) fn microseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX / 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_and_how_far_it_may_be_off() {
        for (values, median, uncertainty) in [
            (vec![7], 7, None),
            (vec![30, 10], 20, Some(10)),
            (vec![10, 40, 20], 20, Some(15)),
            (vec![0, 10, 20, 30, 1_000], 20, Some(10)),
            (vec![-50, -30], -40, Some(10)),
            (vec![i64::MAX, i64::MIN, 5], 5, Some(2_147_483_648)),
        ] {
            let mut samples = Samples::default();
            values.iter().for_each(|&value| samples.add(value));
            let uncertainty = uncertainty.map(Duration::from_micros);
            assert_eq!(samples.summary(), Some(Summary { median, uncertainty }), "{values:?}");
        }
        assert_eq!(Samples::default().summary(), None);
    }

    #[test]
    fn many_samples_take_little_room_and_are_taken_evenly() {
        let mut samples = Samples::default();
        (0..1_000_000).for_each(|value| samples.add(value));
        assert!(samples.kept.len() <= MAX_SAMPLES && samples.kept.len() >= MAX_SAMPLES / 4);
        let median = samples.summary().unwrap().median;
        assert!((480_000..520_000).contains(&median), "{median}");
    }
}
