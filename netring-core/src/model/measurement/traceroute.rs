use super::{
    super::{Timestamp, seconds},
    bounded::{list, ratio},
};
use serde::{Deserialize, Deserializer, Serialize};
use std::{fmt, net::IpAddr, time::Duration};

/// What a traceroute measured: for each flow, who answered at each time to live (TTL; hop limit in IPv6).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct TracerouteMeasurement {
    /// What was sent.
    pub mode: TracerouteMode,
    /// One path for each flow. A flow keeps what routers balance by, so that its packets go one way (Augustin et al.,
    /// "Avoiding traceroute anomalies with Paris traceroute", 2006).
    #[serde(deserialize_with = "list::<{ TracerouteMeasurement::MAX_FLOWS }, _, _>")]
    pub flows: Vec<FlowPath>,
    /// The last change of the paths to this target that lasted, while the member remembers one. Filled in by the engine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_change: Option<PathChange>,
}

impl TracerouteMeasurement {
    /// Most flows of one traceroute.
    pub const MAX_FLOWS: usize = 16;
    /// Most hops of one flow.
    pub const MAX_HOPS: usize = 64;
    /// Most packets that are sent to one hop in one flow.
    pub const MAX_TRIES: usize = 10;

    /// Whether the target answered, in any flow.
    #[must_use]
    pub fn reached(&self) -> bool {
        self.flows.iter().any(|flow| flow.end == PathEnd::Reached)
    }

    /// Hops to the target, itself counted: the fewest of the flows that reached it.
    #[must_use]
    pub fn hops(&self) -> Option<u8> {
        let reached = self.flows.iter().filter(|flow| flow.end == PathEnd::Reached);
        reached.filter_map(|flow| flow.hops.last()).map(|hop| hop.ttl).min()
    }

    /// The highest of the hops' round-trip times, of each hop the shortest that it was seen with: a router answers when it
    /// has nothing better to do, so a longer one says little of the path.
    #[must_use]
    pub fn max_hop_round_trip_time(&self) -> Option<Duration> {
        self.flows.iter().flat_map(|flow| &flow.hops).filter_map(Hop::round_trip_time).max()
    }

    /// The shortest round-trip time to the target, where it answered.
    #[must_use]
    pub fn target_round_trip_time(&self) -> Option<Duration> {
        let reached = self.flows.iter().filter(|flow| flow.end == PathEnd::Reached);
        reached.filter_map(|flow| flow.hops.last()?.round_trip_time()).min()
    }
}

/// What a traceroute sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TracerouteMode {
    /// UDP datagrams, which needs no privilege.
    Udp,
    /// ICMP echo requests.
    Icmp,
    /// TCP SYN segments.
    Tcp,
}

impl TracerouteMode {
    /// The word that JSON and the command line have for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Icmp => "icmp",
            Self::Tcp => "tcp",
        }
    }
}

impl fmt::Display for TracerouteMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What routers tell flows apart by, besides the addresses and the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Flow {
    /// The ports, of UDP and TCP.
    Ports {
        /// From this port.
        source: u16,
        /// To this one.
        destination: u16,
    },
    /// Of an ICMP echo.
    Echo {
        /// Its identifier.
        identifier: u16,
        /// Its checksum.
        checksum: u16,
    },
}

/// The path of one flow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct FlowPath {
    /// Which flow.
    pub flow: Flow,
    /// How it ended.
    pub end: PathEnd,
    /// The hops, from the first on, with no gap: one that is silent has no answers. Nothing stands after the hop that ended
    /// the path, nor, where nothing ended it, after the last one that answered.
    #[serde(deserialize_with = "list::<{ TracerouteMeasurement::MAX_HOPS }, _, _>")]
    pub hops: Vec<Hop>,
}

