use super::{Limit, Pattern};
use serde::Deserialize;
use std::{net::IpAddr, time::Duration};

/// The host at the end of a path.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetHost {
    /// Its address.
    pub address: IpAddr,
    /// How long the link to it takes, in each direction.
    #[serde(default, with = "super::read::duration")]
    pub delay: Duration,
    /// What it does with UDP.
    #[serde(default)]
    pub udp: UdpAnswer,
    /// Whether it answers ICMP echo requests.
    #[serde(default = "yes")]
    pub icmp: bool,
    /// What it does with TCP.
    #[serde(default)]
    pub tcp: TcpAnswer,
    /// The time to live (hop limit) that its answers start with.
    #[serde(default = "host_ttl")]
    pub ttl: u8,
    /// How often it says that a port is unreachable.
    #[serde(default)]
    pub limit: Option<Limit>,
    /// Which of the packets that come to it are dropped.
    #[serde(default)]
    pub drops: Option<Pattern>,
    /// Which of its answers come twice.
    #[serde(default)]
    pub repeats: Option<Pattern>,
    /// Which of its answers come late, by `lateness`: behind those that come after them.
    #[serde(default)]
    pub delays: Option<Pattern>,
    /// How late they come.
    #[serde(default, with = "super::read::duration")]
    pub lateness: Duration,
    /// How many bytes behind the IP header it quotes. As much as there is room for, where not given.
    #[serde(default)]
    pub quote: Option<u16>,
}

const fn yes() -> bool {
    true
}

const fn host_ttl() -> u8 {
    64
}

/// What a target does with UDP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UdpAnswer {
    /// No port is open: port unreachable.
    #[default]
    Unreachable,
    /// All ports send back what they got.
    Echo,
    /// Nothing.
    Silent,
}

/// What a target does with TCP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TcpAnswer {
    /// All ports are open. Nothing comes after the handshake.
    SynAck,
    /// No port is open.
    #[default]
    Reset,
    /// Nothing.
    Silent,
}
