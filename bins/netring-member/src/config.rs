//! The member's configuration: its defaults, and the names by which each key is set.

mod advertise;
mod checks;
mod probes;
mod registry_urls;
mod statuses;
#[cfg(test)]
mod tests;

pub(crate) use advertise::AdvertiseIp;
pub(crate) use checks::{BandwidthTestMode, Checks};
pub(crate) use registry_urls::RegistryUrls;

use advertise::HostIp;
use checks::{
    BandwidthTestMiB, BandwidthTestSize, BurstPackets, MaxInFlight, TracerouteChoice, TracerouteFlows, TracerouteHops,
};
use netring_core::{Endpoint, InstanceId, Location};
use netring_daemon::config::{
    Configuration, Key, LogFilter, LogFormat, Period, Secret, TextError, Whole, or_default, text, text_option,
};
use netring_probes::RingKey;
use probes::ProbeList;
use serde::{Deserialize, Serialize};
use statuses::StatusList;
use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
};

/// Everything under the key `member`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct MemberConfig {
    /// The site that this member stands in.
    #[serde(deserialize_with = "text")]
    pub(crate) location: Location,
    /// This member's name; none is a random one.
    #[serde(deserialize_with = "text_option")]
    pub(crate) instance_id: Option<InstanceId>,
    /// Where the others reach this member.
    #[serde(deserialize_with = "or_default")]
    pub(crate) advertise_ip: AdvertiseIp,
    /// At which port they reach it; none is the one that is listened on.
    #[serde(deserialize_with = "text_option")]
    pub(crate) advertise_port: Option<AdvertisedPort>,
    /// The registries of the ring that this member belongs to.
    #[serde(deserialize_with = "or_default")]
    pub(crate) registry: RegistryLink,
    /// What only members of this ring know; none takes everybody for one.
    pub(crate) ring_key: Option<Secret>,
    /// The folder in which the list of members outlives a restart; none keeps nothing.
    #[serde(deserialize_with = "text_option")]
    pub(crate) state_dir: Option<PathBuf>,
    /// How often what is done.
    #[serde(deserialize_with = "or_default")]
    pub(crate) intervals: Intervals,
    /// Where this member listens.
    #[serde(deserialize_with = "or_default")]
    pub(crate) server: ServerConfig,
    /// How the others are probed.
    #[serde(deserialize_with = "or_default")]
    pub(crate) checks: Checks,
    /// What is logged.
    pub(crate) log_level: LogFilter,
    /// How it is written.
    pub(crate) log_format: LogFormat,
}

/// The registry. Nothing uses the Redis keys: they stand in files of the 1.x releases, which have to be taken.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RegistryLink {
    /// One, or several on one store.
    pub(crate) url: RegistryUrls,
    pub(crate) redis_host: Option<String>,
    #[serde(deserialize_with = "text_option")]
    pub(crate) redis_port: Option<u16>,
    #[serde(deserialize_with = "text_option")]
    pub(crate) redis_db: Option<u32>,
    pub(crate) redis_password: Option<Secret>,
}

/// How often what is done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Intervals {
    /// The registry is asked for the members.
    pub(crate) poll_interval: Period,
    /// Every other member is probed.
    pub(crate) check_interval: Period,
    /// The registry is told that this member lives.
    pub(crate) heartbeat_interval: Period,
    /// The throughput to every other member is measured.
    pub(crate) bandwidth_test_interval: Period,
    /// The routers on the way to every other member are looked for.
    pub(crate) traceroute_interval: Period,
}

/// Where the member listens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ServerConfig {
    #[serde(deserialize_with = "text")]
    pub(crate) host: IpAddr,
    /// 0 is any port that is free.
    #[serde(deserialize_with = "text")]
    pub(crate) port: u16,
    /// Whether packets of the others are sent back, by UDP at the same port.
    #[serde(deserialize_with = "text")]
    pub(crate) udp_echo: bool,
    /// Most throughput tests of the others at a time.
    pub(crate) max_bandwidth_tests: BandwidthTests,
    /// Most of one throughput test of the others, in MiB.
    pub(crate) max_bandwidth_test_mb: BandwidthTestMiB,
}

