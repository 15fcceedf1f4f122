//! The body that `POST /api/v2/alerts` of Alertmanager takes, after `api/v2/openapi.yaml` in its sources.

use crate::{
    analysis::{Fault, KindOf, Subject, Symptom},
    model::{Location, Timestamp},
};
use ::url::Url;
use serde::Serialize;
use std::{
    collections::BTreeMap,
    time::{Duration, UNIX_EPOCH},
};

/// One alert, as `postableAlert` has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Alert {
    labels: BTreeMap<&'static str, String>,
    annotations: BTreeMap<&'static str, String>,
    starts_at: String,
    ends_at: String,
    #[serde(rename = "generatorURL", skip_serializing_if = "Option::is_none")]
    generator_url: Option<String>,
}

/// Most pairs that an annotation names.
const MAX_PAIRS: usize = 10;

impl Alert {
    /// The alert of `fault`. Alertmanager knows an alert by its labels: they are those of `opened`, the same fault as it was
    /// when it opened. One that is open lasts until `until` unless it is sent again.
    pub(super) fn of(fault: &Fault, opened: &Fault, until: Timestamp, public_url: Option<&Url>) -> Self {
        let ends_at = fault.closed_at.unwrap_or(until);
        Self {
            labels: labels(opened),
            annotations: annotations(fault),
            starts_at: rfc3339(fault.since),
            // An end before the start is refused.
            ends_at: rfc3339(ends_at.max(fault.since)),
            generator_url: public_url.map(without_credentials),
        }
    }
}

fn labels(fault: &Fault) -> BTreeMap<&'static str, String> {
    let mut labels = BTreeMap::from([
        ("alertname", "NetringFault".to_owned()),
        ("scope", fault.subject.scope().to_owned()),
        ("subject", fault.subject.to_string()),
        ("symptom", fault.symptom.as_str().to_owned()),
        ("severity", severity(fault).to_owned()),
    ]);
    let mut add = |name, value: &dyn ToString| {
        labels.insert(name, value.to_string());
    };
    match &fault.subject {
        Subject::Target { instance_id, location }
        | Subject::Inbound { instance_id, location }
        | Subject::Source { instance_id, location } => {
            add("instance_id", instance_id);
            add("location", location);
        }
        Subject::Location { location } => add("location", location),
        Subject::Partition { sides } => {
            for (name, side) in ["locations", "other_locations"].into_iter().zip(sides) {
                let names: Vec<_> = side.iter().map(Location::as_str).collect();
                add(name, &names.join(", "));
            }
        }
        Subject::LocationPair { locations: [one, other] } => {
            add("location", one);
            if one != other {
                add("other_location", other);
            }
        }
        Subject::Direction { source_location, target_location } => {
            add("source_location", source_location);
            add("target_location", target_location);
        }
        Subject::Pair { source, target, .. } => {
            add("source", source);
            add("target", target);
        }
        Subject::Kind { kind, endpoint, of } => {
            add("kind", kind);
            if let Some(endpoint) = endpoint {
                add("endpoint", endpoint);
            }
            match of {
                KindOf::Target(target) => add("target", target),
                KindOf::Source(source) => add("source", source),
                KindOf::Direction(source, target) => {
                    add("source_location", source);
                    add("target_location", target);
                }
                KindOf::Pair(source, target) => {
                    add("source", source);
                    add("target", target);
                }
                KindOf::Ring => {}
            }
        }
        Subject::Router { router } => add("router", router),
        Subject::Link { link: [near, far] } => add("link", &format!("{near} > {far}")),
    }
    labels
}

/// What somebody has to get up for: something that cannot be reached, unless it is only one pair, or one kind of probe.
fn severity(fault: &Fault) -> &'static str {
    match (fault.symptom, &fault.subject) {
        (Symptom::Unreachable, Subject::Pair { .. } | Subject::Kind { .. }) => "warning",
        (Symptom::Unreachable, _) => "critical",
        _ => "warning",
    }
}

fn annotations(fault: &Fault) -> BTreeMap<&'static str, String> {
    let mut pairs: Vec<String> =
        fault.pairs.iter().take(MAX_PAIRS).map(|pair| format!("{} > {}", pair.source, pair.target)).collect();
    if fault.pairs_total > pairs.len() {
        pairs.push(format!("and {} more", fault.pairs_total - pairs.len()));
    }
    BTreeMap::from([
        ("summary", fault.sentence.clone()),
        ("confidence", format!("{:.2}", fault.confidence)),
        ("pairs", pairs.join(", ")),
        ("fault_id", fault.id.clone()),
    ])
}

