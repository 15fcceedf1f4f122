//! Traces through networks that are functions, in no time at all: the schedule and the paths that come of it.

use super::{
    memory::Distance,
    packet::{Answer, Kind, Match, ProbeId, Unreachable},
    path::{Assembled, assemble},
    schedule::{Plan, Schedule, Step},
    stamp::Stamp,
};
use netring_core::model::{Flow, PathEnd};
use std::{
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};
use tokio::time::Instant;

const TARGET: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 9));

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn plan() -> Plan {
    Plan { flows: 1, first_ttl: 1, max_ttl: 30, tries: 3, pace: ms(1), timeout: ms(1000) }
}

fn router(ttl: u8) -> IpAddr {
    IpAddr::from([10, 0, 0, ttl])
}

fn answer(probe: ProbeId, from: IpAddr, kind: Kind) -> Answer {
    Answer { to: Match::Probe(probe), from, kind, answer_ttl: None, mpls: Vec::new() }
}

/// So many routers, then the target, each hop of `hop` there and back.
fn line(routers: u8, hop: Duration) -> impl Fn(ProbeId) -> Option<(Duration, Answer)> {
    move |probe| {
        let at = probe.ttl.min(routers + 1);
        let (from, kind) = if at > routers { (TARGET, Kind::Reached) } else { (router(at), Kind::TimeExceeded) };
        Some((hop * u32::from(at), answer(probe, from, kind)))
    }
}

struct Traced {
    paths: Vec<Assembled>,
    sent: Vec<(Duration, ProbeId)>,
    took: Duration,
}

impl Traced {
    fn path(&self) -> (PathEnd, String) {
        let path = &self.paths[0].path;
        (path.end, path.path().to_string())
    }
}

fn trace(plan: Plan, network: impl Fn(ProbeId) -> Option<(Duration, Answer)>) -> Traced {
    trace_again(plan, None, network)
}

fn trace_again(
    plan: Plan,
    distance: Option<Distance>,
    network: impl Fn(ProbeId) -> Option<(Duration, Answer)>,
) -> Traced {
    let start = Instant::now();
    let (mut now, mut schedule, mut sent) = (start, Schedule::new(plan, distance), Vec::new());
    let mut coming: Vec<(Instant, Answer)> = Vec::new();
    loop {
        assert!(sent.len() < 5_000 && now - start < ms(120_000), "it ends");
        match schedule.step(now) {
            Step::Done => break,
            Step::Send(probe) => {
                schedule.sent(probe, Stamp::at(now));
                sent.push((now - start, probe));
                coming.extend(network(probe).map(|(after, answer)| (now + after, answer)));
            }
            Step::Wait(until) => {
                assert!(until > now, "no step is for nothing");
                let next = coming.iter().map(|(at, _)| *at).min().filter(|at| *at <= until);
                now = next.unwrap_or(until);
                for (at, answer) in coming.extract_if(.., |(at, _)| *at <= now) {
                    schedule.answered(answer, Stamp::at(at));
                }
            }
        }
    }
    let flow = Flow::Ports { source: 1, destination: 2 };
    let paths = schedule.finish().iter().map(|record| assemble(flow, record)).collect();
    Traced { paths, sent, took: now - start }
}

#[test]
fn a_trace_ends_with_the_longest_round_trip() {
    let traced = trace(plan(), line(29, ms(4)));
    assert_eq!(traced.path().0, PathEnd::Reached);
    assert_eq!((traced.paths[0].path.hops.len(), traced.sent.len()), (30, 90));
    // 90 packets, and then the last answer.
    assert_eq!(traced.took, ms(89 + 120));
}

#[test]
fn a_silent_path_ends_with_one_timeout() {
    let traced = trace(plan(), |probe| line(29, ms(4))(probe).filter(|_| probe.ttl <= 2));
    assert_eq!(traced.path(), (PathEnd::Silent, "10.0.0.1 > 10.0.0.2".into()));
    assert_eq!(traced.took, ms(89 + 1000));
    let nobody = trace(plan(), |_| None);
    assert_eq!(nobody.path(), (PathEnd::Silent, String::new()));
}

