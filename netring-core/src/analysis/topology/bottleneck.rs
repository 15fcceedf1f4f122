use super::{Place, Topology, TopologyEdge};
use crate::model::seconds;
use serde::{Deserialize, Serialize};
use std::{cmp::Ordering, fmt, time::Duration};

/// What adds less to a round trip, and loses nothing, is no bottleneck of any kind.
const NEGLIGIBLE: Duration = Duration::from_millis(1);

/// From when on an edge is a bottleneck.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BottleneckThresholds {
    /// It adds this and more to a round trip that stays: a warning.
    pub latency_warning: Duration,
    /// The same: critical.
    pub latency_critical: Duration,
    /// It loses this part of the packets and more: a warning.
    pub loss_warning: f64,
    /// The same: critical.
    pub loss_critical: f64,
    /// Its loss counts once so many packets were lost in all: few packets go to a hop, and one of three is soon lost.
    pub lost_packets: u32,
    /// It counts where so many ordered pairs of members use it.
    pub pairs: u32,
}

impl Default for BottleneckThresholds {
    fn default() -> Self {
        Self {
            latency_warning: Duration::from_millis(20),
            latency_critical: Duration::from_millis(100),
            loss_warning: 0.01,
            loss_critical: 0.05,
            lost_packets: 3,
            pairs: 1,
        }
    }
}

impl BottleneckThresholds {
    /// How bad it is to add this much to a round trip and to lose so many packets, where `lost` is how many that were.
    pub(super) fn severity(
        &self,
        latency: Option<Duration>,
        loss_ratio: Option<f64>,
        lost: f64,
        pairs: u32,
    ) -> Severity {
        if pairs < self.pairs {
            return Severity::Info;
        }
        // A sum of parts of packets is not exact.
        let enough = lost + 1e-6 >= f64::from(self.lost_packets);
        let loss_ratio = loss_ratio.filter(|&ratio| enough && ratio > 0.0);
        let latency = latency.filter(|latency| !latency.is_zero());
        let is = |limit: Duration, loss_limit: f64| {
            latency.is_some_and(|latency| latency >= limit) || loss_ratio.is_some_and(|ratio| ratio >= loss_limit)
        };
        if is(self.latency_critical, self.loss_critical) {
            Severity::Critical
        } else if is(self.latency_warning, self.loss_warning) {
            Severity::Warning
        } else {
            Severity::Info
        }
    }

    /// What an edge adds and loses, in warnings, times the pairs that suffer.
    fn weight(&self, edge: &TopologyEdge) -> f64 {
        let part = |value: f64, limit: f64| if limit > 0.0 { value / limit } else { value };
        let latency = edge.lasting_latency.unwrap_or_default().as_secs_f64();
        let latency = part(latency, self.latency_warning.as_secs_f64());
        (latency + part(edge.loss_ratio.unwrap_or(0.0), self.loss_warning)) * f64::from(edge.pairs)
    }
}

/// How bad something is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing; within the thresholds.
    #[default]
    Info,
    /// Beyond a threshold for warnings.
    Warning,
    /// Beyond a critical one.
    Critical,
}

impl Severity {
    /// The word that JSON and the page have for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// An edge that adds much to the round trips, or loses packets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct Bottleneck {
    /// Nearer to who traces.
    pub from: Place,
    /// The next that answers.
    pub to: Place,
    /// How many hops between the two are silent: it may be any of them.
    #[serde(default)]
    pub silent_hops: u8,
    /// How bad it is.
    pub severity: Severity,
    /// What it adds to a round trip that stays up to the end of the path; in JSON in seconds.
    #[serde(
        default,
        rename = "lasting_latency_seconds",
        with = "seconds::option",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "http", schema(value_type = Option<f64>))]
    pub lasting_latency: Option<Duration>,
    /// Packets that are lost here, as a part of those that come here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss_ratio: Option<f64>,
    /// How many ordered pairs of members use it.
    pub pairs: u32,
    /// All of it in a sentence.
    pub sentence: String,
}

impl Bottleneck {
    fn of(edge: &TopologyEdge) -> Self {
        Self {
            from: edge.from.clone(),
            to: edge.to.clone(),
            silent_hops: edge.silent_hops,
            severity: edge.severity,
            lasting_latency: edge.lasting_latency,
            loss_ratio: edge.loss_ratio,
            pairs: edge.pairs,
            sentence: sentence(edge),
        }
    }
}

/// The worst of `edges`: by severity, and then by what they add and lose as a part of what is worth a warning, times the
/// pairs that use them.
pub(super) fn rank(edges: &[TopologyEdge], thresholds: &BottleneckThresholds) -> Vec<Bottleneck> {
    let counts = |edge: &&TopologyEdge| {
        edge.pairs >= thresholds.pairs
            && (edge.lasting_latency.is_some_and(|latency| latency >= NEGLIGIBLE)
                || edge.loss_ratio.is_some_and(|ratio| ratio > 0.0))
    };
    let mut ranked: Vec<_> = edges.iter().filter(counts).map(|edge| (thresholds.weight(edge), edge)).collect();
    // Where two weigh the same they keep the order of the edges.
    ranked.sort_by(|(a_weight, a), (b_weight, b)| {
        b.severity.cmp(&a.severity).then_with(|| b_weight.partial_cmp(a_weight).unwrap_or(Ordering::Equal))
    });
    ranked.iter().take(Topology::MAX_BOTTLENECKS).map(|(_, edge)| Bottleneck::of(edge)).collect()
}

fn sentence(edge: &TopologyEdge) -> String {
    let one = edge.pairs == 1;
    let latency = edge
        .lasting_latency
        .filter(|&latency| latency >= NEGLIGIBLE)
        .map(|latency| format!("{} {} longer", if one { "takes" } else { "take" }, milliseconds(latency)));
    let loss = edge.loss_ratio.filter(|&ratio| ratio > 0.0).map(|ratio| {
        let (loses, its) = if one { ("loses", "its") } else { ("lose", "their") };
        format!("{loses} {} % of {its} packets", decimal(ratio * 100.0))
    });
    let what: Vec<_> = latency.into_iter().chain(loss).collect();
    let pairs = if one { "1 pair".to_owned() } else { format!("{} pairs", edge.pairs) };
    let silent = match edge.silent_hops {
        0 => String::new(),
        1 => " over 1 silent hop".to_owned(),
        hops => format!(" over {hops} silent hops"),
    };
    format!("From {} to {}{silent}: {pairs} {}.", edge.from, edge.to, what.join(" and "))
}

/// `0.4 ms`, `12 ms`.
pub(super) fn milliseconds(duration: Duration) -> String {
    format!("{} ms", decimal(duration.as_secs_f64() * 1e3))
}

/// With one digit behind the point where it is below 10.
fn decimal(number: f64) -> String {
    if number < 9.95 { format!("{number:.1}") } else { format!("{number:.0}") }
}
