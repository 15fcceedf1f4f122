//! Probes that load the network, that are asked for by a failure, that not every member answers, and paths that change.

use crate::fakes::{FakeProber, Log, ME, Mood, Ring, SECOND, Shared, builder, member, pass, run};
use netring_core::{Cadence, Measurement, ProbeKind, member::MemberBuilder, testing::sample};
use std::{net::IpAddr, sync::Arc};

fn with(builder: MemberBuilder, prober: &Arc<FakeProber>, cadence: Cadence) -> MemberBuilder {
    builder.prober(Shared(Arc::clone(prober)), cadence)
}

#[tokio::test(start_paused = true)]
async fn probes_that_exclude_each_other_are_made_one_at_a_time_and_are_not_late_by_it() {
    let (ring, log) = (Ring::of(&["b", "c", "d", "e"]), Arc::new(Log::default()));
    let (tcp, heavy) = (FakeProber::new(SECOND / 10), FakeProber::of_kind(ProbeKind::BANDWIDTH, 3 * SECOND));
    let cadence = Cadence::new(20 * SECOND, 5 * SECOND).one_at_a_time();
    let running = run(with(builder(&ring, &tcp, &log), &heavy, cadence));
    pass(200.0).await;
    let mut begun: Vec<_> = ["b", "c", "d", "e"].iter().flat_map(|id| heavy.times(id)).collect();
    begun.sort_by(f64::total_cmp);
    assert!(begun.len() >= 4 * 8, "{begun:?}");
    assert!(begun.windows(2).all(|pair| pair[1] - pair[0] > 2.999), "two at a time: {begun:?}");
    assert_eq!(running.handle.health().probes.tainted, 0);
    assert!(tcp.times("b").len() >= 19, "the others go on meanwhile");
}

#[tokio::test(start_paused = true)]
async fn a_busy_target_is_asked_again_within_the_interval_and_given_up_at_its_end() {
    let (ring, log) = (Ring::of(&["b"]), Arc::new(Log::default()));
    let (tcp, heavy) = (FakeProber::new(SECOND / 10), FakeProber::of_kind(ProbeKind::BANDWIDTH, SECOND));
    heavy.set_mood("b", Mood::Busy);
    let running = run(with(builder(&ring, &tcp, &log), &heavy, Cadence::new(20 * SECOND, 5 * SECOND)));
    pass(60.0).await;
    let times = heavy.times("b");
    assert!((12..=32).contains(&times.len()), "{times:?}");
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] > 1.999), "not before it asked for: {times:?}");
    let given_up = log.lines("not made b");
    assert!((2..=4).contains(&given_up.len()), "once an interval: {given_up:?}");
    let health = running.handle.health().probes;
    assert_eq!((health.busy, health.not_made), (given_up.len() as u64, 0), "it is no fault of this system's");
    heavy.set_mood("b", Mood::Well);
    let before = heavy.times("b").len();
    pass(25.0).await;
    assert!(heavy.times("b").len() > before, "it is asked again");
    assert_eq!(running.handle.newest().len(), 2, "and answers");
}

#[tokio::test(start_paused = true)]
async fn a_target_that_is_busy_for_ever_is_given_up_at_once() {
    let (ring, log) = (Ring::of(&["b"]), Arc::new(Log::default()));
    let (tcp, heavy) = (FakeProber::new(SECOND / 10), FakeProber::of_kind(ProbeKind::BANDWIDTH, SECOND));
    heavy.set_mood("b", Mood::BusyForEver);
    let running = run(with(builder(&ring, &tcp, &log), &heavy, Cadence::new(20 * SECOND, 5 * SECOND)));
    pass(70.0).await;
    assert!((3..=5).contains(&heavy.times("b").len()), "once an interval: {:?}", heavy.times("b"));
    assert_eq!(running.handle.health().probes.busy, heavy.times("b").len() as u64);
    assert!(log.lines("panicked").is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_target_that_fails_is_traced_at_once_but_not_again_and_again() {
    let (ring, log) = (Ring::of(&["b", "c"]), Arc::new(Log::default()));
    let (tcp, trace) = (FakeProber::new(SECOND / 10), FakeProber::of_kind(ProbeKind::TRACEROUTE, SECOND / 10));
    let cadence = Cadence::new(3_000 * SECOND, 5 * SECOND).after_failure(60 * SECOND);
    let _running = run(with(builder(&ring, &tcp, &log), &trace, cadence));
    pass(100.0).await;
    let (b, c) = (trace.times("b"), trace.times("c"));
    assert_eq!((b.len(), c.len()), (1, 1), "each is traced once at first: {b:?} {c:?}");
    tcp.set_mood("b", Mood::Failing);
    pass(11.0).await;
    let failed = tcp.times("b").into_iter().find(|at| *at > 100.0).unwrap();
    let asked = trace.times("b")[1];
    assert!((failed..failed + 0.2).contains(&asked), "failed at {failed}, traced at {asked}");
    pass(400.0).await;
    assert_eq!(trace.times("b").len(), 2, "it goes on failing, which is nothing new");
    // It comes and goes: each failure is a new one, and yet there is one trace a minute.
    for _ in 0..20 {
        tcp.set_mood("b", Mood::Well);
        pass(11.0).await;
        tcp.set_mood("b", Mood::Failing);
        pass(11.0).await;
    }
    let times = trace.times("b").split_off(2);
    assert!((6..=8).contains(&times.len()), "{times:?}");
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] > 59.999), "{times:?}");
    assert_eq!(trace.times("c").len(), 1, "the other did not fail");
}

