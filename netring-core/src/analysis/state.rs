//! The states of checks, pairs, members and rings.

use crate::model::{
    AdvertisedAddress, Endpoint, FailureReason, InstanceId, Location, MemberStatus, ProbeKind, Timestamp,
    bounded_message, seconds,
};
use serde::{Deserialize, Deserializer, Serialize};
use std::{fmt, time::Duration};

/// Who reaches whom: every member, and every ordered pair of those that are active, as far as a filter leaves them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct Matrix {
    /// When this was so.
    pub at: Timestamp,
    /// The state of the ring, as far as a filter by source, target or kind leaves it.
    pub state: RingState,
    /// Every visible member that may be a source or a target, in the order of locations and then ids.
    pub members: Vec<MemberState>,
    /// Every ordered pair of active members, in the same order. The last field, so that pairs can be written on their own.
    pub pairs: Vec<PairState>,
}

/// How one member stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct MemberState {
    /// Who it is.
    pub instance_id: InstanceId,
    /// Where it stands.
    pub location: Location,
    /// Where the others reach it.
    pub address: AdvertisedAddress,
    /// How it stands.
    pub status: MemberStatus,
    /// When it was last heard of.
    pub last_seen: Timestamp,
    /// When it said goodbye, where its status is that it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deregistered_at: Option<Timestamp>,
}

/// What one member sees of another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct PairState {
    /// Who probes.
    pub source: InstanceId,
    /// Who is probed.
    pub target: InstanceId,
    /// All checks taken together.
    pub state: State,
    /// Each check.
    pub checks: Vec<CheckState>,
}

/// What one check of a pair says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct CheckState {
    /// What is probed for.
    pub kind: ProbeKind,
    /// What is asked for, in an HTTP probe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Endpoint>,
    /// Up, down, or unknown where the result is old or tainted.
    pub state: State,
    /// How long the last probe took; in JSON in seconds.
    #[serde(rename = "duration_seconds", with = "seconds")]
    #[cfg_attr(feature = "http", schema(value_type = f64))]
    pub duration: Duration,
    /// The round-trip time that it measured; in JSON in seconds.
    #[serde(
        default,
        rename = "round_trip_time_seconds",
        with = "seconds::option",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "http", schema(value_type = Option<f64>))]
    pub round_trip_time: Option<Duration>,
    /// The median of the round-trip times of the last hour; in JSON in seconds.
    #[serde(
        default,
        rename = "round_trip_time_p50_seconds",
        with = "seconds::option",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "http", schema(value_type = Option<f64>))]
    pub round_trip_time_p50: Option<Duration>,
    /// What 95 % of the round-trip times of the last hour were no longer than; in JSON in seconds.
    #[serde(
        default,
        rename = "round_trip_time_p95_seconds",
        with = "seconds::option",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "http", schema(value_type = Option<f64>))]
    pub round_trip_time_p95: Option<Duration>,
    /// The part of the packets that did not come back, from 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss_ratio: Option<f64>,
    /// The interarrival jitter of the round trip (RFC 3550, section 6.4.1); in JSON in seconds.
    #[serde(
        default,
        rename = "interarrival_jitter_seconds",
        with = "seconds::option",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "http", schema(value_type = Option<f64>))]
    pub interarrival_jitter: Option<Duration>,
    /// Payload bits per second from the target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub download_bits_per_second: Option<f64>,
    /// Whether that rate had settled; else it is only what was seen so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub download_settled: Option<bool>,
    /// Payload bits per second to the target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload_bits_per_second: Option<f64>,
    /// Whether that rate had settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload_settled: Option<bool>,
    /// Hops to the target, itself counted, as a traceroute that reached it saw them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hops: Option<u8>,
    /// How long ago it ended; in JSON in seconds.
    #[serde(rename = "age_seconds", with = "seconds")]
    #[cfg_attr(feature = "http", schema(value_type = f64))]
    pub age: Duration,
    /// How long it is until the probe is due again: zero where that time has come, none where nobody knows how often it is
    /// made. In JSON in seconds.
    #[serde(default, rename = "next_check_seconds", with = "seconds::option", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "http", schema(value_type = Option<f64>))]
    pub next_check: Option<Duration>,
    /// Whether the member that probed was too late itself to trust what it measured; left out of JSON where it was not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tainted: bool,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<FailureReason>,
    /// The same in words.
    #[serde(default, deserialize_with = "optional_message", skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl PairState {
    /// The round-trip time that the first good check measured; where none did, how long the first took that is no mere
    /// diagnosis of the way.
    #[must_use]
    pub fn latency(&self) -> Option<Duration> {
        latency(self.checks.iter().map(|check| (&check.kind, check.state, check.round_trip_time, check.duration)))
    }
}

/// [`PairState::latency`] of checks in their order: what is probed for, the state, the round-trip time and how long it took.
pub(super) fn latency<'a>(
    checks: impl Iterator<Item = (&'a ProbeKind, State, Option<Duration>, Duration)> + Clone,
) -> Option<Duration> {
    let mut good = checks.filter(|(_, state, ..)| *state == State::Up);
    good.clone().find_map(|(.., round_trip_time, _)| round_trip_time).or_else(|| {
        good.find(|(kind, ..)| super::weight::Weight::of(kind) == super::weight::Weight::Counts)
            .map(|(.., duration)| duration)
    })
}

fn optional_message<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    bounded_message(deserializer).map(Some)
}

/// The state of a check or of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Every check is good.
    Up,
    /// No check is good.
    Down,
    /// Some checks are good and some are not.
    Degraded,
    /// Nobody knows: there is no result, an old one, or one that cannot be trusted. Never shown as up, nor as down.
    Unknown,
}

/// The state of a whole ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum RingState {
    /// Every member that has not said goodbye is online, and every pair is up.
    Healthy,
    /// A member is stale or offline, or a pair is down or degraded.
    Unhealthy,
    /// Nothing bad is known, but there is a pair of which nothing is known, or no member at all.
    Unknown,
}

impl State {
    /// The word that JSON, metrics and the page have for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Degraded => "degraded",
            Self::Unknown => "unknown",
        }
    }

    /// The state of a pair whose checks have the states `checks`. What is unknown counts for nothing.
    pub(super) fn of(checks: impl Iterator<Item = Self>) -> Self {
        checks
            .filter(|&state| state != Self::Unknown)
            .reduce(|a, b| if a == b { a } else { Self::Degraded })
            .unwrap_or(Self::Unknown)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for RingState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Healthy => "healthy",
            Self::Unhealthy => "unhealthy",
            Self::Unknown => "unknown",
        })
    }
}
