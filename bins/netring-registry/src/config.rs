//! The registry's configuration: its defaults, and the names by which each key is set.

mod alerts;
mod analysis;
mod expected;
mod redis;
#[cfg(test)]
mod tests;
mod topology;
mod webhook_url;

pub(crate) use redis::{RedisConfig, RedisUrl};

use alerts::{AlertsConfig, WebhookList};
use analysis::{AnalysisConfig, HistoryMiB, Packets, Results};
use expected::ExpectedConfig;
use netring_daemon::config::{Configuration, Key, LogFilter, LogFormat, Period, Ratio, TextError, or_default, text};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
};
use topology::TopologyConfig;

/// Everything under the key `registry`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RegistryConfig {
    /// The Redis that members are kept in; without one they are kept in memory.
    pub(crate) redis: Option<RedisConfig>,
    /// Where the registry listens.
    #[serde(deserialize_with = "or_default")]
    pub(crate) server: ServerConfig,
    /// A member that has not been heard of for this long is offline.
    pub(crate) member_ttl: Period,
    /// How often members are looked over for those that went offline, and for those gone so long that they are forgotten.
    pub(crate) cleanup_interval: Period,
    /// How often a member sends heartbeats, where it does not say so itself.
    pub(crate) heartbeat_interval: Period,
    /// Which members should be there.
    #[serde(deserialize_with = "or_default")]
    pub(crate) expected_members: ExpectedConfig,
    /// How the reports are judged.
    #[serde(deserialize_with = "or_default")]
    pub(crate) analysis: AnalysisConfig,
    /// From when on an edge of the topology is a bottleneck.
    #[serde(deserialize_with = "or_default")]
    pub(crate) topology: TopologyConfig,
    /// Who is told of faults.
    #[serde(deserialize_with = "or_default")]
    pub(crate) alerts: AlertsConfig,
    /// What Prometheus reads.
    #[serde(deserialize_with = "or_default")]
    pub(crate) metrics: MetricsConfig,
    /// The page for people.
    #[serde(deserialize_with = "or_default")]
    pub(crate) dashboard: DashboardConfig,
    /// What is logged.
    pub(crate) log_level: LogFilter,
    /// How it is written.
    pub(crate) log_format: LogFormat,
}

/// Where the registry listens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ServerConfig {
    #[serde(deserialize_with = "text")]
    pub(crate) host: IpAddr,
    /// 0 is any port that is free.
    #[serde(deserialize_with = "text")]
    pub(crate) port: u16,
}

/// What Prometheus reads.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct MetricsConfig {
    /// Whether each pair of members has series of its own: they are as many as the square of the members.
    #[serde(deserialize_with = "text")]
    pub(crate) pairs: bool,
}

/// The page for people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct DashboardConfig {
    /// Whether it is served.
    #[serde(deserialize_with = "text")]
    pub(crate) enabled: bool,
}

impl Default for DashboardConfig {
    fn default() -> Self {
        Self { enabled: true }
    }
}

impl Default for RegistryConfig {
    fn default() -> Self {
        Self {
            redis: None,
            server: ServerConfig::default(),
            member_ttl: Period::from_secs(300),
            cleanup_interval: Period::from_secs(60),
            heartbeat_interval: Period::from_secs(45),
            expected_members: ExpectedConfig::default(),
            analysis: AnalysisConfig::default(),
            topology: TopologyConfig::default(),
            alerts: AlertsConfig::default(),
            metrics: MetricsConfig::default(),
            dashboard: DashboardConfig::default(),
            log_level: LogFilter::default(),
            log_format: LogFormat::default(),
        }
    }
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self { host: Ipv4Addr::UNSPECIFIED.into(), port: 8756 }
    }
}

impl Configuration for RegistryConfig {
    const ROOT: &'static str = "registry";

