//! One target and one prober: when its turn is, and the probe.

use super::{
    Cadence,
    probing::Shared,
    recorder::Recorder,
    schedule::{Slots, phase},
};
use crate::{
    model::{FailureReason, Outcome, ProbeReport, Target},
    prober::{ProbeError, Prober},
    task::panic_message,
};
use futures_util::FutureExt;
use std::{panic::AssertUnwindSafe, sync::atomic::Ordering::Relaxed, time::Duration};
use tokio::{
    sync::{Semaphore, SemaphorePermit, watch},
    time::{Instant, sleep_until, timeout_at},
};

/// A prober that is not back this long after its deadline is cut off.
const OVERRUN: Duration = Duration::from_secs(1);
/// However soon a busy target asks to come back, it has at least this long.
const BUSY_AT_LEAST: Duration = Duration::from_millis(100);

/// Probes `target` with `prober` in its turns. `failures` is how the pairs of one target tell each other that it failed.
pub(super) async fn run_pair(
    shared: &Shared,
    target: &Target,
    prober: &dyn Prober,
    cadence: Cadence,
    failures: &watch::Sender<()>,
) {
    let (kind, endpoint) = (prober.kind(), prober.endpoint());
    let source = &shared.recorder.source().instance_id;
    let phase = phase(source, &target.instance_id, &kind, endpoint.as_ref());
    let slots = Slots::new(shared.epoch, cadence.interval, phase, Instant::now());
    let mut asked = Asked { failures: failures.subscribe(), gap: cadence.after_failure, not_before: Instant::now() };
    let mut due = slots.first();
    let (mut good, mut hung) = (false, false);
    // A target that was busy until the end of the interval still has the time that it asked for.
    let mut not_before = due;
    loop {
        let in_turn = not_before.max(due + slots.max_jitter().mul_f64(fastrand::f64()));
        let start = tokio::select! {
            () = sleep_until(in_turn) => in_turn,
            () = asked.for_a_probe() => Instant::now(),
        };
        let Some((lateness, result)) = in_its_place(shared, target, prober, cadence, start, hung).await else { return };
        asked.answered_at(Instant::now());
        match result {
            Ok(mut report) => {
                hung = matches!(report.outcome, Outcome::Failure { reason: FailureReason::Timeout, .. });
                let was_good = std::mem::replace(&mut good, report.outcome.is_success());
                report.lateness = lateness;
                report.tainted = lateness > shared.taint_after;
                report.interval = Some(cadence.interval);
                shared.recorder.probed(report);
                if was_good && !good && cadence.after_failure.is_none() {
                    failures.send_replace(());
                }
            }
            Err(error) => {
                hung = matches!(error, ProbeError::Overran);
                if let ProbeError::Busy { retry_after, .. } = error {
                    not_before = Instant::now() + retry_after.min(cadence.interval);
                }
                shared.recorder.not_probed(target, &kind, endpoint.as_ref(), &error);
            }
        }
        shared.turns.turned();
        // A probe out of turn leaves the turns as they are.
        let now = Instant::now();
        if due <= now {
            due = slots.next(due, now);
        }
    }
}

/// Where a failure seen by another prober asks for a probe out of turn.
#[derive(Debug)]
struct Asked {
    failures: watch::Receiver<()>,
    gap: Option<Duration>,
    not_before: Instant,
}

impl Asked {
    async fn for_a_probe(&mut self) {
        if self.gap.is_none() || self.failures.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
        sleep_until(self.not_before).await;
    }

    /// A probe was made just now, whoever asked: it tells of the failures until then.
    fn answered_at(&mut self, now: Instant) {
        self.failures.mark_unchanged();
        self.not_before = now + self.gap.unwrap_or_default();
    }
}

/// Waits for the places that the probe needs, makes it, and says how late it began against `start`. A target that is busy is
/// asked again until the interval is over. There is none where the member stops.
async fn in_its_place(
    shared: &Shared,
    target: &Target,
    prober: &dyn Prober,
    cadence: Cadence,
    mut start: Instant,
    hung: bool,
) -> Option<(Duration, Result<ProbeReport, ProbeError>)> {
    let turn = start;
    let mut give_up = None;
    loop {
        // To wait for these two places is on purpose, and says nothing of how fast this member is.
        let _alone = place(cadence.one_at_a_time.then_some(&shared.alone), &mut start).await?;
        let waited = start.saturating_duration_since(turn);
        if give_up.is_none() && waited > cadence.interval && !shared.crowded.swap(true, Relaxed) {
            tracing::warn!(
                kind = %prober.kind(), ?waited, interval = ?cadence.interval,
                "there are too many targets for probes that are made one at a time: each is probed less often"
            );
        }
        let give_up = *give_up.get_or_insert(start + cadence.interval);
        let _hanging = place(hung.then_some(&shared.hanging), &mut start).await?;
        // To wait for a place among all the probes in flight is lateness like any other.
        let _place = shared.permits.acquire().await.ok()?;
        let lateness = start.elapsed();
        match probe(shared, prober, target, cadence.timeout).await {
            Err(ProbeError::Busy { target, retry_after }) => {
                // Those that were turned away together do not come back together. How long is for a prober to say, which may
                // have it from a stranger: no longer than the interval matters.
                let wait = retry_after.clamp(BUSY_AT_LEAST, cadence.interval.max(BUSY_AT_LEAST));
                let again = Instant::now() + wait.mul_f64(1.0 + fastrand::f64() / 2.0);
                if again >= give_up {
                    return Some((lateness, Err(ProbeError::Busy { target, retry_after })));
                }
                drop((_alone, _hanging, _place));
                sleep_until(again).await;
                start = again;
            }
            result => return Some((lateness, result)),
        }
    }
}

/// A place of `places`, where one is needed; `start` is when it was free.
async fn place<'a>(places: Option<&'a Semaphore>, start: &mut Instant) -> Option<Option<SemaphorePermit<'a>>> {
    let Some(places) = places else { return Some(None) };
    let place = places.acquire().await.ok()?;
    *start = Instant::now();
    Some(Some(place))
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
