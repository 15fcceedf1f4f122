//! What a registry says of its ring.

use crate::text::{Samples, assert_sample, member, parse};
use netring_core::{
    Endpoint, InstanceId, Location, Member, MemberStatus, ProbeKind, Timestamp,
    analysis::{
        Criticality, ExpectedLocation, ExpectedMembers, ExpectedReport, ExpectedTracker, Fault, KindOf, State, Subject,
        Symptom,
    },
    prometheus::{LocationPairMetrics, PairCounts, PairMetrics, RegistryMetrics, Spread, registry_metrics},
    registry::MembersSnapshot,
    testing::sample::{NOW, id},
};
use std::time::Duration;

fn location(name: &str) -> Location {
    Location::new(name).unwrap()
}

fn snapshot(at: Timestamp, members: &[(&str, &str, MemberStatus)]) -> MembersSnapshot {
    let of = |&(id, at, status): &(&str, &str, MemberStatus)| -> (Member, MemberStatus) {
        (member(id, at, "10.0.0.1"), status)
    };
    MembersSnapshot { at, revision: 1, members: members.iter().map(of).collect() }
}

fn fault(subject: Subject, symptom: Symptom) -> Fault {
    Fault {
        id: "f1".to_owned(),
        subject,
        symptom,
        since: NOW,
        closed_at: None,
        relapses: 0,
        confidence: 0.75,
        pairs: vec![],
        pairs_total: 3,
        suspects: vec![],
        sentence: "it is down".to_owned(),
    }
}

/// A registry that knows its members and nothing else.
fn view(members: &MembersSnapshot) -> RegistryMetrics<'_> {
    RegistryMetrics {
        members,
        faults: vec![],
        expected: None,
        location_pairs: vec![],
        location_pairs_left_out: 0,
        pairs: vec![],
        pairs_left_out: None,
        history_bytes: 1_024,
        history_max_bytes: 268_435_456,
        last_event: 42,
        leading: true,
        store_in_reach: false,
    }
}

fn samples(view: &RegistryMetrics<'_>) -> Samples {
    parse(&registry_metrics(view))
}

fn names(samples: &Samples) -> Vec<&str> {
    let mut names: Vec<_> = samples.keys().filter_map(|series| series.split('{').next()).collect();
    names.dedup();
    names
}

#[test]
fn an_empty_ring_has_numbers_too() {
    let got = samples(&view(&snapshot(NOW, &[])));
    for (series, value) in [
        ("netring_registry_members{state=\"online\"}", 0.0),
        ("netring_registry_members{state=\"deregistered\"}", 0.0),
        ("netring_registry_leading", 1.0),
        ("netring_registry_store_in_reach", 0.0),
        ("netring_history_bytes", 1_024.0),
        ("netring_history_max_bytes", 268_435_456.0),
        ("netring_events_total", 42.0),
        ("netring_faults_open", 0.0),
    ] {
        assert_sample(&got, series, value);
    }
    assert_eq!(names(&got).len(), 8, "nothing that nobody knows: {got:?}");
}

#[test]
fn members_are_counted_by_state() {
    use MemberStatus::{Deregistered, Offline, Online, Stale};
    let members = snapshot(
        NOW,
        &[("a", "x", Online), ("b", "x", Online), ("c", "x", Online), ("d", "x", Stale), ("e", "x", Offline)],
    );
    let got = samples(&view(&members));
    for (state, count) in [(Online, 3.0), (Stale, 1.0), (Offline, 1.0), (Deregistered, 0.0)] {
        assert_sample(&got, &format!("netring_registry_members{{state=\"{state}\"}}"), count);
    }
}

