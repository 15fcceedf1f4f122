//! Reports as they may be, and as nobody would expect them.

use super::*;
use crate::{
    analysis::{State, matrix},
    model::{OneWay, PathEnd},
};
use proptest::{collection::vec, option, prelude::*, sample::select};
use std::collections::HashMap;

const MEMBERS: [&str; 4] = ["a", "b", "c", "d"];
const NAMES: [&str; 5] = ["a", "b", "c", "d", "nobody"];

fn kind() -> impl Strategy<Value = ProbeKind> {
    select(vec![
        ProbeKind::TCP,
        ProbeKind::HTTP,
        ProbeKind::UDP,
        ProbeKind::ICMP,
        ProbeKind::BANDWIDTH,
        ProbeKind::TRACEROUTE,
        ProbeKind::new("grpc").unwrap(),
    ])
}

fn any_duration() -> impl Strategy<Value = Duration> {
    prop_oneof![
        (0..100_000_000_u64).prop_map(Duration::from_micros),
        select(vec![Duration::ZERO, Duration::MAX, Duration::from_secs(u64::MAX)]),
    ]
}

fn any_time() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        4 => (0..100_u64).prop_map(|s| START + Duration::from_secs(s)),
        1 => (0..200_000_u64).prop_map(|s| START - Duration::from_secs(s)),
        1 => select(vec![Timestamp::default(), Timestamp::from_unix_micros(u64::MAX)]),
        1 => any::<u64>().prop_map(Timestamp::from_unix_micros),
    ]
}

fn any_measurement() -> impl Strategy<Value = Option<Measurement>> {
    let tcp = any_duration().prop_map(|connect| Some(Measurement::Tcp(TcpMeasurement { resolve: None, connect })));
    let one_way = || option::of(any::<u32>()).prop_map(|lost| Some(OneWay { lost: lost?, interarrival_jitter: None }));
    let burst = (any::<u32>(), any::<u32>(), one_way(), one_way()).prop_map(|(sent, received, forward, backward)| {
        let mut measurement = sample::burst("b").measurement;
        if let Some(Measurement::Burst(burst)) = &mut measurement {
            (burst.sent, burst.received, burst.forward, burst.backward) = (sent, received, forward, backward);
        }
        measurement
    });
    let rate = any::<f64>().prop_map(|rate| {
        let mut measurement = sample::bandwidth("b").measurement;
        if let Some(Measurement::Bandwidth(bandwidth)) = &mut measurement {
            bandwidth.download.iter_mut().for_each(|throughput| throughput.bits_per_second = rate);
        }
        measurement
    });
    let trace = (any::<bool>(), 0..4_usize, option::of(any_time())).prop_map(|(reached, hops, changed)| {
        let mut measurement = sample::traceroute("b").measurement;
        if let Some(Measurement::Traceroute(trace)) = &mut measurement {
            trace.flows[0].hops.truncate(hops);
            trace.flows[0].end = if reached { PathEnd::Reached } else { PathEnd::Silent };
            trace.last_change = changed.map(|at| PathChange { at, before: vec![], after: vec![] });
        }
        measurement
    });
    prop_oneof![Just(None), tcp, burst, rate, trace]
}

fn any_result() -> impl Strategy<Value = ProbeReport> {
    let who = (select(NAMES.to_vec()), kind(), option::of(0..40_u8));
    let when = (any_time(), any_duration(), option::of(any_duration()));
    (who, when, any_measurement(), any::<bool>(), prop::bool::weighted(0.2)).prop_map(
        |((target, kind, endpoint), (started_at, duration, interval), measurement, good, tainted)| ProbeReport {
            endpoint: endpoint.map(|i| Endpoint::new(format!("/{i}")).unwrap()),
            started_at,
            duration,
            interval,
            measurement,
            tainted,
            ..of_kind(&kind, target, good)
        },
    )
}

fn any_report() -> impl Strategy<Value = Arc<ReceivedReport>> {
    let times = (any_time(), any_time(), any_duration());
    (select(NAMES.to_vec()), times, vec(any_result(), 0..30)).prop_map(
        |(source, (received_at, sent_at, check_interval), results)| {
            let report = MemberReport { sent_at, check_interval, ..sample::report(source, results) };
            Arc::new(ReceivedReport { received_at, report })
        },
    )
}

