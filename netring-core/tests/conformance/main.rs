//! Every implementation of the traits in this crate, against the contract of its trait.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod discovery;
mod journal;
mod prober;
mod sink;
mod store;
