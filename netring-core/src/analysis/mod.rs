//! What the reports mean. Pure functions of data: no I/O, and the time comes in.

mod matrix;

pub use matrix::{CheckState, Matrix, MemberState, PairState, RingState, State, matrix};
