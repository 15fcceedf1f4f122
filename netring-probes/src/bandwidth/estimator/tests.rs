//! The estimator on synthetic curves.

use super::*;
use proptest::prelude::*;

const MBIT: f64 = 1e6;
const STEP: f64 = 0.001;
const BUDGET: f64 = 5.0;

/// What a test of at most five seconds sees.
#[derive(Debug)]
struct Seen {
    /// The rate and when it settled, or the rate until the end.
    rate: f64,
    settled_at: Option<f64>,
    window_limited: bool,
}

/// Runs a test in which `rate` gives the bits per second at each second.
fn run(round_trips: (f64, f64), window_limited: f64, mut rate: impl FnMut(f64) -> f64) -> Seen {
    let mut estimator = Estimator::new();
    let (shortest, mut loaded) = round_trips;
    // A path that carries all it can has a queue.
    loaded = loaded.max(shortest * 1.2 + 0.001);
    let time = Duration::from_secs_f64;
    estimator.set_round_trips(RoundTrips { shortest: time(shortest), loaded: time(loaded) });
    let (mut now, mut bytes) = (0.0, 0.0);
    while now < BUDGET {
        bytes += rate(now) * STEP / 8.0;
        now += STEP;
        estimator.push(time(now), bytes as u64, time(now * window_limited));
        if let Some(steady) = estimator.settled() {
            let Steady { bits_per_second, window_limited } = steady;
            return Seen { rate: bits_per_second, settled_at: Some(now), window_limited };
        }
    }
    let Steady { bits_per_second, window_limited } = estimator.so_far();
    Seen { rate: bits_per_second, settled_at: None, window_limited }
}

/// Slow start to `rate`: ten segments in the first round trip, and twice as many in each that follows.
fn slow_start(rate: f64, round_trip: f64) -> impl Fn(f64) -> f64 {
    move |now| {
        let first = 10.0 * 1_448.0 * 8.0 / round_trip;
        if now < round_trip { 0.0 } else { (first * 2_f64.powi((now / round_trip) as i32 - 1)).min(rate) }
    }
}

