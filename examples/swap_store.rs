//! A `MemberStore` of your own: members are kept in memory, and written to a JSON file as well, so that a registry that is
//! started again knows its ring at once.
//!
//! ```text
//! cargo run -p netring-examples --example swap_store                # ends by itself
//! cargo test -p netring-examples --example swap_store               # the contract of a store, rule by rule
//! ```

#![expect(clippy::print_stdout, reason = "it is a program that talks to a person")]

use async_trait::async_trait;
use netring_core::{
    AdvertisedAddress, Clock, InstanceId, Location, Member, MemberList, MemberStore, MemoryStore, ReceivedReport,
    Registration, RegistryEngine, StoreError, SweepLimits, SystemClock, Timestamp,
};
use std::{
    error::Error,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// `last_seen` moves with every heartbeat; it is enough to write it down this often.
const WRITE_AT_LEAST_EVERY: Duration = Duration::from_secs(30);

/// A [`MemoryStore`] with a copy of its members in a file.
///
/// No operation waits for the disk, so that a slow one does not slow a ring down, and rule 13 of the contract holds: an
/// operation either works or changes nothing. The file may be a moment behind. That is harmless: whoever is missing
/// registers again within one heartbeat. Reports are not written; new ones come every minute.
#[derive(Debug, Clone)]
struct JsonFileStore {
    memory: Arc<MemoryStore>,
    changed: Arc<Notify>,
    path: PathBuf,
}

impl JsonFileStore {
    /// A store for at most `limit` members, with those that the file at `path` has, if there is one.
    async fn open(path: impl Into<PathBuf>, limit: usize) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let (memory, path) = (MemoryStore::with_limit(limit), path.into());
        match tokio::fs::read(&path).await {
            Ok(json) => {
                for member in serde_json::from_slice::<Vec<Member>>(&json)? {
                    restore(&memory, member).await?;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
        Ok(Self { memory: Arc::new(memory), changed: Arc::new(Notify::new()), path })
    }

    /// Writes the file after each change until `shutdown`, and once more then.
    async fn keep_written(self, shutdown: CancellationToken) {
        loop {
            let last = tokio::select! {
                () = self.changed.notified() => false,
                () = tokio::time::sleep(WRITE_AT_LEAST_EVERY) => false,
                () = shutdown.cancelled() => true,
            };
            if let Err(error) = self.write().await {
                println!("cannot write {}: {error}; trying again later", self.path.display());
            }
            if last {
                return;
            }
        }
    }

    async fn write(&self) -> Result<(), Box<dyn Error + Send + Sync>> {
        let json = serde_json::to_vec_pretty(&self.memory.members().await?.members)?;
        // To a file beside it first: whoever reads the file sees the old one or the new one, never half of one.
        let beside = self.path.with_extension("new");
        tokio::fs::write(&beside, json).await?;
        Ok(tokio::fs::rename(&beside, &self.path).await?)
    }
}

/// Brings a record back by the calls that once made it.
async fn restore(memory: &MemoryStore, member: Member) -> Result<(), StoreError> {
    let Member {
        instance_id,
        location,
        address,
        heartbeat_interval,
        udp_echo,
        registered_at,
        last_seen,
        deregistered_at,
    } = member;
    let registration =
        Registration { instance_id: instance_id.clone(), location, address, heartbeat_interval, udp_echo };
    memory.register(registration, registered_at).await?;
    memory.heartbeat(&instance_id, last_seen).await?;
    match deregistered_at {
        Some(deregistered_at) => memory.deregister(&instance_id, deregistered_at).await,
        None => Ok(()),
    }
}

#[async_trait]
impl MemberStore for JsonFileStore {
    async fn register(&self, registration: Registration, now: Timestamp) -> Result<Member, StoreError> {
        let member = self.memory.register(registration, now).await?;
        self.changed.notify_one();
        Ok(member)
    }

    async fn heartbeat(&self, instance_id: &InstanceId, now: Timestamp) -> Result<(), StoreError> {
        self.memory.heartbeat(instance_id, now).await
    }

    async fn deregister(&self, instance_id: &InstanceId, now: Timestamp) -> Result<(), StoreError> {
        self.memory.deregister(instance_id, now).await?;
        self.changed.notify_one();
        Ok(())
    }

    async fn members(&self) -> Result<MemberList, StoreError> {
        self.memory.members().await
    }

    async fn sweep(&self, limits: SweepLimits) -> Result<Vec<InstanceId>, StoreError> {
        let removed = self.memory.sweep(limits).await?;
        if !removed.is_empty() {
            self.changed.notify_one();
        }
        Ok(removed)
    }

    async fn put_report(&self, report: ReceivedReport) -> Result<(), StoreError> {
        self.memory.put_report(report).await
    }

    async fn reports(&self) -> Result<Vec<Arc<ReceivedReport>>, StoreError> {
        self.memory.reports().await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.memory.ping().await
    }
}

/// Two lives of one registry: what joins in the first is known in the second.
#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("members.json");

    let store = JsonFileStore::open(&path, MemoryStore::DEFAULT_LIMIT).await?;
    let stop = CancellationToken::new();
    let writing = tokio::spawn(store.clone().keep_written(stop.clone()));
    // The engine takes any store: nothing else changes.
    let registry = RegistryEngine::builder(Arc::new(store)).build();
    for (id, location, host) in [("eu1-a", "eu1", 1), ("us1-a", "us1", 2)] {
        let registration = Registration {
            instance_id: InstanceId::new(id)?,
            location: Location::new(location)?,
            address: AdvertisedAddress::new([10, 0, 0, host].into(), 8757)?,
            heartbeat_interval: None,
            udp_echo: false,
        };
        registry.register(registration).await?;
    }
    registry.deregister(&InstanceId::new("us1-a")?).await?;
    stop.cancel();
    writing.await?;
    drop(registry);

    show(&path).await
}

async fn show(path: &Path) -> Result<(), Box<dyn Error + Send + Sync>> {
    println!("in the file:\n{}\n", tokio::fs::read_to_string(path).await?);
    let store = JsonFileStore::open(path, MemoryStore::DEFAULT_LIMIT).await?;
    println!("known to the next registry:");
    for (member, status) in RegistryEngine::builder(Arc::new(store)).build().members().await?.members {
        let age = SystemClock.now().since(member.last_seen);
        println!("  {} at {}: {status}, heard of {age:.1?} ago", member.instance_id, member.address);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use netring_core::testing::{
        StoreFixture, StoreHarness,
        sample::{NOW, id, registration},
    };

    #[derive(Debug)]
    struct Files;

    #[async_trait]
    impl StoreHarness for Files {
        async fn store(&self, limit: usize) -> StoreFixture {
            // The folder is kept for as long as the store is tested, and gone then.
            let folder = tempfile::tempdir().unwrap();
            let store = JsonFileStore::open(folder.path().join("members.json"), limit).await.unwrap();
            tokio::spawn(store.clone().keep_written(CancellationToken::new()));
            StoreFixture { store: Arc::new(store), guard: Box::new(folder) }
        }
    }

    // Every rule of the contract, each as a test of its own name.
    netring_core::member_store_conformance!(Files);

    #[tokio::test]
    async fn members_outlive_the_process() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("members.json");
        let store = JsonFileStore::open(&path, 10).await.unwrap();
        for name in ["a", "b", "c"] {
            store.register(registration(name), NOW).await.unwrap();
        }
        store.heartbeat(&id("a"), NOW + Duration::from_secs(5)).await.unwrap();
        store.deregister(&id("b"), NOW + Duration::from_secs(6)).await.unwrap();
        store.write().await.unwrap();

        let again = JsonFileStore::open(&path, 10).await.unwrap();
        assert_eq!(again.members().await.unwrap().members, store.members().await.unwrap().members);
    }

    #[tokio::test]
    async fn a_file_that_makes_no_sense_is_an_error_and_not_an_empty_ring() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("members.json");
        std::fs::write(&path, "[{").unwrap();
        assert!(JsonFileStore::open(&path, 10).await.is_err());
    }
}
