use crate::fakes::{Call, FakeProber, Log, ME, Mood, Ring, SECOND, builder, pass, run};

#[tokio::test(start_paused = true)]
async fn a_registry_that_is_away_for_the_first_minute_is_joined_when_it_comes() {
    let (ring, prober, log) = (Ring::of(&[ME, "b"]), FakeProber::new(SECOND / 10), Log::default().into());
    ring.set_mood(Mood::Away);
    let running = run(builder(&ring, &prober, &log));
    pass(60.0).await;
    let health = running.handle.health();
    assert_eq!((health.registry.in_reach, health.registry.registered), (Some(false), false));
    assert!(health.registry.error.unwrap().contains("away"));
    assert_eq!(health.status, netring_core::wire::HealthStatus::Healthy, "it is not the member's fault");

    ring.set_mood(Mood::Well);
    pass(30.0).await;
    assert!(running.handle.health().registry.registered);
    assert!(!prober.times("b").is_empty());
    let tries = ring.announced();
    assert!(tries[0] < 0.1 && tries.len() > 5, "{tries:?}");
    assert!(tries.windows(2).all(|pair| pair[1] - pair[0] <= 30.0), "{tries:?}");
    assert_eq!(log.lines("registry"), ["registry false", "registry true"], "each change is told once");
}

#[tokio::test(start_paused = true)]
async fn a_registry_that_hangs_is_tried_at_most_half_a_minute_apart() {
    let (ring, prober, log) = (Ring::of(&[]), FakeProber::new(SECOND / 10), Log::default().into());
    ring.set_mood(Mood::Hanging);
    let _running = run(builder(&ring, &prober, &log));
    pass(600.0).await;
    let tries = ring.announced();
    assert!(tries.len() > 20 && tries.windows(2).all(|pair| pair[1] - pair[0] <= 30.0), "{tries:?}");
}

#[tokio::test(start_paused = true)]
async fn heartbeats_and_polls_come_at_their_intervals() {
    let (ring, prober, log) = (Ring::of(&[ME]), FakeProber::new(SECOND / 10), Log::default().into());
    let _running = run(builder(&ring, &prober, &log));
    pass(100.0).await;
    let rounded = |times: Vec<f64>| times.into_iter().map(|at| at.round()).collect::<Vec<_>>();
    assert_eq!(rounded(ring.announced()), [0.0]);
    assert_eq!(rounded(ring.times(&Call::Heartbeat)), [45.0, 90.0]);
    // At once, and once more after it has registered; after 1, 2, 4, 8 and 16 s more, and every 30 s from then on.
    assert_eq!(rounded(ring.times(&Call::Peers)), [0.0, 0.0, 2.0, 6.0, 14.0, 30.0, 60.0, 90.0]);
}

#[tokio::test(start_paused = true)]
async fn a_member_that_was_forgotten_registers_again_under_the_same_id() {
    let (ring, prober, log) = (Ring::of(&[ME]), FakeProber::new(SECOND / 10), Log::default().into());
    let _running = run(builder(&ring, &prober, &log).report_interval(1_000 * SECOND));
    pass(44.0).await;
    ring.set_mood(Mood::Forgetful);
    pass(2.0).await;
    ring.set_mood(Mood::Well);
    let announced = ring.announced();
    assert!((announced[1] - 45.0).abs() < 0.1, "right after the heartbeat that was not found: {announced:?}");
    // Its results were forgotten too; when it tells them again, it is told once more that it is not known.
    assert!(announced.len() <= 3, "{announced:?}");
    pass(100.0).await;
    assert_eq!(ring.announced(), announced);
}

#[tokio::test(start_paused = true)]
async fn a_member_that_vanished_from_the_list_registers_again_at_once() {
    let (ring, prober, log) = (Ring::of(&[ME, "b"]), FakeProber::new(SECOND / 10), Log::default().into());
    let _running = run(builder(&ring, &prober, &log));
    pass(20.0).await;
    ring.set_members(&[]);
    pass(11.0).await;
    ring.set_members(&[ME, "b"]);
    let announced = ring.announced();
    assert!(announced.len() == 2 && (announced[1] - 30.0).abs() < 0.1, "{announced:?}");
}

#[tokio::test(start_paused = true)]
async fn a_registry_that_lost_its_memory_makes_nobody_leave_before_they_had_time_to_come_back() {
    let (ring, prober, log) = (Ring::of(&[ME, "b", "c"]), FakeProber::new(SECOND / 10), Log::default().into());
    let running = run(builder(&ring, &prober, &log));
    pass(20.0).await;
    ring.set_members(&[]);
    pass(11.0).await;
    // This member is back, b comes within its heartbeat, and c is gone for good.
    ring.set_members(&[ME]);
    pass(30.0).await;
    assert_eq!(running.handle.members().len(), 2);
    ring.set_members(&[ME, "b"]);
    pass(30.0).await;
    assert_eq!(running.handle.members().len(), 2, "a heartbeat interval and a poll are not over");
    pass(31.0).await;
    assert_eq!(running.handle.members().len(), 1);
    assert!(!log.all().contains(&"members []".to_owned()), "{:?}", log.lines("members"));
}

