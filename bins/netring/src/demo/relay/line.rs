use fastrand::Rng;
use std::{
    sync::{Mutex, PoisonError, RwLock},
    time::Duration,
};
use tokio::time::Instant;

/// After a pause so much may go at once: timers are not exact, and what they are late by is made up for.
const BURST: Duration = Duration::from_millis(10);

/// What a line does to what goes over it, each way.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Conditions {
    /// How long everything takes.
    pub(crate) delay: Duration,
    /// Up to how much longer a datagram may take.
    pub(crate) jitter: Duration,
    /// The part of the datagrams that get lost.
    pub(crate) loss: f64,
    /// What a connection gets through in a second; as much as there is unless told.
    pub(crate) bits_per_second: Option<f64>,
}

/// A line, as it is now.
#[derive(Debug)]
pub(super) struct Line {
    conditions: RwLock<Conditions>,
    dice: Mutex<Rng>,
}

impl Line {
    /// Of the same `seed` the same datagrams are lost in each run.
    pub(super) fn new(conditions: Conditions, seed: u64) -> Self {
        Self { conditions: RwLock::new(conditions), dice: Mutex::new(Rng::with_seed(seed)) }
    }

    pub(super) fn conditions(&self) -> Conditions {
        *self.conditions.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set(&self, conditions: Conditions) {
        *self.conditions.write().unwrap_or_else(PoisonError::into_inner) = conditions;
    }

    /// How long the next datagram takes; nothing where it is lost.
    pub(super) fn takes(&self) -> Option<Duration> {
        let Conditions { delay, jitter, loss, .. } = self.conditions();
        let mut dice = self.dice.lock().unwrap_or_else(PoisonError::into_inner);
        (dice.f64() >= loss).then(|| delay + jitter.mul_f64(dice.f64()))
    }
}

/// Holds a connection to its rate.
#[derive(Debug)]
pub(super) struct Pace {
    free: Instant,
}

impl Pace {
    pub(super) fn new(now: Instant) -> Self {
        Self { free: now }
    }

    /// When `bytes` that came at `now` are through, and more may come.
    pub(super) fn through(&mut self, bytes: usize, bits_per_second: Option<f64>, now: Instant) -> Instant {
        let Some(rate) = bits_per_second else { return now };
        let begin = self.free.max(now.checked_sub(BURST).unwrap_or(now));
        self.free = begin + Duration::from_secs_f64(bytes as f64 * 8.0 / rate);
        self.free
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_held_to_its_rate_whatever_the_timers_do() {
        for late in [0, 1, 5] {
            let begin = Instant::now();
            let (mut pace, mut now) = (Pace::new(begin), begin);
            for _ in 0..1_000 {
                now = now.max(pace.through(12_500, Some(10e6), now)) + Duration::from_millis(late);
            }
            // 1,000 times 100,000 bits.
            let took = (now - begin).as_secs_f64();
            assert!((9.9..10.1).contains(&took), "{late} ms late: {took} s");
        }
        let now = Instant::now();
        assert_eq!(Pace::new(now).through(1 << 20, None, now), now);
    }

    #[test]
    fn as_many_datagrams_are_lost_as_should_be_and_the_same_ones_each_time() {
        let ms = Duration::from_millis;
        let conditions = Conditions { delay: ms(60), jitter: ms(2), loss: 0.02, bits_per_second: None };
        let run = || {
            let line = Line::new(conditions, 7);
            (0..10_000).map(|_| line.takes()).collect::<Vec<_>>()
        };
        let taken = run();
        assert_eq!(taken, run());
        let lost = taken.iter().filter(|time| time.is_none()).count();
        assert!((150..250).contains(&lost), "{lost}");
        assert!(taken.iter().flatten().all(|time| (ms(60)..=ms(62)).contains(time)));

        let line = Line::new(Conditions::default(), 7);
        assert!((0..1_000).all(|_| line.takes() == Some(Duration::ZERO)));
        line.set(Conditions { loss: 1.0, ..conditions });
        assert!((0..1_000).all(|_| line.takes().is_none()));
    }
}
