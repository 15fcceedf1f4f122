//! What is at fault, in the words that JSON, metrics and the page have for it.

use crate::model::{Endpoint, InstanceId, Location, ProbeKind, Timestamp};
use serde::{Deserialize, Serialize};
use std::{fmt, net::IpAddr};

/// Something that is at fault, or was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct Fault {
    /// No other fault has it, in any registry of the ring.
    pub id: String,
    /// What is at fault.
    #[serde(flatten)]
    pub subject: Subject,
    /// How it shows.
    pub symptom: Symptom,
    /// When it began, as far as is known.
    pub since: Timestamp,
    /// When it was over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
    /// How often it seemed to be over and was not.
    #[serde(default)]
    pub relapses: u32,
    /// How sure this is, from 0 to 1: the part of what the fault would break that is known to be broken, less where that could
    /// be chance.
    pub confidence: f64,
    /// Pairs that show it, at most [`Fault::MAX_PAIRS`] of them.
    pub pairs: Vec<PairRef>,
    /// How many pairs show it.
    pub pairs_total: usize,
    /// Routers and links that the traces of these pairs share and those of good pairs do not, the likeliest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suspects: Vec<Suspect>,
    /// All of it in a sentence.
    pub sentence: String,
}

impl Fault {
    /// Most pairs that a fault names.
    pub const MAX_PAIRS: usize = 20;
    /// Most suspects that a fault names.
    pub const MAX_SUSPECTS: usize = 5;
    /// Most locations that a side of a partition names.
    pub const MAX_LOCATIONS: usize = 50;

    /// See [`Occurrence::concerns`](super::Occurrence::concerns).
    pub(super) fn concerns<'a>(
        &self,
        location: &Location,
        locate: impl Fn(&InstanceId) -> Option<&'a Location>,
    ) -> bool {
        let stands = |instance_id: &InstanceId| locate(instance_id) == Some(location);
        match &self.subject {
            Subject::Target { location: of, .. }
            | Subject::Inbound { location: of, .. }
            | Subject::Source { location: of, .. }
            | Subject::Location { location: of } => of == location,
            Subject::Partition { sides } => sides.iter().any(|side| side.contains(location)),
            Subject::LocationPair { locations } => locations.contains(location),
            Subject::Direction { source_location, target_location } => {
                source_location == location || target_location == location
            }
            Subject::Pair { source, target, .. } => stands(source) || stands(target),
            Subject::Kind { of, .. } => match of {
                KindOf::Target(instance_id) | KindOf::Source(instance_id) => stands(instance_id),
                KindOf::Direction(source, target) => source == location || target == location,
                KindOf::Pair(source, target) => stands(source) || stands(target),
                KindOf::Ring => true,
            },
            Subject::Router { .. } | Subject::Link { .. } => {
                self.pairs.iter().any(|pair| stands(&pair.source) || stands(&pair.target))
            }
        }
    }
}

/// An ordered pair of members.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct PairRef {
    /// Who probes.
    pub source: InstanceId,
    /// Who is probed.
    pub target: InstanceId,
}

/// What is at fault.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(tag = "scope", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Subject {
    /// A member that is down: nobody reaches it, and it is silent itself.
    Target {
        /// Which.
        instance_id: InstanceId,
        /// Where it stands.
        location: Location,
    },
    /// A member that is up and cannot be reached.
    Inbound {
        /// Which.
        instance_id: InstanceId,
        /// Where it stands.
        location: Location,
    },
    /// A member that is cut off, or is overloaded itself: it reaches nobody, or cannot tell.
    Source {
        /// Which.
        instance_id: InstanceId,
        /// Where it stands.
        location: Location,
    },
    /// A whole location.
    Location {
        /// Which.
        location: Location,
    },
    /// What lies between two parts of the ring: nothing gets through, and each of them is well.
    Partition {
        /// The locations of the one and of the other, at most [`Fault::MAX_LOCATIONS`] each, in their order.
        sides: [Vec<Location>; 2],
    },
    /// What lies between two locations, both ways. They are the same where it lies inside of one.
    LocationPair {
        /// The two, in their order.
        locations: [Location; 2],
    },
    /// What lies between two locations, one way.
    Direction {
        /// From here.
        source_location: Location,
        /// To here.
        target_location: Location,
    },
    /// A single pair, where others between the same locations are good.
    Pair {
        /// Who does not reach whom.
        source: InstanceId,
        /// Who is not reached.
        target: InstanceId,
        /// Whether it is so the other way too; `source` is the first of the two in their order then.
        both_ways: bool,
    },
    /// One kind of probe: the service, and not the network.
    Kind {
        /// Which kind.
        kind: ProbeKind,
        /// What is asked for, in an HTTP probe.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        endpoint: Option<Endpoint>,
        /// For whom the probe is bad.
        of: KindOf,
    },
    /// A router.
    Router {
        /// The address that it answers by.
        #[cfg_attr(feature = "http", schema(value_type = String))]
        router: IpAddr,
    },
    /// A link between two routers, as seen from the sources.
    Link {
        /// The near end, or the source's own location where there is none.
        #[cfg_attr(feature = "http", schema(value_type = Vec<String>))]
        link: [IpAddr; 2],
    },
}

