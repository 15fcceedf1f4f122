//! One round after another: what is new in the reports, what it says is at fault, and what has happened.

use super::{MembersSnapshot, PairChange, RegistryEngine, RegistryError, View};
use crate::{
    analysis::{
        self, Evidence, ExpectedReport, ExpectedTracker, FaultBook, FaultChange, HistoryHealth, Membership, Observed,
        Occurrence, PairHistory, Suspicion, Whose,
    },
    model::{InstanceId, Timestamp},
    store::{MemberStore, ReceivedReport, StoreError},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLockReadGuard},
    time::Duration,
};
use tokio::time::Instant;

/// Whoever leads and is not heard of for so many rounds, and for so long at least, leads no longer.
const LEASE_ROUNDS: u32 = 5;
const LEASE_AT_LEAST: Duration = Duration::from_secs(10);
/// A round takes at most a fifth of the time: where it is slow, rounds are rarer.
const REST_TIMES: u32 = 4;
/// What is remembered is written at every event, and else, where it has changed, no more often than this.
const WRITE_EVERY: Duration = Duration::from_secs(5);
/// Changes that no view has told of are kept up to so many; who reads them loads the matrix anew where there are more.
const MAX_CHANGES: usize = 100_000;
/// Of the paths that change at once, as where a route in the middle of the network does, so many have an event.
const MAX_PATHS: usize = 100;
/// Events that could not be written are kept up to so many; the oldest go first.
const MAX_UNTOLD: usize = 1_000;
/// How full the memory for the past is, is counted no more often: each time every pair is looked at.
const COUNT_HISTORY_EVERY: Duration = Duration::from_secs(10);
/// As many events are asked for at once, to know which is the newest.
const EVENTS_AT_ONCE: usize = 1_000;
/// How long the last call may take.
const RESIGN_TIMEOUT: Duration = Duration::from_secs(1);

/// What is carried from one round to the next.
#[derive(Debug, Default)]
pub(super) struct Judge {
    rounds: u64,
    leading: bool,
    /// Then the lease is over, unless it is renewed.
    leads_until: Timestamp,
    shared: Shared,
    /// Who was missing when the members were counted last.
    expected: Option<Arc<ExpectedReport>>,
    /// How full the memory for the past was when that was counted last, and when that was.
    history: Option<(HistoryHealth, Timestamp)>,
    /// What was read or written last of what is shared, and when.
    written: Option<(Arc<str>, Timestamp)>,
    /// Pairs whose state has changed since the last view.
    changes: Vec<PairChange>,
    /// What has happened and is not in the journal yet.
    untold: Vec<(Timestamp, Occurrence)>,
    last_event: u64,
}

/// What whoever leads remembers, and hands on to whoever leads next.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Shared {
    faults: FaultBook,
    members: Membership,
    expected: ExpectedTracker,
}

/// What one look at the reports came to.
struct Look {
    snapshot: Arc<MembersSnapshot>,
    observed: Observed,
    evidence: Evidence,
    suspicions: Vec<Suspicion>,
    /// Where it was counted.
    history: Option<HistoryHealth>,
}

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

impl Judge {
    fn history_is_due(&self, at: Timestamp) -> bool {
        // A clock that was set back is no reason to wait.
        self.history.is_none_or(|(_, counted)| at < counted || at.since(counted) >= COUNT_HISTORY_EVERY)
    }

    /// Keeps what the reports tell of once, until it is in the journal.
    fn note(&mut self, look: &mut Look) {
        let at = look.snapshot.at;
        let members = look.snapshot.members.iter().map(|(member, _)| (&member.instance_id, &member.location));
        let locations: HashMap<_, _> = members.collect();
        let whose = |instance_id: InstanceId| {
            let location = (*locations.get(&instance_id)?).clone();
            Some(Whose { instance_id, location })
        };
        let mut path_changes = std::mem::take(&mut look.observed.path_changes);
        if path_changes.len() > MAX_PATHS {
            tracing::info!(paths = path_changes.len(), told = MAX_PATHS, "many paths have changed at once");
            path_changes.truncate(MAX_PATHS);
        }
        for (source, target, change) in path_changes {
            if let (Some(source), Some(target)) = (whose(source), whose(target)) {
                self.untold.push((at, Occurrence::PathChanged { source, target, change }));
            }
        }
        for drop in std::mem::take(&mut look.observed.throughput_drops) {
            if let (Some(source), Some(target)) = (whose(drop.source), whose(drop.target)) {
                let what = Occurrence::ThroughputDropped {
                    source,
                    target,
                    direction: drop.direction,
                    bits_per_second: drop.bits_per_second,
                    usual_bits_per_second: drop.usual_bits_per_second,
                };
                self.untold.push((at, what));
            }
        }
        let surplus = self.untold.len().saturating_sub(MAX_UNTOLD);
        self.untold.drain(..surplus);
    }

