//! From when on something counts as bad, and what is remembered of it.

use netring_core::analysis::Sensitivity;
use netring_daemon::config::{Period, Ratio, TextError, Whole};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How many results of a check.
pub(crate) type Results = Whole<1, { Sensitivity::MAX_RESULTS as u32 }>;
/// How many packets of a burst.
pub(crate) type Packets = Whole<1, 1_000>;
/// Memory, in MiB.
pub(crate) type HistoryMiB = Whole<1, 65_536>;

/// Faster than this nobody reports.
const SHORTEST_INTERVAL: Duration = Duration::from_millis(100);
/// Slower than this a verdict is no news.
const LONGEST_INTERVAL: Duration = Duration::from_secs(60);

/// How the reports are judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AnalysisConfig {
    /// How often.
    pub(crate) interval: Period,
    /// A check is bad once so many …
    pub(crate) bad_results: Results,
    /// … of its last so many results are, …
    pub(crate) of_results: Results,
    /// … and good again after so many good ones in a row.
    pub(crate) good_results: Results,
    /// A round trip is slow where it takes longer than usual by this …
    pub(crate) latency_rise: Period,
    /// … and by this part of the usual one.
    pub(crate) latency_rise_ratio: Ratio,
    /// A burst is lossy where it lost this part of its packets …
    pub(crate) loss_ratio: Ratio,
    /// … and so many.
    pub(crate) lost_packets: Packets,
    /// A throughput has dropped where it is below this part of its own usual.
    pub(crate) throughput_drop_ratio: Ratio,
    /// A fault that comes back within this time is the same one.
    pub(crate) relapse_within: Period,
    /// Most memory of the history of all pairs.
    pub(crate) history_max_mb: HistoryMiB,
}

impl Default for AnalysisConfig {
    fn default() -> Self {
        Self {
            interval: Period::from_secs(1),
            bad_results: Whole::new(2),
            of_results: Whole::new(3),
            good_results: Whole::new(3),
            latency_rise: Period::from_millis(20),
            latency_rise_ratio: Ratio::new(0.25),
            loss_ratio: Ratio::new(0.05),
            lost_packets: Whole::new(2),
            throughput_drop_ratio: Ratio::new(0.5),
            relapse_within: Period::from_secs(600),
            history_max_mb: Whole::new(512),
        }
    }
}

impl AnalysisConfig {
    /// What the registry goes by.
    ///
    /// # Errors
    /// The path of the key that does not fit the others, and why.
    pub(crate) fn sensitivity(&self) -> Result<Sensitivity, (&'static str, TextError)> {
        if !(SHORTEST_INTERVAL..=LONGEST_INTERVAL).contains(&self.interval.get()) {
            let problem = format!("expected from {SHORTEST_INTERVAL:?} to {LONGEST_INTERVAL:?}");
            return Err(("registry.analysis.interval", TextError::new(problem)));
        }
        if self.bad_results > self.of_results {
            let problem = format!("expected at most registry.analysis.of_results, which is {}", self.of_results);
            return Err(("registry.analysis.bad_results", TextError::new(problem)));
        }
        Ok(Sensitivity {
            bad_results: results(self.bad_results),
            of_results: results(self.of_results),
            good_results: results(self.good_results),
            latency_rise: self.latency_rise.get(),
            latency_rise_ratio: self.latency_rise_ratio.get(),
            loss_ratio: self.loss_ratio.get(),
            lost_packets: self.lost_packets.get(),
            throughput_drop_ratio: self.throughput_drop_ratio.get(),
            relapse_within: self.relapse_within.get(),
            ..Sensitivity::default()
        })
    }

    /// Most bytes of the history of all pairs.
    pub(crate) fn history_bytes(&self) -> usize {
        usize::try_from(u64::from(self.history_max_mb.get()) << 20).unwrap_or(usize::MAX)
    }
}

fn results(number: Results) -> u8 {
    u8::try_from(number.get()).unwrap_or(Sensitivity::MAX_RESULTS)
}