impl FlowPath {
    /// Who stands at each hop.
    #[must_use]
    pub fn path(&self) -> Path {
        let mut path: Vec<Vec<IpAddr>> = Vec::with_capacity(self.hops.len());
        for hop in &self.hops {
            let mut routers: Vec<_> = hop.answers.iter().map(|answer| answer.ip).collect();
            routers.sort_unstable();
            routers.dedup();
            path.push(routers);
        }
        Path(path)
    }
}

/// Who stands at each hop of a path: nobody that is known where it is silent, several where packets of one flow were
/// answered by several.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "http", schema(value_type = Vec<Vec<String>>))]
pub struct Path(#[serde(deserialize_with = "hops")] pub Vec<Vec<IpAddr>>);

/// The hops of a path, and at each no more routers than flows that could have shown them.
fn hops<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Vec<IpAddr>>, D::Error> {
    #[derive(Deserialize)]
    struct Routers(#[serde(deserialize_with = "list::<{ TracerouteMeasurement::MAX_FLOWS }, _, _>")] Vec<IpAddr>);
    let hops: Vec<Routers> = list::<{ TracerouteMeasurement::MAX_HOPS }, _, _>(deserializer)?;
    Ok(hops.into_iter().map(|Routers(routers)| routers).collect())
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, routers) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str(" > ")?;
            }
            if routers.is_empty() {
                f.write_str("*")?;
            }
            for (j, ip) in routers.iter().enumerate() {
                if j > 0 {
                    f.write_str("|")?;
                }
                write!(f, "{ip}")?;
            }
        }
        Ok(())
    }
}

/// How a path ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PathEnd {
    /// The target answered.
    Reached,
    /// Nothing answered after the last hop, up to the highest time to live that was tried.
    Silent,
    /// The same routers come again and again.
    Loop,
    /// A router has no route to the network (ICMP 3/0, 3/6, 3/11; ICMPv6 1/0).
    NetworkUnreachable,
    /// A router does not reach the host (ICMP 3/1, 3/7, 3/8, 3/12; ICMPv6 1/3).
    HostUnreachable,
    /// The target does not take the protocol (ICMP 3/2; ICMPv6 4/1).
    ProtocolUnreachable,
    /// Nothing listens at the port, as a router says that is not the target (ICMP 3/3; ICMPv6 1/4).
    PortUnreachable,
    /// The packet is too large for a link (ICMP 3/4; ICMPv6 2/0).
    FragmentationNeeded,
    /// A source route failed (ICMP 3/5).
    SourceRouteFailed,
    /// A firewall forbids it (ICMP 3/9, 3/10, 3/13; ICMPv6 1/1, 1/5).
    AdministrativelyProhibited,
    /// The precedence of the packet is not taken (ICMP 3/14, 3/15).
    PrecedenceViolation,
    /// The target's address is beyond the scope of the source's, or the route is to be rejected (ICMPv6 1/2, 1/6, 1/7).
    AddressUnreachable,
    /// Unreachable for another reason.
    #[serde(other)]
    Unreachable,
}

impl PathEnd {
    /// The word that JSON and the page have for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reached => "reached",
            Self::Silent => "silent",
            Self::Loop => "loop",
            Self::NetworkUnreachable => "network_unreachable",
            Self::HostUnreachable => "host_unreachable",
            Self::ProtocolUnreachable => "protocol_unreachable",
            Self::PortUnreachable => "port_unreachable",
            Self::FragmentationNeeded => "fragmentation_needed",
            Self::SourceRouteFailed => "source_route_failed",
            Self::AdministrativelyProhibited => "administratively_prohibited",
            Self::PrecedenceViolation => "precedence_violation",
            Self::AddressUnreachable => "address_unreachable",
            Self::Unreachable => "unreachable",
        }
    }
}

