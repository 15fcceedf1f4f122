use netring_core::model::Flow;
use std::{
    net::IpAddr,
    time::{Duration, Instant},
};

/// What became of one packet: the truth, beside which a test holds what a prober says.
#[derive(Debug, Clone, PartialEq)]
pub struct Passage {
    /// When it was sent.
    pub at: Instant,
    /// Who sent it.
    pub source: IpAddr,
    /// Whom it was for.
    pub destination: IpAddr,
    /// The number of its protocol: 1 for ICMP, 6 for TCP, 17 for UDP, 58 for ICMPv6.
    pub protocol: u8,
    /// What it can be told from other flows by; nothing for what is neither UDP, TCP nor an ICMP echo request.
    pub flow: Option<Flow>,
    /// The time to live (hop limit) that it was sent with.
    pub ttl: u8,
    /// The routers that it came to, in order. Where its time to live ran out, the last one is where.
    pub routers: Vec<IpAddr>,
    /// How it ended.
    pub fate: Fate,
    /// The source of what was answered.
    pub answered_by: Option<IpAddr>,
    /// How long after it the answer was sent to the host under test: what a prober measures is no less.
    pub answered_after: Option<Duration>,
}

/// How a packet ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fate {
    /// At a router, which said that its time to live ran out.
    TimeExceeded,
    /// At a router, which said that it goes no further.
    Unreachable,
    /// At its target, which answered.
    Answered,
    /// At its target, which has no answer to that.
    Ignored,
    /// At a router that answers nothing.
    Silent,
    /// At a router or target that would have answered but for its limit.
    Limited,
    /// At a router or target that dropped it.
    Dropped,
    /// At the first who saw that its checksum is wrong.
    Corrupt,
}
