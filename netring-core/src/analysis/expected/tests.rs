use super::*;
use crate::{
    model::{AdvertisedAddress, InstanceId, Location, Member, MemberStatus, Timestamp},
    registry::MembersSnapshot,
};
use proptest::prelude::*;
use std::{collections::BTreeSet, time::Duration};

const START: Timestamp = Timestamp::from_unix_seconds(1_700_000_000);
const GRACE: u64 = 300;

fn location(name: &str) -> Location {
    Location::new(name).unwrap()
}

fn expected(locations: &[(&str, u32, Criticality)]) -> ExpectedMembers {
    let location = |&(name, expected_count, criticality): &(&str, u32, Criticality)| {
        let grace_period = Duration::from_secs(GRACE);
        let description = format!("the site {name}");
        (location(name), ExpectedLocation { expected_count, criticality, grace_period, description })
    };
    ExpectedMembers {
        locations: locations.iter().map(location).collect(),
        settings: ExpectedSettings { total_missing_threshold: 3, ..ExpectedSettings::default() },
    }
}

/// `seconds` after the start, with these members.
fn seen(seconds: u64, members: &[(&str, MemberStatus)]) -> MembersSnapshot {
    let member = |(n, &(at, status)): (usize, &(&str, MemberStatus))| {
        let member = Member {
            instance_id: InstanceId::new(format!("m{n:04}")).unwrap(),
            location: location(at),
            address: AdvertisedAddress::new([10, 0, 0, 1].into(), 8757).unwrap(),
            heartbeat_interval: None,
            udp_echo: false,
            registered_at: START,
            last_seen: START,
            deregistered_at: None,
        };
        (member, status)
    };
    MembersSnapshot {
        at: START + Duration::from_secs(seconds),
        revision: 1,
        members: members.iter().enumerate().map(member).collect(),
    }
}

fn online(seconds: u64, locations: &[&str]) -> MembersSnapshot {
    seen(seconds, &locations.iter().map(|&name| (name, MemberStatus::Online)).collect::<Vec<_>>())
}

fn at(report: &ExpectedReport, name: &str) -> LocationReport {
    report.locations.get(&location(name)).unwrap_or_else(|| panic!("no {name} in {report:?}")).clone()
}

#[test]
fn a_location_is_what_its_members_and_the_time_say() {
    use LocationStatus::{Extra, Healthy, Missing};
    use MemberStatus::{Deregistered, Offline, Online, Stale};
    // Expected, who is there, how long it has been so, and what comes of it.
    for (wanted, members, after, actual, missing, status) in [
        (1, &[Online][..], 0, 1, 0, Healthy),
        (2, &[Online, Stale], 1_000, 2, 0, Healthy),
        (1, &[Offline], 0, 0, 1, Healthy),
        (1, &[Offline], GRACE - 1, 0, 1, Healthy),
        (1, &[Offline], GRACE, 0, 1, Missing),
        (1, &[Deregistered], GRACE, 0, 1, Missing),
        (3, &[Online], GRACE, 1, 2, Missing),
        (1, &[], GRACE, 0, 1, Missing),
        (1, &[Online, Online], 0, 2, 0, Extra),
        (0, &[Stale], 0, 1, 0, Extra),
        (0, &[], 1_000, 0, 0, Healthy),
    ] {
        let expected = expected(&[("us1", wanted, Criticality::High)]);
        let members: Vec<_> = members.iter().map(|&status| ("us1", status)).collect();
        let mut tracker = ExpectedTracker::default();
        tracker.update(&expected, &seen(0, &members));
        let report = tracker.update(&expected, &seen(after, &members));
        let us1 = at(&report, "us1");
        let got = (us1.expected_count, us1.actual_count, us1.missing_count, us1.status);
        assert_eq!(got, (wanted, actual, missing, status), "{members:?} for {after} s");
        assert_eq!(us1.members.len(), actual as usize);
        assert_eq!(us1.since, (missing > 0).then_some(START), "from the first count on");
        assert_eq!(us1.grace_ends, (missing > 0).then_some(START + Duration::from_secs(GRACE)));
        let told = report.alerts.iter().any(|alert| alert.missing_count > 0);
        assert_eq!(told, status == Missing, "the grace period is honoured: {report:?}");
        let (past, within) = if status == Missing { (missing, 0) } else { (0, missing) };
        assert_eq!((report.summary.total_missing, report.summary.missing_within_grace), (past, within));
    }
}

