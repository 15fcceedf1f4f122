use crate::{
    analysis::HistoryHealth,
    model::{Endpoint, InstanceId, Location, ProbeKind, Timestamp},
};
use serde::{Deserialize, Serialize};

/// Whether a part works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum HealthStatus {
    /// It does.
    Healthy,
    /// It does not.
    Unhealthy,
}

impl From<bool> for HealthStatus {
    fn from(healthy: bool) -> Self {
        if healthy { Self::Healthy } else { Self::Unhealthy }
    }
}

/// `GET /health` of a registry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct RegistryHealth {
    /// Whether it works.
    pub status: HealthStatus,
    /// Which version runs.
    pub version: String,
    /// `registry`.
    pub component: String,
    /// The time by its clock.
    pub timestamp: Timestamp,
    /// What keeps it from working.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Whether it reaches its store.
    pub store: StoreContact,
    /// What it makes of the reports.
    #[serde(default)]
    pub analysis: AnalysisHealth,
    /// Those that it tells of faults, where there are any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub webhooks: Vec<WebhookHealth>,
    /// Its loops.
    pub loops: Vec<LoopHealth>,
}

/// How a registry's judging of the reports goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct AnalysisHealth {
    /// Whether it is the registry of the ring that says what is at fault, and tells the webhooks.
    pub leading: bool,
    /// How many rounds it has made since its start.
    pub rounds: u64,
    /// When it made the last one, by its clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_round_at: Option<Timestamp>,
    /// How many faults were open then.
    pub faults_open: usize,
    /// Whether it knows which members should be there: then `/api/v1/expected` says which are.
    #[serde(default)]
    pub expected_members: bool,
    /// How full the memory for the past of all pairs is; before the first round nobody has looked. It is looked at every ten
    /// seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<HistoryHealth>,
}

/// `GET /health` of a member.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MemberHealth {
    /// Whether its loops turn. A registry out of reach is not the member's fault, and does not count.
    pub status: HealthStatus,
    /// Who it is.
    pub instance_id: InstanceId,
    /// Where it stands.
    pub location: Location,
    /// How many others it knows.
    pub members_count: usize,
    /// The time by its clock.
    pub timestamp: Timestamp,
    /// Which version runs.
    pub version: String,
    /// `member`.
    pub component: String,
    /// Whether it reaches its registry.
    pub registry: RegistryContact,
    /// The list of members that it probes by.
    #[serde(default)]
    pub list: ListHealth,
    /// What it probes.
    pub probes: ProbesHealth,
    /// How it probes.
    #[serde(default)]
    pub probers: Vec<ProberHealth>,
    /// Its loops.
    pub loops: Vec<LoopHealth>,
}

/// Whether a member reaches its registry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RegistryContact {
    /// Whether the last call worked; before the first one nobody knows.
    pub in_reach: Option<bool>,
    /// Since when that is so.
    pub since: Timestamp,
    /// Whether the member is registered.
    pub registered: bool,
    /// What was wrong with the last call that failed, while it is out of reach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Whether a registry reaches its store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct StoreContact {
    /// Whether the last calls worked, those that read and those that write; before the first one nobody knows.
    pub in_reach: Option<bool>,
    /// Since when that is so, by the registry's clock.
    pub since: Timestamp,
    /// What was wrong with the last call that failed, and why, while it is out of reach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// How one webhook of a registry is doing. What counts is counted by this registry since its start, and it sends only while
/// it leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct WebhookHealth {
    /// Where it is: the scheme, the host and the port of its URL, for the rest may be secret.
    pub url: String,
    /// How many events it took.
    pub delivered: u64,
    /// How many events were given up.
    pub failed: u64,
    /// How many events wait for it. More than 256 are not counted.
    pub pending: usize,
    /// What was wrong with the last try, while it does not work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// Since when it works, or does not.
    pub since: Timestamp,
}

/// How old a member's list of members is.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct ListHealth {
    /// Where the list comes from.
    pub source: ListSource,
    /// When it was true, by the member's clock; before the first list there is no such time.
    pub as_of: Option<Timestamp>,
    /// How long ago that is.
    pub age_seconds: Option<f64>,
}

/// Where a member's list of members comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListSource {
    /// There is no list yet.
    #[default]
    None,
    /// The registry gave it.
    Registry,
    /// It was kept over a restart of the member, and the registry was not reached since.
    StateDir,
}

/// What a member's probes do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbesHealth {
    /// How many are under way.
    pub in_flight: usize,
    /// How many were made since the start.
    pub made: u64,
    /// How many could not be made, for a reason of this system's own.
    pub not_made: u64,
    /// How many were put off until their next turn, for the target was busy for a whole interval.
    #[serde(default)]
    pub busy: u64,
    /// How many started too late to trust what they measured.
    pub tainted: u64,
    /// How often a sink panicked.
    pub sink_panics: u64,
}

/// One way in which a member probes the others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProberHealth {
    /// What for.
    pub kind: ProbeKind,
    /// What is asked for, in an HTTP probe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Endpoint>,
    /// How often each target is probed, in seconds; a prober that is not there has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval_seconds: Option<f64>,
    /// How, where it had a choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// Why it is not there, and what to do to have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unavailable: Option<String>,
}

/// How one loop of a member or registry is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct LoopHealth {
    /// What the loop does.
    pub name: String,
    /// Whether it turns when it should.
    pub healthy: bool,
    /// How often it means to turn, in seconds.
    pub period_seconds: f64,
    /// How long ago its last turn ended, in seconds; before its first turn there is none.
    pub last_turn_seconds_ago: Option<f64>,
    /// How many turns it has made.
    pub turns: u64,
    /// How often it panicked and was started again.
    pub panics: u64,
}
