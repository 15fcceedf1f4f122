use crate::fakes::{FakeProber, Log, ME, Mood, Ring, SECOND, Shared, builder, pass, run};
use netring_core::{Cadence, ProbeKind, member::BuildError};
use std::{collections::HashSet, sync::Arc, time::Duration};

#[tokio::test(start_paused = true)]
async fn every_other_member_is_probed_in_its_turn_and_oneself_never() {
    let ids: Vec<_> = (0..50).map(|i| format!("member-{i}")).collect();
    let mut all: Vec<_> = ids.iter().map(String::as_str).collect();
    all.push(ME);
    let (ring, prober, log) = (Ring::of(&all), FakeProber::new(SECOND / 10), Log::default().into());
    let running = run(builder(&ring, &prober, &log));
    pass(105.0).await;
    assert!(prober.times(ME).is_empty());
    let mut phases = HashSet::new();
    for id in &ids {
        let times = prober.times(id);
        assert!(times[0] <= 6.0, "{id} is probed soon: {times:?}");
        assert!((10..=11).contains(&times.len()), "{id}: {times:?}");
        for pair in times[1..].windows(2) {
            assert!((pair[1] - pair[0] - 10.0).abs() <= 0.2, "{id} has its interval: {times:?}");
        }
        phases.insert((times[1] % 10.0) as u32);
    }
    assert_eq!(phases.len(), 10, "fifty targets are spread over the ten seconds");
    assert_eq!(running.handle.newest().len(), 50);
    assert_eq!(running.handle.health().members_count, 50);
}

#[tokio::test(start_paused = true)]
async fn a_target_that_hangs_delays_no_other_and_a_prober_that_overruns_is_cut_off() {
    let (ring, prober, log) = (Ring::of(&["dead", "well"]), FakeProber::new(SECOND / 10), Log::default().into());
    prober.set_mood("dead", Mood::Hanging);
    let running = run(builder(&ring, &prober, &log));
    pass(105.0).await;
    assert!(prober.times("well").len() >= 10 && prober.times("dead").len() >= 10);
    let late: Vec<_> = log.lines("probe well").into_iter().filter(|line| line.contains("tainted=true")).collect();
    assert!(late.is_empty(), "{late:?}");
    assert!(log.lines("not made dead").iter().all(|line| line.ends_with("did not keep to its deadline")));
    assert!(running.handle.health().probes.not_made >= 9);
}

#[tokio::test(start_paused = true)]
async fn a_prober_that_panics_is_contained_and_tried_again() {
    let (ring, prober, log) = (Ring::of(&["b", "well"]), FakeProber::new(SECOND / 10), Log::default().into());
    prober.set_mood("b", Mood::Panicking);
    let running = run(builder(&ring, &prober, &log));
    pass(55.0).await;
    assert!(prober.times("b").len() >= 5 && prober.times("well").len() >= 5);
    assert_eq!(log.lines("not made b")[0], "not made b the prober panicked: on purpose");
    prober.set_mood("b", Mood::Well);
    pass(11.0).await;
    assert!(running.handle.newest().iter().any(|result| result.target.instance_id.as_str() == "b"));
}

#[tokio::test(start_paused = true)]
async fn nothing_of_a_member_that_left_is_kept_or_told() {
    let (ring, prober, log) = (Ring::of(&[ME, "b", "c"]), FakeProber::new(SECOND), Log::default().into());
    let running = run(builder(&ring, &prober, &log).poll_interval(SECOND / 3));
    pass(15.0).await;
    assert_eq!(running.handle.newest().len(), 2);
    ring.set_members(&[ME, "c"]);
    pass(15.0).await;
    assert_eq!(running.handle.newest().len(), 1);
    let events = log.all();
    let left = events.iter().position(|line| line == "members [\"c\"]").unwrap();
    let after = &events[left..];
    assert!(!after.iter().any(|line| line.starts_with("probe b")), "{after:?}");
    assert!(after.iter().any(|line| line.starts_with("probe c")), "{after:?}");
}

#[tokio::test(start_paused = true)]
async fn a_member_that_is_listed_twice_is_probed_once() {
    let (ring, prober, log) = (Ring::of(&["b", "b"]), FakeProber::new(SECOND / 10), Log::default().into());
    let running = run(builder(&ring, &prober, &log));
    pass(29.0).await;
    assert_eq!(running.handle.members().len(), 1);
    assert!(prober.times("b").len() <= 4, "{:?}", prober.times("b"));
}

