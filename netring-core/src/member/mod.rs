//! The member's engine: joins its ring, learns of the others, probes each of them in its own time, and reports.
//!
//! ```text
//! Discovery ──members──► plan (whom) ──targets──► schedule (when) ──► Prober ──report──► Recorder ──► sinks
//!     ▲                                                                                      │
//!     └───────────────────────────── newest results, every report interval ◄─────────────────┘
//! ```

mod builder;
mod cadence;
mod contact;
mod engine;
mod handle;
mod list;
mod loops;
mod pair;
mod probing;
mod recorder;
mod retry;
mod saved_list;
mod saving;
mod schedule;
mod thin;

pub use builder::{BuildError, MemberBuilder};
pub use cadence::Cadence;
pub use engine::MemberEngine;
pub use handle::MemberHandle;
