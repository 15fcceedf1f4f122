//! The HTTP prober against real servers on loopback.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod answers;
mod cancel;
mod deadline;
mod garbage;
mod request;
mod server;
mod success;
mod tls;
