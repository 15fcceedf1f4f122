use std::time::Duration;

/// From when on something counts as bad, and from when on as good again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sensitivity {
    /// A check is bad once so many …
    pub bad_results: u8,
    /// … of its last so many results are; at most 16.
    pub of_results: u8,
    /// It is good again after so many good results in a row.
    pub good_results: u8,
    /// A round trip is slow where it takes longer than usual by this and more …
    pub latency_rise: Duration,
    /// … and by this part of the usual one …
    pub latency_rise_ratio: f64,
    /// … and by this many times what it usually varies by (as a TCP sender waits for four; RFC 6298, section 2).
    pub latency_rise_deviations: f64,
    /// A burst is lossy where it lost this part of its packets and more …
    pub loss_ratio: f64,
    /// … and no fewer than so many.
    pub lost_packets: u32,
    /// A throughput has dropped where it is below this part of its own usual.
    pub throughput_drop_ratio: f64,
    /// How likely a verdict may be mere chance, at the ring's own rate of bad results.
    pub chance: f64,
    /// A fault that comes back within this time is the same one; or within 20 of its checks, where these take longer.
    pub relapse_within: Duration,
}

impl Default for Sensitivity {
    fn default() -> Self {
        Self {
            bad_results: 2,
            of_results: 3,
            good_results: 3,
            latency_rise: Duration::from_millis(20),
            latency_rise_ratio: 0.25,
            latency_rise_deviations: 4.0,
            loss_ratio: 0.05,
            lost_packets: 2,
            throughput_drop_ratio: 0.5,
            chance: 0.001,
            relapse_within: Duration::from_secs(600),
        }
    }
}

impl Sensitivity {
    /// Most results of a check that are looked at.
    pub const MAX_RESULTS: u8 = 16;

    /// On how many results it rests at least that something is good again; no more than are looked at.
    pub(super) fn settled_results(&self) -> u16 {
        self.good_results.min(self.of_results).clamp(1, Self::MAX_RESULTS).into()
    }
}
