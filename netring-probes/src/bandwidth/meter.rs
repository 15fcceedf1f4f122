use super::{
    BandwidthProgress, Direction,
    estimator::{Estimator, RoundTrips, Steady},
    tcp_info::TcpInfo,
};
use netring_core::model::{Limit, Throughput};
use std::time::Duration;
use tokio::time::Instant;

/// How often the rate is looked at, and the kernel asked.
pub(super) const TICK: Duration = Duration::from_millis(5);
/// How often somebody who watches is told.
const PROGRESS: Duration = Duration::from_millis(100);
/// How long nothing may be delivered. A lost segment at the end of a flight is sent again after a second at most, and once
/// more after another two (RFC 6298): who is silent for longer has stopped, or the path is gone.
pub(super) const STALL: Duration = Duration::from_secs(2);
/// A slower transfer has stalled: a byte now and then is no rate of any path. It is one segment in three seconds, and far
/// below the 35 kbit/s that a member asks for.
const LEAST_BITS_PER_SECOND: f64 = 4_096.0;
/// A transfer that the target ended has no rate before it came to so many bytes, or took as long as the time and the round
/// trips below: until then a rate tells of buffers, and not of the path.
const TOO_FEW_BYTES: u64 = 256 * 1024;
const TOO_SHORT: Duration = Duration::from_millis(100);
const TOO_FEW_ROUND_TRIPS: u32 = 10;
/// From this part of the receive window on, what is on the way fills it: the sender waits for it to open.
const WINDOW_FULL: f64 = 0.8;

/// Somebody who watches a test.
pub(super) type Watcher<'a> = &'a (dyn Fn(BandwidthProgress) + Send + Sync);

/// What bounds a test in one direction.
#[derive(Debug, Clone, Copy)]
pub(super) struct Budget {
    pub(super) bytes: u64,
    pub(super) until: Instant,
    /// Exactly so many bytes are to be moved, and the start-up counts.
    pub(super) fixed: bool,
    /// Whether the kernel is asked about the connection.
    pub(super) ask_kernel: bool,
}

/// Why a direction is done.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Done {
    Settled(Steady),
    Limited(Limit),
    /// Next to nothing came for too long.
    Stalled,
    /// The connection came to an end before its time.
    Cut,
}

/// Looks at a transfer while it runs.
pub(super) struct Meter<'a> {
    direction: Direction,
    budget: Budget,
    watcher: Watcher<'a>,
    begun: Instant,
    estimator: Estimator,
    round_trip_time: Option<Duration>,
    retransmits: Option<u64>,
    /// Segments that were sent again, or arrived after a gap.
    lost: u64,
    /// For how long a window was in the way, and until when that was looked at.
    window_limited: Duration,
    looked: Duration,
    told: Duration,
    /// Since when bytes are awaited.
    awaited: Duration,
}

impl<'a> Meter<'a> {
    pub(super) fn new(direction: Direction, budget: Budget, watcher: Watcher<'a>) -> Self {
        Self {
            direction,
            budget,
            watcher,
            begun: Instant::now(),
            estimator: Estimator::new(),
            round_trip_time: None,
            retransmits: None,
            lost: 0,
            window_limited: Duration::ZERO,
            looked: Duration::ZERO,
            told: Duration::ZERO,
            awaited: Duration::ZERO,
        }
    }

    /// From now on bytes are awaited.
    pub(super) fn await_bytes(&mut self) {
        self.awaited = self.begun.elapsed();
    }

    /// Notes that `bytes` were delivered by now, since the start.
    pub(super) fn delivered(&mut self, bytes: u64) {
        self.estimator.push(self.begun.elapsed(), bytes, self.window_limited);
    }

    /// Notes what the kernel knows.
    pub(super) fn note(&mut self, info: &TcpInfo) {
        self.round_trip_time = info.min_round_trip_time.or(info.round_trip_time).or(self.round_trip_time);
        let shortest = self.round_trip_time.unwrap_or_default();
        let loaded = match self.direction {
            Direction::Download => info.receiver_round_trip_time,
            Direction::Upload => info.round_trip_time,
        };
        self.estimator.set_round_trips(RoundTrips { shortest, loaded: loaded.unwrap_or_default() });
        let lost = match self.direction {
            Direction::Download => info.out_of_order,
            Direction::Upload => info.retransmits,
        };
        if lost.unwrap_or_default() > self.lost {
            self.lost = lost.unwrap_or_default();
            self.estimator.set_loss();
        }
        match self.direction {
            Direction::Download => self.look_at_receive_window(info, shortest),
            Direction::Upload => {
                self.retransmits = info.retransmits;
                self.window_limited = info.window_limited.unwrap_or_default();
            }
        }
    }

