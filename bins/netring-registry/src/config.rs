//! The registry's configuration: its defaults, and the names by which each key is set.

#[cfg(test)]
mod tests;

use netring_daemon::config::{Configuration, Key, LogFilter, LogFormat, Period, Secret, or_default, text};
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv4Addr};

/// Everything under the key `registry`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RegistryConfig {
    /// Where members are kept. Taken for the sake of 1.x files; in this release they are kept in memory.
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

/// A Redis server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RedisConfig {
    pub(crate) host: String,
    #[serde(deserialize_with = "text")]
    pub(crate) port: u16,
    #[serde(deserialize_with = "text")]
    pub(crate) db: u32,
    pub(crate) password: Option<Secret>,
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

impl Default for RedisConfig {
    fn default() -> Self {
        Self { host: "localhost".to_owned(), port: 6379, db: 0, password: None }
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
        Key::new::<String>("registry.redis.host"),
        Key::new::<u16>("registry.redis.port"),
        Key::new::<u32>("registry.redis.db"),
        Key::secret("registry.redis.password", |registry: &Self| registry.redis.as_ref()?.password.as_ref()),
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
}
