//! The metrics of a member, by their text.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod diagnosis;
mod escaping;
mod leaving;
mod moving;
mod registry;
mod ring;
mod text;
mod values;