    /// Only the sender knows what it waits for. To whoever receives, the window was full where all of it came within one
    /// round trip of an empty path; where the path is the limit, what exceeds its capacity waits in a queue.
    fn look_at_receive_window(&mut self, info: &TcpInfo, round_trip: Duration) {
        let (curve, since) = (self.estimator.curve(), self.looked);
        let now = curve.end();
        let rate = curve.rate(now.saturating_sub(round_trip.max(Duration::from_millis(20))), now);
        let on_the_way = rate * round_trip.as_secs_f64() / 8.0;
        if info.receive_window.is_some_and(|window| on_the_way >= WINDOW_FULL * window as f64) {
            self.window_limited += now.saturating_sub(since);
        }
        self.looked = now;
    }

    /// Whether the test is done, and why.
    pub(super) fn look(&mut self) -> Option<Done> {
        let (now, bytes) = (self.begun.elapsed(), self.estimator.curve().bytes());
        if now.saturating_sub(self.told) >= PROGRESS {
            self.told = now;
            self.tell(now);
        }
        if bytes >= self.budget.bytes {
            return Some(Done::Limited(Limit::Bytes));
        }
        let (waited, is_over) = (now.saturating_sub(self.awaited), self.is_over());
        let lately = || self.estimator.curve().rate(now.saturating_sub(waited.min(STALL)), now);
        if (waited >= STALL || is_over) && lately() < LEAST_BITS_PER_SECOND {
            return Some(Done::Stalled);
        }
        if is_over {
            return Some(Done::Limited(Limit::Time));
        }
        let settled = if self.budget.fixed { None } else { self.estimator.settled() };
        settled.map(Done::Settled)
    }

    fn tell(&self, now: Duration) {
        let curve = self.estimator.curve();
        (self.watcher)(BandwidthProgress {
            direction: self.direction,
            elapsed: now,
            bytes: curve.bytes(),
            bits_per_second: curve.rate(now.saturating_sub(PROGRESS * 2), now),
        });
    }

    /// What was measured, where there is anything.
    pub(super) fn measured(&self, done: Done) -> Option<Throughput> {
        let enough = match done {
            Done::Cut | Done::Limited(Limit::Target) => !self.is_too_little(),
            _ => true,
        };
        (enough && self.bytes() > 0).then(|| self.finish(done))
    }

    /// Whether it is too early to tell a rate.
    fn is_too_little(&self) -> bool {
        let shortest = TOO_SHORT.max(self.round_trip_time.unwrap_or_default().saturating_mul(TOO_FEW_ROUND_TRIPS));
        self.bytes() < self.budget.bytes.min(TOO_FEW_BYTES) && self.estimator.curve().last_byte() < shortest
    }

    /// The last word to whoever watches.
    fn finish(&self, done: Done) -> Throughput {
        self.tell(self.begun.elapsed());
        let curve = self.estimator.curve();
        let so_far = self.estimator.so_far();
        let (steady, limited_by) = match done {
            Done::Settled(steady) if steady.window_limited => (steady, Some(Limit::Window)),
            Done::Settled(steady) => (steady, None),
            Done::Limited(Limit::Bytes) if self.budget.fixed => {
                let bits_per_second = curve.rate(Duration::ZERO, curve.last_byte());
                (Steady { bits_per_second, window_limited: false }, Some(Limit::FixedSize))
            }
            Done::Limited(limit) if so_far.window_limited => {
                (so_far, Some(if self.budget.fixed { limit } else { Limit::Window }))
            }
            Done::Limited(limit) => (so_far, Some(limit)),
            Done::Stalled | Done::Cut => (so_far, Some(Limit::Target)),
        };
        Throughput {
            bits_per_second: steady.bits_per_second,
            bytes: curve.bytes(),
            duration: curve.last_byte(),
            settled: limited_by.is_none(),
            limited_by,
            round_trip_time: self.round_trip_time,
            retransmits: self.retransmits,
        }
    }

    pub(super) fn budget(&self) -> &Budget {
        &self.budget
    }

    /// Whether its time is over.
    pub(super) fn is_over(&self) -> bool {
        Instant::now() >= self.budget.until
    }

    pub(super) fn bytes(&self) -> u64 {
        self.estimator.curve().bytes()
    }
}
