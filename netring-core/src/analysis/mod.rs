//! What the reports mean. Pure functions of data: no I/O, and the time comes in.

mod event;
mod evidence;
mod fault;
mod matrix;
mod paths;
mod sensitivity;
mod state;
mod topology;

pub use event::{Occurrence, RingEvent, TransferDirection, Whose};
pub use evidence::{CheckEvidence, Count, Evidence, Finding, PairEvidence, Standing, Witness};
pub use fault::{Fault, KindOf, PairRef, Subject, Suspect, Symptom};
pub use matrix::matrix;
pub use paths::PathHistory;
pub use sensitivity::Sensitivity;
pub use state::{CheckState, Matrix, MemberState, PairState, RingState, State};
pub use topology::{
    Bottleneck, BottleneckThresholds, LocationConnection, LocationNode, PathComparison, PathDifferences, PathMember,
    Place, Router, RouterNode, Severity, Topology, TopologyEdge, TracedFlow, TracedHop, TracedPath, TracedRouter,
    path_between, topology, topology_svg,
};
