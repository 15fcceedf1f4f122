use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use std::time::Duration;

/// How long to wait before an event is sent again.
#[derive(Debug)]
pub(super) struct Retry {
    /// Which event.
    pub(super) event: u64,
    delays: ExponentialBackoff,
}

/// The longest wait, before chance adds to it.
const LONGEST: Duration = Duration::from_secs(30);
/// A receiver that asks for more time than this has no more.
const LONGEST_ASKED_FOR: Duration = Duration::from_secs(300);

impl Retry {
    pub(super) fn new(event: u64, first: Duration) -> Self {
        let first = first.clamp(Duration::from_millis(10), LONGEST);
        let builder = ExponentialBuilder::new().with_min_delay(first).with_max_delay(LONGEST).without_max_times();
        Self { event, delays: builder.build() }
    }

    /// The next wait; `asked_for` is what the receiver wants.
    pub(super) fn next_delay(&mut self, asked_for: Option<Duration>) -> Duration {
        let own = self.delays.next().unwrap_or(LONGEST).min(LONGEST).mul_f64(1.0 + 0.5 * fastrand::f64());
        own.max(asked_for.unwrap_or_default().min(LONGEST_ASKED_FOR))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_bound_and_a_receiver_may_ask_for_more() {
        let mut retry = Retry::new(1, Duration::from_millis(500));
        let delays: Vec<_> = (0..50).map(|_| retry.next_delay(None)).collect();
        assert!((500..=750).contains(&delays[0].as_millis()), "{delays:?}");
        assert!(delays.iter().all(|&delay| delay <= LONGEST.mul_f64(1.5)), "{delays:?}");
        assert!(delays[20..].windows(2).any(|pair| pair[0] != pair[1]), "no jitter: {delays:?}");
        assert_eq!(retry.next_delay(Some(Duration::from_secs(120))), Duration::from_secs(120));
        assert_eq!(retry.next_delay(Some(Duration::from_secs(86_400))), LONGEST_ASKED_FOR);
        assert!(retry.next_delay(Some(Duration::ZERO)) >= LONGEST);
    }
}
