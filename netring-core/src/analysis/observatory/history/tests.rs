use super::*;
use crate::analysis::{HistoryTier, State};
use proptest::prelude::*;

/// The start of a tier.
const START: Timestamp = Timestamp::from_unix_seconds(1_699_999_200);

fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn good(millis: u64) -> Coded {
    Coded::new(false, Some(ms(millis)))
}

/// A history of a result every 30 s from [`START`] on, each a millisecond longer than the one before in its tier.
fn filled(results: u64) -> (Box<History>, Budget) {
    let mut budget = Budget::new(1 << 20);
    let mut history = History::new(planned(s(30)), &mut budget).unwrap();
    for i in 0..results {
        let at = START + s(30 * i);
        history.push(at, good(i % 60 + 1), at + s(1), planned(s(30)), &mut budget);
    }
    (history, budget)
}

#[test]
fn the_last_hour_is_kept_result_by_result_and_the_last_day_in_tiers() {
    for (results, in_hour, tiers) in [(1, 1, 1), (60, 60, 1), (61, 61, 2), (200, 121, 4), (60 * 60, 121, 49)] {
        let (history, _) = filled(results);
        let now = START + s(30 * (results - 1));
        let (hour, day) = (history.hour(now), history.day(now));
        assert_eq!((hour.len(), day.len()), (in_hour, tiers), "of {results}");
        assert_eq!(hour.last().map(|sample| sample.at), Some(now));
        assert!(hour.iter().zip(hour.iter().skip(1)).all(|(a, b)| b.at.since(a.at) == s(30)));
        for (i, tier) in day.iter().rev().enumerate() {
            let in_tier = if i == 0 { (results - 1) % 60 + 1 } else { 60 };
            let expected = HistoryTier {
                start: Timestamp::from_unix_seconds((now.as_unix_seconds() / 1_800 - i as u64) * 1_800),
                results: in_tier as u16,
                bad: 0,
                median_round_trip_time: Coded::new(false, Some(ms(in_tier.div_ceil(2)))).round_trip(),
                max_round_trip_time: Coded::new(false, Some(ms(in_tier))).round_trip(),
                mean_loss_ratio: None,
                median_download_bits_per_second: None,
                median_upload_bits_per_second: None,
            };
            assert_eq!(*tier, expected, "of {results}, {i} from the end");
        }
    }
}

#[test]
fn what_is_too_old_is_not_told_and_is_dropped() {
    let (mut history, _) = filled(120);
    let last = START + s(30 * 119);
    for (later, in_hour, tiers) in [(s(0), 120, 2), (s(1_800), 61, 2), (s(3_601), 0, 2), (s(86_400), 0, 1)] {
        assert_eq!((history.hour(last + later).len(), history.day(last + later).len()), (in_hour, tiers), "{later:?}");
        history.tidy(last + later);
        assert_eq!((history.hour(last + later).len(), history.day(last + later).len()), (in_hour, tiers), "{later:?}");
    }
    history.tidy(last + s(90_000));
    assert_eq!((history.samples.capacity(), history.tiers.len()), (0, 0));
}

#[test]
fn bad_results_and_round_trips_that_were_not_measured_are_told_apart() {
    let mut budget = Budget::new(1 << 20);
    let mut history = History::new(10, &mut budget).unwrap();
    for (i, coded) in [good(5), Coded::new(true, None), Coded::new(true, Some(ms(9))), Coded::new(false, None)]
        .into_iter()
        .enumerate()
    {
        let at = START + s(i as u64);
        history.push(at, coded, at, 10, &mut budget);
    }
    let told: Vec<_> = history.hour(START + s(9)).iter().map(|sample| (sample.state, sample.round_trip_time)).collect();
    let back = |millis| good(millis).round_trip();
    let (up, down) = (State::Up, State::Down);
    assert_eq!(told, [(up, back(5)), (down, None), (down, back(9)), (up, None)]);
    let tier = history.day(START + s(9)).remove(0);
    assert_eq!((tier.results, tier.bad, tier.median_round_trip_time), (4, 2, back(5)));
    assert_eq!(history.round_trip_times(START + s(9)).map(|[a, b]| (Some(a), Some(b))), Some((back(5), back(9))));
    assert_eq!(history.round_trip_times(START + s(4_000)), None);
}