/// A port that others connect to.
pub(crate) type AdvertisedPort = Whole<1, 65535>;

/// Most throughput tests at a time.
pub(crate) type BandwidthTests = Whole<1, 64>;

impl Default for MemberConfig {
    fn default() -> Self {
        Self {
            location: Location::new("unknown").expect("it is a location"),
            instance_id: None,
            advertise_ip: AdvertiseIp::default(),
            advertise_port: None,
            registry: RegistryLink::default(),
            ring_key: None,
            state_dir: None,
            intervals: Intervals::default(),
            server: ServerConfig::default(),
            checks: Checks::default(),
            log_level: LogFilter::default(),
            log_format: LogFormat::default(),
        }
    }
}

impl Default for Intervals {
    fn default() -> Self {
        Self {
            poll_interval: Period::from_secs(30),
            check_interval: Period::from_secs(60),
            heartbeat_interval: Period::from_secs(45),
            bandwidth_test_interval: Period::from_secs(300),
            traceroute_interval: Period::from_secs(300),
        }
    }
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            host: Ipv4Addr::UNSPECIFIED.into(),
            port: 8757,
            udp_echo: true,
            max_bandwidth_tests: Whole::new(2),
            max_bandwidth_test_mb: Whole::new(64),
        }
    }
}

impl MemberConfig {
    /// The key of the ring, where there is one.
    pub(crate) fn ring_key(&self) -> Option<RingKey> {
        self.ring_key.as_ref().map(|key| RingKey::new(key.expose()).expect("it was checked with the configuration"))
    }
}

impl Configuration for MemberConfig {
    const ROOT: &'static str = "member";

