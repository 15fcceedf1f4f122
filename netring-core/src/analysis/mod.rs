//! What the reports mean. Pure functions of data: no I/O, and the time comes in.

mod matrix;
mod paths;
mod state;

pub use matrix::matrix;
pub use paths::PathHistory;
pub use state::{CheckState, Matrix, MemberState, PairState, RingState, State};
