//! What the netring daemons share. The daemons are programs, so this crate promises no stable API to anybody else.
//!
//! - [`config`]: configuration in layers, with the source of every value.
//! - [`program`]: from the command line to the exit code: logs, signals, the runtime, the question for one's own health.
//! - [`serve`]: an HTTP server that is bounded and ends in time.

pub mod config;
mod health;
mod log;
pub mod program;
pub mod serve;
mod signals;
