//! The page of a registry, in a real browser, with real processes behind it.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod away;
mod filters;
mod focus;
mod hostile;
mod link;
mod loads;
mod look;
mod members;
mod phone;
mod ring;
mod starts;
mod tooltips;
mod versions;
mod views;
