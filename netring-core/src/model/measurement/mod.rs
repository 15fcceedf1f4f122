//! What a probe measures, by its kind.

mod bandwidth;
mod bounded;
mod burst;
mod traceroute;

pub use bandwidth::{BandwidthMeasurement, BandwidthMode, Limit, Throughput};
pub use burst::{BurstMeasurement, OneWay, PacketTimestamps, RoundTripTimes};
pub use traceroute::{
    Flow, FlowPath, Hop, HopAnswer, MplsLabel, Path, PathChange, PathEnd, TracerouteMeasurement, TracerouteMode,
};

use super::seconds;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What a probe measured, by its kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Measurement {
    /// Of a TCP probe.
    Tcp(TcpMeasurement),
    /// Of an HTTP probe.
    Http(HttpMeasurement),
    /// Of a burst of packets, by UDP or ICMP.
    Burst(BurstMeasurement),
    /// Of a throughput test.
    Bandwidth(BandwidthMeasurement),
    /// Of a traceroute.
    Traceroute(TracerouteMeasurement),
}

/// What a TCP probe measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct TcpMeasurement {
    /// How long the name took to resolve, where there was one; in JSON in seconds.
    #[serde(default, rename = "resolve_seconds", with = "seconds::option", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "http", schema(value_type = Option<f64>))]
    pub resolve: Option<Duration>,
    /// From the SYN to the connection being open; in JSON in seconds.
    #[serde(rename = "connect_seconds", with = "seconds")]
    #[cfg_attr(feature = "http", schema(value_type = f64))]
    pub connect: Duration,
}

/// What an HTTP probe measured: each phase apart, as far as the probe came. In JSON in seconds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct HttpMeasurement {
    /// How long the name took to resolve, where there was one.
    #[serde(default, rename = "resolve_seconds", with = "seconds::option", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "http", schema(value_type = Option<f64>))]
    pub resolve: Option<Duration>,
    /// From the SYN to the connection being open.
    #[serde(default, rename = "connect_seconds", with = "seconds::option", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "http", schema(value_type = Option<f64>))]
    pub connect: Option<Duration>,
    /// The TLS handshake, where there was one.
    #[serde(default, rename = "tls_seconds", with = "seconds::option", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "http", schema(value_type = Option<f64>))]
    pub tls: Option<Duration>,
    /// From sending the request to having the answer's head.
    #[serde(default, rename = "first_byte_seconds", with = "seconds::option", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "http", schema(value_type = Option<f64>))]
    pub first_byte: Option<Duration>,
    /// From the answer's head to the end of its body, or to as much of it as is read.
    #[serde(default, rename = "body_seconds", with = "seconds::option", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "http", schema(value_type = Option<f64>))]
    pub body: Option<Duration>,
    /// The status of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Bytes of the body that were read.
    #[serde(default)]
    pub body_bytes: u64,
    /// Whether the body was longer than what is read.
    #[serde(default)]
    pub body_truncated: bool,
}
