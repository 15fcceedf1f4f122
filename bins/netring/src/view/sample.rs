//! Small matrices for tests.

use netring_core::{
    AdvertisedAddress, Endpoint, FailureReason, InstanceId, Location, MemberStatus, ProbeKind, Timestamp,
    analysis::{CheckState, Matrix, MemberState, PairState, RingState, State},
};
use std::time::Duration;

pub(crate) const NOW: Timestamp = Timestamp::from_unix_seconds(1_000_000);

pub(crate) fn id(text: &str) -> InstanceId {
    InstanceId::new(text).unwrap()
}

pub(crate) fn member(instance_id: &str, location: &str, status: MemberStatus) -> MemberState {
    MemberState {
        instance_id: id(instance_id),
        location: Location::new(location).unwrap(),
        address: AdvertisedAddress::new([10, 0, 0, 1].into(), 8757).unwrap(),
        status,
        last_seen: NOW - Duration::from_secs(3),
        deregistered_at: None,
    }
}

pub(crate) fn check(state: State) -> CheckState {
    CheckState {
        kind: ProbeKind::TCP,
        endpoint: None,
        state,
        duration: Duration::from_secs(1),
        round_trip_time: None,
        round_trip_time_p50: None,
        round_trip_time_p95: None,
        loss_ratio: None,
        interarrival_jitter: None,
        download_bits_per_second: None,
        download_settled: None,
        upload_bits_per_second: None,
        upload_settled: None,
        hops: None,
        age: Duration::ZERO,
        next_check: None,
        tainted: false,
        reason: None,
        message: None,
    }
}

pub(crate) fn up(rtt_us: u64) -> CheckState {
    CheckState { round_trip_time: Some(Duration::from_micros(rtt_us)), ..check(State::Up) }
}

pub(crate) fn down(endpoint: Option<&str>, reason: FailureReason, message: &str) -> CheckState {
    CheckState {
        endpoint: endpoint.map(|endpoint| Endpoint::new(endpoint).unwrap()),
        reason: Some(reason),
        message: Some(message.to_owned()),
        ..check(State::Down)
    }
}

/// A pair whose state follows from its checks as in a registry.
pub(crate) fn pair(source: &str, target: &str, checks: Vec<CheckState>) -> PairState {
    let known = checks.iter().map(|check| check.state).filter(|&state| state != State::Unknown);
    let state = known.reduce(|a, b| if a == b { a } else { State::Degraded }).unwrap_or(State::Unknown);
    PairState { source: id(source), target: id(target), state, checks }
}

pub(crate) fn matrix(state: RingState, members: Vec<MemberState>, pairs: Vec<PairState>) -> Matrix {
    Matrix { at: NOW, state, members, pairs }
}

/// `n` members, m01 and on, in three locations, each pair of which has the checks that `checks` gives.
pub(crate) fn ring(n: usize, state: RingState, checks: impl Fn(usize, usize) -> Vec<CheckState>) -> Matrix {
    let name = |i: usize| format!("m{:02}", i + 1);
    let members = (0..n).map(|i| member(&name(i), &format!("l{}", i % 3 + 1), MemberStatus::Online)).collect();
    let both = (0..n).flat_map(|i| (0..n).map(move |j| (i, j))).filter(|(i, j)| i != j);
    matrix(state, members, both.map(|(i, j)| pair(&name(i), &name(j), checks(i, j))).collect())
}

/// The text without its colours.
pub(crate) fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}
