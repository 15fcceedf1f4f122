use crate::{
    model::{
        AdvertisedAddress, Endpoint, FailureReason, InstanceId, Location, MemberReport, MemberStatus, Outcome,
        ProbeKind, ProbeReport, Timestamp, bounded_message, seconds,
    },
    registry::MembersSnapshot,
    store::ReceivedReport,
};
use serde::{Deserialize, Deserializer, Serialize};
use std::{collections::HashMap, fmt, sync::Arc, time::Duration};

/// A result is held for true for this many check intervals, and as long again as the probe took; then nobody knows.
const FRESH_INTERVALS: u32 = 3;
/// However often a member probes, a result is held for true for at least this long.
const FRESH_AT_LEAST: Duration = Duration::from_secs(5);

/// Who reaches whom: every member, and every ordered pair of those that are active.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Matrix {
    /// When this was so.
    pub at: Timestamp,
    /// The state of the whole ring.
    pub state: RingState,
    /// Every visible member, in the order of locations and then ids.
    pub members: Vec<MemberState>,
    /// Every ordered pair of active members, in the same order.
    pub pairs: Vec<PairState>,
}

/// How one member stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MemberState {
    /// Who it is.
    pub instance_id: InstanceId,
    /// Where it stands.
    pub location: Location,
    /// Where the others reach it.
    pub address: AdvertisedAddress,
    /// How it stands.
    pub status: MemberStatus,
    /// When it was last heard of.
    pub last_seen: Timestamp,
}

/// What one member sees of another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PairState {
    /// Who probes.
    pub source: InstanceId,
    /// Who is probed.
    pub target: InstanceId,
    /// All checks taken together.
    pub state: State,
    /// Each check.
    pub checks: Vec<CheckState>,
}

/// What one check of a pair says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckState {
    /// What is probed for.
    pub kind: ProbeKind,
    /// What is asked for, in an HTTP probe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Endpoint>,
    /// Up, down, or unknown where the result is old or tainted.
    pub state: State,
    /// How long the last probe took; in JSON in seconds.
    #[serde(rename = "duration_seconds", with = "seconds")]
    pub duration: Duration,
    /// The round-trip time that it measured; in JSON in seconds.
    #[serde(
        default,
        rename = "round_trip_time_seconds",
        with = "seconds::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub round_trip_time: Option<Duration>,
    /// How long ago it ended; in JSON in seconds.
    #[serde(rename = "age_seconds", with = "seconds")]
    pub age: Duration,
    /// Whether the member that probed was too late itself to trust what it measured.
    pub tainted: bool,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<FailureReason>,
    /// The same in words.
    #[serde(default, deserialize_with = "optional_message", skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

fn optional_message<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    bounded_message(deserializer).map(Some)
}

/// The state of a check or of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Every check is good.
    Up,
    /// No check is good.
    Down,
    /// Some checks are good and some are not.
    Degraded,
    /// Nobody knows: there is no result, an old one, or one that cannot be trusted. Never shown as up, nor as down.
    Unknown,
}

/// The state of a whole ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RingState {
    /// Every member that has not said goodbye is online, and every pair is up.
    Healthy,
    /// A member is stale or offline, or a pair is down or degraded.
    Unhealthy,
    /// Nothing bad is known, but there is a pair of which nothing is known, or no member at all.
    Unknown,
}

impl State {
    /// The word that JSON, metrics and the page have for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Degraded => "degraded",
            Self::Unknown => "unknown",
        }
    }

    /// The state of a pair whose checks have the states `checks`. What is unknown counts for nothing.
    fn of(checks: impl Iterator<Item = Self>) -> Self {
        checks
            .filter(|&state| state != Self::Unknown)
            .reduce(|a, b| if a == b { a } else { Self::Degraded })
            .unwrap_or(Self::Unknown)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for RingState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Healthy => "healthy",
            Self::Unhealthy => "unhealthy",
            Self::Unknown => "unknown",
        })
    }
}

