//! What of a count somebody should know.

use super::{
    AlertLevel, Criticality, ExpectedAlert, ExpectedLocation, ExpectedMembers, ExpectedReport, LocationReport,
    LocationStatus,
};
use crate::model::Location;
use std::collections::BTreeMap;

/// The alerts of `report`, the worst first: those about all locations, and then each location in the order of the names.
pub(super) fn alerts(expected: &ExpectedMembers, report: &ExpectedReport) -> Vec<ExpectedAlert> {
    let mut alerts = of_thresholds(expected, report);
    let names = lowercase_names(expected, report);
    for (location, found) in &report.locations {
        let about = |level, message| ExpectedAlert {
            level,
            message,
            location: Some(location.clone()),
            missing_count: found.missing_count,
            criticality: found.criticality,
        };
        alerts.extend(match found.status {
            LocationStatus::Healthy => None,
            LocationStatus::Missing => Some(about(level_of(found), missing(location, found, expected))),
            LocationStatus::Extra => Some(about(AlertLevel::Info, extra(location, found))),
            LocationStatus::Unexpected => Some(about(AlertLevel::Info, unexpected(location, found, &names))),
        });
    }
    // It is stable: the order of the names stays within each level.
    alerts.sort_by_key(|alert| alert.level);
    alerts
}

fn of_thresholds(expected: &ExpectedMembers, report: &ExpectedReport) -> Vec<ExpectedAlert> {
    let settings = &expected.settings;
    let missing = report.locations.values().filter(|location| location.status == LocationStatus::Missing);
    let critical = missing.filter(|location| location.criticality == Some(Criticality::High));
    let critical = critical.fold(0_u32, |sum, location| sum.saturating_add(location.missing_count));
    let total = report.summary.total_missing;
    let mut alerts = Vec::new();
    if critical > 0 && critical >= settings.critical_missing_threshold {
        let message = format!("{} at locations of high criticality", are_missing(critical));
        alerts.push(ExpectedAlert {
            level: AlertLevel::Error,
            message,
            location: None,
            missing_count: critical,
            criticality: Some(Criticality::High),
        });
    }
    if total > 0 && total >= settings.total_missing_threshold {
        let message = format!("{} altogether", are_missing(total));
        alerts.push(ExpectedAlert {
            level: AlertLevel::Warning,
            message,
            location: None,
            missing_count: total,
            criticality: None,
        });
    }
    alerts
}

fn level_of(location: &LocationReport) -> AlertLevel {
    match location.criticality {
        Some(Criticality::High) => AlertLevel::Error,
        Some(Criticality::Medium) => AlertLevel::Warning,
        Some(Criticality::Low) | None => AlertLevel::Info,
    }
}

fn missing(location: &Location, found: &LocationReport, expected: &ExpectedMembers) -> String {
    let LocationReport { expected_count, actual_count, missing_count, .. } = found;
    let description = expected.locations.get(location).map_or("", |ExpectedLocation { description, .. }| description);
    let description = if description.is_empty() { String::new() } else { format!(" ({description})") };
    format!(
        "{} at location {location}{description}: it has {actual_count} of {expected_count}",
        are_missing(*missing_count)
    )
}

fn extra(location: &Location, found: &LocationReport) -> String {
    format!("location {location} has {}, and {} expected", members(found.actual_count), are(found.expected_count))
}

fn unexpected(location: &Location, found: &LocationReport, names: &BTreeMap<String, &Location>) -> String {
    let hint = match names.get(&lowercase(location)) {
        Some(like) => format!("; {like} is, and names are compared to the letter"),
        None => String::new(),
    };
    format!("location {location} has {} and is not expected{hint}", members(found.actual_count))
}

/// The expected names as they are looked for where somebody may have written one in another case. Empty where nothing is
/// unexpected: this is for each count.
fn lowercase_names<'a>(expected: &'a ExpectedMembers, report: &ExpectedReport) -> BTreeMap<String, &'a Location> {
    let names = expected.locations.keys().filter(|_| report.summary.unexpected_locations > 0);
    names.map(|name| (lowercase(name), name)).collect()
}

fn lowercase(location: &Location) -> String {
    location.as_str().trim().to_lowercase()
}

fn members(count: u32) -> String {
    format!("{count} member{}", if count == 1 { "" } else { "s" })
}

fn are_missing(count: u32) -> String {
    format!("{} {} missing", members(count), if count == 1 { "is" } else { "are" })
}

fn are(count: u32) -> String {
    format!("{count} {}", if count == 1 { "is" } else { "are" })
}
