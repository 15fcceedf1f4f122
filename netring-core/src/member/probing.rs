use super::{
    Cadence,
    list::ListOrigin,
    pair::run_pair,
    recorder::{Planned, Recorder},
};
use crate::{
    model::{Member, Target},
    prober::Prober,
    task::{Turns, supervise},
};
use std::{
    collections::HashMap,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};
use tokio::{
    sync::{Semaphore, watch},
    task::{AbortHandle, JoinSet},
    time::Instant,
};

/// Probes every target with every prober that can, each pair in a task and a time of its own, so that one that is slow or
/// dead delays no other.
#[derive(Debug)]
pub(super) struct Probing {
    shared: Arc<Shared>,
    tasks: JoinSet<()>,
    running: HashMap<Target, Running>,
}

/// The tasks of one target.
#[derive(Debug)]
struct Running {
    /// Which of the probers can probe it.
    probers: Vec<usize>,
    tasks: Vec<AbortHandle>,
}

/// What all pairs share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) recorder: Arc<Recorder>,
    probers: Vec<(Arc<dyn Prober>, Cadence)>,
    pub(super) permits: Semaphore,
    /// Places for pairs whose last probe hung: half of all, so that targets that are dead, however many, leave the other
    /// half to those that live.
    pub(super) hanging: Semaphore,
    /// The one place for probes of which there may be one at a time.
    pub(super) alone: Semaphore,
    /// Whether it was said that one place is too few for all of these.
    pub(super) crowded: AtomicBool,
    pub(super) taint_after: Duration,
    pub(super) turns: Arc<Turns>,
    pub(super) epoch: Instant,
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
        let alone = Semaphore::new(1);
        let (crowded, epoch) = (AtomicBool::new(false), Instant::now());
        let shared = Shared { recorder, probers, permits, hanging, alone, crowded, taint_after, turns, epoch };
        Self { shared: Arc::new(shared), tasks: JoinSet::new(), running: HashMap::new() }
    }

    /// Probes `members`, and nobody else, from now on. Whoever is in both lists goes on undisturbed.
    pub(super) fn set_members(&mut self, members: Vec<Member>, origin: ListOrigin) {
        let plan: HashMap<_, _> = members.iter().map(|member| (Target::from(member), self.who_can(member))).collect();
        if self.running.is_empty() {
            self.shared.turns.begun();
        }
        self.running.retain(|target, running| {
            let stays = plan.get(target) == Some(&running.probers);
            if !stays {
                running.tasks.iter().for_each(AbortHandle::abort);
            }
            stays
        });
        let planned = |(target, probers): (&Target, &Vec<usize>)| {
            let check = |&i: &usize| (self.shared.probers[i].0.kind(), self.shared.probers[i].0.endpoint());
            Planned { target: target.clone(), checks: probers.iter().map(check).collect() }
        };
        self.shared.recorder.set_members(members, plan.iter().map(planned).collect(), origin);
        for (target, probers) in plan {
            if !self.running.contains_key(&target) {
                let tasks = self.start(&target, &probers);
                self.running.insert(target, Running { probers, tasks });
            }
        }
        // Tasks that were aborted would otherwise be kept until the end.
        while self.tasks.try_join_next().is_some() {}
    }

    /// The probers that can probe `member`.
    fn who_can(&self, member: &Member) -> Vec<usize> {
        let probers = self.shared.probers.iter().enumerate();
        probers.filter(|(_, (prober, _))| prober.applies_to(member)).map(|(i, _)| i).collect()
    }

    /// Begins to probe `target`, with each of `probers` in a task of its own.
    fn start(&mut self, target: &Target, probers: &[usize]) -> Vec<AbortHandle> {
        let failures = watch::Sender::new(());
        let pair = |&i: &usize| {
            let (shared, failures) = (Arc::clone(&self.shared), failures.clone());
            let (prober, cadence) = self.shared.probers[i].clone();
            let target = target.clone();
            self.tasks.spawn(async move {
                let on_panic = |task| shared.recorder.task_panicked(task);
                supervise(&shared.turns, on_panic, || run_pair(&shared, &target, &*prober, cadence, &failures)).await;
            })
        };
        probers.iter().map(pair).collect()
    }
}