impl fmt::Display for PathEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What is known of one hop in one flow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct Hop {
    /// The time to live (hop limit) that the packets were sent with.
    pub ttl: u8,
    /// Packets sent.
    pub sent: u8,
    /// Packets that nobody answered, as a part of those sent.
    #[serde(deserialize_with = "ratio")]
    pub loss_ratio: f64,
    /// An answer for each packet that was answered, in the order in which the packets were sent.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "list::<{ TracerouteMeasurement::MAX_TRIES }, _, _>"
    )]
    pub answers: Vec<HopAnswer>,
}

impl Hop {
    /// A hop to which `sent` packets went.
    #[must_use]
    pub fn new(ttl: u8, sent: u8, answers: Vec<HopAnswer>) -> Self {
        let lost = f64::from(sent) - answers.len() as f64;
        let loss_ratio = if sent == 0 { 0.0 } else { (lost / f64::from(sent)).clamp(0.0, 1.0) };
        Self { ttl, sent, loss_ratio, answers }
    }

    /// The shortest round-trip time, where anybody answered.
    #[must_use]
    pub fn round_trip_time(&self) -> Option<Duration> {
        self.answers.iter().map(|answer| answer.round_trip_time).min()
    }
}

/// The answer to one packet of a traceroute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct HopAnswer {
    /// Who answered.
    #[cfg_attr(feature = "http", schema(value_type = String))]
    pub ip: IpAddr,
    /// From sending the packet to the answer; in JSON in seconds.
    #[serde(rename = "round_trip_time_seconds", with = "seconds")]
    #[cfg_attr(feature = "http", schema(value_type = f64))]
    pub round_trip_time: Duration,
    /// The time to live (hop limit) that the answer arrived with, where the system tells: it hints at the length of the way
    /// back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer_ttl: Option<u8>,
    /// The MPLS label stack that the packet arrived with at the router (RFC 4950, in an extension of RFC 4884), from the
    /// outermost on.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "list::<16, _, _>")]
    pub mpls: Vec<MplsLabel>,
}

/// One entry of an MPLS label stack (RFC 3032).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct MplsLabel {
    /// The label, of 20 bits.
    pub label: u32,
    /// The traffic class (RFC 5462), of 3 bits.
    pub traffic_class: u8,
    /// Whether it is the last entry.
    pub bottom_of_stack: bool,
    /// The label's time to live.
    pub ttl: u8,
}

/// A change of the paths to a target that lasted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct PathChange {
    /// When the new paths were seen for the first time, by the member's clock.
    pub at: Timestamp,
    /// The paths that were known until then.
    #[serde(deserialize_with = "list::<{ TracerouteMeasurement::MAX_FLOWS }, _, _>")]
    pub before: Vec<Path>,
    /// The paths since then.
    #[serde(deserialize_with = "list::<{ TracerouteMeasurement::MAX_FLOWS }, _, _>")]
    pub after: Vec<Path>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_else_wrote_is_bounded() {
        let path = |hops: usize, routers: usize| serde_json::to_string(&vec![vec!["10.0.0.1"; routers]; hops]).unwrap();
        for (hops, routers, good) in [(64, 16, true), (65, 1, false), (1, 17, false), (0, 0, true)] {
            assert_eq!(serde_json::from_str::<Path>(&path(hops, routers)).is_ok(), good, "{hops} hops of {routers}");
        }
        let hop = |answers: usize| {
            let answer = r#"{"ip":"10.0.0.1","round_trip_time_seconds":0.1}"#;
            format!(r#"{{"ttl":1,"sent":3,"loss_ratio":0.0,"answers":[{}]}}"#, vec![answer; answers].join(","))
        };
        assert!(serde_json::from_str::<Hop>(&hop(10)).is_ok() && serde_json::from_str::<Hop>(&hop(11)).is_err());
        for ratio in ["-0.1", "1.1", "null", "1e300"] {
            let hop = format!(r#"{{"ttl":1,"sent":3,"loss_ratio":{ratio}}}"#);
            assert!(serde_json::from_str::<Hop>(&hop).is_err(), "{ratio}");
        }
    }
}
