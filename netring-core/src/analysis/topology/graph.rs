use super::{Bottleneck, Severity};
use crate::model::{InstanceId, Location, Timestamp, seconds};
use serde::{Deserialize, Serialize};
use std::{fmt, net::IpAddr, time::Duration};

/// Locations, routers, and what lies between them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct Topology {
    /// When this was so.
    pub at: Timestamp,
    /// How many traces it is made from: one for each ordered pair of members that has one.
    pub traces: usize,
    /// Where active members stand, in the order of the names.
    pub locations: Vec<LocationNode>,
    /// Who answered on the ways between them, in the order of the addresses.
    pub routers: Vec<RouterNode>,
    /// What lies between them, in the order of its ends.
    pub edges: Vec<TopologyEdge>,
    /// From which location to which there are traces, in the order of the two.
    pub connections: Vec<LocationConnection>,
    /// The worst edges, the worst first; at most [`Topology::MAX_BOTTLENECKS`].
    pub bottlenecks: Vec<Bottleneck>,
    /// Whether there was more than is shown: the routers and edges that most pairs use are here.
    pub truncated: bool,
}

impl Topology {
    /// Most locations and routers together.
    pub const MAX_NODES: usize = 5_000;
    /// Most edges, and most connections of locations.
    pub const MAX_EDGES: usize = 20_000;
    /// Most bottlenecks.
    pub const MAX_BOTTLENECKS: usize = 50;
}

/// A location, and who stands in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct LocationNode {
    /// Which.
    pub location: Location,
    /// Its active members, in the order of their ids.
    pub members: Vec<InstanceId>,
}

/// A router, and how much it is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct RouterNode {
    /// Which.
    #[serde(flatten)]
    pub router: Router,
    /// How many ordered pairs of members have it on their way.
    pub pairs: u32,
}

/// One address that routers answer by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct Router {
    /// The address.
    #[cfg_attr(feature = "http", schema(value_type = String))]
    pub ip: IpAddr,
    /// Where the address is private (RFC 1918, RFC 6598, RFC 4193) or link-local: whose it is, for other sites may have the same
    /// one. It is the location of the members who saw it; or, where locations reach each other's members by private
    /// addresses of the same block, and so share one plan of them, the first of these locations. An address that is the first
    /// hop of several locations is shared by none: it is a gateway that each of them has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub realm: Option<Location>,
}

impl fmt::Display for Router {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.realm {
            None => write!(f, "{}", self.ip),
            Some(realm) => write!(f, "{} ({realm})", self.ip),
        }
    }
}

/// An end of an edge.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The members of a location.
    Location(Location),
    /// A router.
    Router(Router),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Location(location) => write!(f, "{location}"),
            Self::Router(router) => write!(f, "{router}"),
        }
    }
}

/// What lies between two places that follow each other on a way.
///
/// What it adds is the difference of the round trips to its two ends, each the shortest that a hop was seen with, within one flow
/// of one trace; of all flows and traces, the median. It is a hint and no measurement of the link: a router answers when it has
/// nothing better to do, and the way back from one end may be another than from the other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct TopologyEdge {
    /// Nearer to who traces.
    pub from: Place,
    /// The next that answers.
    pub to: Place,
    /// How many hops between the two are silent.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub silent_hops: u8,
    /// How many ordered pairs of members use it.
    pub pairs: u32,
    /// The round trip to `to`, less that to `from`; in JSON in seconds. None where no trace tells that can be trusted.
    #[serde(
        default,
        rename = "added_latency_seconds",
        with = "seconds::option",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "http", schema(value_type = Option<f64>))]
    pub added_latency: Option<Duration>,
    /// How far that may be off: half of the distance between the quartiles of the differences, or half of that between the least
    /// and the greatest where there are fewer than four; in JSON in seconds. None where there is one difference alone.
    #[serde(
        default,
        rename = "uncertainty_seconds",
        with = "seconds::option",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "http", schema(value_type = Option<f64>))]
    pub uncertainty: Option<Duration>,
    /// Whether the median was negative, and is shown as zero.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub clamped: bool,
    /// What of it stays: each round trip counts as at most the shortest of all hops after it, for what delays a packet shows
    /// there too, and what delays but a router's own answer does not. In JSON in seconds.
    #[serde(
        default,
        rename = "lasting_latency_seconds",
        with = "seconds::option",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "http", schema(value_type = Option<f64>))]
    pub lasting_latency: Option<Duration>,
    /// Packets that are lost here, as a part of those that come here. Loss counts from the hop on from which all hops lose as
    /// much, up to the target: routers limit how often they answer. None where no trace reached its target, with several packets
    /// to a hop: where it did not, nobody knows what is lost and what is filtered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss_ratio: Option<f64>,
    /// How bad this is, by the thresholds for bottlenecks.
    pub severity: Severity,
}

fn is_zero(number: &u8) -> bool {
    *number == 0
}

/// The traces from one location to another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct LocationConnection {
    /// From here.
    pub source_location: Location,
    /// To here.
    pub target_location: Location,
    /// How many ordered pairs of members have a trace.
    pub pairs: u32,
    /// How many of these traces reached the target.
    pub reached: u32,
    /// The median of the shortest round trips to the targets; in JSON in seconds.
    #[serde(
        default,
        rename = "round_trip_time_seconds",
        with = "seconds::option",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "http", schema(value_type = Option<f64>))]
    pub round_trip_time: Option<Duration>,
}