#[test]
fn nothing_is_sent_beyond_a_target_that_has_answered() {
    let traced = trace(plan(), line(3, ms(2)));
    assert_eq!(traced.path(), (PathEnd::Reached, "10.0.0.1 > 10.0.0.2 > 10.0.0.3 > 198.51.100.9".into()));
    // The packet to the target is sent after 3 ms and answered 8 ms later.
    assert!(traced.sent.iter().all(|(at, probe)| probe.ttl <= 4 || *at <= ms(3 + 8)), "{:?}", traced.sent);
    assert!(traced.paths[0].path.hops.iter().all(|hop| hop.sent == 3 && hop.answers.len() == 3));
}

#[test]
fn a_target_whose_distance_is_known_gets_no_more_than_its_tries() {
    let distance = Some(Distance { ttl: 11, round_trip_time: ms(110) });
    let arrived = |traced: &Traced, ttl| traced.sent.iter().filter(|(_, probe)| probe.ttl >= ttl).count();
    let traced = trace_again(plan(), distance, line(10, ms(10)));
    assert_eq!((traced.path().0, arrived(&traced, 11)), (PathEnd::Reached, 3));
    assert_eq!(arrived(&trace(plan(), line(10, ms(10))), 11), 20 * 3, "which is what a first trace sends");
    // It has come nearer, or moved away.
    assert_eq!(trace_again(plan(), distance, line(5, ms(10))).paths[0].path.hops.len(), 6);
    let away = trace_again(plan(), distance, line(20, ms(10)));
    assert_eq!((away.path().0, away.paths[0].path.hops.len()), (PathEnd::Reached, 21));
    // In silence it takes two of the known round trips longer.
    let silent = trace_again(plan(), distance, |_| None);
    assert_eq!(silent.took, ms(89 + 220 + 50 + 1000));
}

#[test]
fn packets_keep_the_pace_and_the_tries_of_a_hop_are_apart() {
    let traced = trace(Plan { flows: 2, ..plan() }, line(9, ms(30)));
    assert!(traced.sent.windows(2).all(|pair| pair[1].0 - pair[0].0 >= ms(1)));
    for (at, probe) in traced.sent.iter().filter(|(_, probe)| probe.attempt > 0) {
        let is_before = |(_, p): &&(Duration, ProbeId)| *p == ProbeId { attempt: probe.attempt - 1, ..*probe };
        let before = traced.sent.iter().find(is_before).unwrap();
        assert!(*at - before.0 >= ms(20), "{probe:?}");
    }
}

#[test]
fn answers_that_cannot_be_placed_are_asked_for_again_alone() {
    let network = |probe: ProbeId| {
        let (after, mut answer) = line(6, ms(2))(probe)?;
        if [2, 4].contains(&probe.ttl) {
            answer.to = Match::Flow(0);
        }
        Some((after, answer)).filter(|_| probe.ttl != 5)
    };
    let traced = trace(plan(), network);
    let expected = "10.0.0.1 > 10.0.0.2 > 10.0.0.3 > 10.0.0.4 > * > 10.0.0.6 > 198.51.100.9";
    assert_eq!(traced.path(), (PathEnd::Reached, expected.into()));
    let alone: Vec<_> =
        traced.sent.iter().filter(|(_, probe)| probe.attempt == 3).map(|(_, probe)| probe.ttl).collect();
    assert_eq!(alone, [2, 4], "it stops when both are placed");
    let hop = &traced.paths[0].path.hops[1];
    assert_eq!((hop.sent, hop.loss_ratio, hop.answers[0].round_trip_time), (1, 0.0, ms(4)));
}

#[test]
fn where_nothing_can_be_placed_one_after_the_other_is() {
    let network = |probe: ProbeId| {
        let (after, mut answer) = line(3, ms(50))(probe)?;
        answer.to = Match::Flow(0);
        Some((after, answer))
    };
    let traced = trace(plan(), network);
    assert_eq!(traced.path(), (PathEnd::Reached, "10.0.0.1 > 10.0.0.2 > 10.0.0.3 > 198.51.100.9".into()));
    assert!(traced.took < ms(1500), "{:?}", traced.took);
}

