use super::{
    freshness::{age, fresh_for},
    state::{CheckState, Matrix, MemberState, PairState, RingState, State},
    weight::{Weight, rank},
};
use crate::{
    model::{InstanceId, MemberStatus, Outcome, ProbeReport, Timestamp},
    registry::MembersSnapshot,
    store::ReceivedReport,
};
use std::{collections::HashMap, sync::Arc};

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
            checks.sort_by(|a, b| (rank(&a.kind), &a.kind, &a.endpoint).cmp(&(rank(&b.kind), &b.kind, &b.endpoint)));
            let state = pair_state(&checks);
            pairs.push(PairState { source: source.clone(), target: target.clone(), state, checks });
        }
    }
    Matrix { at: snapshot.at, state: ring_state(&members, &pairs), members, pairs }
}

/// All checks of a pair taken together. What diagnoses the way there is shown beside, and does not count: many networks let
/// neither UDP nor ICMP through, and few routers answer a traceroute to its end, whatever the target does.
fn pair_state(checks: &[CheckState]) -> State {
    let counts = Weight::that_counts(checks.iter().map(|check| Weight::of(&check.kind)));
    State::of(checks.iter().filter(|check| Weight::of(&check.kind) == counts).map(|check| check.state))
}

fn check_state(result: &ProbeReport, received: &ReceivedReport, now: Timestamp) -> CheckState {
    let age = age(result, received, now);
    let (good, reason, message) = match &result.outcome {
        Outcome::Success => (State::Up, None, None),
        Outcome::Failure { reason, message } => (State::Down, Some(*reason), Some(message.clone())),
    };
    CheckState {
        kind: result.kind.clone(),
        endpoint: result.endpoint.clone(),
        state: if result.tainted || age > fresh_for(result, &received.report) { State::Unknown } else { good },
        duration: result.duration,
        round_trip_time: result.round_trip_time(),
        age,
        tainted: result.tainted,
        reason,
        message,
    }
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
    use crate::model::{
        AdvertisedAddress, Endpoint, FailureReason, Host, Location, Member, MemberReport, ProbeKind, Target,
    };
    use std::time::Duration;

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_000_000);

    fn member(id: &str, location: &str, status: MemberStatus) -> (Member, MemberStatus) {
        let member = Member {
            instance_id: InstanceId::new(id).unwrap(),
            location: Location::new(location).unwrap(),
            address: AdvertisedAddress::new([10, 0, 0, 1].into(), 8757).unwrap(),
            heartbeat_interval: None,
            udp_echo: false,
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
            interval: None,
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
    fn a_result_of_a_longer_interval_is_true_for_longer() {
        let members = snapshot(vec![member("a", "x", MemberStatus::Online), member("b", "y", MemberStatus::Online)]);
        for (interval, age, state) in
            [(300, 901, State::Down), (300, 902, State::Unknown), (1, 181, State::Down), (1, 182, State::Unknown)]
        {
            let interval = Some(Duration::from_secs(interval));
            let result = ProbeReport { interval, ..result("b", None, failure(), NOW - Duration::from_secs(age + 1)) };
            let matrix = matrix(&members, &[report("a", vec![result])]);
            assert_eq!(state_of(&matrix, "a", "b"), state, "{age} s old, made anew every {interval:?}");
        }
    }

    #[test]
    fn what_diagnoses_the_way_does_not_count() {
        let members = snapshot(vec![member("a", "x", MemberStatus::Online), member("b", "y", MemberStatus::Online)]);
        let of_kind = |kind: ProbeKind, outcome: Outcome| ProbeReport { kind, ..result("b", None, outcome, NOW) };
        let up = || of_kind(ProbeKind::TCP, Outcome::Success);
        for (results, state) in [
            (vec![up(), of_kind(ProbeKind::ICMP, failure())], State::Up),
            (
                vec![up(), of_kind(ProbeKind::TRACEROUTE, failure()), of_kind(ProbeKind::BANDWIDTH, failure())],
                State::Up,
            ),
            (vec![up(), of_kind(ProbeKind::UDP, failure())], State::Up),
            (vec![of_kind(ProbeKind::UDP, failure()), of_kind(ProbeKind::ICMP, Outcome::Success)], State::Degraded),
            (vec![of_kind(ProbeKind::ICMP, failure())], State::Down),
            (vec![of_kind(ProbeKind::TRACEROUTE, Outcome::Success)], State::Unknown),
        ] {
            let matrix = matrix(&members, &[report("a", results)]);
            assert_eq!(state_of(&matrix, "a", "b"), state, "{matrix:?}");
        }
    }

    #[test]
    fn the_most_telling_check_comes_first() {
        let members = snapshot(vec![member("a", "x", MemberStatus::Online), member("b", "y", MemberStatus::Online)]);
        let mut kinds = ["traceroute", "http", "icmp", "grpc", "tcp", "bandwidth", "udp"]
            .map(|kind| ProbeReport { kind: ProbeKind::new(kind).unwrap(), ..result("b", None, failure(), NOW) });
        kinds.reverse();
        let matrix = matrix(&members, &[report("a", kinds.to_vec())]);
        let order: Vec<_> = matrix.pairs[0].checks.iter().map(|check| check.kind.to_string()).collect();
        assert_eq!(order, ["tcp", "http", "grpc", "udp", "icmp", "bandwidth", "traceroute"]);
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
