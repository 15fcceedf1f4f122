use super::{
    list::ListOrigin,
    recorder::Recorder,
    schedule::{Cadence, Slots, phase},
};
use crate::{
    model::{FailureReason, Member, Outcome, ProbeReport, Target},
    prober::{ProbeError, Prober},
    task::{Turns, panic_message, supervise},
};
use futures_util::FutureExt;
use std::{
    collections::{HashMap, HashSet},
    panic::AssertUnwindSafe,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};
use tokio::{
    sync::Semaphore,
    task::{AbortHandle, JoinSet},
    time::{Instant, sleep_until, timeout_at},
};

/// A prober that is not back this long after its deadline is cut off.
const OVERRUN: Duration = Duration::from_secs(1);

/// Probes every target with every prober, each pair in a task and a time of its own, so that one that is slow or dead
/// delays no other.
#[derive(Debug)]
pub(super) struct Probing {
    shared: Arc<Shared>,
    tasks: JoinSet<()>,
    running: HashMap<Target, Vec<AbortHandle>>,
}

#[derive(Debug)]
struct Shared {
    recorder: Arc<Recorder>,
    probers: Vec<(Arc<dyn Prober>, Cadence)>,
    permits: Semaphore,
    /// Places for pairs whose last probe hung: half of all, so that targets that are dead, however many, leave the other
    /// half to those that live.
    hanging: Semaphore,
    taint_after: Duration,
    turns: Arc<Turns>,
    epoch: Instant,
}

impl Probing {
    pub(super) fn new(
        recorder: Arc<Recorder>,
        probers: Vec<(Arc<dyn Prober>, Cadence)>,
        max_in_flight: usize,
        taint_after: Duration,
        turns: Arc<Turns>,
    ) -> Self {
        let permits = Semaphore::new(max_in_flight.min(Semaphore::MAX_PERMITS));
        let hanging = Semaphore::new((max_in_flight / 2).clamp(1, Semaphore::MAX_PERMITS));
        let shared = Shared { recorder, probers, permits, hanging, taint_after, turns, epoch: Instant::now() };
        Self { shared: Arc::new(shared), tasks: JoinSet::new(), running: HashMap::new() }
    }

    /// Probes `members`, and nobody else, from now on. Whoever is in both lists goes on undisturbed.
    pub(super) fn set_members(&mut self, members: Vec<Member>, origin: ListOrigin) {
        let targets: HashSet<_> = members.iter().map(Target::from).collect();
        if self.running.is_empty() {
            self.shared.turns.begun();
        }
        self.running.retain(|target, tasks| {
            let stays = targets.contains(target);
            if !stays {
                tasks.iter().for_each(AbortHandle::abort);
            }
            stays
        });
        self.shared.recorder.set_members(members, origin);
        for target in targets {
            self.running.entry(target).or_insert_with_key(|target| {
                let pair = |(prober, cadence): &(Arc<dyn Prober>, Cadence)| {
                    let shared = Arc::clone(&self.shared);
                    let (target, prober, cadence) = (target.clone(), Arc::clone(prober), *cadence);
                    self.tasks.spawn(async move {
                        let on_panic = |task| shared.recorder.task_panicked(task);
                        supervise(&shared.turns, on_panic, || run_pair(&shared, &target, &*prober, cadence)).await;
                    })
                };
                self.shared.probers.iter().map(pair).collect()
            });
        }
        // Tasks that were aborted would otherwise be kept until the end.
        while self.tasks.try_join_next().is_some() {}
    }
}

async fn run_pair(shared: &Shared, target: &Target, prober: &dyn Prober, cadence: Cadence) {
    let (kind, endpoint) = (prober.kind(), prober.endpoint());
    let source = &shared.recorder.source().instance_id;
    let phase = phase(source, &target.instance_id, &kind, endpoint.as_ref());
    let slots = Slots::new(shared.epoch, cadence.interval, phase, Instant::now());
    let mut due = slots.first();
    let mut hung = false;
    loop {
        let mut due_with_jitter = due + slots.max_jitter().mul_f64(fastrand::f64());
        sleep_until(due_with_jitter).await;
        let _place_for_hanging = if hung {
            let Ok(place) = shared.hanging.acquire().await else { return };
            // To wait for this place is on purpose, and says nothing of how fast this member is.
            due_with_jitter = Instant::now();
            Some(place)
        } else {
            None
        };
        // To wait for a place among all the probes in flight is lateness like any other.
        let Ok(_place) = shared.permits.acquire().await else { return };
        let lateness = due_with_jitter.elapsed();
        match probe(shared, prober, target, cadence.timeout).await {
            Ok(mut report) => {
                hung = matches!(report.outcome, Outcome::Failure { reason: FailureReason::Timeout, .. });
                report.lateness = lateness;
                report.tainted = lateness > shared.taint_after;
                shared.recorder.probed(report);
            }
            Err(error) => {
                hung = matches!(error, ProbeError::Overran);
                shared.recorder.not_probed(target, &kind, endpoint.as_ref(), &error);
            }
        }
        shared.turns.turned();
        due = slots.next(due, Instant::now());
    }
}

/// Counts a probe as in flight, also when its task is aborted in the middle.
struct InFlight<'a>(&'a Recorder);

impl<'a> InFlight<'a> {
    fn new(recorder: &'a Recorder) -> Self {
        recorder.in_flight.fetch_add(1, Relaxed);
        Self(recorder)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Relaxed);
    }
}

async fn probe(
    shared: &Shared,
    prober: &dyn Prober,
    target: &Target,
    timeout: Duration,
) -> Result<ProbeReport, ProbeError> {
    let _in_flight = InFlight::new(&shared.recorder);
    let deadline = Instant::now() + timeout;
    // `async` around the call, so that a panic before its first await is caught too.
    let probe = AssertUnwindSafe(async { prober.probe(target, deadline).await }).catch_unwind();
    match timeout_at(deadline + OVERRUN, probe).await {
        Ok(Ok(result)) => result,
        Ok(Err(panic)) => Err(ProbeError::Panicked(panic_message(&*panic).to_owned())),
        Err(_) => Err(ProbeError::Overran),
    }
}
