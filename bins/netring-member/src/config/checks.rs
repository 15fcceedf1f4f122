use super::{probes::ProbeList, statuses::StatusList};
use netring_core::{
    Endpoint,
    model::{BandwidthMode, TracerouteMode},
};
use netring_daemon::{
    config::{FromText, Period, TextError, Whole},
    serde_as_text,
};
use netring_probes::{BurstSettings, InvalidBurstSettings};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How the others are probed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Checks {
    /// What is probed for.
    pub(crate) probes: ProbeList,
    pub(crate) tcp_timeout: Period,
    pub(crate) http_timeout: Period,
    /// Paths that HTTP probes ask for; with none there are no HTTP probes.
    pub(crate) http_endpoints: Vec<Endpoint>,
    /// Statuses that are a good answer.
    pub(crate) http_expected_status: StatusList,
    /// Packets of one burst.
    pub(crate) burst_packets: BurstPackets,
    /// From one packet of a burst to the next.
    pub(crate) burst_spacing: Period,
    /// How long a burst may take, from its first packet to the last that comes back.
    pub(crate) burst_timeout: Period,
    /// When a throughput test ends.
    pub(crate) bandwidth_test_mode: BandwidthTestMode,
    /// MiB of a throughput test whose size is fixed.
    pub(crate) bandwidth_test_size_mb: BandwidthTestSize,
    /// Most MiB of any other throughput test, in each direction.
    pub(crate) bandwidth_test_max_mb: BandwidthTestMiB,
    /// How long a throughput test may take, in each direction.
    pub(crate) bandwidth_test_max_duration: Period,
    /// What a traceroute sends.
    pub(crate) traceroute_mode: TracerouteChoice,
    /// How many flows a traceroute follows.
    pub(crate) traceroute_flows: TracerouteFlows,
    /// The highest time to live of a traceroute.
    pub(crate) traceroute_max_hops: TracerouteHops,
    /// How long a traceroute may take.
    pub(crate) traceroute_timeout: Period,
    /// Most probes at a time.
    pub(crate) max_in_flight: MaxInFlight,
}

/// Packets of one burst.
pub(crate) type BurstPackets = Whole<1, 1_000>;
/// MiB of a throughput test whose size is fixed.
pub(crate) type BandwidthTestSize = Whole<1, 64>;
/// Most MiB of a throughput test.
pub(crate) type BandwidthTestMiB = Whole<1, 1_024>;
/// Flows of one traceroute.
pub(crate) type TracerouteFlows = Whole<1, 16>;
/// The highest time to live of a traceroute.
pub(crate) type TracerouteHops = Whole<1, 64>;
/// Most probes at a time: each takes a file descriptor.
pub(crate) type MaxInFlight = Whole<1, 65_536>;

impl Checks {
    /// How bursts are sent.
    pub(crate) fn burst(&self) -> Result<BurstSettings, InvalidBurstSettings> {
        let packets = u16::try_from(self.burst_packets.get()).unwrap_or(u16::MAX);
        BurstSettings::default().with_packets(packets)?.with_spacing(self.burst_spacing.get())
    }
}

impl Default for Checks {
    fn default() -> Self {
        Self {
            probes: ProbeList::default(),
            tcp_timeout: Period::from_secs(5),
            http_timeout: Period::from_secs(10),
            http_endpoints: ["/health", "/metrics"].map(|path| Endpoint::new(path).expect("it is a path")).to_vec(),
            http_expected_status: StatusList::default(),
            burst_packets: Whole::new(10),
            burst_spacing: Period::from_millis(20),
            burst_timeout: Period::from_secs(3),
            bandwidth_test_mode: BandwidthTestMode(BandwidthMode::Adaptive),
            bandwidth_test_size_mb: Whole::new(1),
            bandwidth_test_max_mb: Whole::new(64),
            bandwidth_test_max_duration: Period::from_secs(5),
            traceroute_mode: TracerouteChoice(None),
            traceroute_flows: Whole::new(1),
            traceroute_max_hops: Whole::new(30),
            traceroute_timeout: Period::from_secs(5),
            max_in_flight: Whole::new(256),
        }
    }
}

/// When a throughput test ends: `adaptive` or `fixed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BandwidthTestMode(pub(crate) BandwidthMode);

impl FromText for BandwidthTestMode {
    fn from_text(text: &str) -> Result<Self, TextError> {
        match text.trim() {
            "adaptive" => Ok(Self(BandwidthMode::Adaptive)),
            "fixed" => Ok(Self(BandwidthMode::Fixed)),
            _ => Err(TextError::new("expected adaptive or fixed")),
        }
    }
}

impl fmt::Display for BandwidthTestMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            BandwidthMode::Adaptive => "adaptive",
            BandwidthMode::Fixed => "fixed",
        })
    }
}

serde_as_text!(BandwidthTestMode);

/// What a traceroute sends: `udp`, `icmp` or `tcp`, or `auto` for what this process may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TracerouteChoice(pub(crate) Option<TracerouteMode>);

impl FromText for TracerouteChoice {
    fn from_text(text: &str) -> Result<Self, TextError> {
        match text.trim() {
            "auto" => Ok(Self(None)),
            "udp" => Ok(Self(Some(TracerouteMode::Udp))),
            "icmp" => Ok(Self(Some(TracerouteMode::Icmp))),
            "tcp" => Ok(Self(Some(TracerouteMode::Tcp))),
            _ => Err(TextError::new("expected auto, udp, icmp or tcp")),
        }
    }
}

impl fmt::Display for TracerouteChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.map_or("auto", TracerouteMode::as_str))
    }
}

serde_as_text!(TracerouteChoice);
