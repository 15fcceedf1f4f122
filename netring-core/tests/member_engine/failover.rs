//! A member of several registries, of which some are away or hang.

use crate::fakes::{Call, FakeProber, Log, ME, Mood, Ring, SECOND, builder_of, pass, run};
use netring_core::{
    Discovery, DiscoveryError, Outcome, Registries,
    client::ClientError,
    member::MemberBuilder,
    testing::sample::{id, report, result},
};
use std::sync::Arc;
use tokio::time::{Instant, timeout};

/// Registries that list the same members.
fn rings<const N: usize>() -> [Arc<Ring>; N] {
    std::array::from_fn(|_| Ring::of(&[ME, "b"]))
}

fn registries(rings: &[Arc<Ring>]) -> Registries {
    let named = rings.iter().enumerate().map(|(i, ring)| (format!("registry {i}"), Arc::clone(ring) as _));
    Registries::in_order(named).unwrap()
}

/// A member with a heartbeat every 45 s, which hardly calls its registries for anything else.
fn quiet(rings: &[Arc<Ring>]) -> MemberBuilder {
    let (prober, log) = (FakeProber::new(SECOND / 10), Arc::new(Log::default()));
    builder_of(registries(rings), &prober, &log).poll_interval(100_000 * SECOND).report_interval(100_000 * SECOND)
}

/// When each call of `which` was made to `ring`, to a tenth of a second.
fn times(ring: &Ring, which: &Call) -> Vec<f64> {
    ring.times(which).into_iter().map(|at| (at * 10.0).round() / 10.0).collect()
}

#[tokio::test(start_paused = true)]
async fn a_heartbeat_leaves_a_registry_that_hangs_after_two_seconds_and_does_not_come_back() {
    let rings = rings::<2>();
    let _running = run(quiet(&rings));
    // Until 62 s it asks for the list more often than it is told to.
    pass(70.0).await;
    rings[0].set_mood(Mood::Hanging);
    pass(130.0).await;
    assert_eq!(times(&rings[0], &Call::Heartbeat), [45.0, 90.0]);
    assert_eq!(times(&rings[1], &Call::Heartbeat), [92.0, 137.0, 182.0]);
}

#[tokio::test(start_paused = true)]
async fn a_heartbeat_leaves_a_registry_that_refuses_at_once() {
    let rings = rings::<2>();
    let running = run(quiet(&rings));
    pass(70.0).await;
    rings[0].set_mood(Mood::Away);
    pass(80.0).await;
    assert_eq!(times(&rings[0], &Call::Heartbeat), [45.0, 90.0]);
    assert_eq!(times(&rings[1], &Call::Heartbeat), [90.0, 135.0]);
    assert_eq!(running.handle.health().registry.in_reach, Some(true), "one of them is");
}

#[tokio::test(start_paused = true)]
async fn however_many_hang_a_heartbeat_is_late_by_less_than_the_timeout() {
    async fn check<const N: usize>() {
        let rings = rings::<N>();
        let _running = run(quiet(&rings));
        pass(70.0).await;
        rings[..N - 1].iter().for_each(|ring| ring.set_mood(Mood::Hanging));
        pass(30.0).await;
        let came = times(&rings[N - 1], &Call::Heartbeat);
        assert!(came.len() == 1 && came[0] - 45.0 <= 45.0 + 4.0, "{N} registries: {came:?}");
    }
    check::<2>().await;
    check::<3>().await;
    check::<4>().await;
    check::<5>().await;
}

#[tokio::test(start_paused = true)]
async fn each_of_many_registries_has_a_second_and_the_next_call_goes_on_with_the_others() {
    let rings = rings::<20>();
    let registries = registries(&rings);
    rings.iter().for_each(|ring| *ring.takes.lock().unwrap() = 9 * SECOND / 10);
    registries.heartbeat(&id(ME)).await.unwrap();
    rings[..8].iter().for_each(|ring| ring.set_mood(Mood::Hanging));
    // The member's own timeout ends the last attempt.
    timeout(5 * SECOND, registries.heartbeat(&id(ME))).await.unwrap_err();
    timeout(5 * SECOND, registries.heartbeat(&id(ME))).await.unwrap().unwrap();
    assert_eq!(
        std::array::from_fn::<_, 10, _>(|i| rings[i].times(&Call::Heartbeat).len()),
        [2, 1, 1, 1, 1, 1, 1, 1, 1, 0]
    );
}

#[tokio::test(start_paused = true)]
async fn registries_that_are_slow_and_well_are_not_left() {
    let rings = rings::<2>();
    let registries = registries(&rings);
    rings.iter().for_each(|ring| *ring.takes.lock().unwrap() = 5 * SECOND / 2);
    for _ in 0..6 {
        timeout(5 * SECOND, registries.heartbeat(&id(ME))).await.unwrap().unwrap();
        timeout(5 * SECOND, registries.peers()).await.unwrap().unwrap();
    }
    assert_eq!([0, 1].map(|i| rings[i].calls.lock().unwrap().len()), [1, 12], "it moves once, before it knows");
}

