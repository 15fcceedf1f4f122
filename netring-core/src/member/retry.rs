use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use std::time::Duration;

/// How long to wait before the next try at a registry that cannot be reached: from half a second on, doubling, and half
/// as long again by chance, so that a thousand members do not come back at the same moment. With the time that a
/// try itself may take, at most 30 s pass from one to the next.
#[derive(Debug)]
pub(super) struct Retry {
    delays: ExponentialBackoff,
}

const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(16);

impl Retry {
    pub(super) fn new() -> Self {
        let builder = ExponentialBuilder::new().with_min_delay(FIRST).with_max_delay(LONGEST).without_max_times();
        Self { delays: builder.build() }
    }

    pub(super) fn next_delay(&mut self) -> Duration {
        self.delays.next().unwrap_or(LONGEST).min(LONGEST).mul_f64(1.0 + 0.5 * fastrand::f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_to_a_bound_and_go_on_for_ever() {
        let mut retry = Retry::new();
        let delays: Vec<_> = (0..100).map(|_| retry.next_delay()).collect();
        assert!(delays[0] >= FIRST && delays[0] <= FIRST.mul_f64(1.5), "{delays:?}");
        assert!(delays.iter().all(|&delay| delay <= Duration::from_secs(24)), "{delays:?}");
        assert!(delays[50..].iter().all(|&delay| delay >= LONGEST), "{delays:?}");
        assert!(delays[50..].windows(2).any(|pair| pair[0] != pair[1]), "no jitter: {delays:?}");
    }
}
