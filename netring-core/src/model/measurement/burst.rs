use super::{super::seconds, bounded::ratio};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What a burst of packets measured that the target sends back: UDP to its echo, or ICMP echo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct BurstMeasurement {
    /// Packets sent.
    pub sent: u32,
    /// Packets that came back, each counted once.
    pub received: u32,
    /// Packets that came back again.
    pub duplicates: u32,
    /// Packets that came back after one that was sent later (RFC 4737, section 3.3).
    pub reordered: u32,
    /// Packets that did not come back, as a part of those sent (RFC 7680 has it for one way).
    #[serde(deserialize_with = "ratio")]
    pub loss_ratio: f64,
    /// The round-trip time (RFC 2681) of those that came back; with none there is none. The time for which netring's UDP
    /// echo had a packet, as it tells by its own clock, is left out (its residence time, RFC 8762, section 4.3), unless it
    /// is negative or longer than the whole. An echo that lies can make a time shorter, down to zero, and never longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round_trip_time: Option<RoundTripTimes>,
    /// Interarrival jitter of the round trip (RFC 3550, section 6.4.1); needs two packets that came back. In JSON in seconds.
    ///
    /// The RFC's estimator starts at 0 and takes a sixteenth of each new difference, so a short burst understates: nine
    /// differences of 10 ms give 4.4 ms. Compare it only between bursts of the same number of packets.
    #[serde(
        default,
        rename = "interarrival_jitter_seconds",
        with = "seconds::option",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "http", schema(value_type = Option<f64>))]
    pub interarrival_jitter: Option<Duration>,
    /// The way there, where the target's echo tells of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forward: Option<OneWay>,
    /// The way back, where the target's echo tells of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backward: Option<OneWay>,
    /// Who took the times.
    pub timestamps: PacketTimestamps,
}

/// Round-trip times of several packets; in JSON in seconds. The percentiles are those by nearest rank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct RoundTripTimes {
    /// The shortest.
    #[serde(rename = "min_seconds", with = "seconds")]
    #[cfg_attr(feature = "http", schema(value_type = f64))]
    pub min: Duration,
    /// Their arithmetic mean.
    #[serde(rename = "mean_seconds", with = "seconds")]
    #[cfg_attr(feature = "http", schema(value_type = f64))]
    pub mean: Duration,
    /// The longest.
    #[serde(rename = "max_seconds", with = "seconds")]
    #[cfg_attr(feature = "http", schema(value_type = f64))]
    pub max: Duration,
    /// Their standard deviation, of these packets as the whole population.
    #[serde(rename = "standard_deviation_seconds", with = "seconds")]
    #[cfg_attr(feature = "http", schema(value_type = f64))]
    pub standard_deviation: Duration,
    /// Half of them were no longer.
    #[serde(rename = "p50_seconds", with = "seconds")]
    #[cfg_attr(feature = "http", schema(value_type = f64))]
    pub p50: Duration,
    /// 95 % of them were no longer.
    #[serde(rename = "p95_seconds", with = "seconds")]
    #[cfg_attr(feature = "http", schema(value_type = f64))]
    pub p95: Duration,
    /// 99 % of them were no longer.
    #[serde(rename = "p99_seconds", with = "seconds")]
    #[cfg_attr(feature = "http", schema(value_type = f64))]
    pub p99: Duration,
}

/// What is known of one way of the two that a packet goes. It needs no clocks that agree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct OneWay {
    /// Packets lost on this way. What was lost on the way there, after the last packet that came back, counts as lost on the
    /// way back: nobody told of it.
    pub lost: u32,
    /// Interarrival jitter (RFC 3550, section 6.4.1); needs two packets that arrived. In JSON in seconds.
    #[serde(
        default,
        rename = "interarrival_jitter_seconds",
        with = "seconds::option",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "http", schema(value_type = Option<f64>))]
    pub interarrival_jitter: Option<Duration>,
}

/// Who took the times at which packets were sent and received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PacketTimestamps {
    /// The kernel took both: the times are free of how busy this process was.
    Kernel,
    /// The kernel took those of arrival, this process those of sending.
    KernelReceive,
    /// This process took both.
    Process,
}
