//! What the tools of Prometheus and Alertmanager say to the files.

use crate::shipped;
use std::process::Command;

/// Runs `program` in the folder of the files, and gives what it wrote.
fn passes(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).current_dir(shipped::path("prometheus")).output();
    let output =
        output.unwrap_or_else(|error| panic!("{program} cannot be started ({error}): run scripts/requirements"));
    let wrote = String::from_utf8_lossy(&output.stdout).into_owned() + &*String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {}:\n{wrote}", arguments.join(" "));
    wrote
}

#[test]
fn promtool_takes_both_configurations_with_their_rules() {
    for config in ["prometheus.yml", "prometheus-static.yml"] {
        let wrote = passes("promtool", &["check", "config", config]);
        assert!(wrote.contains("2 rule files found"), "{wrote}");
    }
}

#[test]
fn promtool_takes_the_rules() {
    let wrote = passes("promtool", &["check", "rules", "rules/alerts.yml", "rules/recording.yml"]);
    assert!(!wrote.contains("duplicate"), "{wrote}");
}

#[test]
fn each_alert_fires_where_it_should_and_not_where_it_should_not() {
    let files = ["faults", "members", "pairs", "recording", "registries"].map(|name| format!("tests/{name}.yml"));
    let there = std::fs::read_dir(shipped::path("prometheus/tests")).unwrap().count();
    assert_eq!(there, files.len(), "every file is run");
    let arguments: Vec<_> = ["test", "rules"].into_iter().chain(files.iter().map(String::as_str)).collect();
    let wrote = passes("promtool", &arguments);
    assert_eq!(wrote.matches("SUCCESS").count(), files.len(), "{wrote}");
}

#[test]
fn amtool_takes_the_example() {
    let wrote = passes("amtool", &["check-config", "alertmanager.yml"]);
    assert!(wrote.contains("inhibit rules"), "{wrote}");
}

#[test]
fn alerts_go_where_the_example_says() {
    let goes = |labels: &[&str]| {
        let arguments: Vec<_> = ["config", "routes", "test", "--config.file=alertmanager.yml"]
            .into_iter()
            .chain(labels.iter().copied())
            .collect();
        // What it warns of comes behind.
        passes("amtool", &arguments).lines().next().unwrap().to_owned()
    };
    assert_eq!(goes(&["alertname=NetringFault", "severity=critical", "location_pair=eu1 <> us1"]), "people");
    assert_eq!(goes(&["alertname=NetringConnectivityDown", "severity=warning", "location_pair=eu1 <> us1"]), "people");
    assert_eq!(goes(&["alertname=NetringPathChanged", "severity=info", "location_pair=eu1 <> us1"]), "nobody");
}
