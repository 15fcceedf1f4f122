use std::time::Duration;

/// Samples closer to each other than this say nothing more.
const SPACING: Duration = Duration::from_millis(1);
/// Beyond this every other sample is dropped, so that a test of any length needs no more.
const MAX_SAMPLES: usize = 8_192;

/// What had been delivered at a time.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Sample {
    /// Since the start of the test.
    at: Duration,
    bytes: u64,
    /// For how long until then a TCP window had kept the sender waiting.
    window_limited: Duration,
}

/// The bytes that were delivered, over time; between two samples as if they came evenly.
#[derive(Debug)]
pub(super) struct Curve {
    samples: Vec<Sample>,
    spacing: Duration,
}

impl Curve {
    pub(super) fn new() -> Self {
        let nothing = Sample { at: Duration::ZERO, bytes: 0, window_limited: Duration::ZERO };
        Self { samples: vec![nothing], spacing: SPACING }
    }

    /// Notes that `bytes` were delivered by `at`, both since the start. What goes back is taken for standing still.
    pub(super) fn push(&mut self, at: Duration, bytes: u64, window_limited: Duration) {
        let last = self.last();
        let sample = Sample {
            at: at.max(last.at),
            bytes: bytes.max(last.bytes),
            window_limited: window_limited.max(last.window_limited),
        };
        let before_last = self.samples.len().checked_sub(2).and_then(|index| self.samples.get(index)).copied();
        match (before_last, self.samples.last_mut()) {
            // The last sample is always kept: it moves until it is far enough from the one before. The first byte is kept
            // too, for what is before it is no transfer.
            (Some(before), Some(last)) if last.at < before.at + self.spacing && before.bytes > 0 => *last = sample,
            _ => self.samples.push(sample),
        }
        if self.samples.len() > MAX_SAMPLES {
            let mut index = 0;
            self.samples.retain(|_| {
                index += 1;
                index % 2 == 1 || index > MAX_SAMPLES
            });
            self.spacing *= 2;
        }
    }

    fn last(&self) -> Sample {
        self.samples.last().copied().unwrap_or(Sample { at: Duration::ZERO, bytes: 0, window_limited: Duration::ZERO })
    }

    /// The time of the last sample.
    pub(super) fn end(&self) -> Duration {
        self.last().at
    }

    pub(super) fn bytes(&self) -> u64 {
        self.last().bytes
    }

    /// When the first bytes were there.
    pub(super) fn first_byte(&self) -> Duration {
        let first = self.samples.partition_point(|sample| sample.bytes == 0);
        self.samples.get(first).map_or(self.end(), |sample| sample.at)
    }

    /// When the last bytes were there.
    pub(super) fn last_byte(&self) -> Duration {
        let bytes = self.bytes();
        let last = self.samples.partition_point(|sample| sample.bytes < bytes);
        self.samples.get(last).map_or(self.end(), |sample| sample.at)
    }

    /// Bits per second between two times; none where no time passed.
    pub(super) fn rate(&self, from: Duration, to: Duration) -> f64 {
        let seconds = to.saturating_sub(from).as_secs_f64();
        if seconds > 0.0 { (self.at(to).0 - self.at(from).0).max(0.0) * 8.0 / seconds } else { 0.0 }
    }

    /// For which part of the time between two times a TCP window kept the sender waiting.
    pub(super) fn window_limited(&self, from: Duration, to: Duration) -> f64 {
        let seconds = to.saturating_sub(from).as_secs_f64();
        if seconds > 0.0 { ((self.at(to).1 - self.at(from).1) / seconds).clamp(0.0, 1.0) } else { 0.0 }
    }

    /// Bytes, and seconds limited by a window.
    fn at(&self, time: Duration) -> (f64, f64) {
        let values = |sample: &Sample| (sample.bytes as f64, sample.window_limited.as_secs_f64());
        let next = self.samples.partition_point(|sample| sample.at <= time);
        let Some(before) = next.checked_sub(1).and_then(|index| self.samples.get(index)) else { return (0.0, 0.0) };
        let Some(after) = self.samples.get(next) else { return values(before) };
        let part = (time - before.at).as_secs_f64() / (after.at - before.at).as_secs_f64();
        let ((bytes, limited), (next_bytes, next_limited)) = (values(before), values(after));
        (bytes + (next_bytes - bytes) * part, limited + (next_limited - limited) * part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn between_samples_bytes_come_evenly() {
        let mut curve = Curve::new();
        for (at, bytes, limited) in [(100, 0, 0), (110, 1_000, 0), (120, 1_000, 10), (130, 4_000, 10)] {
            curve.push(ms(at), bytes, ms(limited));
        }
        assert_eq!((curve.first_byte(), curve.last_byte(), curve.end()), (ms(110), ms(130), ms(130)));
        assert_eq!(curve.rate(ms(100), ms(105)).round(), 800_000.0);
        assert_eq!(curve.rate(ms(110), ms(120)), 0.0);
        assert_eq!(curve.rate(ms(110), ms(130)).round(), 1_200_000.0);
        assert_eq!(curve.rate(ms(120), ms(120)), 0.0);
        assert!((curve.window_limited(ms(110), ms(130)) - 0.5).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn any_number_of_samples_is_bounded_and_keeps_the_ends(steps in vec((0_u64..3_000, 0_u64..100_000), 1..20_000)) {
            let (mut curve, mut at, mut bytes) = (Curve::new(), 0, 0);
            for (step, more) in steps {
                at += step;
                bytes += more;
                curve.push(Duration::from_micros(at), bytes, Duration::ZERO);
            }
            prop_assert!(curve.samples.len() <= MAX_SAMPLES + 1);
            prop_assert_eq!((curve.end(), curve.bytes()), (Duration::from_micros(at), bytes));
            prop_assert!(curve.samples.windows(2).all(|two| two[0].at <= two[1].at && two[0].bytes <= two[1].bytes));
        }
    }
}