#[test]
fn the_grace_period_begins_anew_once_all_have_been_there() {
    let expected = expected(&[("us1", 2, Criticality::Medium)]);
    let mut tracker = ExpectedTracker::default();
    for (seconds, members, since) in [
        (0, &["us1", "us1"][..], None),
        (10, &["us1"], Some(10)),
        (20, &[], Some(10)),
        (30, &["us1"], Some(10)),
        (200, &["us1", "us1"], None),
        (320, &["us1"], Some(320)),
    ] {
        let us1 = at(&tracker.update(&expected, &online(seconds, members)), "us1");
        assert_eq!(us1.since, since.map(|since| START + Duration::from_secs(since)), "after {seconds} s");
        assert_eq!(us1.status, LocationStatus::Healthy);
    }
}

#[test]
fn a_registry_that_takes_over_knows_since_when() {
    let expected = expected(&[("eu1", 1, Criticality::Low), ("us1", 1, Criticality::High)]);
    let mut tracker = ExpectedTracker::default();
    tracker.update(&expected, &online(0, &["eu1"]));
    let memory = serde_json::to_string(&tracker).unwrap();
    let mut next: ExpectedTracker = serde_json::from_str(&memory).unwrap();
    assert_eq!(next, tracker);
    let us1 = at(&next.update(&expected, &online(GRACE, &["eu1"])), "us1");
    assert_eq!((us1.status, us1.since), (LocationStatus::Missing, Some(START)));
    // Its clock was ahead of ours, and nothing is expected there any more.
    let mut ahead: ExpectedTracker =
        serde_json::from_value(serde_json::json!({"short_since": {"us1": 1_700_000_500, "gone": 1}})).unwrap();
    let us1 = at(&ahead.update(&expected, &online(0, &["eu1"])), "us1");
    assert_eq!(us1.since, Some(START));
    assert!(!serde_json::to_string(&ahead).unwrap().contains("gone"), "it does not grow");
    assert_eq!(serde_json::from_str::<ExpectedTracker>("{}").unwrap(), ExpectedTracker::default());
}

#[test]
fn counts_are_due_every_interval_whatever_the_clock_does() {
    let settings = ExpectedSettings::default();
    let mut tracker = ExpectedTracker::default();
    assert!(tracker.is_due(&settings, START), "the first is due at once");
    tracker.update(&expected(&[]), &online(100, &[]));
    for (seconds, due) in [(99, true), (100, false), (159, false), (160, true)] {
        assert_eq!(tracker.is_due(&settings, START + Duration::from_secs(seconds)), due, "{seconds}");
    }
}

#[test]
fn alerts_say_what_is_missing_the_worst_first() {
    let expected = expected(&[
        ("ap1", 1, Criticality::Medium),
        ("eu1", 2, Criticality::Low),
        ("us1", 2, Criticality::High),
        ("us2", 1, Criticality::High),
    ]);
    let mut tracker = ExpectedTracker::default();
    let told = |report: &ExpectedReport| {
        let word = |alert: &ExpectedAlert| {
            let level = serde_json::to_value(alert.level).unwrap();
            format!("{}: {}", level.as_str().unwrap(), alert.message)
        };
        report.alerts.iter().map(word).collect::<Vec<_>>()
    };
    let nobody: [&str; 0] = [];
    assert_eq!(told(&tracker.update(&expected, &online(0, &["us2"]))), nobody, "all of it is within the grace period");
    let report = tracker.update(&expected, &online(GRACE, &["us2", "us2", "US1", "mars"]));
    assert_eq!(
        told(&report),
        [
            "error: 2 members are missing at locations of high criticality",
            "error: 2 members are missing at location us1 (the site us1): it has 0 of 2",
            "warning: 5 members are missing altogether",
            "warning: 1 member is missing at location ap1 (the site ap1): it has 0 of 1",
            "info: location US1 has 1 member and is not expected; us1 is, and names are compared to the letter",
            "info: 2 members are missing at location eu1 (the site eu1): it has 0 of 2",
            "info: location mars has 1 member and is not expected",
            "info: location us2 has 2 members, and 1 is expected",
        ]
    );
    assert_eq!(
        report.summary,
        ExpectedSummary {
            total_missing: 5,
            missing_within_grace: 0,
            critical_locations_missing: 1,
            unexpected_locations: 2
        }
    );
}

#[test]
fn thresholds_are_reached_and_not_passed() {
    for (critical, total, there, wanted) in
        [(1, 3, 2, 1), (1, 3, 3, 0), (2, 3, 2, 0), (2, 2, 1, 2), (9, 3, 0, 1), (9, 4, 0, 0)]
    {
        let mut expected = expected(&[("us1", 3, Criticality::High)]);
        expected.settings.critical_missing_threshold = critical;
        expected.settings.total_missing_threshold = total;
        let members = vec!["us1"; there];
        let mut tracker = ExpectedTracker::default();
        tracker.update(&expected, &online(0, &members));
        let report = tracker.update(&expected, &online(GRACE, &members));
        let overall = report.alerts.iter().filter(|alert| alert.location.is_none()).count();
        assert_eq!(overall, wanted, "{critical} and {total}, {there} of 3: {:?}", report.alerts);
    }
}