#[test]
fn what_cannot_be_placed_takes_no_more_than_one_timeout_in_all() {
    for flows in [1, 4, 16] {
        // One of three answers of a router comes, it does not say to what, and behind the next router all is silent.
        let network = |probe: ProbeId| {
            let (after, mut answer) = line(29, ms(130))(probe).filter(|_| probe.ttl <= 3)?;
            if probe.ttl == 2 {
                answer.to = Match::Flow(probe.flow);
            }
            Some((after, answer)).filter(|_| probe.ttl != 2 || probe.attempt == 0)
        };
        let traced = trace(Plan { flows, ..plan() }, network);
        let parallel = ms(u64::from(flows) * 90 + 1000);
        assert!(traced.took <= parallel + ms(1000), "{flows}: {:?}", traced.took);
        let alone = traced.sent.iter().filter(|(_, probe)| probe.attempt == 3);
        assert!(alone.clone().count() >= usize::from(flows), "each flow is asked");
        assert!(alone.clone().all(|(_, probe)| ![1, 3].contains(&probe.ttl)), "what is placed is not asked again");
    }
}

#[test]
fn nobody_is_asked_alone_beyond_what_an_answer_can_be_to() {
    // The answer comes before most packets are sent.
    let network = |probe: ProbeId| {
        let mut answer = answer(probe, router(2), Kind::TimeExceeded);
        answer.to = Match::Flow(0);
        Some((ms(3), answer)).filter(|_| (probe.ttl, probe.attempt) == (2, 0))
    };
    let traced = trace(plan(), network);
    let alone = traced.sent.iter().filter(|(_, probe)| probe.attempt == 3).map(|(_, probe)| probe.ttl).max();
    assert!(alone.is_some_and(|ttl| ttl <= 5), "{alone:?}");
}

#[test]
fn a_packet_that_is_alone_is_answered_by_nobody_new() {
    let network = |forger: IpAddr| {
        move |probe: ProbeId| {
            let (after, mut answer) = line(3, ms(5))(probe)?;
            if probe.ttl == 2 {
                answer.to = Match::Flow(0);
                answer.from = if probe.attempt == 3 { forger } else { answer.from };
            }
            Some((after, answer))
        }
    };
    let path = |forger| trace(plan(), network(forger)).path().1;
    assert_eq!(path(router(2)), "10.0.0.1 > 10.0.0.2 > 10.0.0.3 > 198.51.100.9");
    assert_eq!(path(router(66)), "10.0.0.1 > * > 10.0.0.3 > 198.51.100.9");
}

#[test]
fn an_unreachable_ends_a_path_and_a_target_that_answers_outdoes_it() {
    let why = Unreachable { end: PathEnd::HostUnreachable, icmp_type: 3, code: 1 };
    let network = |reached: bool| {
        move |probe: ProbeId| match probe.ttl {
            3 if !reached || probe.attempt == 1 => Some((ms(6), answer(probe, router(2), Kind::Unreachable(why)))),
            4.. if !reached => Some((ms(6), answer(probe, router(2), Kind::Unreachable(why)))),
            _ => line(3, ms(2))(probe),
        }
    };
    let traced = trace(plan(), network(false));
    assert_eq!(traced.path(), (PathEnd::HostUnreachable, "10.0.0.1 > 10.0.0.2 > 10.0.0.2".into()));
    assert_eq!(traced.paths[0].unreachable, Some((router(2), why)));
    let traced = trace(plan(), network(true));
    assert_eq!(traced.path().0, PathEnd::Reached);
    assert_eq!(traced.paths[0].path.hops.len(), 4);
}

