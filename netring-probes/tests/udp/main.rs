//! The UDP prober against its echo on loopback, with a network between them that does what it is told. What is about
//! targets without a way to them needs a network namespace.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod conformance;
mod echo;
mod forged;
mod relay;
mod running;
mod stamps;
#[path = "../support/mod.rs"]
mod support;
mod unreachable;
mod weather;
