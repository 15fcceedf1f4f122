//! What the reports mean. Pure functions of data: no I/O, and the time comes in.

mod matrix;
mod state;

pub use matrix::matrix;
pub use state::{CheckState, Matrix, MemberState, PairState, RingState, State};
