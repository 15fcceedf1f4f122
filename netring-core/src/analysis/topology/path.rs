mod differences;

pub use differences::PathDifferences;

use super::trace::{Trace, newest};
use crate::{
    model::{
        AdvertisedAddress, Flow, FlowPath, Hop, InstanceId, Location, Member, MplsLabel, Path, PathChange, PathEnd,
        Timestamp, TracerouteMode, seconds,
    },
    registry::MembersSnapshot,
    store::ReceivedReport,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeSet, HashSet},
    net::IpAddr,
    sync::Arc,
    time::Duration,
};

/// The ways from one member to another and back, side by side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct PathComparison {
    /// When this was so.
    pub at: Timestamp,
    /// Who traces on the way forward.
    pub source: PathMember,
    /// Who is traced there.
    pub target: PathMember,
    /// The newest traceroute from the source to the target, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forward: Option<TracedPath>,
    /// The newest traceroute from the target to the source, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backward: Option<TracedPath>,
    /// What differs.
    pub differences: PathDifferences,
}

/// One end of the ways.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct PathMember {
    /// Who it is.
    pub instance_id: InstanceId,
    /// Where it stands.
    pub location: Location,
    /// Where the others reach it.
    pub address: AdvertisedAddress,
}

/// A traceroute, for people to read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct TracedPath {
    /// How long ago it ended; in JSON in seconds.
    #[serde(rename = "age_seconds", with = "seconds")]
    #[cfg_attr(feature = "http", schema(value_type = f64))]
    pub age: Duration,
    /// Whether it is so old that the way may be another by now. The graph does not show it.
    #[serde(default)]
    pub stale: bool,
    /// Whether the member was too late itself to trust the times and losses.
    #[serde(default)]
    pub tainted: bool,
    /// What was sent.
    pub mode: TracerouteMode,
    /// Hops to the target, itself counted: the fewest of the flows that reached it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hops: Option<u8>,
    /// The shortest round trip to the target; in JSON in seconds.
    #[serde(
        default,
        rename = "round_trip_time_seconds",
        with = "seconds::option",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "http", schema(value_type = Option<f64>))]
    pub round_trip_time: Option<Duration>,
    /// The flows that were traced.
    pub flows: Vec<TracedFlow>,
    /// The last change of the way that lasted, while the member remembers one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_change: Option<PathChange>,
}

/// The way of one flow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct TracedFlow {
    /// Which flow.
    pub flow: Flow,
    /// How it ended.
    pub end: PathEnd,
    /// Hop by hop; one that is silent has no routers.
    pub hops: Vec<TracedHop>,
}

/// One hop of a flow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct TracedHop {
    /// The time to live (hop limit) that the packets were sent with.
    pub ttl: u8,
    /// Packets that nobody answered, as a part of those sent. Routers limit how often they answer: it says something of the way
    /// only where all hops after it lose as well.
    pub loss_ratio: f64,
    /// Who answered, in the order of the addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub routers: Vec<TracedRouter>,
}

/// Who answered at a hop.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct TracedRouter {
    /// The address.
    #[cfg_attr(feature = "http", schema(value_type = String))]
    pub ip: IpAddr,
    /// The shortest round trip; in JSON in seconds.
    #[serde(rename = "round_trip_time_seconds", with = "seconds")]
    #[cfg_attr(feature = "http", schema(value_type = f64))]
    pub round_trip_time: Duration,
    /// The MPLS labels that the packet with the shortest round trip arrived with, from the outermost on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mpls: Vec<MplsLabel>,
}