#[tokio::test(start_paused = true)]
async fn whatever_happens_when_no_heartbeat_is_missed_for_longer_than_interval_and_timeout() {
    let rings = rings::<2>();
    let (prober, log) = (FakeProber::new(SECOND / 10), Arc::new(Log::default()));
    // A report waits for as long as the member does: one that is the first to meet a registry that hangs is lost.
    let running = run(builder_of(registries(&rings), &prober, &log).report_interval(100_000 * SECOND));
    for round in 0..40 {
        // At another moment of the heartbeat's interval each time, and for longer and shorter than it takes to return.
        pass(200.0 + 7.3 * f64::from(round)).await;
        rings[round as usize % 2].set_mood(if round % 4 < 2 { Mood::Hanging } else { Mood::Away });
        rings[(round as usize + 1) % 2].set_mood(Mood::Well);
    }
    let mut came: Vec<f64> = rings.iter().flat_map(|ring| ring.answered(&Call::Heartbeat)).collect();
    came.sort_by(f64::total_cmp);
    let longest = came.windows(2).map(|pair| pair[1] - pair[0]).fold(0.0, f64::max);
    assert!(came.len() > 200 && longest <= 45.0 + 5.0, "{longest}");
    assert_eq!(running.handle.health().registry.in_reach, Some(true));
    assert_eq!(log.lines("registry"), ["registry true"], "it was never out of reach");
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_is_dropped_counts_as_a_failure() {
    let rings = rings::<2>();
    let registries = registries(&rings);
    rings[0].set_mood(Mood::Hanging);
    timeout(SECOND, registries.heartbeat(&id(ME))).await.unwrap_err();
    registries.heartbeat(&id(ME)).await.unwrap();
    assert_eq!([0, 1].map(|i| rings[i].times(&Call::Heartbeat).len()), [1, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_registry_that_does_not_know_the_member_has_answered_and_one_that_refuses_is_not_the_last_word() {
    let rings = rings::<3>();
    let registries = registries(&rings);
    rings[0].set_mood(Mood::Forgetful);
    let unknown = registries.heartbeat(&id(ME)).await;
    assert!(matches!(unknown, Err(DiscoveryError::NotRegistered)), "{unknown:?}");
    rings[0].set_mood(Mood::Refusing);
    registries.heartbeat(&id(ME)).await.unwrap();
    registries.heartbeat(&id(ME)).await.unwrap();
    assert_eq!([0, 1, 2].map(|i| rings[i].times(&Call::Heartbeat).len()), [2, 2, 0]);
    // The refusal is what there is to say where no other answers, also where that takes its time.
    for mood in [Mood::Refusing, Mood::Away, Mood::Hanging] {
        rings[1].set_mood(Mood::Refusing);
        rings[0].set_mood(mood);
        rings[2].set_mood(mood);
        let refused = timeout(5 * SECOND, registries.heartbeat(&id(ME))).await.unwrap();
        assert!(matches!(refused, Err(DiscoveryError::Rejected { .. })), "{mood:?}: {refused:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_old_list_is_for_where_no_registry_has_a_newer_one() {
    let rings = rings::<3>();
    let registries = registries(&rings);
    let set_ages =
        |ages: [u32; 3]| rings.iter().zip(ages).for_each(|(ring, age)| *ring.age.lock().unwrap() = age * SECOND);
    let asked = || [0, 1, 2].map(|i| rings[i].times(&Call::Peers).len());
    set_ages([9, 0, 0]);
    for _ in 0..2 {
        assert_eq!(registries.peers().await.unwrap().age, std::time::Duration::ZERO);
    }
    assert_eq!(asked(), [1, 2, 0], "and that is the registry for all calls now");
    pass(301.0).await;
    registries.peers().await.unwrap();
    registries.peers().await.unwrap();
    assert_eq!(asked(), [2, 4, 0], "an old list is no reason to return");
    set_ages([9, 7, 8]);
    assert_eq!(registries.peers().await.unwrap().age, 7 * SECOND, "the youngest");
    rings[2].set_mood(Mood::Hanging);
    assert_eq!(timeout(5 * SECOND, registries.peers()).await.unwrap().unwrap().age, 7 * SECOND, "in time");
}

#[tokio::test(start_paused = true)]
async fn where_all_fail_each_was_tried_once_and_the_error_says_how_many() {
    let rings = rings::<3>();
    rings.iter().for_each(|ring| ring.set_mood(Mood::Away));
    let registries = registries(&rings);
    let error = registries.peers().await.unwrap_err();
    assert!(matches!(error, DiscoveryError::Unreachable { .. }), "{error:?}");
    assert_eq!(error.to_string(), "cannot do as the test says at any of 3 registries, at last the test: away");
    assert_eq!([0, 1, 2].map(|i| rings[i].times(&Call::Peers).len()), [1, 1, 1]);
    rings[1].set_mood(Mood::Well);
    registries.peers().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_first_registry_is_tried_again_after_five_minutes_and_returned_to_once_it_answers() {
    let rings = rings::<2>();
    let (prober, log) = (FakeProber::new(SECOND / 10), Arc::new(Log::default()));
    let _running = run(builder_of(registries(&rings), &prober, &log));
    pass(59.0).await;
    rings[0].set_mood(Mood::Hanging);
    pass(300.0).await;
    // The poll at 60 s finds out.
    let tried = || times(&rings[0], &Call::Peers).into_iter().filter(|&at| at > 61.0).collect::<Vec<_>>();
    assert!(tried().is_empty(), "{:?}", tried());
    pass(60.0).await;
    let tried = tried();
    assert!(tried.len() == 1 && (360.0..=395.0).contains(&tried[0]), "{tried:?}");
    assert!(rings[1].times(&Call::Peers).iter().any(|at| (at - tried[0] - 2.0).abs() < 0.1), "that call succeeds");
    rings[0].set_mood(Mood::Well);
    pass(340.0).await;
    let before = rings[1].calls.lock().unwrap().len();
    pass(340.0).await;
    assert_eq!(rings[1].calls.lock().unwrap().len(), before, "everybody is back");
    assert!(log.lines("registry false").is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_report_takes_its_time_and_moves_no_other_call() {
    let rings = rings::<2>();
    let (registries, newest) = (registries(&rings), report(ME, vec![result("b", Outcome::Success)]));
    let send = async || timeout(5 * SECOND, registries.report(&newest)).await;
    let reports = || [0, 1].map(|i| rings[i].calls(|call| matches!(call, Call::Report(_)).then_some(())).len());
    *rings[0].takes.lock().unwrap() = 9 * SECOND / 2;
    send().await.unwrap().unwrap();
    assert_eq!(reports(), [1, 0]);
    *rings[0].takes.lock().unwrap() = std::time::Duration::ZERO;
    rings[0].set_mood(Mood::Hanging);
    send().await.unwrap_err();
    send().await.unwrap().unwrap();
    assert_eq!(reports(), [2, 1], "the next one begins at the next registry");
    rings[0].set_mood(Mood::Well);
    registries.heartbeat(&id(ME)).await.unwrap();
    assert_eq!(rings[0].times(&Call::Heartbeat).len(), 1);
    rings[1].set_mood(Mood::Away);
    send().await.unwrap().unwrap();
    assert_eq!(reports(), [3, 2], "one that fails at once goes on at once");
}

#[tokio::test(start_paused = true)]
async fn a_goodbye_reaches_the_other_registry_in_time() {
    let rings = rings::<3>();
    let running = run(quiet(&rings));
    pass(50.0).await;
    rings[..2].iter().for_each(|ring| ring.set_mood(Mood::Hanging));
    let stopping = Instant::now();
    running.shutdown.cancel();
    running.task.await.unwrap();
    assert_eq!(rings[2].times(&Call::Withdraw).len(), 1);
    assert!(stopping.elapsed() < 3 * SECOND / 2, "{:?}", stopping.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_goodbye_waits_for_no_registry_for_long() {
    let rings = rings::<20>();
    let registries = registries(&rings);
    registries.withdraw(&id(ME)).await.unwrap();
    assert_eq!(rings[1].times(&Call::Withdraw).len(), 0, "one that answers is enough");
    rings[..19].iter().for_each(|ring| ring.set_mood(Mood::Hanging));
    let begun = Instant::now();
    registries.withdraw(&id(ME)).await.unwrap();
    assert_eq!(begun.elapsed().as_millis(), 300);
    rings.iter().for_each(|ring| ring.set_mood(Mood::Away));
    let error = registries.withdraw(&id(ME)).await.unwrap_err().to_string();
    assert!(error.contains("any of 20 registries"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_single_registry_is_called_as_if_it_stood_alone() {
    let rings = rings::<1>();
    let registries = registries(&rings);
    rings[0].set_mood(Mood::Hanging);
    timeout(1_000 * SECOND, registries.heartbeat(&id(ME))).await.unwrap_err();
    rings[0].set_mood(Mood::Away);
    let (alone, one) = (rings[0].peers().await.unwrap_err(), registries.peers().await.unwrap_err());
    assert_eq!(one.to_string(), alone.to_string());
}

#[test]
fn no_registry_at_all_is_an_error() {
    for error in [Registries::from_urls::<&str>([]).unwrap_err(), Registries::in_order([]).unwrap_err()] {
        assert!(matches!(error, ClientError::NoRegistry), "{error}");
    }
}