#[test]
fn times_that_go_back_do_no_harm() {
    let (mut history, mut budget) = filled(10);
    // It was under way for less long than the one before.
    history.push(START + s(269), good(1), START + s(271), 130, &mut budget);
    let hour = history.hour(START + s(271));
    assert_eq!((hour.len(), hour[10].at), (11, START + s(270)));
    // It is older than anybody asks for.
    history.push(START - s(9_999), good(1), START + s(272), 130, &mut budget);
    assert_eq!(history.hour(START + s(272)).len(), 11);
    // The clock was set back by a day.
    let before = START - s(86_400);
    history.push(before, good(1), before, 130, &mut budget);
    assert_eq!(history.hour(before).len(), 1);
    assert_eq!(history.day(before).len(), 1);
}

#[test]
fn no_more_is_allocated_than_was_set_aside() {
    for (interval, planned_for) in
        [(s(0), 3_600), (s(1), 3_600), (s(30), 129), (s(60), 65), (s(3_600), 8), (Duration::MAX, 8)]
    {
        assert_eq!(planned(interval), planned_for, "{interval:?}");
        let mut budget = Budget::new(usize::MAX);
        let mut history = History::new(planned_for, &mut budget).unwrap();
        for i in 0..20_000_u64 {
            let at = START + ms(700 * i);
            history.push(at, good(1), at, planned_for, &mut budget);
        }
        for i in 0..200 {
            let at = START + s(20_000 + 900 * i);
            history.push(at, good(1), at, planned_for, &mut budget);
            assert!(
                history.allocated() <= history.bytes(),
                "{interval:?}: {} > {}",
                history.allocated(),
                history.bytes()
            );
        }
        assert_eq!(budget.used(), history.bytes());
    }
}

#[test]
fn a_history_that_is_to_be_longer_asks_for_room() {
    let mut budget = Budget::new(usize::MAX);
    let needed = History::new(8, &mut budget).unwrap().bytes();
    for (max, refused, samples) in [(needed - 1, true, 0), (needed, false, 8), (needed + 6 * 10, false, 18)] {
        let mut budget = Budget::new(max);
        let history = History::new(8, &mut budget);
        assert_eq!(history.is_none(), refused, "{max}");
        let Some(mut history) = history else { continue };
        for i in 0..100 {
            history.push(START + s(i), good(1), START + s(i), 18, &mut budget);
        }
        assert_eq!(history.hour(START + s(100)).len(), samples, "{max}");
        // And gives it back when results are rarer.
        for i in 0..30 {
            history.push(START + s(500 * i), good(1), START + s(500 * i), 8, &mut budget);
        }
        assert_eq!((budget.used(), history.bytes()), (needed, needed));
    }
}

#[test]
fn quantiles_are_those_of_the_last_hour_whenever_they_are_asked_for() {
    let mut budget = Budget::new(1 << 20);
    let mut history = History::new(3_600, &mut budget).unwrap();
    let told = |history: &History, now: u64| history.round_trip_times(START + s(now)).map(|[median, _]| median);
    let back = |millis| good(millis).round_trip();
    for (at, millis, median) in [(0, 10, 10), (30, 20, 10), (60, 30, 20), (90, 20, 20), (120, 30, 20), (150, 30, 20)] {
        history.push(START + s(at), good(millis), START + s(at), 130, &mut budget);
        for _ in 0..2 {
            assert_eq!(told(&history, at), back(median), "after {at} s");
        }
    }
    // They grow old, and no new ones come: those are left whose hour, and a minute, is not over.
    for (now, median) in [(3_600, Some(20)), (3_661, Some(30)), (3_691, Some(30)), (3_810, Some(30)), (3_811, None)] {
        assert_eq!(told(&history, now), median.and_then(back), "after {now} s");
    }
    assert_eq!(told(&history, 150), back(20), "at another time there are others");
    history.tidy(START + s(3_691));
    assert_eq!(told(&history, 3_691), back(30));
}

#[test]
fn a_check_that_measures_nothing_else_needs_no_more_for_it() {
    assert_eq!((size_of::<Sample>(), size_of::<Tier>()), (6, 12));
    let mut budget = Budget::new(usize::MAX);
    let mut needed = |figures: Option<Figures>| {
        let mut history = History::new(100, &mut budget).unwrap();
        history.push(START, good(1), START, 100, &mut budget);
        figures.into_iter().for_each(|figures| history.note(figures, &mut budget));
        history.bytes()
    };
    let plain = needed(None);
    // Two bytes a sample and a tier, or twice as many; and what it takes to have them at all.
    let [loss, rates, hops] =
        [Figures::Loss(0.0), Figures::Rates([None; 2]), Figures::Hops(1)].map(|figures| needed(Some(figures)) - plain);
    let least = size_of::<Measured>() + 3 * OVERHEAD;
    assert_eq!((loss - least, rates - least, hops - least), (2 * 149, 4 * 149, 2 * 100));
}

