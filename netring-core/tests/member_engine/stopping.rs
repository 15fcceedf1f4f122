use crate::fakes::{Call, FakeProber, Log, ME, Mood, Ring, SECOND, builder, pass, run};
use tokio::time::Instant;

#[tokio::test(start_paused = true)]
async fn stopping_says_goodbye_and_stops_probing() {
    let (ring, prober, log) = (Ring::of(&[ME, "b"]), FakeProber::new(SECOND / 10), Log::default().into());
    let running = run(builder(&ring, &prober, &log));
    pass(20.0).await;
    running.shutdown.cancel();
    running.task.await.unwrap();
    assert_eq!(ring.times(&Call::Withdraw).len(), 1);
    let probes = prober.times("b").len();
    pass(100.0).await;
    assert_eq!(prober.times("b").len(), probes);
    assert_eq!(running.handle.health().probes.in_flight, 0);
}

#[tokio::test(start_paused = true)]
async fn stopping_takes_less_than_two_seconds_whatever_hangs() {
    let (ring, prober, log) = (Ring::of(&[ME, "b"]), FakeProber::new(SECOND / 10), Log::default().into());
    prober.set_mood("b", Mood::Hanging);
    let running = run(builder(&ring, &prober, &log));
    pass(20.0).await;
    ring.set_mood(Mood::Hanging);
    let stopping = Instant::now();
    running.shutdown.cancel();
    running.task.await.unwrap();
    assert!(stopping.elapsed() < 2 * SECOND, "{:?}", stopping.elapsed());
    assert_eq!(ring.times(&Call::Withdraw).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn stopping_works_before_the_registry_was_ever_reached() {
    let (ring, prober, log) = (Ring::of(&[]), FakeProber::new(SECOND / 10), Log::default().into());
    ring.set_mood(Mood::Hanging);
    let running = run(builder(&ring, &prober, &log));
    pass(0.1).await;
    let stopping = Instant::now();
    running.shutdown.cancel();
    running.task.await.unwrap();
    assert!(stopping.elapsed() < 2 * SECOND, "{:?}", stopping.elapsed());
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_is_dropped_stops_at_once() {
    let (ring, prober, log) = (Ring::of(&["b"]), FakeProber::new(SECOND / 10), Log::default().into());
    let running = run(builder(&ring, &prober, &log));
    pass(20.0).await;
    running.task.abort();
    assert!(running.task.await.unwrap_err().is_cancelled());
    let probes = prober.times("b").len();
    pass(100.0).await;
    assert_eq!(prober.times("b").len(), probes);
    assert!(ring.times(&Call::Withdraw).is_empty());
}
