use super::{Observed, ThroughputDrop, catalogue::Catalogue, check::Histories, pair::Pair, seats::Seats, trail::Route};
use crate::{
    analysis::{
        Count, PairRef, Sensitivity, State, TransferDirection,
        freshness::{ended_at, fresh_for, reports_for},
    },
    model::{Measurement, ProbeReport, Timestamp},
    registry::PairChange,
    store::ReceivedReport,
};
use std::{
    collections::HashSet,
    sync::{Arc, Weak},
    time::Duration,
};

/// How often what is too old is looked for.
const TIDIED_EVERY: Duration = Duration::from_secs(600);

/// What is remembered of everybody whom one member probes.
#[derive(Debug, Default)]
pub(super) struct Row {
    /// By the seat of the target.
    pub(super) pairs: Vec<Pair>,
    /// Who was late itself: of its last report so many results were tainted, of those that were new enough.
    pub(super) tainted: Count,
    /// When its last report came in, and how often it means to report; nothing where it has none.
    pub(super) reported: Option<(Timestamp, Duration)>,
    /// For how long its last report is the newest; nothing where it has none.
    reporting_until: Option<Timestamp>,
    /// The report that was taken in last.
    last: Option<(Weak<ReceivedReport>, Fingerprint)>,
    /// Numbers its reports: what is not in the last one says nothing. 0 is none.
    pub(super) report: u8,
    routes: HashSet<Route>,
    /// Whether there are new results since the states were looked at.
    changed: bool,
    /// The first time at which a state may change without new results.
    next_change: Option<Timestamp>,
    tidied_at: Timestamp,
}

/// A report by its contents, as far as that is needed to know it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fingerprint {
    received_at: Timestamp,
    sent_at: Timestamp,
    results: usize,
    started_at: u64,
}

impl Fingerprint {
    fn of(received: &ReceivedReport) -> Self {
        let times = received.report.results.iter().map(|result| result.started_at.as_unix_micros());
        Self {
            received_at: received.received_at,
            sent_at: received.report.sent_at,
            results: received.report.results.len(),
            started_at: times.fold(0, |sum, time| sum.rotate_left(1) ^ time),
        }
    }
}

/// What all rows share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) sensitivity: Sensitivity,
    pub(super) catalogue: Catalogue,
    pub(super) histories: Histories,
}

/// What is so in one round for all rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Round<'a> {
    pub(super) now: Timestamp,
    /// Of each seat whether its member is to be probed.
    pub(super) active: &'a [bool],
    /// Whether states are looked at also where nothing says that they have changed.
    pub(super) all: bool,
}

impl Row {
    /// Takes in the report of the member in the seat `source`.
    pub(super) fn take(
        &mut self,
        source: usize,
        received: &Arc<ReceivedReport>,
        seats: &Seats,
        shared: &mut Shared,
        observed: &mut Observed,
    ) {
        if self.last.as_ref().is_some_and(|(last, _)| std::ptr::eq(last.as_ptr(), Arc::as_ptr(received))) {
            return;
        }
        let fingerprint = Fingerprint::of(received);
        let known = self.last.replace((Arc::downgrade(received), fingerprint));
        if known.is_some_and(|(_, known)| known == fingerprint) {
            return;
        }
        self.number_report();
        self.changed = true;
        self.reported = Some((received.received_at, received.report.check_interval));
        self.reporting_until = Some(received.received_at + reports_for(&received.report));
        self.tainted = Count::default();
        for result in &received.report.results {
            if ended_at(result, received) + fresh_for(result, &received.report) >= received.received_at {
                self.tainted.of = self.tainted.of.saturating_add(1);
                self.tainted.bad = self.tainted.bad.saturating_add(result.tainted.into());
            }
            let target = seats.of(&result.target.instance_id).filter(|&target| target != source);
            if let Some(target) = target {
                self.take_result(result, received, [source, target], seats, shared, observed);
            }
        }
    }

    fn number_report(&mut self) {
        self.report = self.report.checked_add(1).unwrap_or_else(|| {
            self.pairs.iter_mut().flat_map(|pair| &mut pair.checks).for_each(|check| check.reported = 0);
            1
        });
    }

