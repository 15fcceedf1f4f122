//! What verdicts rest on: for each pair, what its newest results say once single bad ones are left out.

use crate::model::{Endpoint, InstanceId, Location, MemberStatus, ProbeKind, Timestamp};
use std::{net::IpAddr, sync::Arc, time::Duration};

/// What is known of a ring at one moment.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// When this was so.
    pub at: Timestamp,
    /// Who may be at fault: every member that has not said goodbye.
    pub members: Vec<Witness>,
    /// Every ordered pair of [`members`](Self::members) of which something is known. What is not here is unknown.
    pub pairs: Vec<PairEvidence>,
}

/// One member, as a witness and as a subject.
#[derive(Debug, Clone)]
pub struct Witness {
    /// Who it is.
    pub instance_id: InstanceId,
    /// Where it stands.
    pub location: Location,
    /// How it stands, by its heartbeats.
    pub status: MemberStatus,
    /// Whether its last report is new enough to rest anything on.
    pub reporting: bool,
    /// When its last report came, by the registry's clock. Who has reported since a fault began is alive, and has had its say.
    pub reported_at: Option<Timestamp>,
    /// How often it checks and reports, as it says itself; zero where nobody knows.
    pub check_interval: Duration,
    /// Of its last results how many were tainted: it was too late to trust what it measured.
    pub tainted: Count,
}

/// What is known of a pair.
#[derive(Debug, Clone, Default)]
pub struct PairEvidence {
    /// Who probes, by its place in [`Evidence::members`].
    pub source: u32,
    /// Who is probed, by its place there.
    pub target: u32,
    /// Whether the target can be reached: every check that counts, taken together.
    pub reach: Finding,
    /// What `reach` was found to be, where that was before others saw the contrary of the target: it is unknown then. Unknown
    /// where it was not.
    pub outdated: Standing,
    /// Whether the round trip takes longer than it usually does.
    pub latency: Finding,
    /// Whether packets are lost on the way there.
    pub loss_forward: Finding,
    /// Whether packets are lost on the way back.
    pub loss_backward: Finding,
    /// Whether packets are lost on either way, where nobody can tell on which.
    pub loss: Finding,
    /// Each check apart, where they do not agree; empty where they do.
    pub checks: Vec<CheckEvidence>,
    /// The routers on the way there, as the last traceroute that reached the target showed them, the target itself left out. A
    /// hop that was silent has none.
    pub path: Option<Arc<[Option<IpAddr>]>>,
    /// The last hop that answered in a traceroute since, which did not reach the target.
    pub last_hop: Option<IpAddr>,
    /// Every check that its source makes, whether they agree or not; pairs for which it is the same share it.
    pub made: Option<Arc<[MadeCheck]>>,
    /// Since when it is known for all checks what their round trip usually takes, where it is for any that is measured.
    pub usual_since: Option<Timestamp>,
}

/// One check that is made, and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeCheck {
    /// What is probed for.
    pub kind: ProbeKind,
    /// What is asked for, in an HTTP probe.
    pub endpoint: Option<Endpoint>,
    /// As in [`CheckEvidence::finding`].
    pub standing: Standing,
    /// Whether that rests on as many results as it takes to be good again.
    pub settled: bool,
}

/// What one check of a pair says.
#[derive(Debug, Clone)]
pub struct CheckEvidence {
    /// What is probed for.
    pub kind: ProbeKind,
    /// What is asked for, in an HTTP probe.
    pub endpoint: Option<Endpoint>,
    /// Whether it does what is expected of it. A check that was never good since it is known is unknown where the kind is one
    /// that many networks do not let through (UDP, ICMP); and so is
    /// one that says nothing of now, because all it rests on was before another check turned.
    pub finding: Finding,
}

/// What the newest results say together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Finding {
    /// What they come to.
    pub standing: Standing,
    /// How many of them were bad.
    pub count: Count,
}

/// How many results were bad, of how many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Bad ones.
    pub bad: u16,
    /// All of them.
    pub of: u16,
}

/// What several results come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Nobody knows: no result, or none that is new and can be trusted.
    #[default]
    Unknown,
    /// Good. A single bad result does not change that.
    Good,
    /// Bad, and not good again for long enough since.
    Bad,
}
