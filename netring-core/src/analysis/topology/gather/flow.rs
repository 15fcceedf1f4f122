//! What one flow of one trace shows, step by step.

use super::{super::samples::microseconds, Node};
use crate::model::{FlowPath, Hop, PathEnd};
use std::net::IpAddr;

/// One hop that answered.
#[derive(Debug, Clone, Default)]
pub(super) struct Step {
    pub(super) ttl: u8,
    /// The last time to live with which it answered: mostly the same.
    pub(super) last_ttl: u8,
    /// Who answered, in their order, and the shortest round trip to each in microseconds.
    pub(super) nodes: Vec<(Node, i64)>,
    /// The shortest round trip to this hop or to one after it, in microseconds.
    pub(super) lasting: i64,
    /// Packets that are lost up to here for good, as a part of those sent, and how many were sent; where that is known.
    pub(super) loss: Option<(f64, f64)>,
}

impl Step {
    /// Who traces.
    pub(super) fn source(node: Node) -> Self {
        Self { ttl: 0, last_ttl: 0, nodes: vec![(node, 0)], lasting: 0, loss: Some((0.0, 0.0)) }
    }
}

/// Puts the steps of `flow` into `steps`, in place of what is there.
pub(super) fn steps(flow: &FlowPath, target: Node, router: impl Fn(IpAddr) -> Node, steps: &mut Vec<Step>) {
    steps.clear();
    let hops = match flow.end {
        PathEnd::Reached | PathEnd::Silent | PathEnd::Loop => flow.hops.as_slice(),
        // Who refuses a packet is a router before that hop.
        _ => flow.hops.split_last().map_or(&[][..], |(_, before)| before),
    };
    let reached = flow.end == PathEnd::Reached;
    // From the end on, for what counts at a hop depends on those after it.
    let tells_loss = reached && hops.last().is_some_and(|hop| hop.sent >= 2);
    let (mut lasting, mut lost) = (i64::MAX, 1.0_f64);
    for (i, hop) in hops.iter().enumerate().rev() {
        lost = lost.min(loss_ratio(hop));
        let Some(round_trip_time) = hop.round_trip_time().map(microseconds) else { continue };
        lasting = lasting.min(round_trip_time);
        let nodes = if reached && i + 1 == hops.len() { vec![(target, round_trip_time)] } else { nodes(hop, &router) };
        steps.push(Step {
            ttl: hop.ttl,
            last_ttl: hop.ttl,
            nodes,
            lasting,
            loss: tells_loss.then(|| (lost, f64::from(hop.sent))),
        });
    }
    steps.reverse();
    cut(steps);
}

fn loss_ratio(hop: &Hop) -> f64 {
    if hop.loss_ratio.is_nan() { 0.0 } else { hop.loss_ratio.clamp(0.0, 1.0) }
}

fn nodes(hop: &Hop, router: impl Fn(IpAddr) -> Node) -> Vec<(Node, i64)> {
    let mut nodes: Vec<(Node, i64)> = Vec::with_capacity(1);
    for answer in &hop.answers {
        let (node, time) = (router(answer.ip.to_canonical()), microseconds(answer.round_trip_time));
        match nodes.iter_mut().find(|(known, _)| *known == node) {
            Some((_, known)) => *known = time.min(*known),
            None => nodes.push((node, time)),
        }
    }
    nodes.sort_unstable();
    nodes
}

/// Leaves out what is no way forward: a router that answers for two hops in a row is one hop, and where one comes again later,
/// or the times to live do not rise, nothing after that is taken.
fn cut(steps: &mut Vec<Step>) {
    let mut taken = 0_usize;
    for i in 0..steps.len() {
        let (before, rest) = steps.split_at_mut(i);
        let Some(step) = rest.first_mut() else { break };
        let Some(last) = taken.checked_sub(1).and_then(|last| before.get_mut(last)) else {
            taken = 1;
            continue;
        };
        if step.ttl <= last.last_ttl {
            break;
        }
        if step.nodes.iter().map(|(node, _)| node).eq(last.nodes.iter().map(|(node, _)| node)) {
            last.last_ttl = step.ttl;
            continue;
        }
        let comes_again = |(node, _): &(Node, i64)| {
            before.iter().take(taken).any(|earlier| earlier.nodes.iter().any(|(known, _)| known == node))
        };
        if step.nodes.iter().any(comes_again) {
            break;
        }
        steps.swap(taken, i);
        taken += 1;
    }
    steps.truncate(taken);
}