    fn take_result(
        &mut self,
        result: &ProbeReport,
        received: &ReceivedReport,
        [source, target]: [usize; 2],
        seats: &Seats,
        shared: &mut Shared,
        observed: &mut Observed,
    ) {
        if self.pairs.len() <= target {
            self.pairs.reserve_exact(seats.len().saturating_sub(self.pairs.len()));
            self.pairs.resize_with(target + 1, Pair::default);
        }
        let Some(pair) = self.pairs.get_mut(target) else { return };
        let Some(check) = pair.check(&result.kind, result.endpoint.as_ref(), &mut shared.catalogue) else { return };
        check.reported = self.report;
        let Some(ended) = check.take(result, received, &shared.sensitivity, &mut shared.histories) else { return };
        let ids = || Some((seats.member(source)?.clone(), seats.member(target)?.clone()));
        match &result.measurement {
            Some(Measurement::Traceroute(trace)) => {
                let trail = &mut pair.extras().trail;
                trail.traced_at = ended;
                let change = trail.take(trace, received.report.sent_at, &mut self.routes);
                observed
                    .path_changes
                    .extend(change.and_then(|change| ids().map(|(source, target)| (source, target, change.clone()))));
            }
            Some(Measurement::Bandwidth(bandwidth)) => {
                let ratio = shared.sensitivity.throughput_drop_ratio;
                let extras = pair.extras();
                for (throughput, rates, direction) in [
                    (&bandwidth.download, &mut extras.download, TransferDirection::Download),
                    (&bandwidth.upload, &mut extras.upload, TransferDirection::Upload),
                ] {
                    let Some(throughput) = throughput.as_ref().filter(|throughput| throughput.settled) else {
                        continue;
                    };
                    let bits_per_second = throughput.bits_per_second;
                    let usual = rates.take(bits_per_second, ended, ratio);
                    observed.throughput_drops.extend(usual.zip(ids()).map(
                        |(usual_bits_per_second, (source, target))| ThroughputDrop {
                            source,
                            target,
                            direction,
                            bits_per_second,
                            usual_bits_per_second,
                        },
                    ));
                }
            }
            _ => {}
        }
    }

    /// The member has no report: nothing of what it said is the newest any more.
    pub(super) fn take_none(&mut self) {
        if self.last.take().is_some() {
            self.number_report();
            self.changed = true;
            (self.tainted, self.reported, self.reporting_until) = (Count::default(), None, None);
        }
    }

    /// Whether the last report is new enough to rest anything on.
    pub(super) fn is_reporting(&self, now: Timestamp) -> bool {
        self.reporting_until.is_some_and(|until| now <= until)
    }

    /// Looks at the states of the pairs.
    pub(super) fn look(
        &mut self,
        source: usize,
        round: Round<'_>,
        seats: &Seats,
        shared: &Shared,
        changes: &mut Vec<PairChange>,
    ) {
        let Round { now, active, all } = round;
        if !all && !self.changed && self.next_change.is_none_or(|next| now <= next) {
            return;
        }
        let is_active = |seat: usize| active.get(seat).copied().unwrap_or(false);
        (self.changed, self.next_change) = (false, None);
        for (target, pair) in self.pairs.iter_mut().enumerate() {
            let (state, until) = if is_active(source) && is_active(target) {
                pair.state_at(now, self.report, &shared.catalogue)
            } else {
                (State::Unknown, None)
            };
            self.next_change = self.next_change.into_iter().chain(until).min();
            changes.extend(change(pair, state, [source, target], seats));
        }
    }

    /// Drops what is too old, every now and then.
    pub(super) fn tidy(&mut self, source: usize, now: Timestamp, shared: &mut Shared) {
        if self.tidied_at == Timestamp::default() || self.tidied_at > now {
            // Not all of them at one time.
            self.tidied_at = now - Duration::from_secs(source as u64 % TIDIED_EVERY.as_secs());
        }
        if now.since(self.tidied_at) < TIDIED_EVERY {
            return;
        }
        self.tidied_at = now;
        for pair in &mut self.pairs {
            pair.tidy(now, &mut shared.catalogue, &mut shared.histories);
        }
        self.routes.retain(|route| Arc::strong_count(route) > 1);
    }

    /// The member in the seat `target` is gone.
    pub(super) fn forget_pair(
        &mut self,
        [source, target]: [usize; 2],
        seats: &Seats,
        shared: &mut Shared,
        changes: &mut Vec<PairChange>,
    ) {
        if let Some(pair) = self.pairs.get_mut(target) {
            changes.extend(change(pair, State::Unknown, [source, target], seats));
            pair.forget(&mut shared.catalogue, &mut shared.histories);
        }
    }

    /// The member itself is gone.
    pub(super) fn forget(&mut self, source: usize, seats: &Seats, shared: &mut Shared, changes: &mut Vec<PairChange>) {
        for target in 0..self.pairs.len() {
            self.forget_pair([source, target], seats, shared, changes);
        }
        *self = Self::default();
    }
}

fn change(pair: &mut Pair, state: State, [source, target]: [usize; 2], seats: &Seats) -> Option<PairChange> {
    let before = std::mem::replace(&mut pair.state, state);
    if before == state {
        return None;
    }
    let (source, target) = (seats.member(source)?.clone(), seats.member(target)?.clone());
    Some(PairChange { pair: PairRef { source, target }, before, state })
}
