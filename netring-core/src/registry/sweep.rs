use super::{RegistryEngine, RegistryError, deaf::Deaf};
use crate::{
    model::{InstanceId, Timestamp},
    store::{MemberStore, SweepLimits},
    task::supervise,
};
use std::collections::HashSet;
use tokio_util::sync::CancellationToken;

impl RegistryEngine {
    /// Removes what is no longer visible, now. Who is silent and was replaced is known from when the members were last listed,
    /// and they are listed again only where there is somebody: a sweep costs what there is to remove, and not what there is.
    ///
    /// A store without memory may refuse all but this, which frees some: so it is tried whatever else fails.
    ///
    /// # Errors
    /// Where the store is out of reach.
    pub async fn sweep(&self) -> Result<Vec<InstanceId>, RegistryError> {
        self.inner.look_at_clock();
        // Whatever it takes to look: who is removed was silent for long enough before.
        let now = self.now();
        let looked = self.look().await;
        let swept = match &looked {
            Ok(()) if self.inner.store.gap().is_none() => {
                let replaced = self.inner.replaced().clone();
                let limits = self.inner.lifetimes.sweep_limits_after(self.inner.last_deaf(), now);
                self.remove(replaced, limits).await
            }
            _ => self.remove(HashSet::new(), self.careful_limits(now)).await,
        };
        // Whatever has failed, something before it may have been removed.
        if swept.as_ref().map_or(true, |removed| !removed.is_empty()) {
            self.inner.listings.invalidate();
        }
        swept.map_err(|error| looked.err().unwrap_or(error))
    }

    /// Finds out what has to be known of the members before some are removed.
    async fn look(&self) -> Result<(), RegistryError> {
        if self.store_contact().in_reach == Some(false) {
            // A ping proves that it is back, where nobody else writes: a sweep that finds nothing does not.
            self.ping().await?;
        }
        // Who could not be heard is not to be removed for it, and only a list tells when that was. And who was found to be
        // replaced may have been heard by another registry since.
        let somebody_replaced = !self.inner.replaced().is_empty();
        if somebody_replaced || self.inner.store.gap().is_some() {
            self.members().await?;
        }
        Ok(())
    }

    /// What may be removed by somebody who does not know for how much of a gap other registries heard members: as if for none.
    fn careful_limits(&self, now: Timestamp) -> SweepLimits {
        let limits = self.inner.lifetimes.sweep_limits_after(self.inner.last_deaf(), now);
        let Some(gap) = self.inner.store.gap() else { return limits };
        let last = self.inner.last_deaf().map_or_else(Default::default, Deaf::length);
        let silent = self.inner.lifetimes.sweep_limits(now).last_seen_before;
        // Where it began before the start, nobody is old enough.
        let last_seen_before =
            gap.since.map_or_else(Timestamp::default, |since| silent - gap.until.since(since) - last);
        SweepLimits { last_seen_before, ..limits }
    }

    async fn remove(
        &self,
        replaced: HashSet<InstanceId>,
        limits: SweepLimits,
    ) -> Result<Vec<InstanceId>, RegistryError> {
        let mut failed = None;
        for instance_id in replaced {
            // In its place, for good: it is not to come back when who replaced it is gone too.
            let deregistered = self.inner.store.deregister(&instance_id, self.now()).await;
            self.inner.listings.invalidate();
            if let Err(error) = deregistered {
                failed = Some(error);
                break;
            }
            self.inner.replaced().remove(&instance_id);
            tracing::info!(%instance_id, "deregistered: another member has taken its address");
        }
        let removed = self.inner.store.sweep(limits).await.map_err(|error| failed.unwrap_or(error))?;
        for instance_id in &removed {
            tracing::info!(%instance_id, "removed: not heard of for too long, or deregistered");
        }
        Ok(removed)
    }

    /// Judges the reports and keeps the store tidy until `shutdown`, and notices where the process was suspended. Without it the registry answers all
    /// the same, but nothing new is at fault, old records stay, and time in which it was suspended counts as silence of the members.
    pub async fn run(&self, shutdown: CancellationToken) {
        self.run_until(shutdown, std::future::ready(())).await;
    }

    /// The same. No other registry is let lead before `done` as well, within the lease: what only the one that leads may do, as
    /// to tell a webhook, comes to its end before the next one looks at what is left to do.
    pub async fn run_until(&self, shutdown: CancellationToken, done: impl Future<Output = ()>) {
        let sweeping = supervise(
            &self.inner.sweeps,
            |_| {},
            || async {
                // Until when there was no registry shows best before many are heard. Where it cannot be had now, that is
                // logged, and a later list tells as well.
                drop(self.listing().await);
                loop {
                    tokio::time::sleep(self.inner.sweep_interval).await;
                    // Where the store is out of reach, that has been logged.
                    if let Err(error) = self.sweep().await {
                        tracing::debug!(%error, "cannot remove old records; trying again at the next sweep");
                    }
                    self.inner.sweeps.turned();
                }
            },
        );
        let judging = supervise(&self.inner.judgings, |_| {}, || self.judge_again_and_again());
        tokio::select! {
            () = shutdown.cancelled() => self.inner.closing.cancel(),
            () = sweeping => {}
            () = judging => {}
            () = self.inner.tick() => {}
        }
        done.await;
        self.resign().await;
    }
}
