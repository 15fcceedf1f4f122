//! The traceroute through its real sockets, in every mode and over both versions of IP, beside what was so.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod balanced;
mod ends;
mod hops;
mod traced;
