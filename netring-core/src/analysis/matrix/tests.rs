use super::*;
use crate::{
    model::{
        AdvertisedAddress, Endpoint, FailureReason, Host, InstanceId, Location, Member, MemberReport, ProbeKind, Target,
    },
    testing::sample,
};

fn matrix(snapshot: &MembersSnapshot, reports: &[Arc<ReceivedReport>]) -> Matrix {
    super::matrix(snapshot, reports, &())
}

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
        (vec![up(), of_kind(ProbeKind::TRACEROUTE, failure()), of_kind(ProbeKind::BANDWIDTH, failure())], State::Up),
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
fn a_member_that_has_said_goodbye_says_when() {
    use MemberStatus::{Deregistered, Offline};
    let goodbye = NOW - Duration::from_secs(60);
    for (status, deregistered_at, told) in [
        (Deregistered, Some(goodbye), Some(goodbye)),
        // Its status counts, whatever else is known of it.
        (Offline, Some(goodbye), None),
        (Offline, None, None),
    ] {
        let (mut gone, status) = member("a", "x", status);
        gone.deregistered_at = deregistered_at;
        let matrix = matrix(&snapshot(vec![(gone, status)]), &[]);
        assert_eq!(matrix.members[0].deregistered_at, told, "{status} {deregistered_at:?}");
        let json = serde_json::to_value(&matrix.members[0]).unwrap();
        assert_eq!(json.get("deregistered_at").is_some(), told.is_some(), "{json}");
    }
}

#[test]
fn a_result_for_somebody_who_is_gone_is_left_out() {
    let members = snapshot(vec![member("a", "x", MemberStatus::Online)]);
    let matrix = matrix(&members, &[report("a", vec![result("gone", None, failure(), NOW)])]);
    assert_eq!((matrix.pairs.len(), matrix.state), (0, RingState::Healthy));
}

#[test]
fn the_last_hour_is_asked_by_check() {
    #[derive(Debug)]
    struct Usual;
    impl LastHour for Usual {
        fn round_trip_times(
            &self,
            source: &InstanceId,
            target: &InstanceId,
            kind: &ProbeKind,
            endpoint: Option<&Endpoint>,
        ) -> Option<[Duration; 2]> {
            let asked = (source.as_str(), target.as_str(), kind.as_str(), endpoint.map(Endpoint::as_str));
            (asked == ("a", "b", "http", Some("/x"))).then_some([Duration::from_millis(1), Duration::from_millis(2)])
        }
    }
    let members = snapshot(vec![member("a", "x", MemberStatus::Online), member("b", "y", MemberStatus::Online)]);
    let results = ["/x", "/y"].map(|path| result("b", Some(path), Outcome::Success, NOW));
    let matrix = super::matrix(&members, &[report("a", results.to_vec())], &Usual);
    let [x, y] = &matrix.pairs[0].checks[..] else { panic!("{matrix:?}") };
    assert_eq!(
        (x.round_trip_time_p50, x.round_trip_time_p95),
        (Some(Duration::from_millis(1)), Some(Duration::from_millis(2)))
    );
    assert_eq!((y.round_trip_time_p50, y.round_trip_time_p95), (None, None));
}

#[test]
fn the_next_check_is_due_an_interval_after_the_start_of_the_last() {
    let members = snapshot(vec![member("a", "x", MemberStatus::Online), member("b", "y", MemberStatus::Online)]);
    // It took 1 s, so that one that began `before` ended a second later.
    for (interval, before, next) in [
        (None, 1, None),
        (Some(30.0), 1, Some(29.0)),
        (Some(30.0), 30, Some(0.0)),
        (Some(30.0), 500, Some(0.0)),
        (Some(0.5), 1, Some(0.0)),
    ] {
        let interval = interval.map(Duration::from_secs_f64);
        let probe = ProbeReport { interval, ..result("b", None, failure(), NOW - Duration::from_secs(before)) };
        let matrix = matrix(&members, &[report("a", vec![probe])]);
        assert_eq!(matrix.pairs[0].checks[0].next_check, next.map(Duration::from_secs_f64), "{interval:?} {before}");
    }
}

#[test]
fn the_latency_of_a_pair_is_that_of_a_good_check() {
    let ms = Duration::from_millis;
    let with_rtt = |probe: ProbeReport| ProbeReport { measurement: sample::burst("b").measurement, ..probe };
    let of_kind = |kind: ProbeKind| ProbeReport { kind, ..result("b", None, Outcome::Success, NOW) };
    let bad = || result("b", None, failure(), NOW);
    let members = snapshot(vec![member("a", "x", MemberStatus::Online), member("b", "y", MemberStatus::Online)]);
    for (results, latency) in [
        (vec![], None),
        (vec![bad()], None),
        (vec![with_rtt(bad())], None),
        (vec![ProbeReport { tainted: true, ..of_kind(ProbeKind::TCP) }], None),
        (vec![of_kind(ProbeKind::TCP)], Some(ms(1_000))),
        (vec![of_kind(ProbeKind::BANDWIDTH)], None),
        (vec![of_kind(ProbeKind::TCP), with_rtt(of_kind(ProbeKind::UDP))], Some(ms(11))),
        (vec![bad(), with_rtt(of_kind(ProbeKind::UDP))], Some(ms(11))),
    ] {
        let matrix = matrix(&members, &[report("a", results.clone())]);
        assert_eq!(matrix.pairs[0].latency(), latency, "{results:?}");
    }
}
