//! When to probe whom. Pure: times come in and go out.

use crate::model::{Endpoint, InstanceId, ProbeKind};
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    time::Duration,
};
use tokio::time::Instant;

/// A new target is probed for the first time within this time, or one interval where that is shorter, and not only
/// when its turn in the interval comes.
const FIRST_PROBE_WITHIN: Duration = Duration::from_secs(5);
/// A probe comes up to this share of its interval later than its phase says …
const JITTER_SHARE: u32 = 50;
/// … and at most this much.
const MAX_JITTER: Duration = Duration::from_millis(100);

/// Where in its interval one source probes one target with one prober: a number from 0 to 1 that follows from their
/// names alone. It spreads the probes of a source over the interval, and those of all sources to one target too.
pub(super) fn phase(source: &InstanceId, target: &InstanceId, kind: &ProbeKind, endpoint: Option<&Endpoint>) -> f64 {
    let mut hasher = DefaultHasher::new();
    (source, target, kind, endpoint).hash(&mut hasher);
    hasher.finish() as f64 / u64::MAX as f64
}

/// The times at which one target is due for one prober.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slots {
    /// A slot, at or after which all others are a whole number of intervals away.
    origin: Instant,
    interval: Duration,
    first: Instant,
}

impl Slots {
    /// Slots in every `interval` from `epoch` on, at `phase`, for a target that is known since `now`.
    pub(super) fn new(epoch: Instant, interval: Duration, phase: f64, now: Instant) -> Self {
        Self {
            origin: epoch + interval.mul_f64(phase),
            interval,
            first: now + interval.min(FIRST_PROBE_WITHIN).mul_f64(phase),
        }
    }

    /// When the first probe is due.
    pub(super) fn first(&self) -> Instant {
        self.first
    }

    /// When the next probe is due after one that was due at `due`, at the time `now`. Slots that have passed are left
    /// out: a probe that took too long is not made up for. After a first probe out of turn at least half an interval passes.
    pub(super) fn next(&self, due: Instant, now: Instant) -> Instant {
        let not_before = now.max(due + self.interval / 2);
        let Some(since_origin) = not_before.checked_duration_since(self.origin) else { return self.origin };
        let passed = since_origin.as_nanos() % self.interval.as_nanos().max(1);
        // Less than the interval, which is at most 30 days: that fits.
        not_before + (self.interval - Duration::from_nanos(u64::try_from(passed).unwrap_or(0)))
    }

    /// The most that a probe may come after its slot on purpose.
    pub(super) fn max_jitter(&self) -> Duration {
        (self.interval / JITTER_SHARE).min(MAX_JITTER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn phases_of_a_thousand_targets_are_spread_over_the_interval() {
        let source = InstanceId::new("source").unwrap();
        let mut tenths = [0_u32; 10];
        for i in 0..1_000 {
            let target = InstanceId::new(format!("target-{i}")).unwrap();
            tenths[((phase(&source, &target, &ProbeKind::TCP, None) * 10.0) as usize).min(9)] += 1;
        }
        assert!(tenths.iter().all(|&n| (60..=140).contains(&n)), "{tenths:?}");
    }

    #[test]
    fn a_phase_depends_on_every_name() {
        let [a, b] = ["a", "b"].map(|id| InstanceId::new(id).unwrap());
        let endpoint = Endpoint::new("/health").unwrap();
        let phases = [
            phase(&a, &b, &ProbeKind::TCP, None),
            phase(&b, &a, &ProbeKind::TCP, None),
            phase(&a, &b, &ProbeKind::HTTP, None),
            phase(&a, &b, &ProbeKind::HTTP, Some(&endpoint)),
        ];
        for (i, x) in phases.iter().enumerate() {
            assert!(phases[..i].iter().all(|y| x != y), "{phases:?}");
        }
    }

    #[test]
    fn a_new_target_is_probed_soon_and_then_in_its_turn() {
        let epoch = Instant::now();
        // Known since 100 s, in the half of an interval of 60 s: first after 2.5 s, and then at 150 s, 210 s, …
        let slots = Slots::new(epoch, 60 * SECOND, 0.5, epoch + 100 * SECOND);
        assert_eq!(slots.first() - epoch, Duration::from_millis(102_500));
        let second = slots.next(slots.first(), slots.first());
        assert_eq!(second - epoch, 150 * SECOND);
        assert_eq!(slots.next(second, second) - epoch, 210 * SECOND);
    }

    #[test]
    fn slots_go_on_for_centuries() {
        let epoch = Instant::now();
        let slots = Slots::new(epoch, Duration::from_millis(1), 0.75, epoch);
        let later = epoch + Duration::from_secs(200 * 365 * 86_400);
        assert_eq!(slots.next(later, later) - later, Duration::from_micros(750));
    }

    #[test]
    fn slots_that_have_passed_are_left_out() {
        let epoch = Instant::now();
        let slots = Slots::new(epoch, SECOND, 0.0, epoch);
        let due = epoch + SECOND;
        assert_eq!(slots.next(due, due + Duration::from_millis(3_500)) - epoch, 5 * SECOND);
    }

    proptest! {
        #[test]
        fn the_next_slot_is_ahead_and_in_phase(
            interval_ms in 1_u64..100_000,
            phase in 0.0..=1.0,
            due_ms in 0_u64..1_000_000,
            late_ms in 0_u64..1_000_000,
        ) {
            let epoch = Instant::now();
            let interval = Duration::from_millis(interval_ms);
            let slots = Slots::new(epoch, interval, phase, epoch);
            let due = epoch + Duration::from_millis(due_ms);
            let now = due + Duration::from_millis(late_ms);
            let next = slots.next(due, now);
            prop_assert!(next > now);
            prop_assert!(next - due > interval / 2);
            // The origin itself may be ahead by a whole interval.
            prop_assert!(next <= now.max(due + interval / 2) + interval + interval.mul_f64(phase));
            prop_assert_eq!((next - slots.origin).as_nanos() % interval.as_nanos(), 0);
        }
    }
}
