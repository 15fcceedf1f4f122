use super::*;
use crate::{
    analysis::{CheckState, PairState, State, filtered_matrix},
    model::{Endpoint, FailureReason, InstanceId, Location, Measurement, Member, MemberStatus, Outcome, ProbeReport},
    testing::sample::{self, NOW, registration, report, result},
};
use proptest::{collection::vec, option, prelude::*, sample::select};
use std::time::Duration;

const KINDS: [&str; 7] = ["tcp", "http", "grpc", "udp", "icmp", "bandwidth", "traceroute"];
const MEMBERS: usize = 6;

fn name(number: usize) -> String {
    format!("m{number}")
}

fn snapshot(members: &[(u8, MemberStatus)]) -> MembersSnapshot {
    let member = |(number, (location, status)): (usize, &(u8, MemberStatus))| {
        let registration = registration(&name(number));
        let member = Member {
            instance_id: registration.instance_id,
            location: Location::new(format!("l{location}")).unwrap(),
            address: registration.address,
            heartbeat_interval: None,
            udp_echo: false,
            registered_at: NOW,
            last_seen: NOW,
            deregistered_at: (*status == MemberStatus::Deregistered).then_some(NOW),
        };
        (member, *status)
    };
    MembersSnapshot { at: NOW, revision: 1, members: members.iter().enumerate().map(member).collect() }
}

fn received(source: usize, results: Vec<ProbeReport>) -> Arc<ReceivedReport> {
    Arc::new(ReceivedReport { received_at: NOW, report: report(&name(source), results) })
}

/// Remembers something of every second check.
#[derive(Debug)]
struct Odd;

impl LastHour for Odd {
    fn round_trip_times(
        &self,
        source: &InstanceId,
        target: &InstanceId,
        kind: &ProbeKind,
        endpoint: Option<&Endpoint>,
    ) -> Option<[Duration; 2]> {
        let bytes = [source.as_str(), target.as_str(), kind.as_str(), endpoint.map_or("", Endpoint::as_str)].concat();
        let sum: u64 = bytes.bytes().map(u64::from).sum();
        (sum % 2 == 1).then(|| [Duration::from_nanos(sum * 1_000_003), Duration::from_nanos(sum * 7_000_003)])
    }
}

fn any_result() -> impl Strategy<Value = (usize, ProbeReport)> {
    let who = (0..MEMBERS, 0..MEMBERS + 1, select(KINDS.to_vec()), option::of(0..2_u8));
    let when = (0..400_u64, 0..3_000_000_000_u64, prop::bool::weighted(0.2), prop::bool::weighted(0.3));
    let what =
        (select(vec!["none", "tcp", "burst", "bandwidth", "traceroute"]), any::<u32>(), any::<f64>(), 0..4_usize);
    (who, when, what).prop_map(
        |((source, target, kind, endpoint), (age, nanos, tainted, bad), (measured, number, rate, hops))| {
            let mut result = match measured {
                "burst" => sample::burst(&name(target)),
                "bandwidth" => sample::bandwidth(&name(target)),
                "traceroute" => sample::traceroute(&name(target)),
                _ => result(&name(target), Outcome::Success),
            };
            match &mut result.measurement {
                Some(Measurement::Burst(burst)) => {
                    burst.loss_ratio = f64::from(number) / f64::from(u32::MAX);
                    burst.interarrival_jitter = (number % 3 > 0).then(|| Duration::from_nanos(nanos * 3));
                    if number % 5 == 0 {
                        burst.round_trip_time = None;
                    }
                }
                Some(Measurement::Bandwidth(test)) => {
                    test.download.iter_mut().for_each(|throughput| throughput.bits_per_second = rate);
                    if number % 2 == 0 {
                        test.upload = None;
                    }
                }
                Some(Measurement::Traceroute(trace)) => {
                    trace.flows.iter_mut().for_each(|flow| flow.hops.truncate(hops))
                }
                _ => {}
            }
            let result = ProbeReport {
                kind: ProbeKind::new(kind).unwrap(),
                endpoint: endpoint.map(|i| Endpoint::new(format!("/{i}")).unwrap()),
                started_at: NOW - Duration::from_millis(age * 1_001),
                duration: Duration::from_nanos(nanos),
                outcome: if bad { Outcome::failure(FailureReason::Timeout, "no answer") } else { Outcome::Success },
                tainted,
                ..result
            };
            (source, result)
        },
    )
}

