//! A member of several registries, of which some are away or hang.

use crate::fakes::{Call, FakeProber, Log, ME, Mood, Ring, SECOND, builder_of, pass, run};
use netring_core::{
    Discovery, DiscoveryError, MemberReport, Outcome, Registries,
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
    check::<7>().await;
}

#[tokio::test(start_paused = true)]
async fn whatever_happens_when_no_heartbeat_is_missed_for_longer_than_interval_and_timeout() {
    let rings = rings::<2>();
    let (prober, log) = (FakeProber::new(SECOND / 10), Arc::new(Log::default()));
    let running = run(builder_of(registries(&rings), &prober, &log));
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
async fn a_registry_that_says_no_has_answered() {
    let rings = rings::<2>();
    let registries = registries(&rings);
    for mood in [Mood::Forgetful, Mood::Refusing] {
        rings[0].set_mood(mood);
        registries.heartbeat(&id(ME)).await.unwrap_err();
    }
    assert_eq!([0, 1].map(|i| rings[i].times(&Call::Heartbeat).len()), [2, 0]);
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
async fn a_report_has_more_time_and_leaves_a_registry_that_hangs_too() {
    let rings = rings::<2>();
    rings[0].set_mood(Mood::Hanging);
    let (registries, begun) = (registries(&rings), Instant::now());
    let newest: MemberReport = report(ME, vec![result("b", Outcome::Success)]);
    timeout(5 * SECOND, registries.report(&newest)).await.unwrap().unwrap();
    assert_eq!(begun.elapsed().as_secs(), 3);
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