    const KEYS: &'static [Key<Self>] = &[
        Key::new::<Location>("member.location").variables(&["NETRING_LOCATION", "MEMBER_LOCATION"]).flag("--location"),
        Key::new::<InstanceId>("member.instance_id").variables(&["NETRING_INSTANCE_ID"]).flag("--instance-id"),
        Key::new::<AdvertiseIp>("member.advertise_ip")
            .variables(&["NETRING_ADVERTISE_IP"])
            .more_variables::<HostIp>(&["HOST_IP", "POD_IP"])
            .flag("--advertise-ip"),
        Key::new::<AdvertisedPort>("member.advertise_port")
            .variables(&["NETRING_ADVERTISE_PORT"])
            .flag("--advertise-port"),
        Key::new::<RegistryUrls>("member.registry.url")
            .variables(&["NETRING_REGISTRY_URL", "REGISTRY_URL"])
            .flag("--registry-url"),
        Key::new::<String>("member.registry.redis_host"),
        Key::new::<u16>("member.registry.redis_port"),
        Key::new::<u32>("member.registry.redis_db"),
        Key::secret("member.registry.redis_password", |member: &Self| member.registry.redis_password.as_ref()),
        Key::secret("member.ring_key", |member: &Self| member.ring_key.as_ref()).variables(&["NETRING_RING_KEY"]),
        Key::new::<PathBuf>("member.state_dir").variables(&["NETRING_STATE_DIR"]).flag("--state-dir"),
        Key::new::<Period>("member.intervals.poll_interval")
            .variables(&["NETRING_POLL_INTERVAL"])
            .flag("--poll-interval"),
        Key::new::<Period>("member.intervals.check_interval")
            .variables(&["NETRING_CHECK_INTERVAL"])
            .flag("--check-interval"),
        Key::new::<Period>("member.intervals.heartbeat_interval")
            .variables(&["NETRING_HEARTBEAT_INTERVAL"])
            .flag("--heartbeat-interval"),
        Key::new::<Period>("member.intervals.bandwidth_test_interval").variables(&["NETRING_BANDWIDTH_TEST_INTERVAL"]),
        Key::new::<Period>("member.intervals.traceroute_interval").variables(&["NETRING_TRACEROUTE_INTERVAL"]),
        Key::new::<IpAddr>("member.server.host").variables(&["NETRING_SERVER_HOST"]).flag("--host"),
        Key::new::<u16>("member.server.port").variables(&["NETRING_SERVER_PORT"]).flag("--port"),
        Key::new::<bool>("member.server.udp_echo").variables(&["NETRING_UDP_ECHO"]),
        Key::new::<BandwidthTests>("member.server.max_bandwidth_tests"),
        Key::new::<BandwidthTestMiB>("member.server.max_bandwidth_test_mb"),
        Key::new::<ProbeList>("member.checks.probes").variables(&["NETRING_PROBES"]).flag("--probes"),
        Key::new::<Period>("member.checks.tcp_timeout").variables(&["NETRING_TCP_TIMEOUT"]).flag("--tcp-timeout"),
        Key::new::<Period>("member.checks.http_timeout").variables(&["NETRING_HTTP_TIMEOUT"]).flag("--http-timeout"),
        Key::new::<Vec<Endpoint>>("member.checks.http_endpoints")
            .variables(&["NETRING_HTTP_ENDPOINTS"])
            .flag("--http-endpoints"),
        Key::new::<StatusList>("member.checks.http_expected_status"),
        Key::new::<BurstPackets>("member.checks.burst_packets").variables(&["NETRING_BURST_PACKETS"]),
        Key::new::<Period>("member.checks.burst_spacing").variables(&["NETRING_BURST_SPACING"]),
        Key::new::<Period>("member.checks.burst_timeout").variables(&["NETRING_BURST_TIMEOUT"]),
        Key::new::<BandwidthTestMode>("member.checks.bandwidth_test_mode").variables(&["NETRING_BANDWIDTH_TEST_MODE"]),
        Key::new::<BandwidthTestSize>("member.checks.bandwidth_test_size_mb")
            .variables(&["NETRING_BANDWIDTH_TEST_SIZE_MB"]),
        Key::new::<BandwidthTestMiB>("member.checks.bandwidth_test_max_mb")
            .variables(&["NETRING_BANDWIDTH_TEST_MAX_MB"]),
        Key::new::<Period>("member.checks.bandwidth_test_max_duration")
            .variables(&["NETRING_BANDWIDTH_TEST_MAX_DURATION"]),
        Key::new::<TracerouteChoice>("member.checks.traceroute_mode").variables(&["NETRING_TRACEROUTE_MODE"]),
        Key::new::<TracerouteFlows>("member.checks.traceroute_flows").variables(&["NETRING_TRACEROUTE_FLOWS"]),
        Key::new::<TracerouteHops>("member.checks.traceroute_max_hops").variables(&["NETRING_TRACEROUTE_MAX_HOPS"]),
        Key::new::<Period>("member.checks.traceroute_timeout").variables(&["NETRING_TRACEROUTE_TIMEOUT"]),
        Key::new::<MaxInFlight>("member.checks.max_in_flight"),
        Key::new::<LogFilter>("member.log_level").variables(&["NETRING_LOG_LEVEL", "LOG_LEVEL"]).flag("--log-level"),
        Key::new::<LogFormat>("member.log_format").variables(&["NETRING_LOG_FORMAT"]).flag("--log-format"),
    ];

    fn resolve(&mut self, environment: &BTreeMap<String, String>) -> Result<(), (&'static str, TextError)> {
        self.advertise_ip.resolve(environment).map_err(|problem| ("member.advertise_ip", problem))?;
        if let Some(key) = &self.ring_key {
            RingKey::new(key.expose()).map_err(|error| ("member.ring_key", TextError::new(error.to_string())))?;
        }
        self.checks.burst().map_err(|error| ("member.checks.burst_spacing", TextError::new(error.to_string())))?;
        Ok(())
    }
}