fn any_filter() -> impl Strategy<Value = MatrixFilter> {
    let member = || option::weighted(0.2, (0..MEMBERS).prop_map(|number| InstanceId::new(name(number)).unwrap()));
    let location = || option::weighted(0.2, (0..3_u8).prop_map(|number| Location::new(format!("l{number}")).unwrap()));
    let kinds = prop_oneof![Just(vec![]), prop::sample::subsequence(KINDS.to_vec(), 1..=3)];
    (member(), location(), member(), location(), kinds).prop_map(
        |(source, source_location, target, target_location, kinds)| MatrixFilter {
            source,
            source_location,
            target,
            target_location,
            kinds: kinds.into_iter().map(|kind| ProbeKind::new(kind).unwrap()).collect(),
            ..MatrixFilter::default()
        },
    )
}

/// What the matrix says of a pair.
fn number_of(value: GridValue, pair: &PairState, all_count: bool) -> Option<f64> {
    let checks = || pair.checks.iter();
    let trusted = || checks().filter(|check| check.state != State::Unknown);
    let seconds = |duration: Duration| duration.as_secs_f64();
    let echo = |check: &&CheckState| ["udp", "icmp"].contains(&check.kind.as_str());
    let counts = |check: &&CheckState| !echo(check) && !["bandwidth", "traceroute"].contains(&check.kind.as_str());
    let number = match value {
        GridValue::Latency => pair.latency().map(seconds),
        GridValue::Loss => trusted().find_map(|check| check.loss_ratio),
        GridValue::Jitter => trusted().find_map(|check| check.interarrival_jitter).map(seconds),
        GridValue::Download => trusted().find_map(|check| check.download_bits_per_second),
        GridValue::Upload => trusted().find_map(|check| check.upload_bits_per_second),
        GridValue::Hops => trusted().find_map(|check| check.hops).map(f64::from),
        GridValue::P95 => trusted().find_map(|check| check.round_trip_time_p95).map(seconds),
        GridValue::Age if all_count => checks().next().map(|check| seconds(check.age)),
        GridValue::Age => checks().find(counts).or_else(|| checks().find(echo)).map(|check| seconds(check.age)),
    };
    number.filter(|number| number.is_finite()).map(rounded)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn a_grid_says_what_the_matrix_does(
        members in vec((0..3_u8, select(MemberStatus::ALL.to_vec())), 0..=MEMBERS),
        results in vec(any_result(), 0..60),
        filter in any_filter(),
        values in prop::sample::subsequence(GridValue::ALL.to_vec(), 1..=8),
    ) {
        let snapshot = snapshot(&members);
        let of = |source| results.iter().filter(|(of, _)| *of == source).map(|(_, result)| result.clone()).collect();
        let reports: Vec<_> = (0..MEMBERS).map(|source| received(source, of(source))).collect();
        let matrix = filtered_matrix(&snapshot, &reports, &Odd, &filter);
        let mut grid = matrix_grid(&snapshot, &reports, &Odd, &filter, &values);
        prop_assert_eq!(&grid.members, &matrix.members);
        prop_assert_eq!((grid.at, grid.state), (matrix.at, matrix.state));
        let id = |place: &u32| &matrix.members[*place as usize].instance_id;
        let (sources, targets) = (grid.sources.clone(), grid.targets.clone());
        let mut pairs = matrix.pairs.iter();
        prop_assert_eq!(grid.states.len(), sources.len());
        for value in GridValue::ALL {
            let rows = grid.rows(value);
            prop_assert_eq!(rows.is_some(), values.contains(&value));
            prop_assert!(rows.iter().flatten().all(|row| row.len() == targets.len()));
            prop_assert!(rows.iter().all(|rows| rows.len() == sources.len()));
        }
        for (row, source) in sources.iter().enumerate() {
            prop_assert_eq!(grid.states[row].len(), targets.len());
            for (column, target) in targets.iter().enumerate() {
                let character = grid.states[row].as_bytes()[column];
                let pair = if source == target { None } else { pairs.next() };
                let expected = match pair.map(|pair| pair.state) {
                    None => b'.',
                    Some(State::Up) => b'+',
                    Some(State::Down) => b'x',
                    Some(State::Degraded) => b'~',
                    Some(State::Unknown) => b'?',
                };
                prop_assert_eq!(character, expected);
                if let Some(pair) = pair {
                    prop_assert_eq!((&pair.source, &pair.target), (id(source), id(target)));
                }
                for &value in &values {
                    let number = grid.rows(value).as_ref().unwrap()[row][column];
                    let expected = pair.and_then(|pair| number_of(value, pair, !filter.kinds.is_empty()));
                    prop_assert_eq!(number, expected, "{:?} of {:?}", value, pair);
                }
            }
        }
        prop_assert_eq!(pairs.next(), None);
        let mut kinds: Vec<_> = results
            .iter()
            .filter(|(source, _)| sources.iter().any(|place| id(place).as_str() == name(*source)))
            .map(|(_, result)| result.kind.clone())
            .collect();
        kinds.sort();
        kinds.dedup();
        prop_assert_eq!(&grid.kinds, &kinds);
    }
}