#[test]
fn a_fault_has_its_series_until_it_is_gone() {
    let members = snapshot(NOW, &[]);
    let down = fault(Subject::Target { instance_id: id("eu1-a"), location: location("eu1") }, Symptom::Unreachable);
    let slow = Subject::Direction { source_location: location("eu1"), target_location: location("us1") };
    let slow = fault(slow, Symptom::Slow);
    let both = samples(&RegistryMetrics { faults: vec![&down, &slow], ..view(&members) });
    let labels = "{scope=\"target\",subject=\"eu1-a\",symptom=\"unreachable\"}";
    assert_sample(&both, &format!("netring_fault{labels}"), 1.0);
    assert_sample(&both, &format!("netring_fault_since_timestamp_seconds{labels}"), 1_700_000_000.0);
    assert_sample(&both, &format!("netring_fault_confidence{labels}"), 0.75);
    assert_sample(&both, "netring_fault{scope=\"direction\",subject=\"eu1 > us1\",symptom=\"slow\"}", 1.0);
    assert_sample(&both, "netring_faults_open", 2.0);
    let one = samples(&RegistryMetrics { faults: vec![&slow], ..view(&members) });
    assert!(!one.keys().any(|series| series.contains("eu1-a")), "{one:?}");
    assert_sample(&one, "netring_faults_open", 1.0);
}

