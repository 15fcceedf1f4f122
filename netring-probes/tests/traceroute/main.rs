//! `TracerouteProber` against this host, and against routers in network namespaces.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod chain;
mod conformance;
mod liar;
mod loopback;
mod made_up;
mod routers;
mod support;
mod surroundings;
