//! How old the list is that a member probes by.

use crate::fakes::{FakeProber, Log, ME, Mood, Ring, SECOND, builder, pass, run};
use netring_core::{
    Clock, SystemClock,
    wire::{ListHealth, ListSource},
};
use std::time::Duration;

/// The age in whole seconds.
fn age(list: ListHealth) -> f64 {
    list.age_seconds.unwrap().round()
}

#[tokio::test(start_paused = true)]
async fn before_the_first_list_there_is_no_age() {
    let (ring, prober, log) = (Ring::of(&[ME]), FakeProber::new(SECOND / 10), Log::default().into());
    ring.set_mood(Mood::Away);
    let running = run(builder(&ring, &prober, &log));
    pass(20.0).await;
    assert_eq!(running.handle.health().list, ListHealth::default());
    assert!(log.lines("members").is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_list_ages_while_the_registry_is_away() {
    let (ring, prober, log) = (Ring::of(&[ME, "b"]), FakeProber::new(SECOND / 10), Log::default().into());
    let running = run(builder(&ring, &prober, &log));
    pass(31.0).await;
    ring.set_mood(Mood::Away);
    pass(100.0).await;
    let list = running.handle.health().list;
    assert_eq!((list.source, age(list)), (ListSource::Registry, 101.0), "the last poll was at 30 s");
    ring.set_mood(Mood::Well);
    pass(31.0).await;
    assert!(age(running.handle.health().list) <= 31.0);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_was_old_when_it_came_is_older_by_that() {
    let (ring, prober, log) = (Ring::of(&[ME, "b"]), FakeProber::new(SECOND / 10), Log::default().into());
    *ring.age.lock().unwrap() = 500 * SECOND;
    let running = run(builder(&ring, &prober, &log));
    pass(31.0).await;
    let list = running.handle.health().list;
    assert_eq!(age(list), 501.0);
    let ago = SystemClock.now().since(list.as_of.unwrap());
    assert!((500 * SECOND..560 * SECOND).contains(&ago), "{ago:?}");
    assert!(log.lines("members").iter().all(|line| line.contains("500s old")), "{:?}", log.lines("members"));
}

#[tokio::test(start_paused = true)]
async fn an_old_list_without_this_member_is_no_reason_to_register_again() {
    let (ring, prober, log) = (Ring::of(&[ME, "b"]), FakeProber::new(SECOND / 10), Log::default().into());
    let _running = run(builder(&ring, &prober, &log));
    pass(20.0).await;
    *ring.age.lock().unwrap() = Duration::from_secs(60);
    ring.set_members(&["b"]);
    pass(100.0).await;
    assert_eq!(ring.announced().len(), 1);
    // The list is true again, and names this member.
    *ring.age.lock().unwrap() = Duration::ZERO;
    ring.set_members(&[ME, "b"]);
    pass(100.0).await;
    assert_eq!(ring.announced().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_is_older_than_the_current_one_is_not_taken() {
    let (ring, prober, log) = (Ring::of(&[ME, "b"]), FakeProber::new(SECOND / 10), Log::default().into());
    let running = run(builder(&ring, &prober, &log));
    pass(61.0).await;
    // The next polls, at 90 s and every 30 s, come to a registry that was cut off at 0 s.
    ring.set_members(&[ME, "ghost"]);
    for polled in [90, 120, 150] {
        *ring.age.lock().unwrap() = polled * SECOND;
        pass(30.0).await;
    }
    let list = running.handle.health().list;
    assert_eq!(age(list), 91.0, "the list of 60 s goes on aging");
    assert!(prober.times("ghost").is_empty());
    let probes = prober.times("b");
    assert!(probes.windows(2).all(|pair| pair[1] - pair[0] < 15.0), "{probes:?}");
    assert_eq!(ring.announced().len(), 1);

    // One that is old, but newer than that one, is better.
    ring.set_members(&[ME, "b", "c"]);
    *ring.age.lock().unwrap() = 100 * SECOND;
    pass(30.0).await;
    assert_eq!((running.handle.members().len(), age(running.handle.health().list)), (2, 101.0));
}

#[tokio::test(start_paused = true)]
async fn ages_that_differ_by_their_rounding_are_the_same() {
    let (ring, prober, log) = (Ring::of(&[ME, "b"]), FakeProber::new(SECOND / 10), Log::default().into());
    let running = run(builder(&ring, &prober, &log));
    pass(61.0).await;
    ring.set_members(&[ME, "b", "c"]);
    *ring.age.lock().unwrap() = 32 * SECOND;
    pass(30.0).await;
    assert_eq!(running.handle.members().len(), 2);
}
