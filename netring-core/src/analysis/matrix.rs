use super::{
    LastHour, MatrixFilter,
    freshness::{age, fresh_for},
    grid::{Checked, Grid, Pair, Tally},
    state::{CheckState, Matrix, MemberState, PairState, RingState, State},
    weight::Weight,
};
use crate::{
    model::{Measurement, MemberStatus, Outcome, ProbeReport, Throughput, Timestamp},
    registry::MembersSnapshot,
    store::ReceivedReport,
};
use std::{sync::Arc, time::Duration};

/// Who reaches whom, by the last report of each member.
#[must_use]
pub fn matrix(snapshot: &MembersSnapshot, reports: &[Arc<ReceivedReport>], last_hour: &dyn LastHour) -> Matrix {
    filtered_matrix(snapshot, reports, last_hour, &MatrixFilter::default())
}

/// The part of the [`matrix`] that `filter` leaves.
#[must_use]
pub fn filtered_matrix(
    snapshot: &MembersSnapshot,
    reports: &[Arc<ReceivedReport>],
    last_hour: &dyn LastHour,
    filter: &MatrixFilter,
) -> Matrix {
    let grid = Grid::new(snapshot, reports, filter);
    let (mut pairs, mut tally) = (Vec::new(), Tally::default());
    let mut row = Vec::new();
    for &source in grid.sources() {
        grid.row(source, &mut row, &mut tally, |pair| pairs.push(pair_state(pair, last_hour)));
    }
    with_pairs(&grid, tally, pairs)
}

/// The matrix of `grid` with those `pairs`.
pub(crate) fn with_pairs(grid: &Grid<'_>, tally: Tally, pairs: Vec<PairState>) -> Matrix {
    let members = grid.members();
    Matrix { at: grid.at(), state: ring_state(&members, tally), members, pairs }
}

/// All checks of a pair taken together. What diagnoses the way there is shown beside, and does not count: many networks let
/// neither UDP nor ICMP through, and few routers answer a traceroute to its end, whatever the target does.
pub(super) fn state_of(checks: &[Checked<'_>]) -> State {
    State::of(that_count(checks).map(|check| check.state))
}

/// Those of the checks of a pair by which it is judged.
pub(super) fn that_count<'c, 'a>(checks: &'c [Checked<'a>]) -> impl Iterator<Item = &'c Checked<'a>> {
    let weight = |check: &Checked<'_>| Weight::of(&check.result.kind);
    let counts = Weight::that_counts(checks.iter().map(weight));
    checks.iter().filter(move |check| weight(check) == counts)
}

/// What `result` says at the time `now`, and how old it is: unknown where it is old or tainted.
pub(super) fn standing(result: &ProbeReport, received: &ReceivedReport, now: Timestamp) -> (State, Duration) {
    let age = age(result, received, now);
    let state = match &result.outcome {
        _ if result.tainted || age > fresh_for(result, &received.report) => State::Unknown,
        Outcome::Success => State::Up,
        Outcome::Failure { .. } => State::Down,
    };
    (state, age)
}

pub(crate) fn pair_state(pair: &Pair<'_>, last_hour: &dyn LastHour) -> PairState {
    PairState {
        source: pair.source.instance_id.clone(),
        target: pair.target.instance_id.clone(),
        state: pair.state,
        checks: pair.checks.iter().map(|check| check_state(pair, check, last_hour)).collect(),
    }
}

fn check_state(pair: &Pair<'_>, check: &Checked<'_>, last_hour: &dyn LastHour) -> CheckState {
    let result = check.result;
    let (reason, message) = match &result.outcome {
        Outcome::Success => (None, None),
        Outcome::Failure { reason, message } => (Some(*reason), Some(message.clone())),
    };
    let (source, target) = (&pair.source.instance_id, &pair.target.instance_id);
    let usual = last_hour.round_trip_times(source, target, &result.kind, result.endpoint.as_ref());
    let (download, upload) = check.throughput();
    let rate = |throughput: Option<&Throughput>| throughput.map(|throughput| throughput.bits_per_second.round());
    let (loss_ratio, interarrival_jitter) = match &result.measurement {
        Some(Measurement::Burst(burst)) => (Some(burst.loss_ratio), burst.interarrival_jitter),
        _ => (None, None),
    };
    let hops = match &result.measurement {
        Some(Measurement::Traceroute(trace)) => trace.hops(),
        _ => None,
    };
    let since_start = check.age.saturating_add(result.duration);
    CheckState {
        kind: result.kind.clone(),
        endpoint: result.endpoint.clone(),
        state: check.state,
        duration: whole::<MICROSECOND>(result.duration),
        round_trip_time: result.round_trip_time().map(whole::<MICROSECOND>),
        round_trip_time_p50: usual.map(|[p50, _]| whole::<MICROSECOND>(p50)),
        round_trip_time_p95: usual.map(|[_, p95]| whole::<MICROSECOND>(p95)),
        loss_ratio,
        interarrival_jitter: interarrival_jitter.map(whole::<MICROSECOND>),
        download_bits_per_second: rate(download),
        download_settled: download.map(|throughput| throughput.settled),
        upload_bits_per_second: rate(upload),
        upload_settled: upload.map(|throughput| throughput.settled),
        hops,
        age: whole::<MILLISECOND>(check.age),
        next_check: result.interval.map(|interval| whole::<MILLISECOND>(interval.saturating_sub(since_start))),
        tainted: result.tainted,
        reason,
        message,
    }
}

/// Nanoseconds.
pub(super) const MICROSECOND: u32 = 1_000;
pub(super) const MILLISECOND: u32 = 1_000_000;

/// A duration in whole units of so many nanoseconds: digits that mean nothing are a good part of a large matrix.
pub(super) fn whole<const NANOS: u32>(duration: Duration) -> Duration {
    Duration::new(duration.as_secs(), duration.subsec_nanos() / NANOS * NANOS)
}

pub(super) fn ring_state(members: &[MemberState], tally: Tally) -> RingState {
    let bad_member = |member: &MemberState| matches!(member.status, MemberStatus::Stale | MemberStatus::Offline);
    if members.iter().any(bad_member) || tally.bad {
        RingState::Unhealthy
    } else if !members.iter().any(|member| member.status.is_active()) || tally.unknown {
        RingState::Unknown
    } else {
        RingState::Healthy
    }
}

#[cfg(test)]
mod tests;
