//! What is carried from round to round, and handed on from one registry to the next.

use super::{
    MembersSnapshot, PairChange, RegistryEngine,
    step::{Shared, Step},
};
use crate::{
    analysis::{Evidence, ExpectedReport, HistoryHealth, Observed, Occurrence, Suspicion, Whose},
    model::{InstanceId, Timestamp},
    store::StoreError,
};
use std::{collections::HashMap, sync::Arc, time::Duration};

/// Whoever leads and is not heard of for so many rounds, and for so long at least, leads no longer.
const LEASE_ROUNDS: u32 = 5;
const LEASE_AT_LEAST: Duration = Duration::from_secs(10);
/// What is remembered is written at every event, and else, where it has changed, no more often than this.
const WRITE_EVERY: Duration = Duration::from_secs(5);
/// Of the paths that change at once, as where a route in the middle of the network does, so many have an event.
const MAX_PATHS: usize = 100;
/// Events that could not be written are kept up to so many; the oldest go first.
const MAX_UNTOLD: usize = 1_000;
/// How full the memory for the past is, is counted no more often: each time every pair is looked at.
const COUNT_HISTORY_EVERY: Duration = Duration::from_secs(10);
/// As many events are asked for at once, to know which is the newest.
const EVENTS_AT_ONCE: usize = 1_000;

/// What is carried from one round to the next.
#[derive(Debug, Default)]
pub(super) struct Judge {
    pub(super) rounds: u64,
    pub(super) leading: bool,
    /// Then the lease is over, unless it is renewed.
    pub(super) leads_until: Timestamp,
    pub(super) shared: Shared,
    /// Who was missing when the members were counted last.
    pub(super) expected: Option<Arc<ExpectedReport>>,
    /// How full the memory for the past was when that was counted last, and when that was.
    pub(super) history: Option<(HistoryHealth, Timestamp)>,
    /// What was read or written last of what is shared, and when.
    pub(super) written: Option<(Arc<str>, Timestamp)>,
    /// Pairs whose state has changed since the last view.
    pub(super) changes: Vec<PairChange>,
    /// What has happened and is not in the journal yet.
    pub(super) untold: Vec<(Timestamp, Occurrence)>,
    pub(super) last_event: u64,
}

/// What one look at the reports came to.
pub(super) struct Look {
    pub(super) snapshot: Arc<MembersSnapshot>,
    pub(super) observed: Observed,
    pub(super) evidence: Evidence,
    pub(super) suspicions: Vec<Suspicion>,
    /// Where it was counted.
    pub(super) history: Option<HistoryHealth>,
}

impl Judge {
    pub(super) fn history_is_due(&self, at: Timestamp) -> bool {
        // A clock that was set back is no reason to wait.
        self.history.is_none_or(|(_, counted)| at < counted || at.since(counted) >= COUNT_HISTORY_EVERY)
    }

    /// Keeps what the reports tell of once, until it is in the journal.
    pub(super) fn note(&mut self, look: &mut Look) {
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
    pub(super) async fn take_part(&mut self, registry: &RegistryEngine, look: &mut Look) -> Result<(), StoreError> {
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
    pub(super) fn count(&mut self, registry: &RegistryEngine, snapshot: &MembersSnapshot) {
        let Some(expected) = registry.inner.expected.as_ref().filter(|_| !self.leading) else { return };
        let counted_at = self.expected.as_ref().map(|report| report.at);
        let due = |counted_at: Timestamp| {
            snapshot.at < counted_at || snapshot.at.since(counted_at) >= expected.settings.check_interval
        };
        if counted_at.is_none_or(due) {
            self.expected = Some(Arc::new(self.shared.expected.clone().update(expected, snapshot)));
        }
    }

    pub(super) fn set_leading(&mut self, registry: &RegistryEngine, leading: bool) {
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

pub(super) fn unavailable(
    operation: &'static str,
    error: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> StoreError {
    StoreError::Unavailable { operation, source: error.into() }
}
