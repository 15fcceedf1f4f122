//! Probing by an HTTP request, each phase timed apart: [`HttpProber`].

mod builder;
mod exchange;
mod failure;
mod prober;
mod progress;
mod request;
mod request_first;
mod scheme;
mod statuses;
mod tls;

pub use builder::HttpProberBuilder;
pub use prober::HttpProber;
pub use scheme::{InvalidScheme, Scheme};
pub use statuses::{ExpectedStatuses, InvalidStatuses};
pub use tls::default_tls_config;

/// The TLS library whose types [`HttpProberBuilder::tls_config`] and [`HttpProberBuilder::server_name`] take.
pub use rustls;