    const KEYS: &'static [Key<Self>] = &[
        Key::new::<RedisUrl>("registry.redis.url").variables(&["NETRING_REDIS_URL"]),
        Key::new::<String>("registry.redis.host"),
        Key::new::<u16>("registry.redis.port"),
        Key::new::<u32>("registry.redis.db"),
        Key::secret("registry.redis.password", |registry: &Self| registry.redis.as_ref()?.password.as_ref())
            .variables(&["NETRING_REDIS_PASSWORD"]),
        Key::new::<String>("registry.redis.prefix").variables(&["NETRING_REDIS_PREFIX"]),
        Key::new::<Period>("registry.redis.timeout"),
        Key::new::<String>("registry.redis.ca_file"),
        Key::new::<IpAddr>("registry.server.host").variables(&["NETRING_SERVER_HOST"]).flag("--host"),
        Key::new::<u16>("registry.server.port").variables(&["NETRING_SERVER_PORT"]).flag("--port"),
        Key::new::<Period>("registry.member_ttl").variables(&["NETRING_MEMBER_TTL"]).flag("--member-ttl"),
        Key::new::<Period>("registry.cleanup_interval")
            .variables(&["NETRING_CLEANUP_INTERVAL"])
            .flag("--cleanup-interval"),
        Key::new::<Period>("registry.heartbeat_interval").variables(&["NETRING_HEARTBEAT_INTERVAL"]),
        Key::new::<PathBuf>("registry.expected_members.config_file").variables(&["NETRING_EXPECTED_MEMBERS_FILE"]),
        Key::new::<bool>("registry.expected_members.enable_missing_detection")
            .variables(&["NETRING_ENABLE_MISSING_DETECTION"]),
        Key::new::<Period>("registry.expected_members.missing_check_interval"),
        Key::new::<Period>("registry.analysis.interval"),
        Key::new::<Results>("registry.analysis.bad_results"),
        Key::new::<Results>("registry.analysis.of_results"),
        Key::new::<Results>("registry.analysis.good_results"),
        Key::new::<Period>("registry.analysis.latency_rise"),
        Key::new::<Ratio>("registry.analysis.latency_rise_ratio"),
        Key::new::<Ratio>("registry.analysis.loss_ratio"),
        Key::new::<Packets>("registry.analysis.lost_packets"),
        Key::new::<Ratio>("registry.analysis.throughput_drop_ratio"),
        Key::new::<Period>("registry.analysis.relapse_within"),
        Key::new::<HistoryMiB>("registry.analysis.history_max_mb"),
        Key::new::<Period>("registry.topology.latency_warning"),
        Key::new::<Period>("registry.topology.latency_critical"),
        Key::new::<Ratio>("registry.topology.loss_warning"),
        Key::new::<Ratio>("registry.topology.loss_critical"),
        Key::with_secrets::<WebhookList>("registry.alerts.webhooks", |registry: &Self| {
            registry.alerts.webhooks.revealed()
        })
        .variables(&["NETRING_ALERT_WEBHOOK_URL"]),
        Key::new::<Period>("registry.alerts.retry_for"),
        Key::new::<bool>("registry.metrics.pairs"),
        Key::new::<bool>("registry.dashboard.enabled").variables(&["NETRING_DASHBOARD_ENABLED"]),
        Key::new::<LogFilter>("registry.log_level").variables(&["NETRING_LOG_LEVEL", "LOG_LEVEL"]).flag("--log-level"),
        Key::new::<LogFormat>("registry.log_format").variables(&["NETRING_LOG_FORMAT"]).flag("--log-format"),
    ];

    fn resolve(&mut self, _environment: &BTreeMap<String, String>) -> Result<(), (&'static str, TextError)> {
        // So that what no store can be made of is told before anything starts.
        self.redis.as_ref().map_or(Ok(()), |redis| redis.store().map(drop))?;
        self.analysis.sensitivity()?;
        self.topology.check()?;
        self.alerts.check()?;
        self.expected_members.members().map(drop)
    }
}
