//! The member engine on a paused clock, with a ring, probers and sinks that are told what to do.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod diagnosis;
mod failover;
mod fakes;
mod list_age;
mod logged;
mod probing;
mod registry_contact;
mod reporting;
mod state_dir;
mod stopping;
