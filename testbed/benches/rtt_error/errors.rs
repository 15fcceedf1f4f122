use std::{fmt, time::Duration};

/// Times as columns of a table: how many, p50, p99 and the most, in milliseconds.
#[derive(Debug)]
pub(crate) struct Times(Vec<Duration>);

impl Times {
    pub(crate) fn new(mut times: Vec<Duration>) -> Self {
        times.sort();
        Self(times)
    }

    /// The nearest rank: the smallest time that `share` of all are no longer than.
    fn quantile(&self, share: f64) -> Duration {
        let rank = (self.0.len() as f64 * share).ceil() as usize;
        self.0.get(rank.saturating_sub(1)).copied().unwrap_or_default()
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [p50, p99, max] = [0.5, 0.99, 1.0].map(|share| self.quantile(share).as_secs_f64() * 1e3);
        write!(f, "{p50:.3} | {p99:.3} | {max:.2}")
    }
}
