//! Every implementation of the four traits in this crate, against the contract of its trait.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod discovery;
mod journal_cursors;
mod prober;
mod sink;
mod store;
