//! The throughput prober against members and bad peers on loopback.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod bad_peers;
mod cancel;
mod member;
mod server;
