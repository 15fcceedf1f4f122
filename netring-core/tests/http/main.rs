//! What a registry and a member answer over HTTP.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod bad_input;
mod bad_registration;
mod bad_report;
mod bandwidth;
mod caching;
mod crowded;
mod events;
mod faulty;
mod hanging;
mod judged;
mod listing;
mod matrix;
mod member;
mod mounted;
mod random_input;
mod registry;
mod report;
mod ring;
mod sd;
mod sharing;
mod silence;
mod stream;
mod sweeping;
mod topology;
mod unavailable;