#[test]
fn what_finds_no_room_beside_a_history_is_not_remembered_until_there_is_some() {
    let mut budget = Budget::new(usize::MAX);
    let needed = History::new(8, &mut budget).unwrap().bytes();
    let more = Measured::needs(Figures::Loss(0.0), 8, TIERS + 1);
    let mut budget = Budget::new(needed + more);
    let mut history = History::new(8, &mut budget).unwrap();
    assert!(budget.take(1));
    for (i, loss) in [(0, None), (1, None), (2, Some(0.5))] {
        if i == 2 {
            budget.give_back(1);
        }
        history.push(START + s(i), good(1), START + s(i), 8, &mut budget);
        history.note(Figures::Loss(0.5), &mut budget);
        let hour = history.hour(START + s(i));
        assert_eq!(hour.iter().map(|sample| sample.loss_ratio).next_back(), Some(loss), "{i}");
    }
    assert_eq!(budget.used(), history.bytes());
    let [tier] = &history.day(START + s(3))[..] else { panic!() };
    assert_eq!((tier.results, tier.mean_loss_ratio), (3, Some(0.5)));
}

/// What may happen to a history: so many seconds pass, and there is a result with this loss, or the old is dropped.
fn any_step() -> impl Strategy<Value = (u64, Option<Option<u16>>, u16)> {
    let result = prop::option::weighted(0.9, prop::option::weighted(0.7, 0..=100_u16));
    (prop_oneof![9 => 0..700_u64, 1 => 0..90_000_u64], result, prop_oneof![Just(8_u16), Just(30), 8..60_u16])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// The round trip of each result tells what its loss was.
    #[test]
    fn figures_stay_with_their_samples_and_tiers(
        steps in prop::collection::vec(any_step(), 1..300),
        back in prop::option::of(0..300_usize),
        max_bytes in prop_oneof![Just(usize::MAX), 1_000..2_500_usize],
    ) {
        let mut budget = Budget::new(max_bytes);
        let Some(mut history) = History::new(8, &mut budget) else { return Ok(()) };
        let (mut now, mut all) = (START + s(1_000_000), Vec::new());
        for (i, (seconds, result, planned)) in steps.into_iter().enumerate() {
            now = now + s(seconds);
            if back == Some(i) {
                now = now - s(500_000);
                all.clear();
            }
            match result {
                Some(loss) => {
                    let millis = loss.map_or(1_000, u64::from) + 1;
                    prop_assert!(history.push(now, good(millis), now, planned, &mut budget));
                    let had_room = history.measured.is_some();
                    loss.iter().for_each(|&loss| history.note(Figures::Loss(f64::from(loss) / 100.0), &mut budget));
                    if !had_room {
                        all.clear();
                    }
                    all.push((tier_of(now), loss));
                }
                None => history.tidy(now),
            }
            let told = history.hour(now);
            let known = if history.measured.is_some() { told.len().min(all.len()) } else { 0 };
            for (sample, (_, loss)) in told.iter().rev().zip(all.iter().rev()).take(known) {
                prop_assert_eq!(sample.loss_ratio, loss.map(|loss| f64::from(loss) / 100.0));
                let round_trip = good(loss.map_or(1_000, u64::from) + 1).round_trip();
                prop_assert_eq!(sample.round_trip_time, round_trip);
            }
            if let Some(measured) = &history.measured {
                prop_assert!((0..history.tiers.len()).all(|place| measured.tier(place)[1] == 0));
                for tier in history.day(now).iter().filter(|tier| usize::from(tier.results) <= 8) {
                    // Only where no result of the tier was dropped for want of room, and all of them are known.
                    let number = tier_of(tier.start);
                    let of: Vec<_> = all.iter().filter(|(of, _)| *of == number).map(|(_, loss)| *loss).collect();
                    if of.len() != usize::from(tier.results) {
                        continue;
                    }
                    let known: Vec<_> = of.iter().flatten().map(|&loss| f64::from(loss) / 100.0).collect();
                    let mean = known.iter().sum::<f64>() / known.len() as f64;
                    match tier.mean_loss_ratio {
                        Some(told) => prop_assert!((told - mean).abs() < 2e-5, "{told} is not {mean}"),
                        None => prop_assert!(known.is_empty(), "{known:?}"),
                    }
                }
            }
            prop_assert_eq!(budget.used(), history.bytes());
            prop_assert!(history.allocated() <= history.bytes());
        }
    }
}
