use std::time::{Duration, SystemTime};
use tokio::time::Instant;

/// When something was sent or arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    /// When this process saw it.
    pub(super) seen: Instant,
    /// By the system's clock: of what was sent, when this process sent it; of what arrived, when the kernel saw it.
    pub(super) clock: Option<SystemTime>,
}

impl Stamp {
    /// Now, by both clocks.
    pub(super) fn now() -> Self {
        Self { seen: Instant::now(), clock: Some(SystemTime::now()) }
    }

    /// Now, with the time that the kernel gives to what arrived.
    pub(super) fn arrived(clock: Option<SystemTime>) -> Self {
        Self { seen: Instant::now(), clock }
    }

    /// From `sent` to this arrival. The kernel's time tells it without the delays of this process. It counts by a clock that
    /// somebody may set meanwhile; so it is taken only where it is no longer than what the process saw, which is always an
    /// upper bound, and not below zero.
    pub(super) fn since(self, sent: Self) -> Duration {
        let seen = self.seen.saturating_duration_since(sent.seen);
        match (self.clock, sent.clock) {
            (Some(arrived), Some(sent)) => match arrived.duration_since(sent) {
                Ok(by_clock) if by_clock <= seen => by_clock,
                _ => seen,
            },
            _ => seen,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_time_counts_unless_it_cannot_be() {
        let (seen, clock) = (Instant::now(), SystemTime::now());
        let sent = Stamp { seen, clock: Some(clock) };
        let ms = Duration::from_millis;
        let arrived = |by_clock| Stamp { seen: seen + ms(10), clock: by_clock };
        assert_eq!(arrived(Some(clock + ms(7))).since(sent), ms(7));
        assert_eq!(arrived(Some(clock + ms(11))).since(sent), ms(10), "the clock was set forward");
        assert_eq!(arrived(Some(clock - ms(1))).since(sent), ms(10), "it was set back");
        assert_eq!(arrived(None).since(sent), ms(10));
    }
}
