//! What the reports of a ring mean, for whoever asks its registry.

use super::{RegistryEngine, RegistryError};
use crate::{
    analysis::{self, PathComparison, Topology},
    model::InstanceId,
    store::{MemberStore, StoreError},
};

impl RegistryEngine {
    /// Locations, routers and what lies between them, by the newest traceroutes of the active members.
    ///
    /// It is work for a second and more where the ring is large; it is done where it holds nobody up. Where many ask, they
    /// should share an answer.
    ///
    /// # Errors
    /// Where the store is out of reach.
    pub async fn topology(&self) -> Result<Topology, RegistryError> {
        let snapshot = self.members().await?;
        let reports = self.inner.store.reports().await?;
        let thresholds = self.inner.bottlenecks;
        aside("make the topology", move || analysis::topology(&snapshot, &reports, &thresholds)).await
    }

    /// The ways from one member to another and back, by their newest traceroutes. None where one of them is not in the ring.
    ///
    /// # Errors
    /// Where the store is out of reach.
    pub async fn path_between(
        &self,
        source: &InstanceId,
        target: &InstanceId,
    ) -> Result<Option<PathComparison>, RegistryError> {
        let snapshot = self.members().await?;
        let has = |id: &InstanceId| snapshot.members.iter().any(|(member, _)| member.instance_id == *id);
        if !has(source) || !has(target) {
            // The reports of a large ring are not to be read for nothing.
            return Ok(None);
        }
        let reports = self.inner.store.reports().await?;
        let (source, target) = (source.clone(), target.clone());
        aside("compare the paths", move || analysis::path_between(&snapshot, &reports, &source, &target)).await
    }
}

/// Does `work` where it holds nobody up.
async fn aside<T: Send + 'static>(
    operation: &'static str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, RegistryError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| RegistryError::Store(StoreError::Unavailable { operation, source: error.into() }))
}