#[test]
fn a_grid_can_be_read_as_a_picture() {
    use MemberStatus::{Deregistered, Online, Stale};
    let snapshot = snapshot(&[(0, Online), (0, Deregistered), (1, Online), (1, Stale)]);
    let good = |target| result(&name(target), Outcome::Success);
    let bad = |target| ProbeReport { outcome: Outcome::failure(FailureReason::Refused, "refused"), ..good(target) };
    let burst = |target| sample::burst(&name(target));
    let of_http = |result| ProbeReport { kind: ProbeKind::HTTP, ..result };
    let reports = [
        received(0, vec![good(1), burst(2), bad(3)]),
        received(2, vec![good(0), of_http(bad(0)), ProbeReport { tainted: true, ..good(3) }]),
        received(9, vec![ProbeReport { kind: ProbeKind::ICMP, ..good(0) }]),
    ];
    let values = [GridValue::Latency, GridValue::Loss, GridValue::Jitter];
    let grid = matrix_grid(&snapshot, &reports, &(), &MatrixFilter::default(), &values);
    assert_eq!((&grid.sources, &grid.targets), (&vec![0, 2, 3], &vec![0, 2, 3]));
    assert_eq!(grid.states, [".+x", "~.?", "??."]);
    assert_eq!(grid.kinds, [ProbeKind::HTTP, ProbeKind::TCP, ProbeKind::UDP]);
    let nothing = vec![None; 3];
    assert_eq!(
        grid.latency_seconds,
        Some(vec![vec![None, Some(0.011), None], vec![Some(0.001), None, None], nothing.clone()])
    );
    assert_eq!(grid.loss_ratio, Some(vec![vec![None, Some(0.1), None], nothing.clone(), nothing]));
    assert_eq!(grid.members[1].deregistered_at, Some(NOW));
    let json = serde_json::to_value(&grid).unwrap();
    assert_eq!(serde_json::from_value::<MatrixGrid>(json.clone()).unwrap(), grid);
    assert!(json.get("hops").is_none() && json.get("interarrival_jitter_seconds").is_some(), "{json}");
}

#[test]
fn no_more_kinds_are_named_than_anybody_can_read() {
    let snapshot = snapshot(&[(0, MemberStatus::Online), (0, MemberStatus::Online)]);
    let of = |number: usize| ProbeReport {
        kind: ProbeKind::new(format!("k{number:03}")).unwrap(),
        ..result("m1", Outcome::Success)
    };
    let reports = [received(0, (0..200).rev().map(of).collect()), received(1, (0..100).map(of).collect())];
    let grid = matrix_grid(&snapshot, &reports, &(), &MatrixFilter::default(), &[GridValue::Age]);
    let expected: Vec<_> = (0..MatrixGrid::MAX_KINDS).map(|number| of(number).kind).collect();
    assert_eq!(grid.kinds, expected);
}
