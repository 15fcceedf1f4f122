//! One round after another: what is new in the reports, what it says is at fault, and what has happened.

use super::{
    MembersSnapshot, RegistryEngine, RegistryError, View,
    judge::{Look, unavailable},
};
use crate::{
    analysis::{self, HistoryHealth, PairHistory},
    model::InstanceId,
    store::{MemberStore, ReceivedReport},
};
use std::{
    sync::{Arc, PoisonError, RwLockReadGuard},
    time::Duration,
};
use tokio::time::Instant;

/// A round takes at most a fifth of the time: where it is slow, rounds are rarer.
const REST_TIMES: u32 = 4;
/// Changes that no view has told of are kept up to so many; who reads them loads the matrix anew where there are more.
const MAX_CHANGES: usize = 100_000;
/// How long the last call may take.
const RESIGN_TIMEOUT: Duration = Duration::from_secs(1);

impl RegistryEngine {
    /// What the last round of judging came to. Where there was none yet, it is made now.
    ///
    /// # Errors
    /// Where there was none yet and the store is out of reach.
    pub async fn view(&self) -> Result<Arc<View>, RegistryError> {
        match self.last_view() {
            Some(view) => Ok(view),
            None => self.judge().await,
        }
    }

    /// What the last round came to, where there was one.
    pub(crate) fn last_view(&self) -> Option<Arc<View>> {
        self.inner.view.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Makes a round: looks at what is new in the reports, and says what is at fault. [`run`](Self::run) does this again and
    /// again.
    ///
    /// # Errors
    /// Where the store is out of reach.
    pub async fn judge(&self) -> Result<Arc<View>, RegistryError> {
        // A task of its own: it comes to its end whoever has given up waiting for it.
        let registry = self.clone();
        let round = tokio::spawn(async move { registry.round().await });
        round.await.unwrap_or_else(|error| Err(internal("judge", error)))
    }

    /// The last hour and day of a pair, as this registry remembers them; nothing where nothing is known of it.
    #[must_use]
    pub fn history(&self, source: &InstanceId, target: &InstanceId) -> Option<PairHistory> {
        self.observatory().history(source, target, self.now())
    }

    /// How much this registry remembers of all pairs, and how much it may. It looks at every pair; [`View::history`] is what
    /// that came to a few seconds ago.
    #[must_use]
    pub fn history_health(&self) -> HistoryHealth {
        self.observatory().history_health()
    }

    /// What is remembered of every pair.
    pub(super) fn observatory(&self) -> RwLockReadGuard<'_, analysis::Observatory> {
        self.inner.observatory.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) async fn judge_again_and_again(&self) {
        loop {
            let begun = Instant::now();
            if let Err(error) = self.judge().await {
                // That the store is out of reach has been logged.
                tracing::debug!(%error, "cannot judge the reports; trying again at the next round");
            }
            self.inner.judgings.turned();
            tokio::time::sleep((begun.elapsed() * REST_TIMES).max(self.inner.analysis_interval)).await;
        }
    }

    /// Lets another registry lead at once.
    pub(super) async fn resign(&self) {
        let mut judge = self.inner.judge.lock().await;
        judge.leading = false;
        self.set_leading(false);
        // The lease ends by itself where this does not work.
        drop(tokio::time::timeout(RESIGN_TIMEOUT, self.inner.journal.resign(&self.inner.instance_id)).await);
    }

    async fn round(&self) -> Result<Arc<View>, RegistryError> {
        let mut judge = self.inner.judge.lock().await;
        if judge.leading && self.now() >= judge.leads_until {
            judge.set_leading(self, false);
        }
        let snapshot = Arc::new(self.members().await?);
        let reports = self.inner.store.reports().await?;
        let (registry, count_history) = (self.clone(), judge.history_is_due(snapshot.at));
        // It is work for milliseconds where the ring is large; others are to be answered meanwhile.
        let look = tokio::task::spawn_blocking(move || registry.examine(snapshot, &reports, count_history)).await;
        let mut look = look.map_err(|error| internal("judge", error))?;
        if let Some(history) = look.history {
            judge.history = Some((history, look.snapshot.at));
        }
        judge.note(&mut look);
        // Until a view has gone out with them: where the journal is out of reach there is none.
        judge.changes.append(&mut look.observed.changes);
        judge.changes.truncate(MAX_CHANGES);
        judge.take_part(self, &mut look).await?;
        judge.rounds += 1;
        judge.count(self, &look.snapshot);
        let mut changes = std::mem::take(&mut judge.changes);
        let changes_total = changes.len();
        changes.truncate(View::MAX_CHANGES);
        let view = Arc::new(View {
            at: look.snapshot.at,
            round: judge.rounds,
            leading: judge.leading,
            last_event: judge.last_event,
            open: judge.shared.faults.open().into(),
            closed: judge.shared.faults.closed().cloned().collect(),
            expected: judge.expected.clone(),
            history: judge.history.map(|(history, _)| history).unwrap_or_default(),
            changes: changes.into(),
            changes_total,
            snapshot: look.snapshot,
        });
        *self.inner.view.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&view));
        // Nobody may be listening.
        drop(self.inner.views.send(Arc::clone(&view)));
        Ok(view)
    }

    fn examine(&self, snapshot: Arc<MembersSnapshot>, reports: &[Arc<ReceivedReport>], count_history: bool) -> Look {
        let mut observatory = self.inner.observatory.write().unwrap_or_else(PoisonError::into_inner);
        let observed = observatory.observe(&snapshot, reports);
        drop(observatory);
        // Others may look meanwhile. Nobody writes: there is one round at a time.
        let evidence = self.observatory().evidence(&snapshot);
        let history = count_history.then(|| self.history_health());
        let suspicions = analysis::judge(&evidence, &self.inner.sensitivity);
        Look { snapshot, observed, evidence, suspicions, history }
    }
}

fn internal(operation: &'static str, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> RegistryError {
    unavailable(operation, error).into()
}

#[cfg(all(test, feature = "http"))]
mod tests;