/// Who reaches whom, by the last report of each member.
#[must_use]
pub fn matrix(snapshot: &MembersSnapshot, reports: &[Arc<ReceivedReport>]) -> Matrix {
    let mut members: Vec<_> = snapshot
        .members
        .iter()
        .map(|(member, status)| MemberState {
            instance_id: member.instance_id.clone(),
            location: member.location.clone(),
            address: member.address,
            status: *status,
            last_seen: member.last_seen,
        })
        .collect();
    members.sort_by(|a, b| (&a.location, &a.instance_id).cmp(&(&b.location, &b.instance_id)));

    let mut seen: HashMap<(&InstanceId, &InstanceId), Vec<CheckState>> = HashMap::new();
    for received in reports {
        for result in &received.report.results {
            let pair = (&received.report.instance_id, &result.target.instance_id);
            seen.entry(pair).or_default().push(check_state(result, received, snapshot.at));
        }
    }
    let active = || members.iter().filter(|member| member.status.is_active()).map(|member| &member.instance_id);
    let mut pairs = Vec::with_capacity(active().count().saturating_mul(active().count().saturating_sub(1)));
    for source in active() {
        for target in active().filter(|&target| target != source) {
            let mut checks = seen.remove(&(source, target)).unwrap_or_default();
            checks.sort_by(|a, b| (&b.kind, &a.endpoint).cmp(&(&a.kind, &b.endpoint)));
            let state = State::of(checks.iter().map(|check| check.state));
            pairs.push(PairState { source: source.clone(), target: target.clone(), state, checks });
        }
    }
    Matrix { at: snapshot.at, state: ring_state(&members, &pairs), members, pairs }
}

fn check_state(result: &ProbeReport, received: &ReceivedReport, now: Timestamp) -> CheckState {
    let age = age(result, &received.report, received.received_at, now);
    let fresh_for = (received.report.check_interval * FRESH_INTERVALS + result.duration).max(FRESH_AT_LEAST);
    let (good, reason, message) = match &result.outcome {
        Outcome::Success => (State::Up, None, None),
        Outcome::Failure { reason, message } => (State::Down, Some(*reason), Some(message.clone())),
    };
    CheckState {
        kind: result.kind.clone(),
        endpoint: result.endpoint.clone(),
        state: if result.tainted || age > fresh_for { State::Unknown } else { good },
        duration: result.duration,
        round_trip_time: result.round_trip_time(),
        age,
        tainted: result.tainted,
        reason,
        message,
    }
}

/// How long ago a result was made. The member's clock is asked for differences alone, so that it may be wrong.
fn age(result: &ProbeReport, report: &MemberReport, received_at: Timestamp, now: Timestamp) -> Duration {
    now.since(received_at) + report.sent_at.since(result.started_at + result.duration)
}

