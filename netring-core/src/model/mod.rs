//! What netring talks about: members, what is probed, and what a probe saw.
//!
//! Every value that comes from outside is checked once, where it enters, and has a type of its own from then on.

mod address;
mod id;
mod invalid;
mod measurement;
mod member;
mod probe;
mod report;
mod target;
mod time;

pub use address::AdvertisedAddress;
pub use id::{HostName, InstanceId, Location};
pub use invalid::InvalidValue;
pub use measurement::{
    BandwidthMeasurement, BandwidthMode, BurstMeasurement, Flow, FlowPath, Hop, HopAnswer, HttpMeasurement, Limit,
    Measurement, MplsLabel, OneWay, PacketTimestamps, Path, PathChange, PathEnd, RoundTripTimes, TcpMeasurement,
    Throughput, TracerouteMeasurement, TracerouteMode,
};
pub use member::{Member, MemberStatus, Registration};
pub use probe::{Endpoint, ProbeKind};
pub use report::{FailureReason, MemberReport, Outcome, ProbeReport};
pub use target::{Host, Target};
pub use time::{Clock, SystemClock, Timestamp, TokioClock};

pub(crate) use report::bounded_message;
pub(crate) use time::seconds;