fn without_credentials(url: &Url) -> String {
    let mut url = url.clone();
    // Neither can fail where the URL has a host; one without has none of both.
    let _ = url.set_password(None);
    let _ = url.set_username("");
    url.into()
}

fn rfc3339(time: Timestamp) -> String {
    /// The end of the year 9999: no later time can be written.
    const LAST: Duration = Duration::from_secs(253_402_300_799);
    let since_epoch = Duration::from_micros(time.as_unix_micros()).min(LAST);
    humantime::format_rfc3339_millis(UNIX_EPOCH + since_epoch).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhook::tests::{SUBJECTS, fault};
    use serde_json::{Value, json};

    const SINCE: Timestamp = Timestamp::from_unix_micros(1_700_000_000_123_456);

    #[test]
    fn every_field_is_as_the_schema_has_it() {
        let mut fault = fault("f1", Subject::Location { location: "eu1".parse().unwrap() });
        fault.since = SINCE;
        let url = Url::parse("https://user:s3cr3t@netring.example/").unwrap();
        let open = Alert::of(&fault, &fault, SINCE + Duration::from_secs(240), Some(&url));
        let wanted = json!({
            "labels": {
                "alertname": "NetringFault",
                "scope": "location",
                "subject": "eu1",
                "symptom": "unreachable",
                "severity": "critical",
                "location": "eu1",
            },
            "annotations": {
                "summary": "It is down.",
                "confidence": "0.97",
                "pairs": "a > b, and 6 more",
                "fault_id": "f1",
            },
            "startsAt": "2023-11-14T22:13:20.123Z",
            "endsAt": "2023-11-14T22:17:20.123Z",
            "generatorURL": "https://netring.example/",
        });
        assert_eq!(serde_json::to_value(&open).unwrap(), wanted);
        let closed = Fault { closed_at: Some(SINCE + Duration::from_secs(60)), ..fault.clone() };
        let closed = Alert::of(&closed, &fault, SINCE + Duration::from_secs(240), None);
        assert_eq!(closed.ends_at, "2023-11-14T22:14:20.123Z");
        assert_eq!(closed.generator_url, None);
    }

    #[test]
    fn a_fault_that_resolves_has_the_labels_that_it_opened_with() {
        let opened = fault("f1", Subject::Location { location: "eu1".parse().unwrap() });
        let closed = Fault { symptom: Symptom::Slow, closed_at: Some(SINCE), ..opened.clone() };
        let [alert, resolved] = [&opened, &closed].map(|fault| Alert::of(fault, &opened, SINCE, None));
        assert_eq!(alert.labels, resolved.labels);
    }

    #[test]
    fn an_end_is_never_before_the_start_and_every_time_can_be_written() {
        let mut fault = fault("f1", Subject::Location { location: "eu1".parse().unwrap() });
        fault.since = SINCE;
        fault.closed_at = Some(SINCE - Duration::from_secs(9));
        let alert = Alert::of(&fault, &fault, SINCE, None);
        assert_eq!(alert.starts_at, alert.ends_at);
        assert_eq!(rfc3339(Timestamp::from_unix_micros(u64::MAX)), "9999-12-31T23:59:59.000Z");
    }

    #[test]
    fn every_subject_has_its_labels_and_no_two_the_same() {
        let mut seen = std::collections::BTreeSet::new();
        for (subject, wanted) in SUBJECTS {
            let fault = fault("f1", serde_json::from_str(subject).unwrap());
            let mut labels = labels(&fault);
            assert!(seen.insert(labels.clone()), "{subject}");
            for common in ["alertname", "scope", "subject", "symptom", "severity"] {
                assert!(labels.remove(common).is_some_and(|value| !value.is_empty()), "{common} of {subject}");
            }
            let labels: Vec<_> = labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
            assert_eq!(labels.join(" "), *wanted);
        }
    }

    #[test]
    fn labels_and_annotations_are_text() {
        let fault = fault("f1", Subject::Location { location: "eu1".parse().unwrap() });
        let alert = serde_json::to_value(Alert::of(&fault, &fault, SINCE, None)).unwrap();
        for set in ["labels", "annotations"] {
            assert!(alert[set].as_object().unwrap().values().all(Value::is_string), "{alert}");
        }
    }
}
