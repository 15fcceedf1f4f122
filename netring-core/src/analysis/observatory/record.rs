//! What is told of the past of a pair.

use crate::{
    analysis::State,
    model::{Endpoint, InstanceId, ProbeKind, Timestamp, seconds},
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The last hour and the last day of a pair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct PairHistory {
    /// Who probes.
    pub source: InstanceId,
    /// Who is probed.
    pub target: InstanceId,
    /// Each check, the most telling first.
    pub checks: Vec<CheckHistory>,
}

/// The last hour and the last day of one check of a pair. Tainted results are not among them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct CheckHistory {
    /// What is probed for.
    pub kind: ProbeKind,
    /// What is asked for, in an HTTP probe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Endpoint>,
    /// The results of the last hour, the oldest first.
    pub hour: Vec<HistorySample>,
    /// The last day in tiers of half an hour, the oldest first; one without results is left out.
    pub day: Vec<HistoryTier>,
}

/// One result, as it is remembered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct HistorySample {
    /// When the probe ended, by the registry's clock.
    pub at: Timestamp,
    /// Up or down.
    pub state: State,
    /// The round-trip time that it measured, to 0.05 %; in JSON in seconds.
    #[serde(
        default,
        rename = "round_trip_time_seconds",
        with = "seconds::option",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "http", schema(value_type = Option<f64>))]
    pub round_trip_time: Option<Duration>,
    /// The part of the packets of a burst that did not come back, from 0 to 1, to 0.00001.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss_ratio: Option<f64>,
    /// Payload bits per second from the target that a throughput test measured, to 0.1 %, be it that the rate had not settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub download_bits_per_second: Option<f64>,
    /// The same to the target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload_bits_per_second: Option<f64>,
    /// Hops to the target, itself counted, as a traceroute that reached it saw them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hops: Option<u8>,
}

/// The results of half an hour taken together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct HistoryTier {
    /// When it began: a multiple of its length since 1970.
    pub start: Timestamp,
    /// How many results there were.
    pub results: u16,
    /// How many of them were bad.
    pub bad: u16,
    /// The median of the round-trip times, by nearest rank; in JSON in seconds.
    #[serde(
        default,
        rename = "median_round_trip_time_seconds",
        with = "seconds::option",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "http", schema(value_type = Option<f64>))]
    pub median_round_trip_time: Option<Duration>,
    /// The longest of them; in JSON in seconds.
    #[serde(
        default,
        rename = "max_round_trip_time_seconds",
        with = "seconds::option",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "http", schema(value_type = Option<f64>))]
    pub max_round_trip_time: Option<Duration>,
    /// The mean of the parts of the packets that did not come back, of as many bursts as there were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_loss_ratio: Option<f64>,
    /// The median of the throughputs from the target, by nearest rank.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub median_download_bits_per_second: Option<f64>,
    /// The median of those to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub median_upload_bits_per_second: Option<f64>,
}

/// How much of the past is remembered, and how full the memory for it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct HistoryHealth {
    /// Pairs of which something is known.
    pub pairs: usize,
    /// Checks of these pairs.
    pub checks: usize,
    /// Bytes set aside for histories: what each will take up once its hour and its day are full.
    pub bytes: usize,
    /// At most so many bytes are.
    pub max_bytes: usize,
    /// Checks that have no history, for there was no room for it.
    pub refused_checks: usize,
}