fn ring_state(members: &[MemberState], pairs: &[PairState]) -> RingState {
    let bad_member = |member: &MemberState| matches!(member.status, MemberStatus::Stale | MemberStatus::Offline);
    if members.iter().any(bad_member) || pairs.iter().any(|pair| matches!(pair.state, State::Down | State::Degraded)) {
        RingState::Unhealthy
    } else if !members.iter().any(|member| member.status.is_active())
        || pairs.iter().any(|pair| pair.state == State::Unknown)
    {
        RingState::Unknown
    } else {
        RingState::Healthy
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Host, Member, Target};

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_000_000);

    fn member(id: &str, location: &str, status: MemberStatus) -> (Member, MemberStatus) {
        let member = Member {
            instance_id: InstanceId::new(id).unwrap(),
            location: Location::new(location).unwrap(),
            address: AdvertisedAddress::new([10, 0, 0, 1].into(), 8757).unwrap(),
            heartbeat_interval: None,
            registered_at: NOW,
            last_seen: NOW,
            deregistered_at: None,
        };
        (member, status)
    }

    fn result(target: &str, endpoint: Option<&str>, outcome: Outcome, started_at: Timestamp) -> ProbeReport {
        ProbeReport {
            target: Target {
                instance_id: InstanceId::new(target).unwrap(),
                location: Location::new("anywhere").unwrap(),
                host: Host::Ip([10, 0, 0, 1].into()),
                port: 8757,
            },
            ip: None,
            kind: if endpoint.is_some() { ProbeKind::HTTP } else { ProbeKind::TCP },
            endpoint: endpoint.map(|endpoint| Endpoint::new(endpoint).unwrap()),
            started_at,
            duration: Duration::from_secs(1),
            outcome,
            measurement: None,
            lateness: Duration::ZERO,
            tainted: false,
        }
    }

    fn report(source: &str, results: Vec<ProbeReport>) -> Arc<ReceivedReport> {
        let report = MemberReport {
            instance_id: InstanceId::new(source).unwrap(),
            location: Location::new("anywhere").unwrap(),
            sent_at: NOW,
            check_interval: Duration::from_secs(60),
            results,
        };
        Arc::new(ReceivedReport { received_at: NOW, report })
    }

    fn snapshot(members: Vec<(Member, MemberStatus)>) -> MembersSnapshot {
        MembersSnapshot { at: NOW, revision: 1, members }
    }

    fn failure() -> Outcome {
        Outcome::failure(FailureReason::Refused, "connect: refused")
    }

    fn state_of(matrix: &Matrix, source: &str, target: &str) -> State {
        let pair = matrix.pairs.iter().find(|p| p.source.as_str() == source && p.target.as_str() == target);
        pair.unwrap_or_else(|| panic!("{source} to {target} is not in {matrix:?}")).state
    }

    #[test]
    fn a_pair_is_what_its_checks_say() {
        use MemberStatus::Online;
        let (up, down) = (Outcome::Success, failure());
        for (tcp, http, state, ring) in [
            (Some(&up), Some(&up), State::Up, RingState::Healthy),
            (Some(&down), Some(&down), State::Down, RingState::Unhealthy),
            (Some(&up), Some(&down), State::Degraded, RingState::Unhealthy),
            (Some(&up), None, State::Up, RingState::Healthy),
            (None, None, State::Unknown, RingState::Unknown),
        ] {
            let results: Vec<_> = [(tcp, None), (http, Some("/health"))]
                .into_iter()
                .filter_map(|(outcome, endpoint)| Some(result("b", endpoint, outcome?.clone(), NOW)))
                .collect();
            let reports = [report("a", results), report("b", vec![result("a", None, Outcome::Success, NOW)])];
            let matrix = matrix(&snapshot(vec![member("a", "x", Online), member("b", "y", Online)]), &reports);
            assert_eq!((state_of(&matrix, "a", "b"), matrix.state), (state, ring), "tcp {tcp:?}, http {http:?}");
        }
    }

    #[test]
    fn what_is_old_or_tainted_is_unknown() {
        let members = snapshot(vec![member("a", "x", MemberStatus::Online), member("b", "y", MemberStatus::Online)]);
        // Fresh for three intervals of 60 s and the second that the probe took, counted from its end.
        for (age, state) in [(0, State::Down), (181, State::Down), (182, State::Unknown)] {
            let started_at = NOW - Duration::from_secs(age + 1);
            let matrix = matrix(&members, &[report("a", vec![result("b", None, failure(), started_at)])]);
            assert_eq!(state_of(&matrix, "a", "b"), state, "{age} s old");
        }
        let tainted = ProbeReport { tainted: true, ..result("b", None, failure(), NOW) };
        let matrix = matrix(&members, &[report("a", vec![tainted])]);
        assert_eq!(state_of(&matrix, "a", "b"), State::Unknown);
        assert_eq!(matrix.pairs[0].checks[0].reason, Some(FailureReason::Refused), "it is shown all the same");
    }

    #[test]
    fn only_active_members_have_pairs_and_a_silent_member_is_unhealthy() {
        use MemberStatus::{Deregistered, Offline, Online, Stale};
        for (status, pairs, ring) in [
            (Online, 2, RingState::Unknown),
            (Stale, 2, RingState::Unhealthy),
            (Offline, 0, RingState::Unhealthy),
            (Deregistered, 0, RingState::Healthy),
        ] {
            let matrix = matrix(&snapshot(vec![member("a", "x", Online), member("b", "y", status)]), &[]);
            assert_eq!((matrix.pairs.len(), matrix.state), (pairs, ring), "{status}");
        }
        assert_eq!(matrix(&snapshot(vec![]), &[]).state, RingState::Unknown);
    }

    #[test]
    fn a_result_for_somebody_who_is_gone_is_left_out() {
        let members = snapshot(vec![member("a", "x", MemberStatus::Online)]);
        let matrix = matrix(&members, &[report("a", vec![result("gone", None, failure(), NOW)])]);
        assert_eq!((matrix.pairs.len(), matrix.state), (0, RingState::Healthy));
    }
}
