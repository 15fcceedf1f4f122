use super::{AdvertisedAddress, InstanceId, Location, Timestamp, seconds};
use serde::{Deserialize, Serialize};
use std::{fmt, time::Duration};

/// What a member says of itself when it joins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// Who it is.
    pub instance_id: InstanceId,
    /// Where it stands.
    pub location: Location,
    /// Where the others reach it.
    pub address: AdvertisedAddress,
    /// How often it means to send a heartbeat, where it says so.
    pub heartbeat_interval: Option<Duration>,
    /// Whether it runs a UDP echo at its port.
    pub udp_echo: bool,
}

/// A member as a registry keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Who it is.
    pub instance_id: InstanceId,
    /// Where it stands.
    pub location: Location,
    /// Where the others reach it.
    pub address: AdvertisedAddress,
    /// How often it means to send a heartbeat, where it said so; in JSON in seconds.
    #[serde(
        default,
        rename = "heartbeat_interval_seconds",
        with = "seconds::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub heartbeat_interval: Option<Duration>,
    /// Whether it runs a UDP echo at its port, as it said; a member of netring 1.x has none.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub udp_echo: bool,
    /// When it joined: since then it has not been away.
    pub registered_at: Timestamp,
    /// When it was last heard of.
    pub last_seen: Timestamp,
    /// When it said goodbye, where it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deregistered_at: Option<Timestamp>,
}

/// How a member stands, by what was last heard of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum MemberStatus {
    /// Heard of within two of its heartbeat intervals.
    Online,
    /// Not heard of for longer, but its time to live is not over.
    Stale,
    /// Not heard of for longer than its time to live.
    Offline,
    /// It said goodbye.
    Deregistered,
}

impl MemberStatus {
    /// Every status, from the best on.
    pub const ALL: [Self; 4] = [Self::Online, Self::Stale, Self::Offline, Self::Deregistered];

    /// Whether the others are to probe it.
    #[must_use]
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Online | Self::Stale)
    }

    /// The word that JSON, metrics and the page have for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Stale => "stale",
            Self::Offline => "offline",
            Self::Deregistered => "deregistered",
        }
    }
}

impl fmt::Display for MemberStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
