//! The units in deploy/systemd: as systemd reads them, and as a real systemd runs them.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod booted;
mod checked;
mod running;
