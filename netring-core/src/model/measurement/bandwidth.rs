use super::{super::seconds, bounded::rate};
use serde::{Deserialize, Serialize};
use std::{fmt, time::Duration};

/// What a throughput test measured: the rate at which a TCP connection delivers bytes (RFC 3148) once it has started up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct BandwidthMeasurement {
    /// How it was measured.
    pub mode: BandwidthMode,
    /// From the target to the member that tests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub download: Option<Throughput>,
    /// From the member that tests to the target; a member of netring 1.x takes none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload: Option<Throughput>,
}

/// When a throughput test ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum BandwidthMode {
    /// As soon as the estimate has settled, or a budget of bytes or time is spent. The start-up phase does not count.
    #[default]
    Adaptive,
    /// After a fixed number of bytes, the start-up phase included, as netring 1.x does.
    Fixed,
}

/// The throughput in one direction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct Throughput {
    /// Payload bits per second.
    #[serde(deserialize_with = "rate")]
    pub bits_per_second: f64,
    /// Payload bytes that were delivered, those of the start-up phase too.
    pub bytes: u64,
    /// How long the transfer took; in JSON in seconds.
    #[serde(rename = "duration_seconds", with = "seconds")]
    #[cfg_attr(feature = "http", schema(value_type = f64))]
    pub duration: Duration,
    /// Whether the rate had settled: it is the path's then, and else only what was seen so far.
    ///
    /// Below 5 ms of round trip a steady rate that the target's program has of its own is not told from the path's.
    pub settled: bool,
    /// What ended the test before its rate had settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limited_by: Option<Limit>,
    /// The shortest round-trip time that the kernel saw on the connection; in JSON in seconds.
    #[serde(
        default,
        rename = "round_trip_time_seconds",
        with = "seconds::option",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "http", schema(value_type = Option<f64>))]
    pub round_trip_time: Option<Duration>,
    /// Segments that were sent again, where the kernel of this side knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retransmits: Option<u64>,
}

impl Throughput {
    /// In 10^6 bits per second.
    #[must_use]
    pub fn mbps(&self) -> f64 {
        self.bits_per_second / 1e6
    }
}

/// What kept a rate from settling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Limit {
    /// The budget of bytes was spent first.
    Bytes,
    /// The budget of time was spent first.
    Time,
    /// The target ended the transfer first: a member of netring 1.x sends 10 MiB at most.
    Target,
    /// Not the path but a TCP window kept the rate down.
    Window,
    /// The size was fixed, so that the start-up phase is in the rate.
    FixedSize,
    /// Anything else.
    #[serde(other)]
    Other,
}

impl Limit {
    /// The word that JSON, metrics and the page have for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bytes => "bytes",
            Self::Time => "time",
            Self::Target => "target",
            Self::Window => "window",
            Self::FixedSize => "fixed_size",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