/// The newest traceroutes of `source` and `target` to each other. None where one of them is not in the ring.
#[must_use]
pub fn path_between(
    snapshot: &MembersSnapshot,
    reports: &[Arc<ReceivedReport>],
    source: &InstanceId,
    target: &InstanceId,
) -> Option<PathComparison> {
    let member = |id: &InstanceId| {
        let (member, _) = snapshot.members.iter().find(|(member, _)| member.instance_id == *id)?;
        Some(member)
    };
    let (source, target) = (member(source)?, member(target)?);
    let traced = |from: &Member, to: &Member| {
        let of_member = reports.iter().filter(|received| received.report.instance_id == from.instance_id);
        let received = of_member.max_by_key(|received| received.received_at)?;
        newest(received, snapshot.at).get(&to.instance_id).map(TracedPath::of)
    };
    let (forward, backward) = (traced(source, target), traced(target, source));
    let differences = PathDifferences::between(
        forward.as_ref(),
        backward.as_ref(),
        &HashSet::from([source.address.ip(), target.address.ip()]),
    );
    Some(PathComparison {
        at: snapshot.at,
        source: source.into(),
        target: target.into(),
        forward,
        backward,
        differences,
    })
}

impl From<&Member> for PathMember {
    fn from(member: &Member) -> Self {
        Self { instance_id: member.instance_id.clone(), location: member.location.clone(), address: member.address }
    }
}

impl TracedPath {
    fn of(trace: &Trace<'_>) -> Self {
        Self {
            age: trace.age,
            stale: !trace.fresh,
            tainted: trace.result.tainted,
            mode: trace.trace.mode,
            hops: trace.trace.hops(),
            round_trip_time: trace.trace.target_round_trip_time(),
            flows: trace.trace.flows.iter().map(TracedFlow::of).collect(),
            last_change: trace.trace.last_change.clone(),
        }
    }

    /// Addresses of routers; where the target answered last, that is none.
    fn routers(&self, ends: &HashSet<IpAddr>) -> BTreeSet<IpAddr> {
        let hops = self.flows.iter().flat_map(|flow| {
            let routers = flow.hops.len().saturating_sub(usize::from(flow.end == PathEnd::Reached));
            flow.hops.iter().take(routers)
        });
        let routers = hops.flat_map(|hop| &hop.routers).map(|router| router.ip.to_canonical());
        routers.filter(|ip| !ends.contains(ip)).collect()
    }

    /// How many paths there are of which none agrees with another.
    fn paths(&self) -> usize {
        let mut different: Vec<(Path, bool)> = Vec::new();
        for flow in &self.flows {
            let path = flow.hops.iter().map(|hop| hop.routers.iter().map(|router| router.ip).collect()).collect();
            let (path, reached) = (Path(path), flow.end == PathEnd::Reached);
            let silent = path.0.iter().all(Vec::is_empty);
            if !silent && !different.iter().any(|(known, known_reached)| agree(known, *known_reached, &path, reached)) {
                different.push((path, reached));
            }
        }
        different.len()
    }
}

fn agree(a: &Path, a_reached: bool, b: &Path, b_reached: bool) -> bool {
    let lengths_agree = match (a_reached, b_reached) {
        (true, true) => a.0.len() == b.0.len(),
        (true, false) => a.0.len() >= b.0.len(),
        (false, true) => a.0.len() <= b.0.len(),
        (false, false) => true,
    };
    let mut hops = a.0.iter().zip(&b.0);
    lengths_agree && hops.all(|(a, b)| a.is_empty() || b.is_empty() || a.iter().any(|router| b.contains(router)))
}

impl TracedFlow {
    fn of(flow: &FlowPath) -> Self {
        Self { flow: flow.flow, end: flow.end, hops: flow.hops.iter().map(TracedHop::of).collect() }
    }
}

impl TracedHop {
    fn of(hop: &Hop) -> Self {
        let mut routers: Vec<TracedRouter> = Vec::new();
        for answer in &hop.answers {
            let (ip, round_trip_time) = (answer.ip.to_canonical(), answer.round_trip_time);
            let router = TracedRouter { ip, round_trip_time, mpls: answer.mpls.clone() };
            match routers.iter_mut().find(|router| router.ip == ip) {
                Some(known) if known.round_trip_time <= round_trip_time => {}
                Some(known) => *known = router,
                None => routers.push(router),
            }
        }
        routers.sort_unstable_by_key(|router| router.ip);
        Self { ttl: hop.ttl, loss_ratio: hop.loss_ratio, routers }
    }
}