#[test]
fn strangers_cannot_make_a_report_grow() {
    let names: Vec<String> = (0..ExpectedReport::MAX_UNEXPECTED + 7).map(|n| format!("made-up-{n:04}")).collect();
    let crowd = vec!["us1"; ExpectedReport::MAX_MEMBERS + 5];
    let everybody: Vec<&str> = names.iter().map(String::as_str).chain(crowd).collect();
    let report = ExpectedTracker::default().update(&expected(&[("us1", 1, Criticality::High)]), &online(0, &everybody));
    assert_eq!(report.locations.len(), ExpectedReport::MAX_UNEXPECTED + 1);
    assert_eq!(report.alerts.len(), ExpectedReport::MAX_UNEXPECTED + 1);
    assert_eq!(report.summary.unexpected_locations as usize, names.len());
    let us1 = at(&report, "us1");
    assert_eq!((us1.members.len(), us1.actual_count), (ExpectedReport::MAX_MEMBERS, 1_005), "all of them are counted");
}

#[test]
fn the_report_has_the_fields_that_it_is_documented_with() {
    let expected = expected(&[("us1", 1, Criticality::High)]);
    let report = ExpectedTracker::default().update(&expected, &online(0, &["Us1"]));
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(
        json,
        serde_json::json!({
            "at": 1_700_000_000.0,
            "locations": {
                "Us1": {
                    "expected_count": 0, "actual_count": 1, "missing_count": 0,
                    "status": "unexpected", "members": ["m0000"]
                },
                "us1": {
                    "expected_count": 1, "actual_count": 0, "missing_count": 1, "since": 1_700_000_000.0,
                    "grace_ends": 1_700_000_300.0, "status": "healthy", "criticality": "high",
                    "grace_period_seconds": 300.0, "description": "the site us1", "members": []
                }
            },
            "alerts": [{
                "level": "info", "location": "Us1", "missing_count": 0,
                "message": "location Us1 has 1 member and is not expected; us1 is, and names are compared to the letter"
            }],
            "summary": {
                "total_missing": 0, "missing_within_grace": 1, "critical_locations_missing": 0,
                "unexpected_locations": 1
            }
        })
    );
    assert_eq!(serde_json::from_value::<ExpectedReport>(json).unwrap(), report);
}

proptest! {
    /// Whatever is expected and whoever is there: nobody is lost or counted twice, and nothing is missing that is there.
    #[test]
    fn everybody_is_counted_once(
        wanted in proptest::collection::btree_map(0_u8..6, 0_u32..4, 0..6),
        rounds in proptest::collection::vec(proptest::collection::vec(0_u8..8, 0..12), 1..6),
        step in 1_u64..400,
    ) {
        let names: Vec<String> = (0..8).map(|n| format!("l{n}")).collect();
        let wanted: Vec<_> = wanted
            .iter()
            .map(|(&n, &count)| (names[usize::from(n)].as_str(), count, Criticality::Medium))
            .collect();
        let expected = expected(&wanted);
        let mut tracker = ExpectedTracker::default();
        for (round, members) in rounds.iter().enumerate() {
            let there: Vec<&str> = members.iter().map(|&n| names[usize::from(n)].as_str()).collect();
            let now = online(round as u64 * step, &there);
            let report = tracker.update(&expected, &now);
            let listed: Vec<_> = report.locations.values().flat_map(|location| &location.members).collect();
            prop_assert_eq!(listed.len(), there.len());
            prop_assert_eq!(listed.iter().collect::<BTreeSet<_>>().len(), there.len());
            for (name, location) in &report.locations {
                let actual = there.iter().filter(|&&at| at == name.as_str()).count();
                prop_assert_eq!(location.actual_count as usize, actual);
                prop_assert_eq!(location.missing_count, location.expected_count.saturating_sub(location.actual_count));
                prop_assert_eq!(location.since.is_some(), location.missing_count > 0);
                prop_assert!(location.since.is_none_or(|since| since <= now.at));
                let late = location.since.is_some_and(|since| now.at.since(since) >= Duration::from_secs(GRACE));
                prop_assert_eq!(location.status == LocationStatus::Missing, late);
            }
        }
    }
}
