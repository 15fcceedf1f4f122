//! What alerts and rules have to have, which no tool of Prometheus asks for.

use crate::shipped::{self, RULES, rules, yaml};
use serde_json::Value;
use std::collections::BTreeSet;

/// The alerts that netring has had from its first releases on.
const PROMISED: [&str; 4] =
    ["NetringConnectivityDown", "NetringMemberDown", "NetringLowBandwidth", "NetringHighLatencyHop"];

fn alerts() -> Vec<Value> {
    rules(RULES[0]).into_iter().filter(|rule| rule["alert"].is_string()).collect()
}

fn word<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("no {key} in {value}"))
}

#[test]
fn every_alert_says_how_bad_it_is_what_it_is_and_what_to_do() {
    let alerts = alerts();
    let names: BTreeSet<_> = alerts.iter().map(|alert| word(alert, "alert")).collect();
    assert_eq!(names.len(), alerts.len(), "each name is there once");
    for promised in PROMISED {
        assert!(names.contains(promised), "{promised}");
    }
    for alert in &alerts {
        let severity = word(&alert["labels"], "severity");
        let known = ["critical", "warning", "info"];
        // That of missing members is as bad as their location is important.
        let known = known.contains(&severity) || known.iter().all(|word| severity.contains(word));
        assert!(known, "{alert}");
        assert!(word(alert, "alert").starts_with("Netring"), "{alert}");
        assert!(!word(&alert["annotations"], "summary").is_empty(), "{alert}");
        assert!(word(&alert["annotations"], "description").split(' ').count() >= 20, "{alert}");
    }
}

/// The document has each alert, and those alone, with how bad it is.
#[test]
fn the_document_names_every_alert() {
    let document = include_str!("../../../docs/metrics.md");
    let rows = document.lines().filter_map(|line| line.strip_prefix("| `Netring")).map(|row| {
        let mut cells = row.split('|').map(str::trim);
        let name = format!("Netring{}", cells.next().unwrap().trim_end_matches('`'));
        (name, cells.next().unwrap().split(", ").map(str::to_owned).collect())
    });
    let documented: Vec<(_, BTreeSet<_>)> = rows.collect();
    let known = ["critical", "warning", "info"];
    let shipped: Vec<_> = alerts()
        .iter()
        .map(|alert| {
            let severity = word(&alert["labels"], "severity");
            let words = known.iter().filter(|word| severity.contains(*word)).map(|word| (*word).to_owned());
            (word(alert, "alert").to_owned(), words.collect())
        })
        .collect();
    assert_eq!(documented, shipped);
}

/// An alert of a pair has its two ends in the summary, and the labels by which a fault stands for it.
#[test]
fn alerts_on_pairs_name_the_pair() {
    let pairs: Vec<_> = alerts().into_iter().filter(|alert| alert["labels"]["location_pair"].is_string()).collect();
    assert_eq!(pairs.len(), 6, "{pairs:?}");
    for alert in pairs {
        let summary = word(&alert["annotations"], "summary");
        assert!(
            summary.contains("$labels.source_location") && summary.contains("$labels.target_location"),
            "{summary}"
        );
        assert!(alert["labels"]["member_pair"].is_string(), "{alert}");
    }
}

#[test]
fn recording_rules_are_called_level_metric_operation() {
    for rule in RULES.iter().flat_map(|file| rules(file)).filter(|rule| rule["record"].is_string()) {
        let name = word(&rule, "record");
        let parts: Vec<_> = name.split(':').collect();
        assert!(parts.len() == 3 && parts[1].starts_with("netring_"), "{name}");
    }
}

/// The alert that an expression of a test asks for.
fn alert_of(expr: &str) -> Option<&str> {
    expr.split_once("alertname=\"")?.1.split_once('"').map(|(name, _)| name)
}

#[test]
fn each_alert_has_a_case_that_fires_and_one_that_must_not() {
    let (mut fires, mut must_not) = (BTreeSet::new(), BTreeSet::new());
    for file in ["faults", "members", "pairs", "registries"] {
        let file = yaml(&format!("prometheus/tests/{file}.yml"));
        for case in file["tests"].as_array().unwrap() {
            for told in case["alert_rule_test"].as_array().into_iter().flatten() {
                let empty = told["exp_alerts"].as_array().unwrap().is_empty();
                if empty { &mut must_not } else { &mut fires }.insert(word(told, "alertname").to_owned());
            }
            for asked in case["promql_expr_test"].as_array().into_iter().flatten() {
                let samples = asked["exp_samples"].as_array().unwrap();
                let pending = samples.iter().any(|sample| word(sample, "labels").contains("\"pending\""));
                let set = if samples.is_empty() || pending { &mut must_not } else { &mut fires };
                set.insert(alert_of(word(asked, "expr")).unwrap().to_owned());
            }
        }
    }
    let names: BTreeSet<_> = alerts().iter().map(|alert| word(alert, "alert").to_owned()).collect();
    assert_eq!(fires, names, "that fire");
    assert_eq!(must_not, names, "that must not");
}

/// The two configurations differ in how members are found, and in nothing else.
#[test]
fn both_configurations_agree() {
    let [mut by_discovery, mut by_hand] =
        ["prometheus.yml", "prometheus-static.yml"].map(|name| yaml(&format!("prometheus/{name}")));
    let [discovered, written] = [&mut by_discovery, &mut by_hand].map(|config| config["scrape_configs"][1].take());
    assert_eq!(by_discovery, by_hand);
    assert_eq!(discovered["job_name"], written["job_name"]);
    assert!(discovered["http_sd_configs"][0]["url"].as_str().unwrap().ends_with("/api/v1/sd"));
    assert_eq!(written["static_configs"][0]["targets"].as_array().unwrap().len(), 3);
    assert!(shipped::text("prometheus/alertmanager.yml").contains("inhibit_rules"));
}
