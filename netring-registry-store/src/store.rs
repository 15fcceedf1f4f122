use crate::{
    address::RedisAddress,
    connect::{Connector, Request},
    events::Events,
    failure::Failure,
    keys::{Keys, check_prefix},
    link::Link,
    listing::Listing,
    memory::Memory,
    record, report,
    reports::{self, Reports},
    scripts::{Code, Scripts},
};
use async_trait::async_trait;
use netring_core::{
    InstanceId, Member, MemberList, MemberStore, MemoryStore, ReceivedReport, Registration, StoreError, SweepLimits,
    Timestamp,
};
use std::{sync::Arc, time::Duration};

/// A sweep removes at most this many in one step.
const SWEEP_STEP: usize = 1_000;

/// Keeps members in Redis, and the journal of their ring, where several registries share them and a restart loses nothing.
#[derive(Debug)]
pub struct RedisStore {
    pub(crate) link: Link,
    pub(crate) keys: Keys,
    pub(crate) scripts: Scripts,
    limit: usize,
    pub(crate) retention: Duration,
    listing: Listing,
    reports: Reports,
    pub(crate) events: Events,
    pub(crate) memory: Memory,
}

/// With this a certificate in PEM begins (RFC 7468).
const PEM_HEAD: &[u8] = b"-----BEGIN CERTIFICATE-----";

/// Makes a [`RedisStore`].
#[derive(Debug, Clone)]
pub struct RedisStoreBuilder {
    address: RedisAddress,
    prefix: String,
    timeout: Duration,
    limit: usize,
    retention: Duration,
    roots: Option<Vec<u8>>,
}

/// Why there is no store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The prefix of the keys cannot be used.
    #[error("the prefix of the keys {0}")]
    Prefix(&'static str),
    /// The root certificates are none.
    #[error("there is no certificate in PEM among the root certificates")]
    Certificates,
    /// There can be no client.
    #[error("cannot make a client of {address}: {reason}")]
    Client {
        /// Of which Redis.
        address: String,
        /// What is wrong.
        reason: String,
    },
}

impl RedisStoreBuilder {
    /// Where the Redis is, without passwords.
    #[must_use]
    pub fn address(&self) -> &RedisAddress {
        &self.address
    }

    /// With what the names of all keys begin, in braces; `netring` unless told otherwise. Registries of one ring have the
    /// same, and two rings on one Redis have two.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// How long Redis may take to answer, and to open a connection; 2 s unless told otherwise.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How many members are kept at most; as many as [`MemoryStore`] keeps, 100,000, unless told otherwise.
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// How long Redis keeps what nobody writes to any more, so that a ring without a registry is not kept for ever; two days
    /// unless told otherwise. It has to be longer than a registry keeps a silent member.
    #[must_use]
    pub fn retention(mut self, retention: Duration) -> Self {
        self.retention = retention;
        self
    }

    /// Certificates in PEM that sign Redis's own, in place of the Web's root certificates.
    #[must_use]
    pub fn root_certificates(mut self, pem: Vec<u8>) -> Self {
        self.roots = Some(pem);
        self
    }

    /// The store. It connects when it is first asked for something, so that Redis need not be there yet.
    ///
    /// # Errors
    /// Where the prefix or the certificates cannot be used.
    pub fn build(self) -> Result<RedisStore, BuildError> {
        check_prefix(&self.prefix).map_err(BuildError::Prefix)?;
        if self.roots.as_ref().is_some_and(|pem| !pem.windows(PEM_HEAD.len()).any(|part| part == PEM_HEAD)) {
            return Err(BuildError::Certificates);
        }
        let connector = Connector::new(self.address.clone(), self.roots, self.timeout)
            .map_err(|error| BuildError::Client { address: self.address.to_string(), reason: error.to_string() })?;
        Ok(RedisStore {
            link: Link::new(connector, self.timeout),
            keys: Keys::new(&self.prefix),
            scripts: Scripts::new(),
            limit: self.limit,
            retention: self.retention,
            listing: Listing::default(),
            reports: Reports::default(),
            events: Events::default(),
            memory: Memory::default(),
        })
    }
}

/// A number that no other change has: after a failover to a replica that lags, a count would come again.
pub(crate) fn random_number() -> u64 {
    fastrand::u64(1..)
}

pub(crate) fn text(number: impl ToString) -> Vec<u8> {
    number.to_string().into_bytes()
}

pub(crate) fn micros(time: Timestamp) -> Vec<u8> {
    text(time.as_unix_micros())
}

impl RedisStore {
    /// A store on the Redis at `address`.
    #[must_use]
    pub fn builder(address: RedisAddress) -> RedisStoreBuilder {
        RedisStoreBuilder {
            address,
            prefix: "netring".to_owned(),
            timeout: Duration::from_secs(2),
            limit: MemoryStore::DEFAULT_LIMIT,
            retention: Duration::from_secs(2 * 86_400),
            roots: None,
        }
    }

    /// Where the Redis is, without passwords.
    #[must_use]
    pub fn address(&self) -> &RedisAddress {
        self.link.connector().address()
    }

