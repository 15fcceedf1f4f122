use crate::{
    analysis::{ExpectedReport, Fault, State},
    model::{InstanceId, Location},
    registry::MembersSnapshot,
};
use std::time::Duration;

/// What a registry knows of its ring at one moment. All of it is borrowed: to write it changes nothing.
#[derive(Debug, Clone)]
pub struct RegistryMetrics<'a> {
    /// Who is in the ring.
    pub members: &'a MembersSnapshot,
    /// The faults that are open.
    pub faults: Vec<&'a Fault>,
    /// Who should be in the ring; none where nobody has said.
    pub expected: Option<&'a ExpectedReport>,
    /// What the pairs of members from one location to another come to. Of many only the worst have series.
    pub location_pairs: Vec<LocationPairMetrics<'a>>,
    /// How many pairs of locations there are besides: where they are far too many, nothing may be known of any.
    pub location_pairs_left_out: u64,
    /// Each ordered pair of members. They are many: empty unless somebody asks for them.
    pub pairs: Vec<PairMetrics<'a>>,
    /// How many pairs of members there are besides, for which the ring is too large; none where nobody asks for them.
    pub pairs_left_out: Option<u64>,
    /// Bytes that the history of all pairs takes.
    pub history_bytes: u64,
    /// Most bytes that it may take.
    pub history_max_bytes: u64,
    /// The id of the newest event: how many there have been.
    pub last_event: u64,
    /// Whether this registry is the one of its ring that judges.
    pub leading: bool,
    /// Whether the last calls of the member store worked.
    pub store_in_reach: bool,
}

/// What the pairs of members from one location to another come to.
#[derive(Debug, Clone)]
pub struct LocationPairMetrics<'a> {
    /// Where those who probe stand.
    pub source_location: &'a Location,
    /// Where those who are probed stand.
    pub target_location: &'a Location,
    /// How many pairs there are, by state.
    pub pairs: PairCounts,
    /// Their round-trip times, where some are known.
    pub round_trip_time: Option<Spread<Duration>>,
    /// What parts of their packets they lost, where some are known.
    pub loss_ratio: Option<Spread<f64>>,
}

/// How many pairs are in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PairCounts {
    /// Every check is good.
    pub up: u64,
    /// No check is good.
    pub down: u64,
    /// Some checks are good and some are not.
    pub degraded: u64,
    /// Nobody knows.
    pub unknown: u64,
}

/// Several values in three.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread<T> {
    /// The highest of what should be low.
    pub worst: T,
    /// The one in the middle.
    pub median: T,
    /// The lowest of what should be low.
    pub best: T,
}

/// One ordered pair of members.
#[derive(Debug, Clone)]
pub struct PairMetrics<'a> {
    /// Where who probes stands.
    pub source_location: &'a Location,
    /// Who probes.
    pub source: &'a InstanceId,
    /// Where who is probed stands.
    pub target_location: &'a Location,
    /// Who is probed.
    pub target: &'a InstanceId,
    /// All checks taken together.
    pub state: State,
    /// The round-trip time, where it is known.
    pub round_trip_time: Option<Duration>,
    /// What part of its packets it lost, where that is known.
    pub loss_ratio: Option<f64>,
}
