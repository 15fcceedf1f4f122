//! axum routers of a registry and of a member, to be mounted in any service.
//!
//! Every answer but `/metrics`, `/bandwidth_test` and `/api/v1/stream` is JSON, errors too. Bodies, time and the number of requests at once are
//! bounded; what is not understood is answered with 400 and the name of the field, and changes nothing.

mod bandwidth;
mod bodies;
mod digest;
mod events;
mod faults;
mod guard;
mod history;
mod json;
mod matrix;
mod member;
mod members;
mod metrics;
mod negotiation;
mod openapi;
mod places;
mod query;
mod registry;
mod sd;
mod shared;
mod stream;
mod topology;
mod turns;

pub use guard::not_found_as_json;
pub use member::{MemberRouter, member_router};
pub use metrics::metrics_router;
pub use registry::registry_router;

/// Largest body of a request, in bytes, as it is sent.
pub const MAX_BODY_BYTES: usize = 2 * 1024 * 1024;
/// Largest body of a request that is sent compressed, in bytes, as it is read: a report with as many results as a registry
/// takes.
pub const MAX_UNCOMPRESSED_BYTES: usize = 16 * 1024 * 1024;