    /// Leads, where nobody else does; otherwise learns what whoever leads has said.
    async fn take_part(&mut self, registry: &RegistryEngine, look: &mut Look) -> Result<(), StoreError> {
        let journal = &registry.inner.journal;
        let lease = (registry.inner.analysis_interval * LEASE_ROUNDS).max(LEASE_AT_LEAST);
        let leads = journal.lead(&registry.inner.instance_id, look.snapshot.at, lease).await?;
        self.leads_until = look.snapshot.at + lease;
        if leads && !self.leading {
            self.learn(registry).await?;
            tracing::debug!("this registry leads: it says what is at fault");
        }
        self.set_leading(registry, leads);
        if leads {
            let led = self.lead(registry, look).await;
            if led.is_ok() {
                return Ok(());
            }
            // Perhaps it was written all the same. What is in the journal is read before anything is said again.
            self.set_leading(registry, false);
            if !matches!(led, Err(StoreError::NotLeading)) {
                return led;
            }
        }
        self.forget(look.snapshot.at, lease);
        self.learn(registry).await
    }

    /// Whoever leads tells what the reports say once. Where it has died, whoever leads next tells what it has not: so long it is
    /// kept here.
    fn forget(&mut self, now: Timestamp, lease: Duration) {
        self.untold.retain(|(at, _)| now.since(*at) <= lease.saturating_mul(2));
    }

    /// Counts the members for itself where another registry leads, by what that one knows.
    fn count(&mut self, registry: &RegistryEngine, snapshot: &MembersSnapshot) {
        let Some(expected) = registry.inner.expected.as_ref().filter(|_| !self.leading) else { return };
        let counted_at = self.expected.as_ref().map(|report| report.at);
        let due = |counted_at: Timestamp| {
            snapshot.at < counted_at || snapshot.at.since(counted_at) >= expected.settings.check_interval
        };
        if counted_at.is_none_or(due) {
            self.expected = Some(Arc::new(self.shared.expected.clone().update(expected, snapshot)));
        }
    }

    fn set_leading(&mut self, registry: &RegistryEngine, leading: bool) {
        self.leading = leading;
        registry.set_leading(leading);
    }

    async fn lead(&mut self, registry: &RegistryEngine, look: &mut Look) -> Result<(), StoreError> {
        let (inner, at) = (&registry.inner, look.snapshot.at);
        let before =
            Step { shared: self.shared.clone(), happened: self.untold.clone(), expected: self.expected.clone() };
        let due = self.written.as_ref().is_none_or(|(_, written)| at < *written || at.since(*written) >= WRITE_EVERY);
        let (engine, snapshot) = (registry.clone(), Arc::clone(&look.snapshot));
        let (evidence, suspicions) = (std::mem::take(&mut look.evidence), std::mem::take(&mut look.suspicions));
        // It is work for milliseconds where much is bad; others are to be answered meanwhile.
        let step = tokio::task::spawn_blocking(move || {
            let step = before.on(&engine, &snapshot, &evidence, suspicions);
            let memory = (due || !step.happened.is_empty()).then(|| serde_json::to_string(&step.shared)).transpose();
            memory.map(|memory| (step, memory))
        });
        let step = step.await.map_err(|error| unavailable("judge", error))?;
        let (step, memory) = step.map_err(|error| unavailable("write what is at fault", error))?;
        let same = |memory: &String| self.written.as_ref().is_some_and(|(written, _)| **written == **memory);
        let memory = memory.filter(|memory| !same(memory));
        if !step.happened.is_empty() || memory.is_some() {
            let faults: Vec<Occurrence> =
                step.happened.iter().map(|(_, what)| what).filter(|what| is_fault(what)).cloned().collect();
            self.last_event = inner.journal.record(&inner.instance_id, at, step.happened, memory.clone()).await?;
            faults.iter().for_each(tell);
            self.untold.clear();
        }
        (self.shared, self.expected) = (step.shared, step.expected);
        if let Some(memory) = memory {
            self.written = Some((memory.into(), at));
        }
        Ok(())
    }

