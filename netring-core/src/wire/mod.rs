//! Every JSON body that goes over HTTP, spelled once. What a member and a registry of netring 1.x say stands in
//! [`legacy`], for that is where the reports of 1.x differ; the other bodies are shared, and ours only carry more.

mod events;
mod faults;
#[cfg(any(feature = "client", feature = "http"))]
pub(crate) mod gzip;
mod health;
pub mod legacy;
mod scrape;

pub use events::{EventsResponse, MatrixChanges, StreamReset};
pub use faults::FaultsResponse;
pub use health::{
    AnalysisHealth, HealthStatus, ListHealth, ListSource, LoopHealth, MemberHealth, ProberHealth, ProbesHealth,
    RegistryContact, RegistryHealth, StoreContact, WebhookHealth,
};
pub use scrape::{ScrapeLabels, ScrapeTarget};

use crate::model::{
    AdvertisedAddress, InstanceId, InvalidValue, Location, Member, MemberStatus, Registration, Timestamp, seconds,
};
use serde::{Deserialize, Deserializer, Serialize, de::IgnoredAny};
use std::{net::IpAddr, time::Duration};

/// What a registry says, with 404, of a member that has to register first.
pub const MEMBER_NOT_FOUND: &str = "member not found";

/// The paths of a registry and of a member.
pub mod path {
    /// Registry: a member joins.
    pub const REGISTER: &str = "/register";
    /// Registry: a member is alive.
    pub const HEARTBEAT: &str = "/heartbeat";
    /// Registry: a member leaves.
    pub const DEREGISTER: &str = "/deregister";
    /// Registry: the members, as 1.x knows them.
    pub const MEMBERS: &str = "/members";
    /// Registry: a report of a 1.x member.
    pub const LEGACY_REPORT: &str = "/report_metrics";
    /// Registry: a member's report.
    pub const REPORT: &str = "/api/v1/report";
    /// Registry: who reaches whom.
    pub const MATRIX: &str = "/api/v1/matrix";
    /// Registry: the same by locations, of a ring of any size.
    pub const MATRIX_BY_LOCATION: &str = "/api/v1/matrix?by=location";
    /// Registry: the same in a dense form, for a page to draw.
    pub const MATRIX_GRID: &str = "/api/v1/matrix/grid";
    /// Registry: the last hour and day of one pair.
    pub const HISTORY: &str = "/api/v1/history";
    /// Registry: what is at fault.
    pub const FAULTS: &str = "/api/v1/faults";
    /// Registry: locations, routers and what lies between them.
    pub const TOPOLOGY: &str = "/api/v1/topology";
    /// Registry: the same as a picture.
    pub const TOPOLOGY_SVG: &str = "/api/v1/topology.svg";
    /// Registry: the paths between two members, both ways.
    pub const TOPOLOGY_PATH: &str = "/api/v1/topology/path";
    /// Registry: which members should be there, and which are.
    pub const EXPECTED: &str = "/api/v1/expected";
    /// Registry: what has happened.
    pub const EVENTS: &str = "/api/v1/events";
    /// Registry: what happens, as it does.
    pub const STREAM: &str = "/api/v1/stream";
    /// Registry: the members, for Prometheus to find them.
    pub const SERVICE_DISCOVERY: &str = "/api/v1/sd";
    /// Registry: what all of this is, for programs.
    pub const OPENAPI: &str = "/openapi.json";
    /// Registry and member: how it is.
    pub const HEALTH: &str = "/health";
    /// Registry and member: Prometheus text.
    pub const METRICS: &str = "/metrics";
    /// Member: bytes to measure throughput with, both ways.
    pub const BANDWIDTH_TEST: &str = "/bandwidth_test";
}

/// `POST /register`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct RegisterRequest {
    /// Who joins; where there is none, the registry makes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<InstanceId>,
    /// Where it stands.
    pub location: Location,
    /// Where the others reach it.
    #[cfg_attr(feature = "http", schema(value_type = String))]
    pub ip: IpAddr,
    /// Where the others reach it.
    pub port: u16,
    /// How often it means to send a heartbeat; members of 1.x do not say.
    #[serde(
        default,
        rename = "heartbeat_interval_seconds",
        with = "seconds::option",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "http", schema(value_type = Option<f64>))]
    pub heartbeat_interval: Option<Duration>,
    /// Whether it runs a UDP echo at its port; members of 1.x run none.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub udp_echo: bool,
}

impl TryFrom<RegisterRequest> for Registration {
    type Error = InvalidValue;
    fn try_from(request: RegisterRequest) -> Result<Self, InvalidValue> {
        Ok(Self {
            instance_id: request.instance_id.unwrap_or_else(InstanceId::random),
            location: request.location,
            address: AdvertisedAddress::new(request.ip, request.port)?,
            heartbeat_interval: request.heartbeat_interval,
            udp_echo: request.udp_echo,
        })
    }
}

/// The answer to `POST /register`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct RegisterResponse {
    /// The id under which the member is known.
    pub instance_id: InstanceId,
    /// What was done.
    pub status: Ack,
}

/// `POST /heartbeat` and `POST /deregister`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct MemberRef {
    /// Whose.
    pub instance_id: InstanceId,
}

