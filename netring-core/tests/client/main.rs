//! The client of a registry, against ours and against hand-made ones.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod answers;
mod entries;
mod failover;
mod legacy;
mod lists;
mod ours;
mod secrets;
mod server;
mod urls;
