//! Webhooks over real connections.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod alertmanager;
mod delivery;
mod receiver;
mod ring;
mod secrets;
