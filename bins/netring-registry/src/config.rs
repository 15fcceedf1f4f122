//! The registry's configuration: its defaults, and the names by which each key is set.

mod redis;
#[cfg(test)]
mod tests;

pub(crate) use redis::{RedisConfig, RedisUrl};

use netring_daemon::config::{Configuration, Key, LogFilter, LogFormat, Period, TextError, or_default, text};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr},
};

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

impl Default for RegistryConfig {
    fn default() -> Self {
        Self {
            redis: None,
            server: ServerConfig::default(),
            member_ttl: Period::from_secs(300),
            cleanup_interval: Period::from_secs(60),
            heartbeat_interval: Period::from_secs(45),
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
        Key::new::<LogFilter>("registry.log_level").variables(&["NETRING_LOG_LEVEL", "LOG_LEVEL"]).flag("--log-level"),
        Key::new::<LogFormat>("registry.log_format").variables(&["NETRING_LOG_FORMAT"]).flag("--log-format"),
    ];

    fn resolve(&mut self, _environment: &BTreeMap<String, String>) -> Result<(), (&'static str, TextError)> {
        // So that what no store can be made of is told before anything starts.
        self.redis.as_ref().map_or(Ok(()), |redis| redis.store().map(drop))
    }
}
