use super::{Endpoint, InstanceId, Location, ProbeKind, Target, Timestamp, invalid::changes_text_around, seconds};
use serde::{Deserialize, Deserializer, Serialize};
use std::{fmt, net::IpAddr, time::Duration};

/// What one probe saw. Made once, by the prober; sinks, registries and pages are all fed from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProbeReport {
    /// Who was probed.
    pub target: Target,
    /// The address that was probed, where the target's name resolved to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
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
    pub duration: Duration,
    /// How it ended.
    pub outcome: Outcome,
    /// What was measured on the way, as far as the probe came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measurement: Option<Measurement>,
    /// How late the probe started, against when it was due; in JSON in seconds.
    #[serde(default, rename = "lateness_seconds", with = "seconds")]
    pub lateness: Duration,
    /// Whether the member was too late to trust what it measured: such a report is shown, and no verdict rests on it.
    #[serde(default)]
    pub tainted: bool,
}

impl ProbeReport {
    /// The round-trip time of the path, apart from name resolution, TLS and the target's own work: the time that
    /// the TCP handshake took. Where the probe opened no connection there is none.
    #[must_use]
    pub fn round_trip_time(&self) -> Option<Duration> {
        match self.measurement.as_ref()? {
            Measurement::Tcp(tcp) => Some(tcp.connect),
            Measurement::Http(http) => http.connect,
        }
    }
}

/// How a probe ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

/// What a probe measured, by its kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Measurement {
    /// Of a TCP probe.
    Tcp(TcpMeasurement),
    /// Of an HTTP probe.
    Http(HttpMeasurement),
}

/// What a TCP probe measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TcpMeasurement {
    /// How long the name took to resolve, where there was one; in JSON in seconds.
    #[serde(default, rename = "resolve_seconds", with = "seconds::option", skip_serializing_if = "Option::is_none")]
    pub resolve: Option<Duration>,
    /// From the SYN to the connection being open; in JSON in seconds.
    #[serde(rename = "connect_seconds", with = "seconds")]
    pub connect: Duration,
}

/// What an HTTP probe measured: each phase apart, as far as the probe came. In JSON in seconds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpMeasurement {
    /// How long the name took to resolve, where there was one.
    #[serde(default, rename = "resolve_seconds", with = "seconds::option", skip_serializing_if = "Option::is_none")]
    pub resolve: Option<Duration>,
    /// From the SYN to the connection being open.
    #[serde(default, rename = "connect_seconds", with = "seconds::option", skip_serializing_if = "Option::is_none")]
    pub connect: Option<Duration>,
    /// The TLS handshake, where there was one.
    #[serde(default, rename = "tls_seconds", with = "seconds::option", skip_serializing_if = "Option::is_none")]
    pub tls: Option<Duration>,
    /// From sending the request to having the answer's head.
    #[serde(default, rename = "first_byte_seconds", with = "seconds::option", skip_serializing_if = "Option::is_none")]
    pub first_byte: Option<Duration>,
    /// From the answer's head to the end of its body, or to as much of it as is read.
    #[serde(default, rename = "body_seconds", with = "seconds::option", skip_serializing_if = "Option::is_none")]
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

/// The newest results of one member, as it sends them to its registry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MemberReport {
    /// Who reports.
    pub instance_id: InstanceId,
    /// Where it stands.
    pub location: Location,
    /// When it was sent, by the clock of the member: with it, whoever receives the report can tell the age of each
    /// result without trusting that clock.
    pub sent_at: Timestamp,
    /// Within which time the member makes each result anew: the longest interval of its probers, or that of its reports. In
    /// JSON in seconds.
    #[serde(rename = "check_interval_seconds", with = "seconds")]
    pub check_interval: Duration,
    /// The newest result of each target and prober.
    pub results: Vec<ProbeReport>,
}
