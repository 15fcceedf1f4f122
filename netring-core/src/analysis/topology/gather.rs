//! Traces into a graph: what is counted at each edge.

mod flow;
mod used;

use super::{
    BottleneckThresholds, LocationConnection, LocationNode, Place, Router, RouterNode, Topology, TopologyEdge,
    bottleneck,
    realm::Realms,
    samples::{Samples, Summary, microseconds},
    trace::{Trace, newest},
};
use crate::{
    model::{InstanceId, Location, PathEnd, Timestamp},
    registry::MembersSnapshot,
    store::ReceivedReport,
};
use flow::Step;
use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
    sync::Arc,
};
use used::{Used, forget, keep_most_used, sorted};

/// When more edges, routers or connections than this have been seen, the less used half is forgotten, so that strangers who
/// make them up cannot fill the memory.
const MAX_GATHERED: usize = 8 * Topology::MAX_EDGES;

/// An end of an edge, by the number of its location.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Node {
    Location(u32),
    Router(IpAddr, Option<u32>),
}

/// Two nodes in a row, and how many silent hops are between them.
type Link = (Node, Node, u8);

/// What is counted at an edge.
#[derive(Debug, Clone, Default)]
struct Seen {
    added: Samples,
    lasting: Samples,
    /// Packets that came here, as far as anybody can tell.
    came: f64,
    /// Those of them that went no further.
    lost: f64,
}

/// What is counted between two locations.
#[derive(Debug, Clone, Default)]
struct Connection {
    reached: u32,
    round_trips: Samples,
}

/// A graph in the making.
#[derive(Debug)]
pub(super) struct Gathered<'a> {
    locations: BTreeMap<&'a Location, Vec<&'a InstanceId>>,
    realms: Realms,
    pairs: u32,
    links: HashMap<Link, Used<Seen>>,
    routers: HashMap<Node, Used<()>>,
    connections: HashMap<(u32, u32), Used<Connection>>,
    truncated: bool,
    /// Kept for its room.
    steps: Vec<Step>,
}

/// Gathers the newest traces of the active members.
pub(super) fn gather<'a>(snapshot: &'a MembersSnapshot, reports: &'a [Arc<ReceivedReport>]) -> Gathered<'a> {
    let mut locations: BTreeMap<&Location, Vec<&InstanceId>> = BTreeMap::new();
    for member in snapshot.active() {
        locations.entry(&member.location).or_default().push(&member.instance_id);
    }
    let mut place: HashMap<&InstanceId, u32> = HashMap::new();
    for (number, members) in (0..).zip(locations.values_mut()) {
        members.sort_unstable();
        place.extend(members.iter().map(|&member| (member, number)));
    }
    // In the order of the sources: what is kept of very many does not depend on the order in which reports come.
    let mut newest_reports: BTreeMap<&InstanceId, &ReceivedReport> = BTreeMap::new();
    for received in reports {
        let newest = newest_reports.entry(&received.report.instance_id).or_insert(received);
        if newest.received_at < received.received_at {
            *newest = received;
        }
    }
    let each_trace = |with: &mut dyn FnMut(u32, u32, Trace<'a>)| {
        for (&source, &received) in &newest_reports {
            let Some(&from) = place.get(source) else { continue };
            let mut traces: Vec<_> = newest(received, snapshot.at).into_iter().collect();
            traces.sort_unstable_by_key(|&(target, _)| target);
            for (target, trace) in traces {
                if let Some(&to) = place.get(target).filter(|_| trace.fresh && target != source) {
                    with(from, to, trace);
                }
            }
        }
    };
    let mut realms = Realms::new(locations.len());
    each_trace(&mut |from, to, trace| learn_realms(&mut realms, from, to, &trace));
    realms.settle();
    let mut gathered = Gathered {
        locations,
        realms,
        pairs: 0,
        links: HashMap::new(),
        routers: HashMap::new(),
        connections: HashMap::new(),
        truncated: false,
        steps: Vec::new(),
    };
    each_trace(&mut |from, to, trace| gathered.take(from, to, &trace));
    gathered
}

fn learn_realms(realms: &mut Realms, from: u32, to: u32, trace: &Trace<'_>) {
    for flow in &trace.trace.flows {
        let first =
            flow.hops.first().filter(|hop| hop.ttl == 1 && (flow.hops.len() > 1 || flow.end != PathEnd::Reached));
        for answer in first.into_iter().flat_map(|hop| &hop.answers) {
            realms.first_hop(from, answer.ip.to_canonical());
        }
        if flow.end == PathEnd::Reached {
            let answered = || Some(flow.hops.last()?.answers.first()?.ip);
            if let Some(ip) = trace.result.ip.or_else(answered) {
                realms.reached(from, to, ip.to_canonical());
            }
        }
    }
}

