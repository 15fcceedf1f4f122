//! Reports of netring 1.x: `POST /report_metrics`.
//!
//! The bodies hold to the letter, so that members and registries of 1.x and ours can be mixed. `K` below is
//! `<target_location>:<target_instance>`.

mod given;
mod taken;

use crate::model::InstanceId;
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use std::collections::BTreeMap;

/// The body of `POST /report_metrics`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct LegacyReport {
    /// Who reports.
    pub instance_id: InstanceId,
    /// What it saw.
    pub metrics: LegacyMetrics,
}

/// Labels of a value. They are a stranger's free text: only ids that are known are taken from them.
pub type Labels = BTreeMap<String, String>;

/// The sections of a report; any of them may be missing or empty.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct LegacyMetrics {
    /// By `K`: 1 connected, 0 not.
    #[serde(deserialize_with = "null_is_empty")]
    pub connectivity_tcp: BTreeMap<String, LabelledValue>,
    /// By `K:<endpoint>`: 1 good, 0 not.
    #[serde(deserialize_with = "null_is_empty")]
    pub connectivity_http: BTreeMap<String, LabelledValue>,
    /// By `<check_type>:K`.
    #[serde(deserialize_with = "null_is_empty")]
    pub check_durations: BTreeMap<String, CheckDuration>,
    /// By `K`.
    #[serde(deserialize_with = "null_is_empty")]
    pub bandwidth_tests: BTreeMap<String, BandwidthTest>,
    /// By `K`.
    #[serde(deserialize_with = "null_is_empty")]
    pub traceroute_tests: BTreeMap<String, TracerouteTest>,
    /// Of the member itself.
    #[serde(deserialize_with = "null_is_empty")]
    pub general: General,
    /// By `K`.
    #[serde(deserialize_with = "null_is_empty")]
    pub detailed_traceroute_data: BTreeMap<String, DetailedTraceroute>,
}

fn null_is_empty<'de, T: Default + Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// A value with its labels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct LabelledValue {
    /// Whose it is.
    pub labels: Labels,
    /// The value.
    pub value: f64,
}

/// How long checks of one type to one target took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct CheckDuration {
    /// Whose it is: `check_type`, `target_location`, `target_instance`.
    pub labels: Labels,
    /// All durations together, in seconds.
    pub sum: f64,
    /// How many checks.
    #[serde(deserialize_with = "whole_number")]
    pub count: u64,
    /// Their mean, in milliseconds.
    pub avg_latency_ms: f64,
}

/// A measured throughput.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct BandwidthTest {
    /// Whose it is.
    pub labels: Labels,
    /// In 10^6 bits per second.
    pub bandwidth_mbps: f64,
}

/// The sum of a traceroute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct TracerouteTest {
    /// Whose it is.
    pub labels: Labels,
    /// Hops to the target.
    #[serde(deserialize_with = "whole_number")]
    pub total_hops: u32,
    /// The highest round-trip time to a hop, in milliseconds.
    pub max_hop_latency_ms: f64,
}

/// What a member says of itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct General {
    /// How many others it knows.
    #[serde(default)]
    pub members_total: f64,
}

/// A traceroute hop by hop.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct DetailedTraceroute {
    /// The hops.
    pub hops: Vec<LegacyHop>,
    /// When it was made, in seconds since 1970.
    #[serde(default)]
    pub timestamp: f64,
    /// The target's site.
    #[serde(default)]
    pub target_location: String,
    /// The target's address.
    #[serde(default)]
    pub target_ip: String,
    /// Whose it is.
    #[serde(default)]
    pub labels: Labels,
}

/// One hop.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct LegacyHop {
    /// Its number, from 1.
    #[serde(deserialize_with = "whole_number")]
    pub hop: u32,
    /// Its address, or `*` where it is silent.
    pub ip: String,
    /// Its round-trip time in milliseconds.
    #[serde(default)]
    pub latency_ms: Option<f64>,
}

/// A whole number, also where it is written with a fraction of zero: what comes from the samples of a Prometheus client
/// is `4.0`.
fn whole_number<'de, D: Deserializer<'de>, T: TryFrom<u64>>(deserializer: D) -> Result<T, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Number {
        Whole(u64),
        Fraction(f64),
    }
    let whole = match Number::deserialize(deserializer) {
        Ok(Number::Whole(whole)) => Some(whole),
        // Every whole number up to 2^53 is exact.
        Ok(Number::Fraction(x)) if x.fract() == 0.0 && (0.0..=9_007_199_254_740_992.0).contains(&x) => Some(x as u64),
        _ => None,
    };
    whole.and_then(|whole| T::try_from(whole).ok()).ok_or_else(|| D::Error::custom("must be a whole number in range"))
}
