//! lib
pub mod model;
pub mod prober;
pub use model::*;
pub use prober::*;