/// For whom one kind of probe is bad.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KindOf {
    /// For everybody who probes this member.
    Target(InstanceId),
    /// For this member, whomever it probes.
    Source(InstanceId),
    /// From one location to another.
    Direction(Location, Location),
    /// From one member to another.
    Pair(InstanceId, InstanceId),
    /// For everybody.
    Ring,
}

/// How a fault shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Symptom {
    /// Probes fail.
    Unreachable,
    /// The round trip takes longer than it usually does.
    Slow,
    /// Packets are lost.
    Lossy,
    /// A member is so late with its own probes that they tell nothing.
    Overloaded,
}

/// A router or a link that may be the cause.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct Suspect {
    /// Its address, or the addresses of its two ends.
    #[cfg_attr(feature = "http", schema(value_type = Vec<String>))]
    pub routers: Vec<IpAddr>,
    /// The votes for it, as a part of all: each trace of a bad pair has one, split among the hops that it goes through.
    pub share: f64,
}

impl Subject {
    /// The word for what kind of thing is at fault.
    #[must_use]
    pub const fn scope(&self) -> &'static str {
        match self {
            Self::Target { .. } => "target",
            Self::Inbound { .. } => "inbound",
            Self::Source { .. } => "source",
            Self::Location { .. } => "location",
            Self::Partition { .. } => "partition",
            Self::LocationPair { .. } => "location_pair",
            Self::Direction { .. } => "direction",
            Self::Pair { .. } => "pair",
            Self::Kind { .. } => "kind",
            Self::Router { .. } => "router",
            Self::Link { .. } => "link",
        }
    }
}

/// Separated by commas.
fn write_locations(f: &mut fmt::Formatter<'_>, locations: &[Location]) -> fmt::Result {
    for (i, location) in locations.iter().enumerate() {
        write!(f, "{}{location}", if i == 0 { "" } else { ", " })?;
    }
    Ok(())
}

/// What is at fault in one line, without its scope: `eu1-a`, `eu1 <> us1`, `eu1, eu2 <> asia1, us1`, `eu1 > us1`, `http /health of eu1-a`.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Target { instance_id, .. } | Self::Inbound { instance_id, .. } | Self::Source { instance_id, .. } => {
                write!(f, "{instance_id}")
            }
            Self::Location { location } => write!(f, "{location}"),
            Self::Partition { sides: [one, other] } => {
                write_locations(f, one)?;
                f.write_str(" <> ")?;
                write_locations(f, other)
            }
            Self::LocationPair { locations: [a, b] } => write!(f, "{a} <> {b}"),
            Self::Direction { source_location, target_location } => write!(f, "{source_location} > {target_location}"),
            Self::Pair { source, target, both_ways: true } => write!(f, "{source} <> {target}"),
            Self::Pair { source, target, both_ways: false } => write!(f, "{source} > {target}"),
            Self::Kind { kind, endpoint, of } => {
                write!(f, "{kind}")?;
                if let Some(endpoint) = endpoint {
                    write!(f, " {endpoint}")?;
                }
                match of {
                    KindOf::Target(id) => write!(f, " of {id}"),
                    KindOf::Source(id) => write!(f, " from {id}"),
                    KindOf::Direction(a, b) => write!(f, " {a} > {b}"),
                    KindOf::Pair(a, b) => write!(f, " {a} > {b}"),
                    KindOf::Ring => Ok(()),
                }
            }
            Self::Router { router } => write!(f, "{router}"),
            Self::Link { link: [near, far] } => write!(f, "{near} > {far}"),
        }
    }
}

impl Symptom {
    /// The word that JSON, metrics and the page have for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Slow => "slow",
            Self::Lossy => "lossy",
            Self::Overloaded => "overloaded",
        }
    }
}

impl fmt::Display for Symptom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
