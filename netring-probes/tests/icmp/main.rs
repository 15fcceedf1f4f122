//! The ICMP prober, in network namespaces of its own.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod answers;
mod conformance;
mod privileges;
#[path = "../support/mod.rs"]
mod support;