#[test]
fn one_unreachable_does_not_end_what_other_packets_go_on_with() {
    let why = Unreachable { end: PathEnd::HostUnreachable, icmp_type: 3, code: 1 };
    let stray = |probe: ProbeId| {
        let is_stray = (probe.ttl, probe.attempt) == (3, 0);
        is_stray.then(|| (ms(6), answer(probe, router(2), Kind::Unreachable(why))))
    };
    let traced = trace(plan(), |probe| stray(probe).or_else(|| line(9, ms(10))(probe)));
    assert_eq!((traced.path().0, traced.paths[0].path.hops.len()), (PathEnd::Reached, 10));
    assert!(traced.paths[0].path.hops.iter().all(|hop| hop.answers.len() == 3));
    assert_eq!(traced.paths[0].unreachable, None);

    // The target is silent: routers that stand beyond it say that it was a stray.
    let silent = |probe: ProbeId| line(9, ms(10))(probe).filter(|_| probe.ttl <= 9);
    let traced = trace(plan(), |probe| stray(probe).or_else(|| silent(probe)));
    assert_eq!((traced.path().0, traced.paths[0].path.hops.len()), (PathEnd::Silent, 9));

    // Every packet of a hop gets one, and the target answers all the same.
    let every = |probe: ProbeId| (probe.ttl == 3).then(|| (ms(6), answer(probe, router(2), Kind::Unreachable(why))));
    let traced = trace(plan(), |probe| every(probe).or_else(|| line(9, ms(10))(probe)));
    assert_eq!((traced.path().0, traced.paths[0].path.hops.len()), (PathEnd::Reached, 10));
}

#[test]
fn loops_are_told_from_addresses_that_repeat() {
    let path = |by_ttl: &'static [u8]| {
        move |probe: ProbeId| {
            let by = by_ttl.get(usize::from(probe.ttl) - 1).filter(|by| **by > 0)?;
            Some((ms(1), answer(probe, router(*by), Kind::TimeExceeded)))
        }
    };
    for (by_ttl, end, hops) in [
        (&[1, 2, 3, 2, 3, 2, 3, 2, 3][..], PathEnd::Loop, 6),
        // Whoever is silent may be the same router.
        (&[1, 2, 0, 2, 0, 2, 0], PathEnd::Silent, 6),
        (&[1, 2, 2, 0, 2, 0, 2], PathEnd::Silent, 7),
        (&[1, 2, 0, 3, 0, 2, 3, 0, 2], PathEnd::Loop, 9),
        (&[1, 2, 3, 4, 2, 3, 4, 2, 3, 4], PathEnd::Loop, 8),
        (&[1, 2, 2, 2, 2, 2], PathEnd::Silent, 6),
        (&[1, 2, 3, 2, 4], PathEnd::Silent, 5),
    ] {
        let traced = trace(plan(), path(by_ttl));
        assert_eq!((traced.path().0, traced.paths[0].path.hops.len()), (end, hops), "{by_ttl:?}");
    }
}

#[test]
fn answers_to_what_was_not_sent_and_second_answers_count_for_nothing() {
    let mut schedule = Schedule::new(plan(), None);
    let now = Stamp::at(Instant::now());
    let Step::Send(first) = schedule.step(now.seen) else { panic!() };
    schedule.sent(first, now);
    let second = ProbeId { ttl: 2, ..first };
    for (probe, counts) in [(second, false), (ProbeId { flow: 9, ..first }, false), (first, true), (first, false)] {
        let answered = schedule.answered(answer(probe, TARGET, Kind::TimeExceeded), now);
        assert_eq!(answered.is_some(), counts, "{probe:?}");
    }
    let stray = Answer { to: Match::Flow(7), ..answer(first, TARGET, Kind::Reached) };
    assert_eq!(schedule.answered(stray, now), None);
}

#[test]
fn flows_that_cannot_be_sent_end_at_once() {
    let mut schedule = Schedule::new(plan(), None);
    let now = Instant::now();
    schedule.failed(0, PathEnd::NetworkUnreachable);
    assert_eq!(schedule.step(now), Step::Done);
    let assembled = assemble(Flow::Ports { source: 1, destination: 2 }, &schedule.finish()[0]);
    assert_eq!((assembled.path.end, assembled.path.hops.len()), (PathEnd::NetworkUnreachable, 0));
}
