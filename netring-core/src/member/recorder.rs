use super::list::ListOrigin;
use crate::{
    analysis::PathHistory,
    model::{Endpoint, InstanceId, Measurement, Member, PathChange, ProbeKind, ProbeReport, Target},
    prober::ProbeError,
    sink::{Event, FanOut, MetricSink, Source},
    wire::{ListHealth, ProbesHealth},
};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

/// Takes every result of a member: hands it to the sinks, and keeps the newest of each target and prober.
#[derive(Debug)]
pub(super) struct Recorder {
    source: Source,
    sinks: FanOut,
    /// Who may have results now. Held for reading while one is recorded, so that no result of a member comes to a sink
    /// after the event that says it has left.
    targets: RwLock<HashMap<InstanceId, Planned>>,
    members: Mutex<Arc<[Member]>>,
    /// Where they come from, once there is a list.
    origin: Mutex<Option<ListOrigin>>,
    newest: Mutex<HashMap<InstanceId, Vec<ProbeReport>>>,
    /// The paths to each target, for as long as it is one.
    paths: Mutex<HashMap<Target, PathHistory>>,
    pub(super) in_flight: AtomicUsize,
    made: AtomicU64,
    not_made: AtomicU64,
    busy: AtomicU64,
    tainted: AtomicU64,
}

impl Planned {
    fn has(&self, report: &ProbeReport) -> bool {
        let check = |(kind, endpoint): &Check| *kind == report.kind && *endpoint == report.endpoint;
        self.target == report.target && self.checks.iter().any(check)
    }
}

/// A target, and what it is probed for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Planned {
    pub(super) target: Target,
    pub(super) checks: Vec<Check>,
}

/// The name of a prober.
pub(super) type Check = (ProbeKind, Option<Endpoint>);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Recorder {
    pub(super) fn new(source: Source, sinks: FanOut) -> Self {
        Self {
            source,
            sinks,
            targets: RwLock::default(),
            members: Mutex::new(Arc::from([])),
            origin: Mutex::default(),
            newest: Mutex::default(),
            paths: Mutex::default(),
            in_flight: AtomicUsize::new(0),
            made: AtomicU64::new(0),
            not_made: AtomicU64::new(0),
            busy: AtomicU64::new(0),
            tainted: AtomicU64::new(0),
        }
    }

    pub(super) fn source(&self) -> &Source {
        &self.source
    }

    /// Who is in the ring from now on, and what for each is probed. What is known of anybody else, of somebody under another
    /// address, or by a probe that is made no more, is gone.
    pub(super) fn set_members(&self, members: Vec<Member>, plan: Vec<Planned>, origin: ListOrigin) {
        let plan: HashMap<_, _> = plan.into_iter().map(|p| (p.target.instance_id.clone(), p)).collect();
        let mut targets = self.targets.write().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *targets, plan);
        lock(&self.newest).retain(|id, results| {
            results.retain(|result| targets.get(id).is_some_and(|planned| planned.has(result)));
            !results.is_empty()
        });
        for old in before.values() {
            let Some(new) = targets.get(&old.target.instance_id).filter(|new| new.target == old.target) else {
                continue;
            };
            for (kind, endpoint) in old.checks.iter().filter(|check| !new.checks.contains(check)) {
                let (source, target, endpoint) = (&self.source, &old.target, endpoint.as_ref());
                self.sinks.record(&Event::ProbeEnded { source, target, kind, endpoint });
            }
        }
        let is_target = |target: &Target| targets.get(&target.instance_id).is_some_and(|new| new.target == *target);
        lock(&self.paths).retain(|target, _| is_target(target));
        *lock(&self.members) = members.into();
        *lock(&self.origin) = Some(origin);
        let as_of = origin.as_of();
        self.sinks.record(&Event::Members { source: &self.source, members: &self.members(), as_of });
    }

    pub(super) fn members(&self) -> Arc<[Member]> {
        Arc::clone(&lock(&self.members))
    }

    /// How old the list of members is, once there is one.
    pub(super) fn list_age(&self) -> Option<Duration> {
        lock(&self.origin).as_ref().map(ListOrigin::age)
    }

    pub(super) fn list_health(&self) -> ListHealth {
        lock(&self.origin).as_ref().map(ListOrigin::health).unwrap_or_default()
    }

    pub(super) fn probed(&self, mut report: ProbeReport) {
        let targets = self.targets.read().unwrap_or_else(PoisonError::into_inner);
        if !targets.get(&report.target.instance_id).is_some_and(|planned| planned.has(&report)) {
            return;
        }
        self.made.fetch_add(1, Relaxed);
        self.tainted.fetch_add(u64::from(report.tainted), Relaxed);
        let change = self.take_path(&mut report);
        self.sinks.record(&Event::Probe { source: &self.source, report: &report });
        if let Some(change) = &change {
            self.sinks.record(&Event::PathChanged { source: &self.source, target: &report.target, change });
        }
        let mut newest = lock(&self.newest);
        let results = newest.entry(report.target.instance_id.clone()).or_default();
        match results.iter_mut().find(|r| r.kind == report.kind && r.endpoint == report.endpoint) {
            Some(result) => *result = report,
            None => results.push(report),
        }
    }

    /// Remembers the paths of a traceroute, and gives the change that has lasted with it. The report tells of the last one.
    fn take_path(&self, report: &mut ProbeReport) -> Option<PathChange> {
        let Some(Measurement::Traceroute(trace)) = &mut report.measurement else { return None };
        let mut paths = lock(&self.paths);
        let history = paths.entry(report.target.clone()).or_default();
        let change = history.observe(report.started_at, trace);
        trace.last_change = history.last_change().cloned();
        change
    }

    pub(super) fn not_probed(
        &self,
        target: &Target,
        kind: &ProbeKind,
        endpoint: Option<&Endpoint>,
        error: &ProbeError,
    ) {
        if matches!(error, ProbeError::Busy { .. }) {
            // That is no fault of this system's, nor of anybody's.
            self.busy.fetch_add(1, Relaxed);
            tracing::debug!(%target, %kind, %error, "a probe was put off until its next turn");
        } else {
            let not_made = self.not_made.fetch_add(1, Relaxed) + 1;
            // Each is counted; when a system is out of file descriptors, the log is not to fill its disk too.
            if not_made.is_power_of_two() {
                tracing::warn!(%target, %kind, %error, not_made, "a probe could not be made; nothing is known of its target");
            }
        }
        self.sinks.record(&Event::ProbeNotMade { source: &self.source, target, kind, endpoint, error });
    }

    pub(super) fn registry_contact(&self, in_reach: bool) {
        self.sinks.record(&Event::RegistryContact { source: &self.source, in_reach });
    }

    pub(super) fn task_panicked(&self, task: &'static str) {
        self.sinks.record(&Event::TaskPanicked { source: &self.source, task });
    }

    /// The newest result of each target and prober.
    pub(super) fn newest(&self) -> Vec<ProbeReport> {
        lock(&self.newest).values().flatten().cloned().collect()
    }

    pub(super) fn health(&self) -> ProbesHealth {
        ProbesHealth {
            in_flight: self.in_flight.load(Relaxed),
            made: self.made.load(Relaxed),
            not_made: self.not_made.load(Relaxed),
            busy: self.busy.load(Relaxed),
            tainted: self.tainted.load(Relaxed),
            sink_panics: self.sinks.panics(),
        }
    }
}
