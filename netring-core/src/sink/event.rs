use crate::{
    model::{Endpoint, InstanceId, Location, Member, PathChange, ProbeKind, ProbeReport, Target, Timestamp},
    prober::ProbeError,
};

/// The member in which something happened.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Source {
    /// Its id.
    pub instance_id: InstanceId,
    /// The site it stands in.
    pub location: Location,
}

/// What happened in a member.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A probe was made. What came of it is in the report.
    Probe {
        /// The member that probed.
        source: &'a Source,
        /// What it saw.
        report: &'a ProbeReport,
    },
    /// A probe could not be made. It says nothing of the target.
    ProbeNotMade {
        /// The member that meant to probe.
        source: &'a Source,
        /// Whom.
        target: &'a Target,
        /// What for.
        kind: &'a ProbeKind,
        /// What it would have asked for.
        endpoint: Option<&'a Endpoint>,
        /// What kept it from probing.
        error: &'a ProbeError,
    },
    /// A probe is made no more of a target that stays: it does not answer such probes any longer. What was known by it goes.
    ProbeEnded {
        /// The member that probed.
        source: &'a Source,
        /// Whom.
        target: &'a Target,
        /// What for.
        kind: &'a ProbeKind,
        /// What it asked for.
        endpoint: Option<&'a Endpoint>,
    },
    /// The paths to a target are others than they were, and have been for two traceroutes.
    PathChanged {
        /// The member that traced.
        source: &'a Source,
        /// Where to.
        target: &'a Target,
        /// What changed.
        change: &'a PathChange,
    },
    /// Who is in the ring: everybody that is to be probed, the source itself not counted. Comes after every successful
    /// poll, changed or not, and with a list that was kept over a restart. A member that is no longer listed takes its series with it.
    Members {
        /// The member that asked.
        source: &'a Source,
        /// The others.
        members: &'a [Member],
        /// When that was true, by the clock of the system: before now where the registry could not look it up, and where
        /// the list is one that was kept over a restart of the member.
        as_of: Timestamp,
    },
    /// Contact with the registry was made, lost or regained.
    RegistryContact {
        /// The member whose contact it is.
        source: &'a Source,
        /// Whether the registry is in reach now.
        in_reach: bool,
    },
    /// A task of the member panicked, and was started again.
    TaskPanicked {
        /// The member.
        source: &'a Source,
        /// Its task.
        task: &'static str,
    },
}
