//! What the reports mean. Pure functions of data: no I/O, and the time comes in.

mod event;
mod evidence;
mod expected;
mod fault;
mod filter;
mod freshness;
mod grid;
mod last_hour;
mod matrix;
mod matrix_grid;
mod membership;
mod observatory;
mod paths;
mod rollup;
mod sensitivity;
mod state;
mod topology;
mod verdict;
mod weight;

pub use event::{Occurrence, RingEvent, TransferDirection, Whose};
pub use evidence::{CheckEvidence, Count, Evidence, Finding, MadeCheck, PairEvidence, Standing, Witness};
pub use expected::{
    AlertLevel, Criticality, ExpectedAlert, ExpectedLocation, ExpectedMembers, ExpectedReport, ExpectedSettings,
    ExpectedSummary, ExpectedTracker, LocationReport, LocationStatus,
};
pub use fault::{Fault, KindOf, PairRef, Subject, Suspect, Symptom};
pub use filter::MatrixFilter;
pub use last_hour::LastHour;
pub use matrix::{filtered_matrix, matrix};
pub use matrix_grid::{GridValue, MatrixGrid, matrix_grid};
pub use membership::Membership;
pub use observatory::{
    CheckHistory, HistoryHealth, HistorySample, HistoryTier, Observatory, Observed, PairHistory, ThroughputDrop,
};
pub use paths::PathHistory;
pub use rollup::{LocationPair, LocationState, Rollup, Spread, rollup};
pub use sensitivity::Sensitivity;
pub use state::{CheckState, Matrix, MemberState, PairState, RingState, State};
pub use topology::{
    Bottleneck, BottleneckThresholds, LocationConnection, LocationNode, PathComparison, PathDifferences, PathMember,
    Place, Router, RouterNode, Severity, Topology, TopologyEdge, TracedFlow, TracedHop, TracedPath, TracedRouter,
    path_between, topology, topology_svg,
};
pub use verdict::{FaultBook, FaultChange, Suspicion, judge};

pub(crate) use grid::Grid;
#[cfg(feature = "http")]
pub(crate) use grid::Tally;
#[cfg(feature = "http")]
pub(crate) use matrix::{pair_state, with_pairs};
use matrix_grid::rounded;
#[cfg(feature = "http")]
pub(crate) use matrix_grid::{Lines, add_all};
pub(crate) use rollup::roll_up;