#[tokio::test(start_paused = true)]
async fn no_more_probes_are_under_way_than_allowed_and_what_waited_long_is_tainted() {
    let ids: Vec<_> = (0..20).map(|i| format!("member-{i}")).collect();
    let ids: Vec<_> = ids.iter().map(String::as_str).collect();
    let (ring, prober, log) = (Ring::of(&ids), FakeProber::new(SECOND), Log::default().into());
    let running = run(builder(&ring, &prober, &log).max_in_flight(2));
    for _ in 0..60 {
        pass(0.5).await;
        assert!(running.handle.health().probes.in_flight <= 2);
    }
    let health = running.handle.health().probes;
    assert!(health.made > 20 && health.tainted > 10, "{health:?}");
    assert!(log.lines("tainted=true").iter().all(|line| !line.ends_with("late=0ns")));
}

#[tokio::test(start_paused = true)]
async fn targets_that_hang_however_many_leave_places_to_those_that_live() {
    let dead: Vec<_> = (0..60).map(|i| format!("dead-{i}")).collect();
    let well: Vec<_> = (0..20).map(|i| format!("well-{i}")).collect();
    let ids: Vec<_> = dead.iter().chain(&well).map(String::as_str).collect();
    let (ring, prober, log) = (Ring::of(&ids), FakeProber::new(SECOND / 10), Log::default().into());
    for id in &dead {
        prober.set_mood(id, Mood::Hanging);
    }
    // Sixty that take 3 s each, every 10 s, would need 18 places for themselves.
    let running = run(builder(&ring, &prober, &log).max_in_flight(16));
    pass(100.0).await;
    let settled = log.lines("probe well").len();
    pass(200.0).await;
    let later = log.lines("probe well").split_off(settled);
    assert!(later.len() >= 20 * 19, "{}", later.len());
    let tainted = later.iter().filter(|line| line.contains("tainted=true")).count();
    assert_eq!(tainted, 0, "of {}", later.len());
    assert!(running.handle.health().probes.not_made >= 300, "the dead are probed too");
}

#[tokio::test(start_paused = true)]
async fn a_member_alone_for_hours_is_healthy_also_when_another_joins() {
    let (ring, prober, log) = (Ring::of(&["b"]), FakeProber::new(SECOND / 10), Log::default().into());
    let running = run(builder(&ring, &prober, &log));
    pass(60.0).await;
    ring.set_members(&[]);
    pass(10_000.0).await;
    ring.set_members(&["c"]);
    for _ in 0..400 {
        pass(0.1).await;
        assert_eq!(running.handle.health().status, netring_core::wire::HealthStatus::Healthy);
    }
}

#[tokio::test]
async fn what_cannot_work_is_not_built() {
    let (ring, prober, log) = (Ring::of(&[]), FakeProber::new(SECOND), Arc::new(Log::default()));
    let good = || builder(&ring, &prober, &log);
    let cadence = |interval, timeout| Cadence::new(interval, timeout);
    for (builder, problem) in [
        (good().heartbeat_interval(Duration::ZERO), "heartbeat_interval"),
        (good().poll_interval(Duration::ZERO), "poll_interval"),
        (good().report_interval(Duration::ZERO), "report_interval"),
        (good().registry_timeout(Duration::ZERO), "registry_timeout"),
        (good().report_interval(Duration::MAX), "report_interval"),
        (good().max_in_flight(0), "max_in_flight"),
        (good().prober(Shared(Arc::clone(&prober)), cadence(Duration::ZERO, SECOND)), "the interval of a prober"),
        (good().prober(Shared(Arc::clone(&prober)), cadence(SECOND, Duration::ZERO)), "the timeout of a prober"),
    ] {
        assert_eq!(builder.build().unwrap_err(), BuildError::OutOfRange(problem));
    }
    let twice = good().prober(Shared(Arc::clone(&prober)), cadence(SECOND, SECOND)).build().unwrap_err();
    assert_eq!(twice, BuildError::SameProber { kind: ProbeKind::TCP, endpoint: None });
}