/// The answer of a call that has nothing else to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct AckResponse {
    /// What was done.
    pub status: Ack,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Ack {
    /// What was asked.
    Ok,
    /// The member was taken in.
    Registered,
    /// The member is gone.
    Deregistered,
}

/// The answer to `POST /bandwidth_test`: what came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadResponse {
    /// Bytes of the body that were taken.
    pub bytes: u64,
    /// From the head of the request to the end of its body; in JSON in seconds.
    #[serde(rename = "duration_seconds", with = "seconds")]
    pub duration: Duration,
}

/// Any answer that is not 2xx.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct ErrorResponse {
    /// What is wrong, with the name of the field where it is one.
    pub error: String,
}

/// `GET /members`: active members, and those that said goodbye a short while ago. One that is past its time to live is
/// not listed, as in 1.x; `GET /api/v1/matrix` has those too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct MembersResponse {
    /// The members, in the order of their ids.
    pub members: Vec<MemberEntry>,
    /// Where the registry cannot reach its store: since when these are the members that it knew last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale_since: Option<Timestamp>,
}

/// One of `GET /members`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct MemberEntry {
    /// Who it is.
    pub instance_id: InstanceId,
    /// Where it stands.
    pub location: Location,
    /// Where the others reach it.
    #[cfg_attr(feature = "http", schema(value_type = String))]
    pub ip: IpAddr,
    /// Where the others reach it.
    pub port: u16,
    /// When it was last heard of, in whole seconds since 1970.
    pub last_seen: u64,
    /// When it joined, in whole seconds since 1970.
    pub registered_at: u64,
    /// Whether it is to be probed.
    pub status: EntryStatus,
    /// Whether it runs a UDP echo at its port.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub udp_echo: bool,
    /// When it said goodbye, in whole seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deregistered_at: Option<u64>,
    /// How it stands. A registry of 1.x does not say, and a word that is not known counts for none.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "known_state")]
    pub state: Option<MemberStatus>,
}

fn known_state<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<MemberStatus>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum State {
        Known(MemberStatus),
        Other(IgnoredAny),
    }
    Ok(match State::deserialize(deserializer)? {
        State::Known(state) => Some(state),
        State::Other(_) => None,
    })
}

/// Whether a member is to be probed: members of 1.x take any word but `active` for no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum EntryStatus {
    /// It is.
    Active,
    /// It said goodbye.
    Deregistered,
    /// Some other word of some other registry: it is not.
    #[serde(other, skip_serializing)]
    Other,
}

impl MemberEntry {
    /// The entry of `member`, where members of 1.x are to see it.
    #[must_use]
    pub fn of(member: &Member, state: MemberStatus) -> Option<Self> {
        let status = match state {
            MemberStatus::Online | MemberStatus::Stale => EntryStatus::Active,
            MemberStatus::Deregistered => EntryStatus::Deregistered,
            MemberStatus::Offline => return None,
        };
        Some(Self {
            instance_id: member.instance_id.clone(),
            location: member.location.clone(),
            ip: member.address.ip(),
            port: member.address.port(),
            last_seen: member.last_seen.as_unix_seconds(),
            registered_at: member.registered_at.as_unix_seconds(),
            status,
            udp_echo: member.udp_echo,
            deregistered_at: member.deregistered_at.map(Timestamp::as_unix_seconds),
            state: Some(state),
        })
    }
}

impl TryFrom<MemberEntry> for Member {
    type Error = InvalidValue;
    fn try_from(entry: MemberEntry) -> Result<Self, InvalidValue> {
        // Checked, for a time that is too late (in milliseconds, say) could be written to JSON and not be read again.
        let time = |seconds: u64| Timestamp::try_from(seconds as f64);
        Ok(Self {
            instance_id: entry.instance_id,
            location: entry.location,
            address: AdvertisedAddress::new(entry.ip, entry.port)?,
            heartbeat_interval: None,
            udp_echo: entry.udp_echo,
            registered_at: time(entry.registered_at)?,
            last_seen: time(entry.last_seen)?,
            deregistered_at: entry.deregistered_at.map(time).transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_with_a_time_that_cannot_be_is_refused() {
        let seconds = 1_700_000_000_u64;
        let member = |last_seen, registered_at, deregistered_at| {
            Member::try_from(MemberEntry {
                instance_id: InstanceId::new("a").unwrap(),
                location: Location::new("eu1").unwrap(),
                ip: [10, 0, 0, 1].into(),
                port: 8757,
                last_seen,
                registered_at,
                status: EntryStatus::Active,
                udp_echo: false,
                deregistered_at,
                state: None,
            })
        };
        let good = member(seconds, seconds, Some(seconds)).unwrap();
        assert_eq!(good.last_seen, Timestamp::from_unix_seconds(seconds));
        assert_eq!(serde_json::from_value::<Member>(serde_json::to_value(&good).unwrap()).unwrap(), good);
        for late in [seconds * 1_000, u64::MAX] {
            assert!(member(late, seconds, None).is_err());
            assert!(member(seconds, late, None).is_err());
            assert!(member(seconds, seconds, Some(late)).is_err());
        }
    }
}
