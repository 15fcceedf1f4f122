//! What is remembered, and what is not.

use super::*;
use crate::analysis::State;

#[test]
fn the_last_hour_is_told_in_the_order_of_the_matrix_and_as_json() {
    let mut watch = Watch::new(&["a", "b"]);
    let (a, b) = (sample::id("a"), sample::id("b"));
    for round in 0..100 {
        watch.round(vec![("a", vec![of_kind(&ProbeKind::HTTP, "b", false), tcp_in("b", round + 1)])]);
    }
    let now = watch.snapshot.at;
    let history = watch.observatory.history(&a, &b, now).unwrap();
    let kinds: Vec<_> = history.checks.iter().map(|check| (check.kind.as_str(), check.hour.len())).collect();
    assert_eq!(kinds, [("tcp", 100), ("http", 100)]);
    assert!(history.checks[1].hour.iter().all(|sample| sample.state == State::Down));
    assert_eq!(history.checks[0].day.iter().map(|tier| tier.results).sum::<u16>(), 100);
    let json = serde_json::to_value(&history).unwrap();
    assert_eq!(serde_json::from_value::<PairHistory>(json.clone()).unwrap(), history);
    let sample = &json["checks"][0]["hour"][0];
    assert_eq!(
        (&sample["state"], &sample["round_trip_time_seconds"]),
        (&serde_json::json!("up"), &serde_json::json!(0.001))
    );
    assert!(json["checks"][0]["day"][0]["median_round_trip_time_seconds"].is_f64(), "{json}");

    let times = watch.observatory.round_trip_times(&a, &b, &ProbeKind::TCP, None, now).unwrap();
    for (time, millis) in times.into_iter().zip([50, 95]) {
        let expected = Duration::from_millis(millis);
        assert!(time.abs_diff(expected) < expected / 1_000, "{time:?}");
    }
    assert_eq!(watch.observatory.round_trip_times(&a, &b, &ProbeKind::HTTP, None, now), None);
    let endpoint = Endpoint::new("/health").unwrap();
    assert_eq!(watch.observatory.round_trip_times(&a, &b, &ProbeKind::TCP, Some(&endpoint), now), None);
    assert_eq!(watch.observatory.history(&b, &a, now), None);
    assert_eq!(watch.observatory.history(&a, &sample::id("nobody"), now), None);
}

#[test]
fn loss_and_throughput_and_hops_are_told_of_the_checks_that_measure_them() {
    let mut watch = Watch::new(&["a", "b"]);
    let (a, b) = (sample::id("a"), sample::id("b"));
    let lost = || ProbeReport {
        outcome: Outcome::failure(FailureReason::Timeout, "all were lost"),
        measurement: None,
        ..sample::burst("b")
    };
    for round in 0..4 {
        let burst = if round == 3 { lost() } else { sample::burst("b") };
        watch.round(vec![("a", vec![tcp_in("b", 1), burst, sample::bandwidth("b"), sample::traceroute("b")])]);
    }
    let history = watch.observatory.history(&a, &b, watch.snapshot.at).unwrap();
    let json = serde_json::to_value(&history).unwrap();
    assert_eq!(serde_json::from_value::<PairHistory>(json.clone()).unwrap(), history);
    let fields = |value: &serde_json::Value| -> Vec<String> {
        let skip = ["at", "state", "start", "results", "bad"];
        let keys = value.as_object().unwrap().keys().filter(|key| !skip.contains(&key.as_str())).cloned();
        // In which order they come depends on who else is built.
        keys.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
    };
    let round_trips = ["max_round_trip_time_seconds", "median_round_trip_time_seconds"];
    for (check, sample, tier) in [
        (0, &["round_trip_time_seconds"][..], &[][..]),
        (1, &["loss_ratio", "round_trip_time_seconds"], &["mean_loss_ratio"]),
        (
            2,
            &["download_bits_per_second", "round_trip_time_seconds", "upload_bits_per_second"],
            &["median_download_bits_per_second", "median_upload_bits_per_second"],
        ),
        (3, &["hops", "round_trip_time_seconds"], &[]),
    ] {
        let check = &json["checks"][check];
        assert_eq!(fields(&check["hour"][0]), sample, "{check}");
        let mut expected = [tier, &round_trips].concat();
        expected.sort_unstable();
        assert_eq!(fields(&check["day"][0]), expected, "{check}");
    }
    let [_, burst, bandwidth, trace] = &history.checks[..] else { panic!("{history:?}") };
    let losses: Vec<_> = burst.hour.iter().map(|sample| sample.loss_ratio).collect();
    assert_eq!(losses, [Some(0.1), Some(0.1), Some(0.1), None], "of what was not sent nothing is known");
    assert_eq!(burst.day[0].mean_loss_ratio, Some(0.1));
    assert_eq!(trace.hour[0].hops, Some(3));
    let near = |told: Option<f64>, expected: f64| (told.unwrap() - expected).abs() <= expected / 1_000.0;
    assert!(near(bandwidth.hour[0].download_bits_per_second, 93.5e6), "{bandwidth:?}");
    assert!(near(bandwidth.hour[0].upload_bits_per_second, 40e6), "{bandwidth:?}");
    assert!(near(bandwidth.day[0].median_download_bits_per_second, 93.5e6), "{bandwidth:?}");
    assert!(near(bandwidth.day[0].median_upload_bits_per_second, 40e6), "{bandwidth:?}");
}

