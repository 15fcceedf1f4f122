//! What the reports mean. Pure functions of data: no I/O, and the time comes in.

mod event;
mod evidence;
mod expected;
mod fault;
mod matrix;
mod paths;
mod sensitivity;
mod state;

pub use event::{Occurrence, RingEvent, TransferDirection, Whose};
pub use evidence::{CheckEvidence, Count, Evidence, Finding, PairEvidence, Standing, Witness};
pub use expected::{
    AlertLevel, Criticality, ExpectedAlert, ExpectedLocation, ExpectedMembers, ExpectedReport, ExpectedSettings,
    ExpectedSummary, ExpectedTracker, LocationReport, LocationStatus,
};
pub use fault::{Fault, KindOf, PairRef, Subject, Suspect, Symptom};
pub use matrix::matrix;
pub use paths::PathHistory;
pub use sensitivity::Sensitivity;
pub use state::{CheckState, Matrix, MemberState, PairState, RingState, State};
