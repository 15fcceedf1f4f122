use super::{
    Criticality, ExpectedLocation, ExpectedMembers, ExpectedReport, ExpectedSettings, ExpectedSummary, LocationReport,
    LocationStatus, alerts::alerts,
};
use crate::{
    model::{InstanceId, Location, Timestamp},
    registry::MembersSnapshot,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Since when each location is short of members. A registry that takes over goes on from what the one before it knew: it is
/// serialized for that.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpectedTracker {
    /// When the members were counted last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    counted_at: Option<Timestamp>,
    /// Since when locations are short of members; the others are not here.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    short_since: BTreeMap<Location, Timestamp>,
}

/// Who is at a location.
#[derive(Debug, Default)]
struct Present<'a> {
    count: u32,
    members: Vec<&'a InstanceId>,
}

impl ExpectedTracker {
    /// Whether the members are to be counted at `now`: a clock that was stepped back does not put it off.
    #[must_use]
    pub fn is_due(&self, settings: &ExpectedSettings, now: Timestamp) -> bool {
        self.counted_at.is_none_or(|counted_at| now < counted_at || now.since(counted_at) >= settings.check_interval)
    }

    /// Counts the members of `snapshot`, which has to be what the store has now and no stale list: nobody is missing because
    /// the store is away.
    pub fn update(&mut self, expected: &ExpectedMembers, snapshot: &MembersSnapshot) -> ExpectedReport {
        let mut present = present(snapshot);
        let mut report = ExpectedReport { at: snapshot.at, ..ExpectedReport::default() };
        let before = std::mem::take(&mut self.short_since);
        self.counted_at = Some(snapshot.at);
        for (location, wanted) in &expected.locations {
            let there = present.remove(location).unwrap_or_default();
            let since = (there.count < wanted.expected_count).then(|| {
                // Who knew it before may have had a clock that was ahead.
                before.get(location).map_or(snapshot.at, |since| snapshot.at.min(*since))
            });
            if let Some(since) = since {
                self.short_since.insert(location.clone(), since);
            }
            let location_report = expected_location(wanted, &there, since, snapshot.at);
            report.summary.count(&location_report);
            report.locations.insert(location.clone(), location_report);
        }
        report.summary.unexpected_locations = u32::try_from(present.len()).unwrap_or(u32::MAX);
        for (location, there) in present.into_iter().take(ExpectedReport::MAX_UNEXPECTED) {
            report.locations.insert(location.clone(), unexpected_location(&there));
        }
        report.alerts = alerts(expected, &report);
        report
    }
}

/// Who is there, by location.
fn present(snapshot: &MembersSnapshot) -> BTreeMap<&Location, Present<'_>> {
    let mut present: BTreeMap<&Location, Present<'_>> = BTreeMap::new();
    for member in snapshot.active() {
        let there = present.entry(&member.location).or_default();
        there.count = there.count.saturating_add(1);
        if there.members.len() < ExpectedReport::MAX_MEMBERS {
            there.members.push(&member.instance_id);
        }
    }
    present
}

fn expected_location(
    wanted: &ExpectedLocation,
    there: &Present<'_>,
    since: Option<Timestamp>,
    at: Timestamp,
) -> LocationReport {
    let grace_ends = since.map(|since| since + wanted.grace_period);
    LocationReport {
        expected_count: wanted.expected_count,
        actual_count: there.count,
        missing_count: wanted.expected_count.saturating_sub(there.count),
        since,
        grace_ends,
        status: match grace_ends {
            Some(grace_ends) if at >= grace_ends => LocationStatus::Missing,
            None if there.count > wanted.expected_count => LocationStatus::Extra,
            _ => LocationStatus::Healthy,
        },
        criticality: Some(wanted.criticality),
        grace_period: Some(wanted.grace_period),
        description: (!wanted.description.is_empty()).then(|| wanted.description.clone()),
        members: there.members.iter().map(|&id| id.clone()).collect(),
    }
}

fn unexpected_location(there: &Present<'_>) -> LocationReport {
    LocationReport {
        expected_count: 0,
        actual_count: there.count,
        missing_count: 0,
        since: None,
        grace_ends: None,
        status: LocationStatus::Unexpected,
        criticality: None,
        grace_period: None,
        description: None,
        members: there.members.iter().map(|&id| id.clone()).collect(),
    }
}

impl ExpectedSummary {
    fn count(&mut self, location: &LocationReport) {
        let missing = location.status == LocationStatus::Missing;
        let total = if missing { &mut self.total_missing } else { &mut self.missing_within_grace };
        *total = total.saturating_add(location.missing_count);
        self.critical_locations_missing += u32::from(missing && location.criticality == Some(Criticality::High));
    }
}
