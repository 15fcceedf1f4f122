use std::{
    fmt, thread,
    time::{Duration, Instant},
};

/// How late things were: as columns of a table, p50, p99 and the most, in milliseconds.
#[derive(Debug)]
pub(crate) struct Lateness(Vec<Duration>);

impl Lateness {
    pub(crate) fn new(mut samples: Vec<Duration>) -> Self {
        samples.sort();
        Self(samples)
    }

    /// How late the sleeps of a thread end that does nothing else, for `time`.
    pub(crate) fn of_sleeping(time: Duration) -> Self {
        const SLEEP: Duration = Duration::from_millis(10);
        let end = Instant::now() + time;
        let mut samples = Vec::new();
        while Instant::now() < end {
            let due = Instant::now() + SLEEP;
            thread::sleep(SLEEP);
            samples.push(due.elapsed());
        }
        Self::new(samples)
    }

    /// The nearest rank: the smallest sample that `share` of all are no longer than.
    fn quantile(&self, share: f64) -> Duration {
        let rank = (self.0.len() as f64 * share).ceil() as usize;
        self.0.get(rank.saturating_sub(1)).copied().unwrap_or_default()
    }
}

impl fmt::Display for Lateness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [p50, p99, max] = [0.5, 0.99, 1.0].map(|share| self.quantile(share).as_secs_f64() * 1e3);
        write!(f, "{p50:.2} | {p99:.2} | {max:.1}")
    }
}
