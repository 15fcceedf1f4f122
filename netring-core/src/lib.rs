//! lib
pub mod analysis;
pub mod discovery;
pub mod member;
pub mod model;
pub mod prober;
pub mod registry;
pub mod sink;
pub mod store;
mod task;
pub mod wire;
pub use discovery::*;
pub use member::*;
pub use model::*;
pub use prober::*;
pub use registry::*;
pub use sink::*;
pub use store::*;
/// The version of this crate.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
#[cfg(feature = "client")]
pub mod client;
#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "prometheus")]
pub mod prometheus;
