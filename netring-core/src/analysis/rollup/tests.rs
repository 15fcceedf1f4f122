use super::*;
use crate::{
    analysis::{PairState, matrix},
    model::{FailureReason, Measurement, Outcome, ProbeReport},
    testing::sample::{NOW, burst, registration, report, result},
};
use proptest::prelude::*;

fn snapshot(locations: &[u8]) -> MembersSnapshot {
    let member = |(number, location): (usize, &u8)| {
        let registration = registration(&format!("m{number:02}"));
        let member = Member {
            instance_id: registration.instance_id,
            location: Location::new(format!("l{location}")).unwrap(),
            address: registration.address,
            heartbeat_interval: None,
            udp_echo: false,
            registered_at: NOW,
            last_seen: NOW,
            deregistered_at: None,
        };
        (member, MemberStatus::Online)
    };
    MembersSnapshot { at: NOW, revision: 1, members: locations.iter().enumerate().map(member).collect() }
}

/// What `target` was seen to be: 0 is bad, 1 tainted, 2 good by TCP and bad by UDP, and the rest a round-trip time.
fn results(target: usize, seen: u8) -> Vec<ProbeReport> {
    let target = format!("m{target:02}");
    let good = || result(&target, Outcome::Success);
    let bad = |probe| ProbeReport { outcome: Outcome::failure(FailureReason::Timeout, "no answer"), ..probe };
    match seen {
        0 => vec![bad(good())],
        1 => vec![ProbeReport { tainted: true, ..burst(&target) }],
        2 => vec![bad(burst(&target)), good()],
        _ => {
            let mut probe = burst(&target);
            if let Some(Measurement::Burst(burst)) = &mut probe.measurement {
                burst.loss_ratio = f64::from(seen % 3) / 10.0;
                if let Some(times) = &mut burst.round_trip_time {
                    times.p50 = Duration::from_millis(seen.into());
                }
            }
            vec![probe]
        }
    }
}

/// The same the slow way.
fn expected(pairs: &[PairState], snapshot: &MembersSnapshot) -> Vec<LocationPair> {
    let location = |id: &crate::model::InstanceId| {
        &snapshot.members.iter().find(|(member, _)| member.instance_id == *id).unwrap().0.location
    };
    let mut locations: Vec<_> = snapshot.members.iter().map(|(member, _)| &member.location).collect();
    locations.sort();
    locations.dedup();
    let mut all = Vec::new();
    for source in &locations {
        for target in &locations {
            let of: Vec<_> =
                pairs.iter().filter(|p| (location(&p.source), location(&p.target)) == (source, target)).collect();
            let count = |state| of.iter().filter(|pair| pair.state == state).count() as u32;
            let loss = |pair: &PairState| {
                pair.checks.iter().find(|c| c.state != State::Unknown && c.loss_ratio.is_some())?.loss_ratio
            };
            let spread = |mut values: Vec<f64>| {
                values.sort_by(|a, b| b.total_cmp(a));
                let (worst, best) = (*values.first()?, *values.last()?);
                Some(Spread { worst, median: values[values.len().div_ceil(2) - 1], best })
            };
            let bad = |p: &PairState| (badness(p.state), loss(p).unwrap_or(0.0), p.latency().unwrap_or_default());
            let Some(worst) = of.iter().rev().max_by(|a, b| bad(a).partial_cmp(&bad(b)).unwrap()) else { continue };
            all.push(LocationPair {
                source_location: (*source).clone(),
                target_location: (*target).clone(),
                state: worst.state,
                up: count(State::Up),
                down: count(State::Down),
                degraded: count(State::Degraded),
                unknown: count(State::Unknown),
                latency_seconds: spread(of.iter().filter_map(|p| Some(p.latency()?.as_secs_f64())).collect()),
                loss_ratio: spread(of.iter().filter_map(|p| loss(p)).collect()),
                download_bits_per_second: None,
                upload_bits_per_second: None,
                worst: PairRef { source: worst.source.clone(), target: worst.target.clone() },
            });
        }
    }
    all
}

proptest! {
    #[test]
    fn a_roll_up_is_what_the_matrix_comes_to(
        locations in prop::collection::vec(0_u8..4, 1..9),
        seen in prop::collection::vec(prop::option::of(0_u8..12), 81),
    ) {
        let snapshot = snapshot(&locations);
        let reports: Vec<_> = (0..locations.len()).map(|source| {
            let of = (0..locations.len()).filter_map(|target| Some(results(target, seen[source * 9 + target]?)));
            let report = report(&format!("m{source:02}"), of.flatten().collect());
            Arc::new(ReceivedReport { received_at: NOW, report })
        }).collect();
        let whole = matrix(&snapshot, &reports, &());
        let rollup = rollup(&snapshot, &reports, &MatrixFilter::default());
        prop_assert_eq!(rollup.state, whole.state);
        prop_assert_eq!(rollup.pairs, expected(&whole.pairs, &snapshot));
    }
}

#[test]
fn what_is_not_trusted_counts_for_nothing() {
    let snapshot = snapshot(&[0, 1]);
    let report = |results| [Arc::new(ReceivedReport { received_at: NOW, report: report("m00", results) })];
    let reports = report(results(1, 1));
    let all = rollup(&snapshot, &reports, &MatrixFilter::default());
    let pair = &all.pairs[0];
    assert_eq!((pair.state, pair.unknown, pair.latency_seconds, pair.loss_ratio), (State::Unknown, 1, None, None));
}

#[test]
fn the_worst_throughput_is_the_lowest() {
    let spread = Spread::of(vec![3.0, 1.0, 2.0, 4.0], true);
    assert_eq!(spread, Some(Spread { worst: 1.0, median: 2.0, best: 4.0 }));
    let spread = Spread::of(vec![3.0, 1.0, 2.0, 4.0], false);
    assert_eq!(spread, Some(Spread { worst: 4.0, median: 3.0, best: 1.0 }));
    assert_eq!(Spread::of(vec![], true), None);
}
