//! Who gets which packet.

use super::{Fate, ICMP, ICMP_V6, packet, router, sent, simulator, target, udp};
use std::{collections::BTreeSet, time::Instant};

#[test]
fn a_flow_keeps_its_way_and_packets_do_not() {
    let now = Instant::now();
    let (mut by_flow, mut by_packet) = (simulator("balanced_per_flow"), simulator("balanced_per_packet"));
    let mut first_ways = BTreeSet::new();
    for flow in 1..=16 {
        let way = sent(&mut by_flow, now, &udp(3, flow)).0.unwrap();
        let second = if way == router(true, 3) { router(true, 4) } else { router(true, 6) };
        for _ in 0..3 {
            assert_eq!(sent(&mut by_flow, now, &udp(3, flow)).0, Some(way));
            assert_eq!(sent(&mut by_flow, now, &udp(4, flow)).0, Some(second));
        }
        first_ways.insert(way);
    }
    assert_eq!(first_ways, BTreeSet::from([router(true, 3), router(true, 5)]));
    let ways: Vec<_> = (0..4).map(|_| sent(&mut by_packet, now, &udp(3, 1)).0.unwrap()).collect();
    assert_eq!(ways, [3, 5, 3, 5].map(|number| router(true, number)));
}

#[test]
fn two_balancers_decide_each_for_itself() {
    let mut simulator = simulator("balanced_twice");
    let ways: BTreeSet<_> = (1..=200)
        .map(|flow| {
            sent(&mut simulator, Instant::now(), &udp(30, flow));
            simulator.passages().last().unwrap().routers.clone()
        })
        .collect();
    assert_eq!(ways.len(), 8, "{ways:?}");
}

/// Of echo requests, the identifier and the checksum decide, as they do in routers.
#[test]
fn echo_requests_are_balanced_too() {
    let mut simulator = simulator("balanced_per_flow");
    for v4 in [true, false] {
        let ways: BTreeSet<_> = (1..=32)
            .map(|flow| {
                sent(&mut simulator, Instant::now(), &packet(if v4 { ICMP } else { ICMP_V6 }, target(v4), 3, flow)).0
            })
            .collect();
        assert_eq!(ways.len(), 2);
    }
}

#[test]
fn a_loop_ends_with_the_time_to_live() {
    let mut simulator = simulator("loop");
    for (ttl, number) in [(1, 1), (2, 2), (3, 3), (4, 4), (5, 3), (254, 4), (255, 3)] {
        assert_eq!(
            sent(&mut simulator, Instant::now(), &udp(ttl, 1)),
            (Some(router(true, number)), Fate::TimeExceeded)
        );
    }
}

#[test]
fn silent_routers_forward() {
    let mut simulator = simulator("silent_middle");
    for (ttl, expected) in [(1, Some(1)), (2, None), (3, Some(3)), (4, None), (5, None), (6, Some(6))] {
        let answered_by = sent(&mut simulator, Instant::now(), &udp(ttl, 1)).0;
        assert_eq!(answered_by, expected.map(|number| router(true, number)));
        assert_eq!(simulator.passages().last().unwrap().routers.last(), Some(&router(true, ttl)));
    }
    assert_eq!(sent(&mut simulator, Instant::now(), &udp(7, 1)).1, Fate::Answered);
}

#[test]
fn a_phase_changes_the_path() {
    let mut simulator = simulator("changing");
    for (phase, expected) in [
        (None, vec![1, 2, 3, 6]),
        (Some("after"), vec![1, 4, 5, 6]),
        (Some("longer"), vec![1, 4, 5, 3, 6]),
        (Some("cut"), vec![1, 2]),
        (None, vec![1, 2, 3, 6]),
    ] {
        simulator.set_phase(phase);
        sent(&mut simulator, Instant::now(), &udp(30, 1));
        let routers = expected.into_iter().map(|number| router(true, number)).collect::<Vec<_>>();
        assert_eq!(simulator.passages().last().unwrap().routers, routers, "{phase:?}");
    }
}

#[test]
#[should_panic(expected = "no phase `gone`")]
fn a_phase_that_is_not_there_is_refused() {
    simulator("changing").set_phase(Some("gone"));
}
