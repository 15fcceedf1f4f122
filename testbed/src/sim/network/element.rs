use super::Pattern;
use serde::Deserialize;
use std::{net::IpAddr, num::NonZeroU32, time::Duration};

/// A piece of a path.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Element {
    /// One router: a hop.
    Router(Box<Router>),
    /// Several ways, of which each packet takes one. They meet again behind it.
    Balanced(Balanced),
    /// These, again and again: what enters does not come out, but for what is dropped or runs out of time to live.
    Loop(Vec<Self>),
}

/// A router, with how it treats what comes to it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Router {
    /// Its address. Routers of one address are one: they share what is counted for `limit`, `answers` and `drops`.
    pub address: IpAddr,
    /// How long the link to it takes, in each direction.
    #[serde(default, with = "super::read::duration")]
    pub delay: Duration,
    /// How much longer it takes for an answer of its own, as one does that has more to do than to answer.
    #[serde(default, with = "super::read::duration")]
    pub answer_delay: Duration,
    /// It forwards, and answers nothing.
    #[serde(default)]
    pub silent: bool,
    /// How often it answers.
    #[serde(default)]
    pub limit: Option<Limit>,
    /// Which of the packets that come to it are dropped; those that it would forward, too.
    #[serde(default)]
    pub drops: Option<Pattern>,
    /// How many bytes behind the IP header it quotes: 8 by RFC 792. As much as there is room for, where not given.
    #[serde(default)]
    pub quote: Option<u16>,
    /// The label stack that it says packets arrived with.
    #[serde(default)]
    pub mpls: Option<Labels>,
    /// The time to live (hop limit) that its answers start with.
    #[serde(default = "router_ttl")]
    pub ttl: u8,
    /// The source of its answers, where that is not `address`.
    #[serde(default)]
    pub answers_from: Option<IpAddr>,
    /// It forwards nothing and says so, with this.
    #[serde(default)]
    pub unreachable: Option<Unreachable>,
}

impl Router {
    /// Whom its answers come from.
    #[must_use]
    pub fn answers_as(&self) -> IpAddr {
        self.answers_from.unwrap_or(self.address)
    }
}

const fn router_ttl() -> u8 {
    255
}

/// How often a router or a target answers with an ICMP error.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// The first packet of so many.
    Every(NonZeroU32),
    /// At most so many answers a second, evenly: after one, nothing for its part of the second.
    PerSecond(NonZeroU32),
}

/// Several ways, of which each packet takes one.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Balanced {
    /// What decides on the way.
    pub by: By,
    /// The ways. They need not be of one length.
    pub paths: Vec<Vec<Element>>,
    /// Tells balancers apart; given when the file is read.
    #[serde(skip)]
    pub(in crate::sim) id: usize,
}

/// What a balancer decides by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Addresses, protocol, and the ports; of ICMP the type, code, checksum and identifier.
    Flow,
    /// Addresses and flow label (RFC 6437).
    FlowLabel,
    /// One after the other, whatever the packet.
    Packet,
}

/// An MPLS label stack as a router reports it (RFC 4950).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Labels {
    /// From the outermost on.
    pub labels: Vec<Label>,
    /// How the extension is attached.
    #[serde(default)]
    pub style: LabelsStyle,
}

/// One entry of a label stack (RFC 3032). The last one of the list is the bottom of the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// 20 bits.
    pub label: u32,
    /// 3 bits.
    #[serde(default)]
    pub traffic_class: u8,
    /// Its time to live.
    pub ttl: u8,
}

/// How an extension is attached to an ICMP error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelsStyle {
    /// By RFC 4884: the length of the quote is given.
    #[default]
    Compliant,
    /// As before RFC 4884 (its section 5): no length, and a quote of 128 bytes.
    Legacy,
}

/// The type and code of an ICMP error: type 3 of ICMP; types 1, 2 and 4 of ICMPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unreachable {
    /// The type.
    #[serde(rename = "type")]
    pub kind: u8,
    /// The code.
    pub code: u8,
}