/// Everything that is told, in words.
fn told(observatory: &Observatory, snapshot: &MembersSnapshot) -> String {
    let ids = || NAMES.iter().map(|name| sample::id(name));
    let histories: Vec<_> = ids()
        .flat_map(|source| ids().map(move |target| (source.clone(), target)))
        .map(|(source, target)| observatory.history(&source, &target, snapshot.at))
        .collect();
    format!("{:?} {:?} {histories:?}", observatory.evidence(snapshot), observatory.history_health())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn nothing_that_may_come_does_harm(
        rounds in vec((vec(any_report(), 0..4), any_time(), prop::sample::subsequence(MEMBERS.to_vec(), 0..=4)), 1..6),
        max_bytes in 0..40_000_usize,
    ) {
        let mut observatory = Observatory::new(Sensitivity::default(), max_bytes);
        for (reports, at, members) in rounds {
            let snapshot = MembersSnapshot { at, ..ring(&members) };
            observatory.observe(&snapshot, &reports);
            let before = told(&observatory, &snapshot);
            // The very same, and the same read again.
            let read_again: Vec<_> = reports.iter().map(|report| Arc::new(ReceivedReport::clone(report))).collect();
            for again in [&reports, &read_again] {
                let observed = observatory.observe(&snapshot, again);
                prop_assert_eq!(&observed, &Observed::default());
                prop_assert_eq!(&told(&observatory, &snapshot), &before);
            }
            let health = observatory.history_health();
            prop_assert!(health.bytes <= max_bytes, "{health:?}");
            let histories = || {
                let pairs = observatory.rows.iter().flat_map(|row| &row.pairs);
                pairs.flat_map(|pair| &pair.checks).map(|check| check.remembered())
            };
            let set_aside: usize = histories().flatten().map(|history| history.bytes()).sum();
            prop_assert_eq!(set_aside, health.bytes);
            prop_assert!(histories().flatten().all(|history| history.allocated() <= history.bytes()));
        }
        let nobody = ring(&[]);
        observatory.observe(&nobody, &[]);
        let health = observatory.history_health();
        prop_assert_eq!((health.pairs, health.bytes, health.refused_checks), (0, 0, 0));
    }

    /// Whoever follows the changes knows what the matrix shows.
    #[test]
    fn changes_lead_to_the_matrix(
        rounds in vec(
            (
                vec((0..3_usize, 0..3_usize, kind(), any::<bool>(), prop::bool::weighted(0.1), 1..30_u64), 0..12),
                1..40_u64,
                vec(prop::bool::weighted(0.8), 9),
                prop::bool::weighted(0.1),
            ),
            1..20,
        ),
    ) {
        let mut observatory = Observatory::new(Sensitivity::default(), 1 << 20);
        let mut snapshot = ring(&["a", "b", "c"]);
        let mut newest: HashMap<(usize, usize, ProbeKind), ProbeReport> = HashMap::new();
        let mut reports: [Option<Arc<ReceivedReport>>; 3] = [None, None, None];
        let mut known: HashMap<(InstanceId, InstanceId), State> = HashMap::new();
        for (results, seconds, chance, offline) in rounds {
            snapshot.at = snapshot.at + Duration::from_secs(seconds);
            snapshot.members[2].1 = if offline { MemberStatus::Offline } else { MemberStatus::Stale };
            for (source, target, kind, good, tainted, interval) in results {
                let interval = Some(Duration::from_secs(interval));
                let result = ProbeReport {
                    started_at: snapshot.at - Duration::from_secs(1),
                    interval,
                    tainted,
                    ..of_kind(&kind, MEMBERS[target], good)
                };
                newest.insert((source, target, kind), result);
            }
            for (source, report) in reports.iter_mut().enumerate() {
                // Not every member reports in every round, one says goodbye, and a check may be made no more.
                if !chance[source] {
                    continue;
                }
                if !chance[source + 3] && !chance[source + 6] {
                    *report = None;
                    continue;
                }
                if !chance[source + 6] {
                    newest.retain(|&(of, target, _), _| of != source || target != 0);
                }
                let of_source = newest.iter().filter(|((of, ..), _)| *of == source).map(|(_, result)| result.clone());
                let (sent_at, check_interval) = (snapshot.at, Duration::from_secs(7));
                let sent = MemberReport { sent_at, check_interval, ..sample::report(MEMBERS[source], of_source.collect()) };
                *report = Some(Arc::new(ReceivedReport { received_at: snapshot.at, report: sent }));
            }
            let reports: Vec<_> = reports.iter().flatten().cloned().collect();
            for change in observatory.observe(&snapshot, &reports).changes {
                let pair = (change.pair.source, change.pair.target);
                let before = known.insert(pair, change.state).unwrap_or(State::Unknown);
                prop_assert_eq!(before, change.before);
                prop_assert_ne!(before, change.state);
            }
            for pair in matrix(&snapshot, &reports, &()).pairs {
                let followed = known.remove(&(pair.source.clone(), pair.target.clone())).unwrap_or(State::Unknown);
                prop_assert_eq!(followed, pair.state, "{:?} at {:?}", pair, snapshot.at);
                known.insert((pair.source, pair.target), followed);
            }
            if offline {
                let unknown = known.iter().all(|((a, b), state)| {
                    (a.as_str() != "c" && b.as_str() != "c") || *state == State::Unknown
                });
                prop_assert!(unknown);
            }
        }
    }
}
