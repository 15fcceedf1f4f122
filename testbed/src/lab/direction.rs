use super::{Holds, LinkSpec, Loss, loss::Dropper};
use fastrand::Rng;
use std::time::{Duration, Instant};

/// How many bytes a direction without a rate keeps at most: 500 Mbit/s for a second.
const MOST_BYTES: u64 = 64 << 20;

/// What has become of the packets of one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Those that came to the link.
    pub arrived: u64,
    /// Those that left it at the other end.
    pub delivered: u64,
    /// Those dropped by [`Loss`].
    pub lost: u64,
    /// Those dropped while the link was down.
    pub cut: u64,
    /// Those dropped because the queue was full.
    pub overflowed: u64,
    /// Those that the kernel at the other end did not take.
    pub refused: u64,
}

/// What one direction of a link does to a packet. It knows nothing of sockets, nor of the time but what it is told.
#[derive(Debug)]
pub(super) struct Direction {
    rate: Option<u64>,
    queue: u64,
    delay: Duration,
    jitter: Duration,
    seed: u64,
    down: bool,
    dropper: Dropper,
    rng: Rng,
    /// When the last packet admitted is through the rate limit.
    free: Option<Instant>,
    last_release: Option<Instant>,
    bytes: u64,
    pub(super) counts: Counts,
    pub(super) holds: Holds,
}

impl Direction {
    pub(super) fn new(spec: &LinkSpec, seed: u64) -> Self {
        Self {
            rate: spec.rate,
            queue: spec.rate.map_or(MOST_BYTES, |rate| spec.queue_of(rate)),
            delay: spec.delay,
            jitter: spec.jitter,
            seed,
            down: false,
            dropper: Dropper::new(spec.loss.clone(), seed),
            rng: Rng::with_seed(!seed),
            free: None,
            last_release: None,
            bytes: 0,
            counts: Counts::default(),
            holds: Holds::default(),
        }
    }

    pub(super) fn set_loss(&mut self, loss: Loss) {
        self.dropper = Dropper::new(loss, self.seed);
    }

    pub(super) fn set_delay(&mut self, delay: Duration) {
        self.delay = delay;
    }

    pub(super) fn set_down(&mut self, down: bool) {
        self.down = down;
    }

    /// A packet of `length` bytes has come `now`: when it is to leave, or nothing where it is dropped.
    pub(super) fn admit(&mut self, now: Instant, length: usize) -> Option<Instant> {
        let length = length as u64;
        self.counts.arrived += 1;
        if self.down {
            self.counts.cut += 1;
            return None;
        }
        if self.dropper.drops() {
            self.counts.lost += 1;
            return None;
        }
        let begins = self.free.map_or(now, |free| free.max(now));
        let waiting = self.rate.map_or(self.bytes, |rate| carried(rate, begins - now));
        if waiting + length > self.queue || self.bytes + length > MOST_BYTES {
            self.counts.overflowed += 1;
            return None;
        }
        let through = self.rate.map_or(now, |rate| begins + takes(rate, length));
        self.free = Some(through);
        let jitter = self.jitter.mul_f64(self.rng.f64());
        let release = through + self.delay + jitter;
        // A cable does not let one packet overtake another.
        let release = self.last_release.map_or(release, |last| last.max(release));
        self.last_release = Some(release);
        self.bytes += length;
        Some(release)
    }

    /// A packet that was admitted has left, after `held`, or was refused.
    pub(super) fn left(&mut self, length: usize, held: Option<Duration>) {
        self.bytes = self.bytes.saturating_sub(length as u64);
        match held {
            Some(held) => {
                self.counts.delivered += 1;
                self.holds.record(held);
            }
            None => self.counts.refused += 1,
        }
    }
}

/// How long `rate` takes for `bytes`.
fn takes(rate: u64, bytes: u64) -> Duration {
    Duration::from_nanos(bytes.saturating_mul(8_000_000_000) / rate.max(1))
}

/// How many bytes `rate` carries in `time`.
fn carried(rate: u64, time: Duration) -> u64 {
    u64::try_from(time.as_nanos() * u128::from(rate) / 8_000_000_000).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn direction(spec: &LinkSpec) -> Direction {
        Direction::new(spec, 1)
    }

    #[test]
    fn a_packet_takes_the_delay() {
        let now = Instant::now();
        let mut direction = direction(&LinkSpec::delayed(10 * MS));
        assert_eq!(direction.admit(now, 1500), Some(now + 10 * MS));
        assert_eq!(direction.admit(now + MS, 1500), Some(now + 11 * MS));
    }

    #[test]
    fn a_rate_spaces_packets_and_its_queue_is_bounded() {
        let now = Instant::now();
        // 1,000 bytes take a millisecond.
        let spec = LinkSpec { rate: Some(8_000_000), queue: Some(3_000), ..LinkSpec::delayed(5 * MS) };
        let mut direction = direction(&spec);
        assert_eq!(direction.admit(now, 1000), Some(now + 6 * MS));
        assert_eq!(direction.admit(now, 1000), Some(now + 7 * MS));
        assert_eq!(direction.admit(now, 1000), Some(now + 8 * MS));
        assert_eq!(direction.admit(now, 1000), None);
        assert_eq!(direction.counts.overflowed, 1);
        assert_eq!(direction.admit(now + MS, 1000), Some(now + 9 * MS), "the first one has left the queue");
        assert_eq!(direction.admit(now + 20 * MS, 1000), Some(now + 26 * MS), "idle time is not saved up");
    }

    #[test]
    fn jitter_keeps_the_order() {
        let now = Instant::now();
        let mut direction = direction(&LinkSpec { jitter: 10 * MS, ..LinkSpec::delayed(10 * MS) });
        let releases: Vec<_> = (0..100).filter_map(|_| direction.admit(now, 100)).collect();
        assert!(releases.is_sorted());
        assert!(releases.iter().all(|release| (now + 10 * MS..=now + 20 * MS).contains(release)));
        assert!(releases.first() != releases.last());
    }

    #[test]
    fn a_shorter_delay_does_not_overtake() {
        let now = Instant::now();
        let mut direction = direction(&LinkSpec::delayed(10 * MS));
        assert_eq!(direction.admit(now, 100), Some(now + 10 * MS));
        direction.set_delay(MS);
        assert_eq!(direction.admit(now, 100), Some(now + 10 * MS));
        assert_eq!(direction.admit(now + 10 * MS, 100), Some(now + 11 * MS));
    }

    #[test]
    fn what_is_down_carries_nothing_and_loss_does_not_count_it() {
        let now = Instant::now();
        let mut direction = direction(&LinkSpec { loss: Loss::EveryNth(2), ..LinkSpec::default() });
        direction.set_down(true);
        assert_eq!(direction.admit(now, 100), None);
        direction.set_down(false);
        assert_eq!(direction.admit(now, 100), Some(now));
        assert_eq!(direction.admit(now, 100), None);
        assert_eq!(direction.counts, Counts { arrived: 3, lost: 1, cut: 1, ..Counts::default() });
    }
}
