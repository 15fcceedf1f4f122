use super::{
    Endpoint, InstanceId, Location, Measurement, ProbeKind, Target, Timestamp, invalid::changes_text_around, seconds,
};
use serde::{Deserialize, Deserializer, Serialize};
use std::{fmt, net::IpAddr, time::Duration};

/// What one probe saw. Made once, by the prober; sinks, registries and pages are all fed from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct ProbeReport {
    /// Who was probed.
    pub target: Target,
    /// The address that was probed, where the target's name resolved to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "http", schema(value_type = Option<String>))]
    pub ip: Option<IpAddr>,
    /// What for.
    pub kind: ProbeKind,
    /// What was asked for, in an HTTP probe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Endpoint>,
    /// When the probe started, by the clock of the member that made it.
    pub started_at: Timestamp,
    /// How long the whole probe took, whatever came of it; in JSON in seconds.
    #[serde(rename = "duration_seconds", with = "seconds")]
    #[cfg_attr(feature = "http", schema(value_type = f64))]
    pub duration: Duration,
    /// How it ended.
    pub outcome: Outcome,
    /// What was measured on the way, as far as the probe came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measurement: Option<Measurement>,
    /// How late the probe started, against when it was due; in JSON in seconds.
    #[serde(default, rename = "lateness_seconds", with = "seconds")]
    #[cfg_attr(feature = "http", schema(value_type = f64))]
    pub lateness: Duration,
    /// Whether the member was too late to trust what it measured: such a report is shown, and no verdict rests on it.
    #[serde(default)]
    pub tainted: bool,
    /// How often the member makes this probe; in JSON in seconds. Filled in by the engine: a result is held for true by it.
    #[serde(default, rename = "interval_seconds", with = "seconds::option", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "http", schema(value_type = Option<f64>))]
    pub interval: Option<Duration>,
}

impl ProbeReport {
    /// The round-trip time of the path, apart from name resolution, TLS and the target's own work: the time that
    /// the TCP handshake took, and the median of a burst. Where the probe measured none there is none.
    #[must_use]
    pub fn round_trip_time(&self) -> Option<Duration> {
        match self.measurement.as_ref()? {
            Measurement::Tcp(tcp) => Some(tcp.connect),
            Measurement::Http(http) => http.connect,
            Measurement::Burst(burst) => burst.round_trip_time.as_ref().map(|times| times.p50),
            Measurement::Bandwidth(bandwidth) => {
                [&bandwidth.download, &bandwidth.upload].into_iter().flatten().filter_map(|t| t.round_trip_time).min()
            }
            Measurement::Traceroute(trace) => trace.target_round_trip_time(),
        }
    }
}

/// How a probe ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The target did what is expected of it.
    Success,
    /// It did not, or could not be reached.
    Failure {
        /// The kind of failure.
        reason: FailureReason,
        /// The same in words, with what the system said; at most [`Outcome::MAX_MESSAGE_BYTES`].
        #[serde(deserialize_with = "bounded_message")]
        message: String,
    },
}

impl Outcome {
    /// Most bytes of a failure's message.
    pub const MAX_MESSAGE_BYTES: usize = 256;

    /// A failure; a `message` that is too long is cut, and control characters in it become spaces.
    #[must_use]
    pub fn failure(reason: FailureReason, message: impl Into<String>) -> Self {
        let mut message: String = message.into().replace(changes_text_around, " ");
        if message.len() > Self::MAX_MESSAGE_BYTES {
            let boundary = (0..=Self::MAX_MESSAGE_BYTES).rev().find(|&i| message.is_char_boundary(i)).unwrap_or(0);
            message.truncate(boundary);
        }
        Self::Failure { reason, message }
    }

    /// Whether the target did what is expected of it.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        matches!(self, Self::Success)
    }
}

/// Reads a message that somebody else wrote: bounded, and without characters that change how the text around it reads.
pub(crate) fn bounded_message<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let message = String::deserialize(deserializer)?;
    if message.len() > Outcome::MAX_MESSAGE_BYTES || message.chars().any(changes_text_around) {
        return Err(serde::de::Error::custom("a message has at most 256 bytes and no control characters"));
    }
    Ok(message)
}

/// Why a probe failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FailureReason {
    /// Nothing came before the deadline.
    Timeout,
    /// The target's host answered that nothing listens there.
    Refused,
    /// The connection was opened and then torn down.
    Reset,
    /// The network or the host cannot be reached, as a router or the own system said.
    Unreachable,
    /// The target's name has no address.
    NameNotResolved,
    /// The TLS handshake failed.
    Tls,
    /// The HTTP status is not one of those expected.
    UnexpectedStatus,
    /// What came back is not what the protocol allows.
    Protocol,
    /// Anything else, in the message.
    #[serde(other)]
    Other,
}

impl FailureReason {
    /// The word that JSON, metrics and the page have for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Refused => "refused",
            Self::Reset => "reset",
            Self::Unreachable => "unreachable",
            Self::NameNotResolved => "name_not_resolved",
            Self::Tls => "tls",
            Self::UnexpectedStatus => "unexpected_status",
            Self::Protocol => "protocol",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for FailureReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The newest results of one member, as it sends them to its registry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct MemberReport {
    /// Who reports.
    pub instance_id: InstanceId,
    /// Where it stands.
    pub location: Location,
    /// When it was sent, by the clock of the member: with it, whoever receives the report can tell the age of each
    /// result without trusting that clock.
    pub sent_at: Timestamp,
    /// How often the member reports; in JSON in seconds. A result that does not say how often it is made anew is made as
    /// often.
    #[serde(rename = "check_interval_seconds", with = "seconds")]
    #[cfg_attr(feature = "http", schema(value_type = f64))]
    pub check_interval: Duration,
    /// The newest result of each target and prober.
    pub results: Vec<ProbeReport>,
}