#[tokio::test(start_paused = true)]
async fn a_registry_that_forgets_again_and_again_makes_no_list_grow_without_bound() {
    let ring = Ring::of(&[ME]);
    let (prober, log) = (FakeProber::new(SECOND / 10), Log::default().into());
    let running = run(builder(&ring, &prober, &log).poll_interval(5 * SECOND));
    for round in 0..4 {
        let ids: Vec<_> = (0..2_000).map(|i| format!("r{round}-{i}")).collect();
        // Every other list is without this member, as after one more loss of its memory.
        let me = (round % 2 == 0).then_some(ME);
        ring.set_members(&ids.iter().map(String::as_str).chain(me).collect::<Vec<_>>());
        pass(6.0).await;
        let members = running.handle.members();
        assert!(members.len() <= 3_000, "{}", members.len());
        assert!(members.iter().any(|member| member.instance_id.as_str() == ids[0]), "who is listed comes first");
    }
}

#[tokio::test(start_paused = true)]
async fn a_registry_that_forgets_twice_puts_nobodys_leaving_off_for_longer() {
    let (ring, prober, log) = (Ring::of(&[ME, "b", "c"]), FakeProber::new(SECOND / 10), Log::default().into());
    let running = run(builder(&ring, &prober, &log));
    pass(20.0).await;
    // The polls of 30 s and 90 s find that it has forgotten, and those of 60 s and 120 s find this member and `b`.
    // A heartbeat interval and a poll after the first time, at 105 s, `c` is not waited for any more.
    for (times, known) in [(1, 2), (2, 1)] {
        ring.set_members(&[]);
        pass(11.0).await;
        assert_eq!((ring.announced().len(), running.handle.members().len()), (1 + times, 2));
        ring.set_members(&[ME, "b"]);
        pass(49.0).await;
        assert_eq!(running.handle.members().len(), known);
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_of_the_others_alone_is_no_reason_to_register_again() {
    let (ring, prober, log) = (Ring::of(&["b"]), FakeProber::new(SECOND / 10), Log::default().into());
    let _running = run(builder(&ring, &prober, &log));
    pass(300.0).await;
    assert_eq!(ring.announced().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_registry_that_refuses_is_in_reach_and_asked_again() {
    let (ring, prober, log) = (Ring::of(&[ME]), FakeProber::new(SECOND / 10), Log::default().into());
    ring.set_mood(Mood::Refusing);
    let running = run(builder(&ring, &prober, &log));
    pass(60.0).await;
    let health = running.handle.health();
    assert_eq!((health.registry.in_reach, health.registry.registered), (Some(true), false));
    ring.set_mood(Mood::Well);
    pass(30.0).await;
    assert!(running.handle.health().registry.registered);
}

#[tokio::test(start_paused = true)]
async fn a_registry_that_answers_some_calls_and_not_others_is_out_of_reach_all_the_while() {
    let (ring, prober, log) = (Ring::of(&[ME]), FakeProber::new(SECOND / 10), Log::default().into());
    ring.set_announce_mood(Mood::Away);
    let running = run(builder(&ring, &prober, &log));
    pass(3_600.0).await;
    assert_eq!(log.lines("registry"), ["registry false"]);
    ring.set_announce_mood(Mood::Well);
    pass(30.0).await;
    assert_eq!(log.lines("registry"), ["registry false", "registry true"]);
    assert!(running.handle.health().registry.registered);
}

#[tokio::test(start_paused = true)]
async fn while_the_registry_is_away_the_last_list_is_probed() {
    let (ring, prober, log) = (Ring::of(&[ME, "b"]), FakeProber::new(SECOND / 10), Log::default().into());
    let running = run(builder(&ring, &prober, &log));
    pass(20.0).await;
    ring.set_mood(Mood::Away);
    pass(200.0).await;
    assert_eq!(running.handle.members().len(), 1);
    let probes = prober.times("b");
    assert!(probes.len() >= 20 && probes.iter().any(|&at| at > 205.0), "{probes:?}");
    let registry = running.handle.health().registry;
    assert_eq!((registry.in_reach, registry.registered), (Some(false), true));
}

#[tokio::test(start_paused = true)]
async fn a_discovery_that_panics_is_contained_and_counted() {
    let (ring, prober, log) = (Ring::of(&[ME, "b"]), FakeProber::new(SECOND / 10), Log::default().into());
    let running = run(builder(&ring, &prober, &log));
    pass(20.0).await;
    ring.set_mood(Mood::Panicking);
    pass(30.0).await;
    ring.set_mood(Mood::Well);
    let before = prober.times("b").len();
    pass(60.0).await;
    assert!(prober.times("b").len() >= before + 5, "it goes on probing");
    let loops = running.handle.health().loops;
    for name in ["heartbeat", "poll", "report"] {
        let health = loops.iter().find(|turns| turns.name == name).unwrap();
        assert!(health.panics > 0 && health.healthy, "{health:?}");
        assert!(log.lines("panicked").contains(&format!("panicked {name}")));
    }
}