    async fn run<T: redis::FromRedisValue>(
        &self,
        operation: &'static str,
        script: &Code,
        arguments: Vec<Vec<u8>>,
    ) -> Result<T, StoreError> {
        self.link.ask(operation, &Request::Script(script, &self.keys.ring(), arguments)).await
    }

    /// The retention in milliseconds.
    pub(crate) fn retention(&self) -> Vec<u8> {
        text(self.retention.as_millis())
    }

    /// Something at `key` that netring did not write.
    fn stranger(&self, operation: &'static str, key: &str) -> StoreError {
        StoreError::Unavailable { operation, source: Failure::stranger(self.address(), key).into() }
    }
}

/// What the store was doing, for the words of an error.
pub(crate) fn internal(
    operation: &'static str,
    error: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> StoreError {
    StoreError::Unavailable { operation, source: error.into() }
}

#[async_trait]
impl MemberStore for RedisStore {
    async fn register(&self, registration: Registration, now: Timestamp) -> Result<Member, StoreError> {
        const OPERATION: &str = "register a member";
        let particulars = record::particulars(&registration).map_err(|error| internal(OPERATION, error))?;
        let arguments = vec![
            registration.instance_id.as_str().into(),
            micros(now),
            particulars.into_bytes(),
            text(self.limit),
            text(random_number()),
            self.retention(),
        ];
        let times: Vec<String> = self.run(OPERATION, &self.scripts.register, arguments).await?;
        match &times[..] {
            [full] if full == "full" => Err(StoreError::Full { limit: self.limit }),
            [registered_at, last_seen] => match (record::time(registered_at), record::time(last_seen)) {
                (Some(registered_at), Some(last_seen)) => Ok(Member {
                    instance_id: registration.instance_id,
                    location: registration.location,
                    address: registration.address,
                    heartbeat_interval: registration.heartbeat_interval,
                    udp_echo: registration.udp_echo,
                    registered_at,
                    last_seen,
                    deregistered_at: None,
                }),
                _ => Err(self.stranger(OPERATION, &self.keys.members)),
            },
            _ => Err(self.stranger(OPERATION, &self.keys.members)),
        }
    }

    async fn heartbeat(&self, instance_id: &InstanceId, now: Timestamp) -> Result<(), StoreError> {
        let renew_below = text(self.retention.as_millis() * 9 / 10);
        let arguments = vec![instance_id.as_str().into(), micros(now), self.retention(), renew_below];
        match self.run("take a heartbeat", &self.scripts.heartbeat, arguments).await? {
            0 => Err(StoreError::NotFound),
            _ => Ok(()),
        }
    }

    async fn deregister(&self, instance_id: &InstanceId, now: Timestamp) -> Result<(), StoreError> {
        let arguments = vec![instance_id.as_str().into(), micros(now), text(random_number()), self.retention()];
        self.run::<u8>("deregister a member", &self.scripts.deregister, arguments).await.map(drop)
    }

    async fn members(&self) -> Result<MemberList, StoreError> {
        self.listing.read(&self.link, &self.keys).await
    }

    async fn sweep(&self, limits: SweepLimits) -> Result<Vec<InstanceId>, StoreError> {
        let mut removed = Vec::new();
        loop {
            let arguments = vec![
                micros(limits.last_seen_before),
                micros(limits.deregistered_before),
                text(SWEEP_STEP),
                text(random_number()),
            ];
            let step: Vec<Vec<u8>> = match self.run("sweep", &self.scripts.sweep, arguments).await {
                Ok(step) => step,
                // What is gone is gone, and to be told; the next sweep goes on.
                Err(_) if !removed.is_empty() => return Ok(removed),
                Err(error) => return Err(error),
            };
            let last = step.len() < SWEEP_STEP;
            // Who else wrote there wrote no ids.
            removed.extend(step.into_iter().filter_map(|id| InstanceId::new(String::from_utf8(id).ok()?).ok()));
            if last {
                return Ok(removed);
            }
        }
    }

    async fn put_report(&self, report: ReceivedReport) -> Result<(), StoreError> {
        const OPERATION: &str = "keep a report";
        let instance_id = report.report.instance_id.clone();
        // It is work for milliseconds where the report is large; others are to be answered meanwhile.
        let written = tokio::task::spawn_blocking(move || report::write(&report)).await;
        let written = written.map_err(|error| internal(OPERATION, error))?;
        let written = written.map_err(|error| internal(OPERATION, error))?;
        let version = reports::version(written.len());
        let arguments = vec![instance_id.as_str().into(), written, version.into(), self.retention()];
        match self.run(OPERATION, &self.scripts.put_report, arguments).await? {
            0 => Err(StoreError::NotFound),
            _ => Ok(()),
        }
    }

    async fn reports(&self) -> Result<Vec<Arc<ReceivedReport>>, StoreError> {
        self.reports.read(&self.link, &self.keys).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        const SECONDS: u32 = 60;
        let keys = [&self.keys.ring()[..], &self.keys.journal(), &[&self.keys.ping]].concat();
        let request = Request::Script(&self.scripts.ping, &keys, vec![text(SECONDS)]);
        self.link.ask::<u8>("read and write the store", &request).await.map(drop)
    }
}
