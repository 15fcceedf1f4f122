use netring_core::{
    TracerouteMeasurement,
    model::{FlowPath, PathEnd},
};
use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// How far away the targets of earlier traces were.
///
/// The first packets of a trace go to higher times to live than the target's, as long as it has not answered. They all
/// arrive there, and a target that limits what it says (Linux: six answers at once, then one a second) spends it on them. The
/// next trace knows better.
#[derive(Debug, Default)]
pub(super) struct Memory(Mutex<HashMap<SocketAddr, Distance>>);

/// How far away a target is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Distance {
    /// The highest time to live that a flow needed.
    pub(super) ttl: u8,
    /// The longest round trip to it.
    pub(super) round_trip_time: Duration,
}

impl Memory {
    /// Targets that are remembered. With more it starts anew.
    const TARGETS: usize = 4096;

    pub(super) fn get(&self, target: SocketAddr) -> Option<Distance> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&target).copied()
    }

    /// Takes what a trace saw. Where a flow did not reach the target nothing is known.
    pub(super) fn put(&self, target: SocketAddr, seen: &TracerouteMeasurement) {
        let mut targets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(distance) = distance(&seen.flows) else {
            targets.remove(&target);
            return;
        };
        if targets.len() >= Self::TARGETS && !targets.contains_key(&target) {
            targets.clear();
        }
        targets.insert(target, distance);
    }
}

fn distance(flows: &[FlowPath]) -> Option<Distance> {
    let reached = flows.iter().all(|flow| flow.end == PathEnd::Reached);
    let last = flows.iter().filter(|_| reached).filter_map(|flow| flow.hops.last());
    let ttl = last.clone().map(|hop| hop.ttl).max()?;
    let answers = last.flat_map(|hop| &hop.answers);
    Some(Distance { ttl, round_trip_time: answers.map(|answer| answer.round_trip_time).max()? })
}
