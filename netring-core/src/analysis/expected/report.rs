use super::Criticality;
use crate::model::{InstanceId, Location, Timestamp, seconds};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, time::Duration};

/// Which members should be there, and which are: what `GET /api/v1/expected` answers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct ExpectedReport {
    /// When the members were counted.
    pub at: Timestamp,
    /// Every expected location, and the first [`ExpectedReport::MAX_UNEXPECTED`] of those that are not.
    pub locations: BTreeMap<Location, LocationReport>,
    /// What somebody should know, the worst first.
    pub alerts: Vec<ExpectedAlert>,
    /// All of it in a few numbers.
    pub summary: ExpectedSummary,
}

impl ExpectedReport {
    /// Most unexpected locations that a report names: anybody who reaches the registry can make one up.
    pub const MAX_UNEXPECTED: usize = 100;
    /// Most members that a report names of one location.
    pub const MAX_MEMBERS: usize = 1_000;
}

/// One location, as it should be and as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct LocationReport {
    /// How many members should be there.
    pub expected_count: u32,
    /// How many are: online or stale. Who is offline or said goodbye is not.
    pub actual_count: u32,
    /// How many are missing, in the grace period too.
    pub missing_count: u32,
    /// Where some are missing: since when. From the first count on where it was never otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Where some are missing: until when the status stays healthy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grace_ends: Option<Timestamp>,
    /// What it comes to.
    pub status: LocationStatus,
    /// How bad it is where some are missing; none where none were expected here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub criticality: Option<Criticality>,
    /// For how long some may be missing; none where none were expected here. In JSON in seconds.
    #[serde(
        default,
        rename = "grace_period_seconds",
        with = "seconds::option",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "http", schema(value_type = Option<f64>))]
    pub grace_period: Option<Duration>,
    /// What it is, in words for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who is there, in the order of their ids: the first [`ExpectedReport::MAX_MEMBERS`].
    pub members: Vec<InstanceId>,
}

/// How a location stands to what is expected of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum LocationStatus {
    /// As many members as expected, or fewer for no longer than the grace period.
    Healthy,
    /// Fewer, for longer than the grace period.
    Missing,
    /// More.
    Extra,
    /// There are members, and the location is not among those that are expected.
    Unexpected,
}

impl LocationStatus {
    /// The word that JSON, metrics and the page have for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Missing => "missing",
            Self::Extra => "extra",
            Self::Unexpected => "unexpected",
        }
    }
}

/// Something about the expected members that somebody should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct ExpectedAlert {
    /// How bad it is.
    pub level: AlertLevel,
    /// What it is, in words for people.
    pub message: String,
    /// At which location; none where it is about all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// How many members are missing.
    pub missing_count: u32,
    /// How bad it is where some are missing there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub criticality: Option<Criticality>,
}

/// How bad an alert is, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum AlertLevel {
    /// Somebody has to look.
    Error,
    /// Somebody should look.
    Warning,
    /// It can wait.
    Info,
}

/// The expected members in a few numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct ExpectedSummary {
    /// How many members are missing for longer than their grace period.
    pub total_missing: u32,
    /// How many are missing for no longer than that.
    pub missing_within_grace: u32,
    /// At how many locations of high criticality members are missing for longer than their grace period.
    pub critical_locations_missing: u32,
    /// How many locations have members and are not among those that are expected.
    pub unexpected_locations: u32,
}
