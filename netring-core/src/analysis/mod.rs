//! What the reports mean. Pure functions of data: no I/O, and the time comes in.

mod event;
mod evidence;
mod fault;
mod filter;
mod grid;
mod last_hour;
mod matrix;
mod paths;
mod rollup;
mod sensitivity;
mod state;

pub use event::{Occurrence, RingEvent, TransferDirection, Whose};
pub use evidence::{CheckEvidence, Count, Evidence, Finding, PairEvidence, Standing, Witness};
pub use fault::{Fault, KindOf, PairRef, Subject, Suspect, Symptom};
pub use filter::MatrixFilter;
pub use last_hour::LastHour;
pub use matrix::{filtered_matrix, matrix};
pub use paths::PathHistory;
pub use rollup::{LocationPair, LocationState, Rollup, Spread, rollup};
pub use sensitivity::Sensitivity;
pub use state::{CheckState, Matrix, MemberState, PairState, RingState, State};

pub(crate) use grid::Grid;
#[cfg(feature = "http")]
pub(crate) use grid::Tally;
#[cfg(feature = "http")]
pub(crate) use matrix::{pair_state, with_pairs};
pub(crate) use rollup::roll_up;
