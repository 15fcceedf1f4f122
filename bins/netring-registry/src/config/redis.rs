//! The Redis that members are kept in.

use netring_daemon::{
    config::{FromText, Period, Secret, TextError, text},
    serde_as_text,
};
use netring_registry_store::{BuildError, RedisAddress, RedisStore, RedisStoreBuilder};
use serde::{Deserialize, Serialize};
use std::{fmt, fs, path::PathBuf, time::Duration};

/// A shorter time is over before a Redis elsewhere can answer.
const SHORTEST_TIMEOUT: Duration = Duration::from_millis(100);
/// After a longer one whoever asked the registry has been answered already: it gives its own answers 10 s.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(8);

/// Where Redis is, and how it is used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RedisConfig {
    /// Where it is; with it `host`, `port` and `db` count for nothing.
    pub(crate) url: Option<RedisUrl>,
    pub(crate) host: String,
    #[serde(deserialize_with = "text")]
    pub(crate) port: u16,
    #[serde(deserialize_with = "text")]
    pub(crate) db: u32,
    /// Counts where there is none in the URL.
    pub(crate) password: Option<Secret>,
    /// With what all keys begin.
    pub(crate) prefix: String,
    /// How long Redis may take to answer.
    pub(crate) timeout: Period,
    /// A file with the certificates, in PEM, that sign Redis's own; none are those of the Web.
    pub(crate) ca_file: Option<PathBuf>,
}

impl Default for RedisConfig {
    fn default() -> Self {
        Self {
            url: None,
            host: "localhost".to_owned(),
            port: 6379,
            db: 0,
            password: None,
            prefix: "netring".to_owned(),
            timeout: Period::from_secs(2),
            ca_file: None,
        }
    }
}

impl RedisConfig {
    /// A store on this Redis, in the making.
    ///
    /// # Errors
    /// The path of the key that makes no sense, and why.
    pub(crate) fn store(&self) -> Result<RedisStoreBuilder, (&'static str, TextError)> {
        if !(SHORTEST_TIMEOUT..=LONGEST_TIMEOUT).contains(&self.timeout.get()) {
            let problem = format!("expected from {SHORTEST_TIMEOUT:?} to {LONGEST_TIMEOUT:?}");
            return Err(("registry.redis.timeout", TextError::new(problem)));
        }
        if self.url.is_none() && self.port == 0 {
            return Err(("registry.redis.port", TextError::new("expected a whole number from 1 to 65535")));
        }
        let address = match &self.url {
            Some(url) => Ok(url.address.clone()),
            None => RedisAddress::server(&self.host, self.port, self.db, None)
                .map_err(|error| ("registry.redis.host", TextError::new(error.to_string()))),
        }?;
        let address = match &self.password {
            Some(password) => address.or_password(password.expose()),
            None => address,
        };
        let mut store = RedisStore::builder(address).prefix(&self.prefix).timeout(self.timeout.get());
        if let Some(path) = &self.ca_file {
            if !store.address().uses_tls() {
                let problem = "it is of no use without TLS: begin registry.redis.url with rediss";
                return Err(("registry.redis.ca_file", TextError::new(problem)));
            }
            let pem = fs::read(path).map_err(|error| {
                ("registry.redis.ca_file", TextError::new(format!("cannot read {}: {error}", path.display())))
            })?;
            store = store.root_certificates(pem);
        }
        match store.clone().build() {
            Ok(_) => Ok(store),
            Err(error @ BuildError::Prefix(_)) => Err(("registry.redis.prefix", TextError::new(error.to_string()))),
            Err(error) => Err(("registry.redis.ca_file", TextError::new(error.to_string()))),
        }
    }
}

/// The URL of a Redis. `Debug` leaves its passwords out; `Display` and `Serialize` do not.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RedisUrl {
    text: String,
    address: RedisAddress,
}

impl FromText for RedisUrl {
    fn from_text(text: &str) -> Result<Self, TextError> {
        let text = text.trim().to_owned();
        let address = text.parse::<RedisAddress>().map_err(|error| TextError::new(error.to_string()))?;
        Ok(Self { text, address })
    }
}

impl fmt::Display for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.address, f)
    }
}

serde_as_text!(RedisUrl);