#[test]
fn who_is_gone_leaves_nothing_behind_and_who_comes_next_begins_anew() {
    let mut watch = Watch::new(&["a", "b", "c"]);
    let everybody = || {
        let probes = |targets: [&str; 2]| targets.iter().map(|target| tcp(target, false)).collect();
        vec![("a", probes(["b", "c"])), ("b", probes(["a", "c"])), ("c", probes(["a", "b"]))]
    };
    for _ in 0..3 {
        watch.round(everybody());
    }
    let full = watch.observatory.history_health();
    assert_eq!((full.pairs, full.checks, full.refused_checks, full.max_bytes), (6, 6, 0, 1 << 20));
    let at = watch.snapshot.at;
    watch.snapshot = MembersSnapshot { at, ..ring(&["a", "d"]) };
    let observed = watch.round(everybody());
    assert_eq!(observed.changes.len(), 6, "{observed:?}");
    assert!(observed.changes.iter().all(|change| (change.before, change.state) == (State::Down, State::Unknown)));
    let empty = watch.observatory.history_health();
    assert_eq!((empty.pairs, empty.checks, empty.bytes), (0, 0, 0));
    let observed = watch.round(vec![("a", vec![tcp("d", true), tcp("b", true)])]);
    assert_eq!(observed.changes.len(), 1);
    assert_eq!(watch.known("a", "d").unwrap().reach.count.of, 1, "the seat that it has was another's");
    assert_eq!(watch.observatory.history_health().bytes, full.bytes / 6);
}

#[test]
fn checks_that_find_no_room_have_no_history_until_there_is_some() {
    let mut watch = Watch::new(&["a", "b", "c"]);
    watch.round(vec![("a", vec![tcp("b", true)])]);
    let one = watch.observatory.history_health().bytes;
    let mut watch = Watch { observatory: Observatory::new(Sensitivity::default(), one * 3 / 2), ..watch };
    let round = |watch: &mut Watch| watch.round(vec![("a", vec![tcp("b", true), tcp_in("c", 5)])]);
    round(&mut watch);
    round(&mut watch);
    let health = watch.observatory.history_health();
    assert_eq!((health.checks, health.bytes, health.refused_checks), (2, one, 1));
    let (a, c) = (sample::id("a"), sample::id("c"));
    let hour = |watch: &Watch| {
        watch.observatory.history(&a, &c, watch.snapshot.at).map(|history| history.checks[0].hour.len())
    };
    assert_eq!(hour(&watch), Some(0));
    assert_eq!(watch.known("a", "c").unwrap().reach.count.of, 2, "everything else goes on");
    watch.snapshot.members.remove(1);
    round(&mut watch);
    assert_eq!((hour(&watch), watch.observatory.history_health().refused_checks), (Some(1), 0));
}

#[test]
fn what_has_not_been_probed_for_a_day_is_forgotten() {
    let mut watch = Watch::new(&["a", "b"]);
    let endpoint = |i: usize| Some(Endpoint::new(format!("/{i}")).unwrap());
    let of = |i: usize| ProbeReport { endpoint: endpoint(i), ..of_kind(&ProbeKind::HTTP, "b", true) };
    watch.round(vec![("a", (0..100).map(of).collect())]);
    assert_eq!(watch.observatory.history_health().checks, 32, "no more of one pair are remembered");
    watch.snapshot.at = watch.snapshot.at + Duration::from_secs(86_000);
    watch.round(vec![("a", vec![of(0)])]);
    assert_eq!(watch.observatory.history_health().checks, 32);
    let day = watch.observatory.history(&sample::id("a"), &sample::id("b"), watch.snapshot.at).unwrap();
    assert!(day.checks.iter().all(|check| !check.day.is_empty()), "a day is remembered");
    for _ in 0..100 {
        watch.round(vec![("a", vec![of(0)])]);
    }
    assert_eq!(watch.observatory.history_health().checks, 1);
    watch.round(vec![("a", (200..300).map(of).collect())]);
    assert_eq!(watch.observatory.history_health().checks, 32, "there is room for others");
}

#[test]
fn reports_of_those_who_are_not_there_are_left_out() {
    let mut watch = Watch::new(&["a", "b"]);
    let seen = vec![tcp("a", true), tcp("nobody", true)];
    let observed = watch.round(vec![("a", seen.clone()), ("nobody", seen)]);
    assert_eq!(observed, Observed::default());
    assert_eq!((watch.evidence().pairs.len(), watch.observatory.history_health().checks), (0, 0));
}

#[test]
fn reports_are_counted_beyond_what_their_number_holds() {
    let mut watch = Watch::new(&["a", "b"]);
    watch.round(vec![("a", vec![tcp("b", true), of_kind(&ProbeKind::HTTP, "b", false)])]);
    let http_until = watch.snapshot.at;
    for round in 0..600 {
        // The time stands still, so that nothing grows old.
        watch.snapshot.at = http_until;
        let mut report = Arc::unwrap_or_clone(received("a", http_until, vec![tcp("b", true)]));
        report.report.results[0].started_at = http_until - Duration::from_micros(900 - round);
        let observed = watch.observatory.observe(&watch.snapshot, &[Arc::new(report)]);
        let states: Vec<_> = observed.changes.iter().map(|change| change.state).collect();
        assert_eq!(states, if round == 0 { vec![State::Up] } else { vec![] }, "round {round}");
    }
}
