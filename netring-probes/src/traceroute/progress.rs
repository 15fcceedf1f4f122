use std::{net::IpAddr, time::Duration};

/// An answer, as soon as it has come, for whoever watches a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TracerouteProgress {
    /// To a packet of which flow, from 0 on.
    pub flow: u8,
    /// With which time to live (hop limit).
    pub ttl: u8,
    /// Which try of this time to live, from 0 on. A hop that had to be asked again alone has one more than was asked for.
    pub attempt: u8,
    /// Who answered.
    pub ip: IpAddr,
    /// From sending the packet to the answer.
    pub round_trip_time: Duration,
    /// Whether it was the target that answered.
    pub reached: bool,
}
