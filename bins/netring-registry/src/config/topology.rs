//! From when on an edge of the topology is a bottleneck.

use netring_core::analysis::BottleneckThresholds;
use netring_daemon::config::{Period, Ratio, TextError};
use serde::{Deserialize, Serialize};

/// From when on what an edge adds is worth a warning, and from when on it is critical.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TopologyConfig {
    /// Added to the round trip.
    pub(crate) latency_warning: Period,
    pub(crate) latency_critical: Period,
    /// Packets lost, as a part of those sent.
    pub(crate) loss_warning: Ratio,
    pub(crate) loss_critical: Ratio,
}

impl Default for TopologyConfig {
    fn default() -> Self {
        Self {
            latency_warning: Period::from_millis(20),
            latency_critical: Period::from_millis(100),
            loss_warning: Ratio::new(0.01),
            loss_critical: Ratio::new(0.05),
        }
    }
}

impl TopologyConfig {
    /// What the registry goes by.
    pub(crate) fn thresholds(&self) -> BottleneckThresholds {
        BottleneckThresholds {
            latency_warning: self.latency_warning.get(),
            latency_critical: self.latency_critical.get(),
            loss_warning: self.loss_warning.get(),
            loss_critical: self.loss_critical.get(),
            ..BottleneckThresholds::default()
        }
    }

    /// Whether what is critical is worth a warning too.
    ///
    /// # Errors
    /// The path of the key that does not fit the other, and why.
    pub(crate) fn check(&self) -> Result<(), (&'static str, TextError)> {
        if self.latency_warning > self.latency_critical {
            let problem =
                format!("expected at most registry.topology.latency_critical, which is {}", self.latency_critical);
            return Err(("registry.topology.latency_warning", TextError::new(problem)));
        }
        if self.loss_warning > self.loss_critical {
            let critical = self.loss_critical.get();
            let problem = format!("expected at most registry.topology.loss_critical, which is {critical}");
            return Err(("registry.topology.loss_warning", TextError::new(problem)));
        }
        Ok(())
    }
}