#[tokio::test(start_paused = true)]
async fn a_member_is_probed_only_with_what_it_answers() {
    let (ring, log) = (Ring::of(&[ME, "b", "c"]), Arc::new(Log::default()));
    let (tcp, udp) = (FakeProber::new(SECOND / 10), FakeProber::of_kind(ProbeKind::UDP, SECOND / 10));
    let running = run(with(builder(&ring, &tcp, &log), &udp, Cadence::new(10 * SECOND, SECOND)));
    pass(35.0).await;
    assert!(udp.times("b").is_empty() && udp.times("c").is_empty());
    // It was started anew, with an echo.
    ring.members.lock().unwrap().iter_mut().filter(|m| m.instance_id.as_str() == "b").for_each(|m| m.udp_echo = true);
    pass(40.0).await;
    assert!(!udp.times("b").is_empty() && udp.times("c").is_empty());
    assert_eq!(running.handle.newest().len(), 3);
    // And once more without one: what was known by it goes, at the sinks too.
    assert!(log.lines("ProbeEnded").is_empty());
    ring.members.lock().unwrap().iter_mut().for_each(|m| m.udp_echo = false);
    pass(40.0).await;
    let probed = udp.times("b").len();
    pass(40.0).await;
    assert_eq!(udp.times("b").len(), probed);
    assert_eq!(running.handle.newest().len(), 2);
    let ended = log.lines("ProbeEnded");
    assert!(ended.len() == 1 && ended[0].contains("\"b\"") && ended[0].contains("udp"), "{ended:?}");
    assert!(!member("b").udp_echo);
}

#[tokio::test(start_paused = true)]
async fn each_result_says_how_often_it_is_made() {
    let (ring, log) = (Ring::of(&["b"]), Arc::new(Log::default()));
    let (tcp, trace) = (FakeProber::new(SECOND / 10), FakeProber::of_kind(ProbeKind::TRACEROUTE, SECOND / 10));
    let running = run(with(builder(&ring, &tcp, &log), &trace, Cadence::new(300 * SECOND, SECOND)));
    pass(20.0).await;
    let mut intervals: Vec<_> = running.handle.newest().iter().map(|r| (r.kind.to_string(), r.interval)).collect();
    intervals.sort();
    assert_eq!(intervals, [("tcp".to_owned(), Some(10 * SECOND)), ("traceroute".to_owned(), Some(300 * SECOND))]);
}

#[tokio::test(start_paused = true)]
async fn a_path_that_changes_for_good_is_told_once_and_remembered() {
    let (ring, log) = (Ring::of(&["b"]), Arc::new(Log::default()));
    let (tcp, prober) = (FakeProber::new(SECOND / 10), FakeProber::of_kind(ProbeKind::TRACEROUTE, SECOND / 10));
    let Some(Measurement::Traceroute(old)) = sample::traceroute("b").measurement else { panic!("no traceroute") };
    let mut new = old.clone();
    new.flows[0].hops[0].answers.iter_mut().for_each(|answer| answer.ip = IpAddr::from([192, 0, 2, 9]));
    prober.set_measurement(Some(Measurement::Traceroute(old)));
    let running = run(with(builder(&ring, &tcp, &log), &prober, Cadence::new(10 * SECOND, SECOND)));
    pass(50.0).await;
    assert!(log.lines("PathChanged").is_empty());
    prober.set_measurement(Some(Measurement::Traceroute(new)));
    pass(50.0).await;
    let told = log.lines("PathChanged");
    assert!(told.len() == 1 && told[0].contains("192.0.2.1") && told[0].contains("192.0.2.9"), "{told:?}");
    let newest = running.handle.newest().into_iter().find(|result| result.kind == ProbeKind::TRACEROUTE).unwrap();
    let Some(Measurement::Traceroute(trace)) = newest.measurement else { panic!("no traceroute") };
    assert_eq!(trace.last_change.unwrap().after[0].to_string(), "192.0.2.9 > * > 10.1.2.3");
    // Whoever leaves and comes back is somebody new.
    ring.set_members(&["c"]);
    pass(40.0).await;
    ring.set_members(&["b"]);
    pass(60.0).await;
    let newest = running.handle.newest().into_iter().find(|result| result.kind == ProbeKind::TRACEROUTE).unwrap();
    let Some(Measurement::Traceroute(trace)) = newest.measurement else { panic!("no traceroute") };
    assert_eq!(trace.last_change, None);
}