#[test]
fn what_is_at_fault_is_cut_where_it_is_too_long_for_a_label() {
    let members = snapshot(NOW, &[]);
    // 2 bytes a character: the cut falls beside one, and not into it.
    let (a, b) = (id(&"ü".repeat(64)), id(&"é".repeat(64)));
    let of = KindOf::Pair(a, b);
    let subject = Subject::Kind { kind: ProbeKind::HTTP, endpoint: Some(Endpoint::new("/a".repeat(250)).unwrap()), of };
    let long = fault(subject, Symptom::Unreachable);
    let text = registry_metrics(&RegistryMetrics { faults: vec![&long], ..view(&members) });
    parse(&text);
    let subject = text.split("subject=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(subject.len() <= 256 && subject.starts_with("http /a/a") && subject.ends_with('…'), "{subject}");
}

#[test]
fn more_faults_than_anybody_reads_are_counted_and_not_listed() {
    let members = snapshot(NOW, &[]);
    let faults: Vec<_> = (0..1_100)
        .map(|n| {
            let instance_id = InstanceId::new(format!("m{n}")).unwrap();
            fault(Subject::Target { instance_id, location: location("eu1") }, Symptom::Unreachable)
        })
        .collect();
    let got = samples(&RegistryMetrics { faults: faults.iter().collect(), ..view(&members) });
    assert_sample(&got, "netring_faults_open", 1_100.0);
    assert_eq!(got.keys().filter(|series| series.starts_with("netring_fault{")).count(), 1_000);
}

fn expected(members: &[(&str, u32)], first: &MembersSnapshot, then: &MembersSnapshot) -> ExpectedReport {
    let location = |&(name, expected_count): &(&str, u32)| {
        let grace_period = Duration::from_secs(60);
        let criticality = Criticality::High;
        (location(name), ExpectedLocation { expected_count, criticality, grace_period, description: String::new() })
    };
    let expected = ExpectedMembers { locations: members.iter().map(location).collect(), ..ExpectedMembers::default() };
    let mut tracker = ExpectedTracker::default();
    tracker.update(&expected, first);
    tracker.update(&expected, then)
}

#[test]
fn expected_members_are_missing_once_their_grace_period_is_over() {
    let there = [("a", "eu1", MemberStatus::Online), ("b", "Eu1", MemberStatus::Stale)];
    for (after, missing, status) in [(59, 0.0, "healthy"), (60, 2.0, "missing")] {
        let (first, then) = (snapshot(NOW, &there), snapshot(NOW + Duration::from_secs(after), &there));
        let report = expected(&[("eu1", 1), ("us1", 2)], &first, &then);
        let got = samples(&RegistryMetrics { expected: Some(&report), ..view(&then) });
        let us1 = "{criticality=\"high\",location=\"us1\"}";
        assert_sample(&got, &format!("netring_expected_members{us1}"), 2.0);
        assert_sample(&got, "netring_actual_members{location=\"us1\"}", 0.0);
        assert_sample(&got, &format!("netring_missing_members{us1}"), missing);
        let of_status = |at: &str, status: &str| {
            format!("netring_expected_location_status{{location=\"{at}\",status=\"{status}\"}}")
        };
        assert_sample(&got, &of_status("us1", status), 1.0);
        assert_sample(&got, &of_status("Eu1", "unexpected"), 1.0);
        assert_sample(&got, "netring_actual_members{location=\"Eu1\"}", 1.0);
        let statuses = got.keys().filter(|series| series.starts_with("netring_expected_location_status"));
        assert_eq!(statuses.count(), 3, "one a location");
        let expected = got.keys().filter(|series| series.starts_with("netring_expected_members"));
        assert_eq!(expected.count(), 2, "nobody expects the unexpected");
    }
}

#[test]
fn locations_are_rolled_up_and_pairs_are_only_there_when_asked_for() {
    let members = snapshot(NOW, &[]);
    let (eu1, us1) = (location("eu1"), location("us1"));
    let ms = Duration::from_millis;
    let location_pair = LocationPairMetrics {
        source_location: &eu1,
        target_location: &us1,
        pairs: PairCounts { up: 5, down: 1, degraded: 2, unknown: 3 },
        round_trip_time: Some(Spread { worst: ms(120), median: ms(90), best: ms(80) }),
        loss_ratio: None,
    };
    let rolled_up = RegistryMetrics { location_pairs: vec![location_pair], ..view(&members) };
    let got = samples(&rolled_up);
    for (state, count) in [("up", 5.0), ("down", 1.0), ("degraded", 2.0), ("unknown", 3.0)] {
        let series = format!(
            "netring_location_pair_members{{source_location=\"eu1\",state=\"{state}\",target_location=\"us1\"}}"
        );
        assert_sample(&got, &series, count);
    }
    for (of, seconds) in [("worst", 0.12), ("median", 0.09), ("best", 0.08)] {
        let series = format!(
            "netring_location_pair_round_trip_time_seconds{{of=\"{of}\",source_location=\"eu1\",\
             target_location=\"us1\"}}"
        );
        assert_sample(&got, &series, seconds);
    }
    assert!(!got.keys().any(|series| series.contains("loss") || series.starts_with("netring_pair")), "{got:?}");

    let (a, b) = (id("a"), id("b"));
    let pair = |state| PairMetrics {
        source_location: &eu1,
        source: &a,
        target_location: &us1,
        target: &b,
        state,
        round_trip_time: Some(ms(80)),
        loss_ratio: Some(0.1),
    };
    let labels = "{source_instance=\"a\",source_location=\"eu1\",target_instance=\"b\",target_location=\"us1\"}";
    let series = format!("netring_pair_up{labels}");
    for (state, up) in
        [(State::Up, Some(1.0)), (State::Down, Some(0.0)), (State::Degraded, Some(0.0)), (State::Unknown, None)]
    {
        let got = samples(&RegistryMetrics { pairs: vec![pair(state)], ..view(&members) });
        assert_eq!(got.get(&series).copied(), up, "{state}");
        assert_sample(&got, &format!("netring_pair_round_trip_time_seconds{labels}"), 0.08);
        assert_sample(&got, &format!("netring_pair_loss_ratio{labels}"), 0.1);
    }
}

#[test]
fn of_many_pairs_of_locations_the_worst_have_series_and_the_others_are_counted() {
    let members = snapshot(NOW, &[]);
    let places: Vec<_> = (0..60).map(|i| location(&format!("l{i:02}"))).collect();
    let ms = Duration::from_millis;
    let spread = |value: f64| Some(Spread { worst: value, median: 0.0, best: 0.0 });
    let time = |value| Some(Spread { worst: ms(value), median: ms(1), best: ms(1) });
    let up = PairCounts { up: 2, ..PairCounts::default() };
    let mut pairs: Vec<_> = (0..60 * 60)
        .map(|i| LocationPairMetrics {
            source_location: &places[i / 60],
            target_location: &places[i % 60],
            pairs: up,
            round_trip_time: time(10),
            loss_ratio: None,
        })
        .collect();
    // They come last, and so they would be left out.
    pairs[3_599].pairs = PairCounts { up: 1, down: 1, ..up };
    pairs[3_598].pairs = PairCounts { degraded: 1, ..up };
    pairs[3_597].pairs = PairCounts { unknown: 1, ..up };
    pairs[3_596].loss_ratio = spread(0.5);
    pairs[3_595].round_trip_time = time(11);
    // And this one is better than all others.
    pairs[0].round_trip_time = time(9);
    let got = samples(&RegistryMetrics { location_pairs: pairs, location_pairs_left_out: 7, ..view(&members) });
    let of = |name: &str| got.keys().filter(|series| series.starts_with(name)).count();
    assert_eq!(of("netring_location_pair_members{"), 4 * 2_500);
    assert_eq!(of("netring_location_pair_round_trip_time_seconds{"), 3 * 2_500);
    assert_sample(&got, "netring_location_pairs_left_out", 1_107.0);
    let series = |source: &str, target: &str| {
        let labels = format!("source_location=\"{source}\",state=\"up\",target_location=\"{target}\"");
        got.contains_key(&format!("netring_location_pair_members{{{labels}}}"))
    };
    for target in ["l55", "l56", "l57", "l58", "l59"] {
        assert!(series("l59", target), "{target}");
    }
    assert!(series("l00", "l01") && !series("l00", "l00") && !series("l59", "l54"));
}

#[test]
fn pairs_that_are_left_out_are_counted_where_somebody_asks_for_pairs() {
    let members = snapshot(NOW, &[]);
    assert!(!samples(&view(&members)).contains_key("netring_pairs_left_out"));
    let got = samples(&RegistryMetrics { pairs_left_out: Some(250_500), ..view(&members) });
    assert_sample(&got, "netring_pairs_left_out", 250_500.0);
    assert_sample(&got, "netring_location_pairs_left_out", 0.0);
}

#[test]
fn a_hostile_name_stays_inside_its_quotes() {
    for (name, written) in [
        (r#"",evil="1"} 1"#, r#"\",evil=\"1\"} 1"#),
        (r"a\", r"a\\"),
        (r"a\nb", r"a\\nb"),
        ("Zürich {東京} #", "Zürich {東京} #"),
    ] {
        let there = snapshot(NOW, &[("a", name, MemberStatus::Online)]);
        let report = expected(&[(name, 1)], &there, &there);
        let odd = location(name);
        let down = fault(Subject::Location { location: odd.clone() }, Symptom::Unreachable);
        let location_pair = LocationPairMetrics {
            source_location: &odd,
            target_location: &odd,
            pairs: PairCounts::default(),
            round_trip_time: None,
            loss_ratio: Some(Spread { worst: 1.0, median: 0.5, best: 0.0 }),
        };
        let got = samples(&RegistryMetrics {
            faults: vec![&down],
            expected: Some(&report),
            location_pairs: vec![location_pair],
            ..view(&there)
        });
        for (series, value) in [
            (format!("netring_actual_members{{location=\"{written}\"}}"), 1.0),
            (format!("netring_fault{{scope=\"location\",subject=\"{written}\",symptom=\"unreachable\"}}"), 1.0),
            (
                format!(
                    "netring_location_pair_loss_ratio{{of=\"median\",source_location=\"{written}\",\
                     target_location=\"{written}\"}}"
                ),
                0.5,
            ),
        ] {
            assert_sample(&got, &series, value);
        }
    }
}
