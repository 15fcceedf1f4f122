//! Locations, routers and what lies between them, as the traceroutes of the members show them.

mod bottleneck;
mod gather;
mod graph;
mod path;
mod realm;
mod samples;
mod svg;
mod trace;

pub use bottleneck::{Bottleneck, BottleneckThresholds, Severity};
pub use graph::{LocationConnection, LocationNode, Place, Router, RouterNode, Topology, TopologyEdge};
pub use path::{
    PathComparison, PathDifferences, PathMember, TracedFlow, TracedHop, TracedPath, TracedRouter, path_between,
};
pub use svg::topology_svg;

use crate::{registry::MembersSnapshot, store::ReceivedReport};
use std::sync::Arc;

/// The graph of a ring: its locations, the routers between them, and what lies between those, from the newest traceroute of
/// each ordered pair of active members.
///
/// - A member stands in its location. Where a traceroute reached its target, its last hop is the target's location.
/// - Every address is a router of its own. A router has an address an interface, and answers by the one that the packet
///   came in at, so that the way back shows others; nothing here tells which belong together, so that none are merged. The
///   same private address may be at several sites: see [`Router::realm`].
/// - A hop where nobody answers is no router: the edge over it says how many there are.
/// - Where a packet was refused, the router that says so answers for a hop where it does not stand: that hop is left out. A path
///   is read up to where a router comes again.
/// - Where each of two hops in a row had answers of several routers within a flow, nobody knows which of them are neighbours:
///   there is no edge.
/// - Traces that are older than three of their intervals and than an hour are left out. One that is tainted shows who stands
///   where, and its times and losses count for nothing.
/// - Members of 1.x change the ports from packet to packet, so that where routers balance by flow their traces may show
///   neighbours that are none.
///
/// A graph is made from nothing but the newest traces. So an edge that no route has any more is gone, and those that other
/// routes share stay.
#[must_use]
pub fn topology(
    snapshot: &MembersSnapshot,
    reports: &[Arc<ReceivedReport>],
    thresholds: &BottleneckThresholds,
) -> Topology {
    gather::gather(snapshot, reports).finish(snapshot.at, thresholds)
}

#[cfg(test)]
mod tests;