/// Deterministic noise from -1 to 1.
fn noise(now: f64, seed: u64) -> f64 {
    let mut x =
        ((now / STEP) as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ seed.wrapping_mul(0xD1B5_4A32_D192_ED03);
    x = (x ^ (x >> 31)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (x >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}

#[track_caller]
fn assert_near(seen: &Seen, rate: f64) {
    assert!((seen.rate / rate - 1.0).abs() < 0.05, "{seen:?}, not {rate}");
}

#[test]
fn slow_start_is_left_out() {
    for (rate, round_trip) in [
        (10.0 * MBIT, 0.001),
        (10.0 * MBIT, 0.1),
        (100.0 * MBIT, 0.02),
        (100.0 * MBIT, 0.1),
        (500.0 * MBIT, 0.001),
        (500.0 * MBIT, 0.1),
        (2.0 * MBIT, 0.05),
    ] {
        let seen = run((round_trip, round_trip), 0.0, slow_start(rate, round_trip));
        assert!(seen.settled_at.is_some() && !seen.window_limited, "{rate} bit/s, {round_trip} s: {seen:?}");
        assert_near(&seen, rate);
    }
}

#[test]
fn what_settles_is_stopped_soon() {
    for (rate, round_trip, by) in [(100.0 * MBIT, 0.001, 1.2), (500.0 * MBIT, 0.001, 0.6), (100.0 * MBIT, 0.1, 3.0)] {
        let seen = run((round_trip, round_trip), 0.0, slow_start(rate, round_trip));
        assert!(seen.settled_at.is_some_and(|at| at < by), "{rate} bit/s, {round_trip} s: {seen:?}");
    }
}

#[test]
fn the_burst_of_a_token_bucket_is_left_out() {
    for burst_bytes in [1e5, 1e6, 4e6, 1.6e7] {
        let burst = burst_bytes * 8.0 / 1e9;
        let seen = run((0.001, 0.001), 0.0, |now| if now < burst { 1e9 } else { 50.0 * MBIT });
        assert!(seen.settled_at.is_some(), "{seen:?}");
        assert_near(&seen, 50.0 * MBIT);
    }
}

#[test]
fn a_queue_that_fills_changes_nothing() {
    // The queue takes what is beyond the rate, so that only the round trip grows.
    let seen = run((0.01, 0.4), 0.0, slow_start(20.0 * MBIT, 0.01));
    assert!(seen.settled_at.is_some(), "{seen:?}");
    assert_near(&seen, 20.0 * MBIT);
}

#[test]
fn noise_evens_out() {
    for seed in 0..20 {
        let seen = run((0.005, 0.01), 0.0, |now| 80.0 * MBIT * (1.0 + 0.9 * noise(now, seed)));
        assert!(seen.settled_at.is_some(), "{seen:?}");
        assert_near(&seen, 80.0 * MBIT);
    }
}

#[test]
fn a_quick_sawtooth_is_its_mean_and_a_slow_one_does_not_settle_beside_it() {
    for (period, settles) in [(0.05, true), (0.1, true), (1.5, false)] {
        // As after each loss: from 70 % of the link up to all of it.
        let seen = run((0.005, 0.005), 0.0, |now| 100.0 * MBIT * (0.7 + 0.3 * (now / period).fract()));
        assert_eq!(seen.settled_at.is_some(), settles, "{period} s: {seen:?}");
        assert!((seen.rate / (85.0 * MBIT) - 1.0).abs() < 0.1, "{period} s: {seen:?}");
    }
}

#[test]
fn a_rate_that_still_grows_or_falls_has_not_settled() {
    let grows = run((0.05, 0.05), 0.0, |now| 20.0 * MBIT * (1.0 + now * 0.3));
    let falls = run((0.05, 0.05), 0.0, |now| 100.0 * MBIT * (1.0 - now * 0.15));
    for seen in [grows, falls] {
        assert_eq!(seen.settled_at, None, "{seen:?}");
    }
}

#[test]
fn a_stall_does_not_pass_for_a_rate() {
    let seen = run((0.02, 0.02), 0.0, |now| if (0.5..1.2).contains(&now) { 0.0 } else { 100.0 * MBIT });
    assert!(seen.settled_at.is_some_and(|at| at > 2.0), "{seen:?}");
    assert_near(&seen, 100.0 * MBIT);
    let dead = run((0.02, 0.02), 0.0, |now| if now < 0.1 { MBIT } else { 0.0 });
    assert_eq!(dead.settled_at, None);
    assert!(dead.rate.is_finite() && dead.rate > 0.0);
}

#[test]
fn a_trickle_does_not_settle() {
    let seen = run((0.02, 0.02), 0.0, |_| 8.0);
    assert_eq!(seen.settled_at, None, "{seen:?}");
}

#[test]
fn a_window_that_was_in_the_way_is_told() {
    for (part, limited) in [(0.0, false), (0.3, false), (0.6, true), (1.0, true)] {
        let seen = run((0.1, 0.1), part, slow_start(50.0 * MBIT, 0.1));
        assert_eq!((seen.settled_at.is_some(), seen.window_limited), (true, limited), "{part}");
    }
}

#[test]
fn a_level_rate_on_a_path_that_is_not_full_has_not_settled() {
    let time = Duration::from_secs_f64;
    for (shortest, loaded, lossy, settles) in [
        (0.1, 0.101, false, false),
        (0.1, 0.104, false, true),
        (0.1, 0.101, true, true),
        // Too short to tell, and not known.
        (0.001, 0.001, false, true),
        (0.1, 0.0, false, true),
    ] {
        let mut estimator = Estimator::new();
        estimator.set_round_trips(RoundTrips { shortest: time(shortest), loaded: time(loaded) });
        for ms in 0_u64..4_000 {
            estimator.push(Duration::from_millis(ms), ms * 10_000, Duration::ZERO);
            if lossy && ms == 3_000 {
                estimator.set_loss();
            }
        }
        let (settled, so_far) = (estimator.settled(), estimator.so_far());
        assert_eq!(settled.is_some(), settles, "{shortest} {loaded} {lossy}");
        assert_eq!(so_far.window_limited, !settles, "a window is at fault: {shortest} {loaded} {lossy}");
        assert_eq!(so_far.bits_per_second.round(), 80.0 * MBIT);
    }
}

#[test]
fn nothing_is_no_rate() {
    let estimator = Estimator::new();
    assert_eq!(estimator.settled(), None);
    assert_eq!(estimator.so_far().bits_per_second, 0.0);
}

proptest! {
    #[test]
    fn what_settles_is_the_rate(
        rate in 1.0..1_000.0_f64,
        round_trip in 0.000_1..0.15_f64,
        queue in 1.0..20.0_f64,
        amplitude in 0.0..0.5_f64,
        burst in 0.0..0.3_f64,
        seed: u64,
    ) {
        let start = slow_start(rate * MBIT, round_trip);
        let seen = run((round_trip, round_trip * queue), 0.0, |now| {
            let burst = if now < burst { 1.5 } else { 1.0 };
            start(now) * burst * (1.0 + amplitude * noise(now, seed))
        });
        if seen.settled_at.is_some() {
            prop_assert!((seen.rate / (rate * MBIT) - 1.0).abs() < 0.1, "{:?}", seen);
        }
    }

    #[test]
    fn any_curve_gives_a_number(
        steps in proptest::collection::vec((0_u64..500_000, 0_u64..u64::MAX / 10_000), 0..200),
        shortest: u32, loaded: u64,
    ) {
        let mut estimator = Estimator::new();
        let loaded = Duration::from_micros(loaded);
        estimator.set_round_trips(RoundTrips { shortest: Duration::from_micros(shortest.into()), loaded });
        let (mut at, mut bytes) = (0_u64, 0_u64);
        for (step, more) in steps {
            (at, bytes) = (at + step, bytes + more);
            estimator.push(Duration::from_micros(at), bytes, Duration::from_micros(at / 2));
            for steady in estimator.settled().into_iter().chain([estimator.so_far()]) {
                prop_assert!(steady.bits_per_second.is_finite() && steady.bits_per_second >= 0.0);
            }
        }
    }
}
