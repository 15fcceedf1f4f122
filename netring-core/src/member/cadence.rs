use std::time::Duration;

/// How often a prober probes each target, and how long a probe may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cadence {
    /// From one probe of a target to the next.
    pub interval: Duration,
    /// A probe that takes longer has failed.
    pub timeout: Duration,
    /// Whether such probes exclude each other.
    pub one_at_a_time: bool,
    /// Where a failure of another probe asks for one out of turn: how long after the last probe of that target.
    pub after_failure: Option<Duration>,
}

impl Cadence {
    /// Probes every `interval`, and waits for at most `timeout`.
    #[must_use]
    pub const fn new(interval: Duration, timeout: Duration) -> Self {
        Self { interval, timeout, one_at_a_time: false, after_failure: None }
    }

    /// Makes no two of these probes at once, whatever their targets and probers: for those that load the network. Each waits
    /// for its turn; in a ring that is so large that an interval does not suffice for all, the turns come later than that.
    #[must_use]
    pub const fn one_at_a_time(mut self) -> Self {
        self.one_at_a_time = true;
        self
    }

    /// Probes a target at once, too, when another probe of it fails after a good one, but not within `gap` of the last probe
    /// by this prober.
    #[must_use]
    pub const fn after_failure(mut self, gap: Duration) -> Self {
        self.after_failure = Some(gap);
        self
    }
}
