// The program on the front page needs the feature.
#![cfg_attr(feature = "http", doc = include_str!("../README.md"))]
#![cfg_attr(not(feature = "http"), doc = "Probers of netring, each behind a feature: none is enabled.")]

#[cfg(feature = "bandwidth")]
pub mod bandwidth;
#[cfg(any(feature = "udp", feature = "icmp"))]
mod burst;
#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "icmp")]
pub mod icmp;
#[cfg(feature = "traceroute")]
pub mod traceroute;
#[cfg(feature = "udp")]
pub mod udp;

#[cfg(feature = "bandwidth")]
pub use bandwidth::{BandwidthProber, BandwidthProberBuilder, BandwidthProgress, Direction, Directions, TestMode};
#[cfg(any(feature = "udp", feature = "icmp"))]
pub use burst::{BurstProgress, BurstSettings, InvalidBurstSettings};
#[cfg(feature = "http")]
pub use http::{ExpectedStatuses, HttpProber, HttpProberBuilder, InvalidScheme, InvalidStatuses, Scheme};
#[cfg(feature = "icmp")]
pub use icmp::{IcmpProber, IcmpSocket, IcmpUnavailable};
#[cfg(feature = "traceroute")]
pub use traceroute::{
    DestinationPort, TracerouteProber, TracerouteProberBuilder, TracerouteProgress, TracerouteUnavailable,
};
#[cfg(feature = "udp")]
pub use udp::{EchoCounters, InvalidRingKey, RingKey, UdpEcho, UdpEchoBuilder, UdpProber, UdpProberBuilder};
