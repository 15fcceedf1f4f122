//! What happens in a ring.

use super::Fault;
use crate::model::{InstanceId, Location, PathChange, Timestamp};
use serde::{Deserialize, Serialize};

/// Something that happened in a ring, as every registry of it tells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct RingEvent {
    /// Counts up, without a gap, in the whole ring: from 1 on.
    pub id: u64,
    /// When it was noticed, by the registry's clock.
    pub at: Timestamp,
    /// What it is.
    #[serde(flatten)]
    pub what: Occurrence,
}

/// What may happen in a ring. In JSON its word is in `kind`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Occurrence {
    /// A member registered that was not in the ring before, or that had said goodbye.
    Joined(Whose),
    /// A member said goodbye.
    Left(Whose),
    /// A member has missed heartbeats.
    Stale(Whose),
    /// A member was not heard of for longer than its time to live.
    Offline(Whose),
    /// A member that was stale or offline is heard of again.
    Online(Whose),
    /// A fault has shown for long enough.
    FaultOpened {
        /// Which.
        fault: Box<Fault>,
    },
    /// A fault has not shown for long enough.
    FaultClosed {
        /// Which.
        fault: Box<Fault>,
    },
    /// The path from one member to another has changed.
    PathChanged {
        /// Who traces.
        source: Whose,
        /// To whom.
        target: Whose,
        /// From what to what.
        change: PathChange,
    },
    /// The throughput from or to a member has dropped below its own usual.
    ThroughputDropped {
        /// Who tests.
        source: Whose,
        /// With whom.
        target: Whose,
        /// Which way.
        direction: TransferDirection,
        /// What was measured, in payload bits per second.
        bits_per_second: f64,
        /// What is usual: the median of the last day.
        usual_bits_per_second: f64,
    },
}

/// Whose event it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct Whose {
    /// Who it is.
    pub instance_id: InstanceId,
    /// Where it stands.
    pub location: Location,
}

/// Which way a throughput test went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TransferDirection {
    /// From the target to who tests.
    Download,
    /// From who tests to the target.
    Upload,
}

impl Occurrence {
    /// The words for what may happen.
    pub const KINDS: [&'static str; 9] = [
        "joined",
        "left",
        "stale",
        "offline",
        "online",
        "fault_opened",
        "fault_closed",
        "path_changed",
        "throughput_dropped",
    ];

    /// The word for it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Joined(_) => "joined",
            Self::Left(_) => "left",
            Self::Stale(_) => "stale",
            Self::Offline(_) => "offline",
            Self::Online(_) => "online",
            Self::FaultOpened { .. } => "fault_opened",
            Self::FaultClosed { .. } => "fault_closed",
            Self::PathChanged { .. } => "path_changed",
            Self::ThroughputDropped { .. } => "throughput_dropped",
        }
    }

    /// Whether it concerns `location`: one of those whom it is about stands there, or it is about the location itself. `locate`
    /// says where a member stands, for faults that only name their members; who is not known there stands nowhere.
    ///
    /// A fault of a router or a link concerns the locations of the pairs that show it, and one of the whole ring concerns all.
    pub fn concerns<'a>(&self, location: &Location, locate: impl Fn(&InstanceId) -> Option<&'a Location>) -> bool {
        match self {
            Self::Joined(whose)
            | Self::Left(whose)
            | Self::Stale(whose)
            | Self::Offline(whose)
            | Self::Online(whose) => whose.location == *location,
            Self::PathChanged { source, target, .. } | Self::ThroughputDropped { source, target, .. } => {
                source.location == *location || target.location == *location
            }
            Self::FaultOpened { fault } | Self::FaultClosed { fault } => fault.concerns(location, locate),
        }
    }
}

#[cfg(test)]
mod tests;
