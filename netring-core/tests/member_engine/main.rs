//! The member engine on a paused clock, with a ring, probers and sinks that are told what to do.

mod fakes;
mod probing;
mod registry_contact;
mod reporting;
mod stopping;