    /// Reads what whoever leads has written.
    async fn learn(&mut self, registry: &RegistryEngine) -> Result<(), StoreError> {
        let journal = &registry.inner.journal;
        loop {
            let events = journal.events(self.last_event, EVENTS_AT_ONCE).await?;
            let Some(last) = events.last() else { break };
            self.last_event = last.id;
            self.untold.retain(|(_, what)| !events.iter().any(|event| says_the_same(&event.what, what)));
        }
        let Some(memory) = journal.memory().await? else { return Ok(()) };
        if self.written.as_ref().is_some_and(|(written, _)| *written == memory) {
            return Ok(());
        }
        match serde_json::from_str(&memory) {
            Ok(shared) => self.shared = shared,
            // Of a version to come, perhaps. Whoever leads next begins anew; until then there is nothing to show.
            Err(error) => {
                tracing::warn!(%error, "what the journal remembers of faults is not understood; it is left out")
            }
        }
        self.written = Some((memory, registry.now()));
        Ok(())
    }
}

/// What a round of the one that leads comes to, and what has to be written of it.
struct Step {
    shared: Shared,
    happened: Vec<(Timestamp, Occurrence)>,
    expected: Option<Arc<ExpectedReport>>,
}

impl Step {
    fn on(
        mut self,
        registry: &RegistryEngine,
        snapshot: &MembersSnapshot,
        evidence: &Evidence,
        suspicions: Vec<Suspicion>,
    ) -> Self {
        let (inner, at) = (&registry.inner, snapshot.at);
        self.happened.extend(self.shared.members.update(snapshot));
        for change in self.shared.faults.update(suspicions, evidence, &inner.sensitivity) {
            let what = match change {
                FaultChange::Opened(fault) => Occurrence::FaultOpened { fault: Box::new(fault) },
                FaultChange::Closed(fault) => Occurrence::FaultClosed { fault: Box::new(fault) },
            };
            self.happened.push((at, what));
        }
        if let Some(expected) = &inner.expected
            && (self.expected.is_none() || self.shared.expected.is_due(&expected.settings, at))
        {
            self.expected = Some(Arc::new(self.shared.expected.update(expected, snapshot)));
        }
        self
    }
}

/// Whether two registries mean the same: what is usual is a little different for each.
fn says_the_same(a: &Occurrence, b: &Occurrence) -> bool {
    match (a, b) {
        (
            Occurrence::ThroughputDropped { source, target, direction, bits_per_second, .. },
            Occurrence::ThroughputDropped { source: from, target: to, direction: way, bits_per_second: rate, .. },
        ) => (source, target, direction) == (from, to, way) && bits_per_second == rate,
        (a, b) => a == b,
    }
}

fn is_fault(what: &Occurrence) -> bool {
    matches!(what, Occurrence::FaultOpened { .. } | Occurrence::FaultClosed { .. })
}

/// Faults are told in the log too.
fn tell(what: &Occurrence) {
    match what {
        Occurrence::FaultOpened { fault } => {
            tracing::warn!(scope = fault.subject.scope(), subject = %fault.subject, symptom = %fault.symptom, "{}", fault.sentence);
        }
        Occurrence::FaultClosed { fault } => {
            tracing::info!(scope = fault.subject.scope(), subject = %fault.subject, symptom = %fault.symptom, "a fault is over");
        }
        _ => {}
    }
}

fn unavailable(operation: &'static str, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    StoreError::Unavailable { operation, source: error.into() }
}

fn internal(operation: &'static str, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> RegistryError {
    unavailable(operation, error).into()
}

#[cfg(all(test, feature = "http"))]
mod tests;
