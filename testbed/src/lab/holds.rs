use std::{collections::VecDeque, time::Duration};

/// How many of the latest are kept one by one.
const KEPT: usize = 1 << 16;

/// How long a link has really held its packets: from when its program had read each until it began to write it to the
/// other end. Beside the delay that was asked for, that is a queue, jitter, and the lateness of the program itself.
///
/// A round trip takes at least what both directions held its packets. What a prober measures beyond that is its own and
/// the kernel's, but for the time that the program takes to wake up for a packet that comes.
#[derive(Debug, Clone, Default)]
pub struct Holds {
    count: u64,
    sum: Duration,
    min: Option<Duration>,
    max: Duration,
    latest: VecDeque<Duration>,
}

impl Holds {
    pub(super) fn record(&mut self, held: Duration) {
        self.count += 1;
        self.sum += held;
        self.min = Some(self.min.map_or(held, |min| min.min(held)));
        self.max = self.max.max(held);
        if self.latest.len() == KEPT {
            self.latest.pop_front();
        }
        self.latest.push_back(held);
    }

    /// Of how many packets it tells.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The shortest, where there was a packet.
    #[must_use]
    pub fn min(&self) -> Option<Duration> {
        self.min
    }

    /// The longest, where there was a packet.
    #[must_use]
    pub fn max(&self) -> Option<Duration> {
        self.min.map(|_| self.max)
    }

    /// The mean, where there was a packet.
    #[must_use]
    pub fn mean(&self) -> Option<Duration> {
        (self.count > 0).then(|| self.sum.div_f64(self.count as f64))
    }

    /// The one below which this share of the latest 65,536 lies (nearest rank), where there was a packet.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Option<Duration> {
        let mut sorted: Vec<_> = self.latest.iter().copied().collect();
        sorted.sort_unstable();
        let rank = (share.clamp(0.0, 1.0) * sorted.len() as f64).ceil() as usize;
        sorted.get(rank.max(1) - 1).copied()
    }

    /// Each of the latest 65,536, in the order in which they left.
    #[must_use]
    pub fn latest(&self) -> Vec<Duration> {
        self.latest.iter().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_up() {
        let mut holds = Holds::default();
        assert_eq!((holds.min(), holds.mean(), holds.max(), holds.quantile(0.5)), (None, None, None, None));
        for ms in 1..=100 {
            holds.record(Duration::from_millis(ms));
        }
        let ms = |ms| Some(Duration::from_millis(ms));
        assert_eq!((holds.count(), holds.min(), holds.max()), (100, ms(1), ms(100)));
        assert_eq!(holds.mean(), Some(Duration::from_micros(50_500)));
        assert_eq!((holds.quantile(0.5), holds.quantile(0.99), holds.quantile(1.0)), (ms(50), ms(99), ms(100)));
        assert_eq!(holds.quantile(0.0), ms(1));
    }

    #[test]
    fn keeps_the_latest() {
        let mut holds = Holds::default();
        for ns in 0..70_000 {
            holds.record(Duration::from_nanos(ns));
        }
        assert_eq!((holds.count(), holds.latest().len()), (70_000, KEPT));
        assert_eq!(holds.latest().last(), Some(&Duration::from_nanos(69_999)));
    }
}