impl Gathered<'_> {
    fn take(&mut self, from: u32, to: u32, trace: &Trace<'_>) {
        self.pairs = self.pairs.saturating_add(1);
        let pair = self.pairs;
        let counts = !trace.result.tainted;
        let connection = self.connections.entry((from, to)).or_default().by(pair);
        if trace.trace.reached() {
            connection.reached = connection.reached.saturating_add(1);
        }
        if let Some(round_trip_time) = trace.trace.target_round_trip_time().filter(|_| counts) {
            connection.round_trips.add(microseconds(round_trip_time));
        }
        let mut steps = std::mem::take(&mut self.steps);
        for flow in &trace.trace.flows {
            let realms = &self.realms;
            flow::steps(flow, Node::Location(to), |ip| Node::Router(ip, realms.of(from, ip)), &mut steps);
            self.walk(Step::source(Node::Location(from)), &steps, pair, counts);
        }
        self.steps = steps;
        self.bound();
    }

    /// Counts what a flow shows.
    fn walk(&mut self, source: Step, steps: &[Step], pair: u32, counts: bool) {
        let mut before = &source;
        for step in steps {
            for &(node, _) in &step.nodes {
                if matches!(node, Node::Router(..)) {
                    self.routers.entry(node).or_default().by(pair);
                }
            }
            // Of several and several nobody knows who follows whom.
            if before.nodes.len() == 1 || step.nodes.len() == 1 {
                for &(near, near_time) in &before.nodes {
                    for &(far, far_time) in &step.nodes {
                        if near == far {
                            continue;
                        }
                        let silent_hops = step.ttl.saturating_sub(before.last_ttl).saturating_sub(1);
                        let seen = self.links.entry((near, far, silent_hops)).or_default().by(pair);
                        if counts {
                            seen.added.add(far_time.saturating_sub(near_time));
                            seen.lasting.add(step.lasting.saturating_sub(before.lasting));
                            if let (Some(lost_before), Some((lost, sent))) =
                                (before.loss.map(|(loss, _)| loss), step.loss)
                            {
                                let came = (1.0 - lost_before) * sent;
                                seen.came += came;
                                seen.lost += ((lost - lost_before) * sent).clamp(0.0, came);
                            }
                        }
                    }
                }
            }
            before = step;
        }
    }

    fn bound(&mut self) {
        self.truncated |= forget(&mut self.links, MAX_GATHERED)
            | forget(&mut self.routers, MAX_GATHERED)
            | forget(&mut self.connections, MAX_GATHERED);
    }

    /// The graph of what was gathered.
    pub(super) fn finish(mut self, at: Timestamp, thresholds: &BottleneckThresholds) -> Topology {
        let names: Vec<Location> = self.locations.keys().map(|&location| location.clone()).collect();
        let shown = names.len().min(Topology::MAX_NODES);
        self.truncated |= shown < names.len();
        self.truncated |= keep_most_used(&mut self.routers, Topology::MAX_NODES - shown);
        let is_shown = |node: &Node| match node {
            Node::Location(number) => (*number as usize) < shown,
            Node::Router(..) => self.routers.contains_key(node),
        };
        self.links.retain(|(near, far, _), _| is_shown(near) && is_shown(far));
        self.connections.retain(|(from, to), _| ((*from).max(*to) as usize) < shown);
        self.truncated |= keep_most_used(&mut self.links, Topology::MAX_EDGES);
        self.truncated |= keep_most_used(&mut self.connections, Topology::MAX_EDGES);

        let edges =
            sorted(self.links).filter_map(|(link, used)| edge(&names, link, used, thresholds)).collect::<Vec<_>>();
        let routers = sorted(self.routers).filter_map(|(node, used)| match place(&names, node)? {
            Place::Router(router) => Some(RouterNode { router, pairs: used.pairs }),
            Place::Location(_) => None,
        });
        let routers = routers.collect();
        let connections = sorted(self.connections).filter_map(|((from, to), mut used)| {
            Some(LocationConnection {
                source_location: names.get(from as usize)?.clone(),
                target_location: names.get(to as usize)?.clone(),
                pairs: used.pairs,
                reached: used.what.reached,
                round_trip_time: used.what.round_trips.summary().map(Summary::clamped),
            })
        });
        let connections = connections.collect();
        let locations = self.locations.iter().take(shown).map(|(&location, members)| LocationNode {
            location: location.clone(),
            members: members.iter().map(|&member| member.clone()).collect(),
        });
        Topology {
            at,
            traces: self.pairs as usize,
            locations: locations.collect(),
            routers,
            bottlenecks: bottleneck::rank(&edges, thresholds),
            edges,
            connections,
            truncated: self.truncated,
        }
    }
}

fn place(names: &[Location], node: Node) -> Option<Place> {
    let name = |number: u32| names.get(number as usize).cloned();
    Some(match node {
        Node::Location(number) => Place::Location(name(number)?),
        Node::Router(ip, realm) => Place::Router(Router { ip, realm: realm.and_then(name) }),
    })
}

fn edge(
    names: &[Location],
    (near, far, silent_hops): Link,
    Used { pairs, what: mut seen, .. }: Used<Seen>,
    thresholds: &BottleneckThresholds,
) -> Option<TopologyEdge> {
    let added = seen.added.summary();
    let lasting_latency = seen.lasting.summary().map(Summary::clamped);
    let loss_ratio = (seen.came > 0.0).then(|| rounded(seen.lost / seen.came));
    Some(TopologyEdge {
        from: place(names, near)?,
        to: place(names, far)?,
        silent_hops,
        pairs,
        added_latency: added.map(Summary::clamped),
        uncertainty: added.and_then(|added| added.uncertainty),
        clamped: added.is_some_and(|added| added.median < 0),
        lasting_latency,
        loss_ratio,
        severity: thresholds.severity(lasting_latency, loss_ratio, seen.lost, pairs),
    })
}

/// A ratio to a millionth: more digits would say nothing, and JSON would not keep the last of them.
fn rounded(ratio: f64) -> f64 {
    (ratio.clamp(0.0, 1.0) * 1e6).round() / 1e6
}
