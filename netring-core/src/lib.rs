#![doc = include_str!("../README.md")]

pub mod analysis;
#[cfg(feature = "client")]
pub mod client;
pub mod discovery;
#[cfg(feature = "http")]
pub mod http;
pub mod member;
pub mod model;
mod parallel;
pub mod prober;
#[cfg(feature = "prometheus")]
pub mod prometheus;
pub mod registry;
pub mod sink;
pub mod store;
mod task;
#[cfg(any(feature = "conformance", feature = "mock"))]
pub mod testing;
#[cfg(any(feature = "client", feature = "webhook"))]
mod web;
#[cfg(feature = "webhook")]
pub mod webhook;
pub mod wire;

#[cfg(feature = "client")]
pub use client::{Registries, RegistryClient};
pub use discovery::{Announcement, Discovery, DiscoveryError, FixedDiscovery, InProcessDiscovery, Peers};
pub use member::{Cadence, MemberEngine, MemberHandle};
pub use model::{
    AdvertisedAddress, BandwidthMeasurement, BurstMeasurement, Clock, Endpoint, FailureReason, Host, HostName,
    HttpMeasurement, InstanceId, InvalidValue, Location, Measurement, Member, MemberReport, MemberStatus, Outcome,
    PathChange, ProbeKind, ProbeReport, Registration, SystemClock, Target, TcpMeasurement, Timestamp, TokioClock,
    TracerouteMeasurement,
};
pub use prober::{ProbeError, Prober, TcpProber};
#[cfg(feature = "prometheus")]
pub use prometheus::PrometheusSink;
pub use registry::{Lifetimes, RegistryEngine, RegistryError};
pub use sink::{Event, FanOut, MetricSink, NullSink, Source};
pub use store::{CursorName, Journal, MemberList, MemberStore, MemoryStore, ReceivedReport, StoreError, SweepLimits};

/// What ends an engine: [`MemberEngine::run`] and [`RegistryEngine::run`] go on until it is cancelled.
pub use tokio_util::sync::CancellationToken;

/// The version of this crate, and of the daemons made from it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
