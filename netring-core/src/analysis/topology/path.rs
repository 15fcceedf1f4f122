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

/// What differs between the way forward and the way back.
///
/// A router answers by the address that the packet came in at, so that one which stands on both ways mostly shows two addresses.
/// An address that is seen one way only is therefore no sign that the ways part; one that is seen both ways is a sign that they
/// meet. What can be compared are the lengths and the round trips.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct PathDifferences {
    /// Hops forward less hops back, where both reached: other than 0 only where the ways differ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hops: Option<i16>,
    /// The shortest round trip forward less that back, in seconds, where both reached. Both go there and back, so that much of a
    /// difference comes from the ends, from flows that go different ways, or from times at which there was more traffic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round_trip_time_seconds: Option<f64>,
    /// Addresses of routers that are seen both ways, in their order.
    #[cfg_attr(feature = "http", schema(value_type = Vec<String>))]
    pub shared_routers: Vec<IpAddr>,
    /// Addresses of routers that are seen on the way forward only, in their order.
    #[cfg_attr(feature = "http", schema(value_type = Vec<String>))]
    pub forward_only: Vec<IpAddr>,
    /// Addresses of routers that are seen on the way back only, in their order.
    #[cfg_attr(feature = "http", schema(value_type = Vec<String>))]
    pub backward_only: Vec<IpAddr>,
    /// How many different paths the flows forward take: more than one where routers balance by flow (ECMP). Paths where a silent
    /// hop may hide the difference count as one.
    pub forward_paths: usize,
    /// How many different paths the flows back take.
    pub backward_paths: usize,
    /// The same in sentences.
    pub sentences: Vec<String>,
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

impl PathDifferences {
    fn between(forward: Option<&TracedPath>, backward: Option<&TracedPath>, ends: &HashSet<IpAddr>) -> Self {
        let routers = |path: Option<&TracedPath>| path.map(|path| path.routers(ends)).unwrap_or_default();
        let (there, back) = (routers(forward), routers(backward));
        let both = forward.zip(backward);
        let mut differences = Self {
            hops: both.and_then(|(there, back)| Some(i16::from(there.hops?) - i16::from(back.hops?))),
            round_trip_time_seconds: both.and_then(|(there, back)| {
                Some(there.round_trip_time?.as_secs_f64() - back.round_trip_time?.as_secs_f64())
            }),
            shared_routers: there.intersection(&back).copied().collect(),
            forward_only: there.difference(&back).copied().collect(),
            backward_only: back.difference(&there).copied().collect(),
            forward_paths: forward.map_or(0, TracedPath::paths),
            backward_paths: backward.map_or(0, TracedPath::paths),
            sentences: Vec::new(),
        };
        differences.sentences = differences.in_sentences(forward, backward);
        differences
    }

    fn in_sentences(&self, forward: Option<&TracedPath>, backward: Option<&TracedPath>) -> Vec<String> {
        let mut said = Vec::new();
        for (path, way, paths) in [(forward, "forward", self.forward_paths), (backward, "back", self.backward_paths)] {
            let Some(path) = path else {
                said.push(format!("There is no traceroute of the way {way}."));
                continue;
            };
            if path.stale {
                said.push(format!("The traceroute of the way {way} is old: it may be another by now."));
            }
            if path.hops.is_none() {
                said.push(format!("The traceroute of the way {way} did not reach its end."));
            }
            if paths > 1 {
                said.push(format!("The flows of the way {way} take {paths} different paths."));
            }
        }
        match self.hops {
            Some(0) | None => {}
            Some(hops) => {
                let (way, longer) = if hops > 0 { ("forward", hops) } else { ("back", -hops) };
                let noun = if longer == 1 { "hop" } else { "hops" };
                said.push(format!("The way {way} is longer by {longer} {noun}: the two ways differ."));
            }
        }
        if forward.is_some() && backward.is_some() {
            let shared = self.shared_routers.len();
            said.push(match shared {
                0 => "No address is seen both ways. That is no sign that the ways differ: a router answers by the \
                      address that the packet came in at, which is another one on the way back."
                    .to_owned(),
                1 => "1 address is seen both ways.".to_owned(),
                _ => format!("{shared} addresses are seen both ways."),
            });
        }
        said
    }
}
