//! Which members should be there.

use super::{file, load_all};
use crate::config::expected::ExpectedConfig;
use netring_core::{
    Location,
    analysis::{Criticality, ExpectedLocation, ExpectedMembers, ExpectedSettings},
};
use std::{path::Path, time::Duration};

/// As 1.x has it.
const OLD: &str = r#"expected_members:
  locations:
    US1:
      expected_count: 1
      criticality: "high"      # high, medium, low
      grace_period: 300        # seconds
      description: "US East Coast Primary"
    TEST: {expected_count: 0, criticality: "low", grace_period: 1800, description: "Lab"}
  settings:
    check_interval: 60
    location_establishment_time: 3600
    alerts:
      critical_missing_threshold: 1
      total_missing_threshold: 3
    ui: {show_missing_grace_period: 60, missing_member_highlight: true, expected_vs_actual_display: true}
"#;

fn read(yaml: &str) -> Result<ExpectedMembers, String> {
    let folder = tempfile::tempdir().unwrap();
    let config_file = folder.path().join("expected.yaml");
    std::fs::write(&config_file, yaml).unwrap();
    let config = ExpectedConfig { config_file, enable_missing_detection: true, ..ExpectedConfig::default() };
    let folder = format!("{}/", folder.path().display());
    config
        .members()
        .map(|members| members.expect("it is enabled"))
        .map_err(|(key, problem)| format!("{key}: {problem}").replace(&folder, "/etc/"))
}

fn location(name: &str) -> Location {
    Location::new(name).unwrap()
}

#[test]
fn a_file_of_1_x_is_taken_as_it_stands() {
    let of = |expected_count, criticality, grace_period, description: &str| ExpectedLocation {
        expected_count,
        criticality,
        grace_period: Duration::from_secs(grace_period),
        description: description.to_owned(),
    };
    let settings = ExpectedSettings {
        check_interval: Duration::from_secs(60),
        critical_missing_threshold: 1,
        total_missing_threshold: 3,
    };
    let locations = [
        (location("US1"), of(1, Criticality::High, 300, "US East Coast Primary")),
        (location("TEST"), of(0, Criticality::Low, 1_800, "Lab")),
    ];
    assert_eq!(read(OLD), Ok(ExpectedMembers { locations: locations.into(), settings }));
}

#[test]
fn the_example_is_taken_and_has_every_key() {
    let example = file("deploy/config/expected-members.yaml");
    let members = read(&example).unwrap();
    assert_eq!(members.expected_count(), 3);
    for key in [
        "check_interval:",
        "location_establishment_time:",
        "critical_missing_threshold:",
        "total_missing_threshold:",
        "ui:",
    ] {
        assert!(example.contains(key), "{key}");
    }
}

#[test]
fn what_is_left_out_has_its_default() {
    let members = read("expected_members: {locations: {eu1: {expected_count: 2}}}").unwrap();
    let eu1 = &members.locations[&location("eu1")];
    let (grace, medium) = (Duration::from_secs(300), Criticality::Medium);
    assert_eq!((eu1.grace_period, eu1.criticality, eu1.description.as_str()), (grace, medium, ""));
    assert_eq!(members.settings, ExpectedSettings::default());
    for empty in ["expected_members: {locations: {}}", "expected_members:\n  locations:\n  settings:\n"] {
        assert_eq!(read(empty), Ok(ExpectedMembers::default()), "{empty}");
    }
}

#[test]
fn the_interval_of_the_file_beats_that_of_the_registry() {
    for (settings, seconds) in [("", 7), ("  settings: {check_interval: 1m}\n", 60)] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("e.yaml");
        std::fs::write(&path, format!("expected_members:\n  locations: {{}}\n{settings}")).unwrap();
        let yaml =
            format!("registry: {{expected_members: {{config_file: {}, missing_check_interval: 7}}}}", path.display());
        let loaded = load_all(&yaml, &[("NETRING_ENABLE_MISSING_DETECTION", "true")], &[]).unwrap();
        let members = loaded.config.expected_members.members().unwrap().unwrap();
        assert_eq!(members.settings.check_interval, Duration::from_secs(seconds), "{settings}");
    }
}

#[test]
fn durations_have_units_and_names_are_names() {
    for (grace, milliseconds) in [("0", 0), ("0s", 0), ("0.5", 500), ("2m", 120_000), ("30 days", 2_592_000_000)] {
        let yaml = format!("expected_members: {{locations: {{a: {{expected_count: 1, grace_period: {grace}}}}}}}");
        let members = read(&yaml).unwrap();
        assert_eq!(members.locations[&location("a")].grace_period, Duration::from_millis(milliseconds), "{grace}");
    }
    for name in ["123", "true", "NO", "Zürich 1", "1e3"] {
        let members = read(&format!("expected_members:\n  locations:\n    {name}: {{expected_count: 1}}\n")).unwrap();
        assert!(members.locations.contains_key(&location(name)), "{name}: {members:?}");
    }
}

#[test]
fn mistakes_name_the_file_the_line_and_the_column() {
    let places = [
        ("criticality: \"high\"", "criticality: urgent", "expected high, medium or low", "5:20"),
        ("expected_count: 1", "expected_count: -1", "expected a whole number from 0 to 1000000", "4:23"),
        ("expected_count: 1", "expected_count: 1.5", "expected a whole number from 0 to 1000000", "4:23"),
        ("expected_count: 1", "expected_count: many", "expected a whole number from 0 to 1000000", "4:23"),
        ("expected_count: 1", "expected: 1", "there is no key `expected` here, only expected_count", "4:7"),
        ("      expected_count: 1\n", "", "missing field `expected_count`", ""),
        ("grace_period: 300", "grace_period: -5", "expected 0 to 30 days", "6:21"),
        ("grace_period: 300", "grace_period: NaN", "expected 0 to 30 days", "6:21"),
        ("grace_period: 300", "grace_period: .nan", "expected seconds such as 300", "6:21"),
        ("grace_period: 300", "grace_period: 31 days", "expected 0 to 30 days", "6:21"),
        ("grace_period: 300", "grace_period: soon", "expected seconds such as 300", "6:21"),
        ("    TEST: ", "    US1: ", "duplicate mapping key `US1` is not allowed here", "8:5"),
        ("    TEST: ", "    'US1': ", "duplicate mapping key `US1` is not allowed here", "8:5"),
        ("    TEST: ", "    '': ", "location must not be empty", "8:5"),
        ("    TEST: ", "    TEST: 5 # ", "expected a block of keys", "8:11"),
        ("  settings:", "  setings:", "there is no key `setings` here, only locations, settings", "9:3"),
        ("check_interval: 60", "check_interval: 0", "expected more than 0 and at most 1 day", "10:21"),
        (
            "total_missing_threshold: 3",
            "total_missing_threshold: 0",
            "expected a whole number from 1 to 1000000",
            "14:32",
        ),
        (
            "location_establishment_time: 3600",
            "location_establishment_time: x",
            "expected seconds such as 300",
            "11:34",
        ),
        ("ui: {", "ui: {colour: red, ", "there is no key `colour` here, only show_missing_grace_period", "15:10"),
        ("expected_members:", "members:", "there is no key `members` here, only expected_members", "1:1"),
    ];
    for (right, wrong, said, place) in places {
        let yaml = OLD.replacen(right, wrong, 1);
        assert_ne!(yaml, OLD, "{right}");
        let error = read(&yaml).unwrap_err();
        assert!(error.starts_with(&format!("registry.expected_members.config_file: {said}")), "{wrong}: {error}");
        assert!(error.contains(&format!(" --> /etc/expected.yaml:{place}")), "{wrong}: {error}");
    }
    for empty in ["", "expected_members:\n", "- 1\n", "{}"] {
        let error = read(empty).unwrap_err();
        assert!(error.starts_with("registry.expected_members.config_file: "), "{empty}: {error}");
    }
}

#[test]
fn a_file_that_is_not_there_is_named_in_full_where_it_is_wanted() {
    assert!(
        load_all("registry: {expected_members: {config_file: nowhere.yaml}}", &[], &[]).is_ok(),
        "it is not enabled"
    );
    let on = ("NETRING_ENABLE_MISSING_DETECTION", "true");
    let working_directory = std::env::current_dir().unwrap();
    for (variables, path, source) in [
        (vec![on], Path::new("config/expected-members.yaml"), "default"),
        (
            vec![on, ("NETRING_EXPECTED_MEMBERS_FILE", "nowhere.yaml")],
            Path::new("nowhere.yaml"),
            "environment variable NETRING_EXPECTED_MEMBERS_FILE",
        ),
    ] {
        let error = load_all("", &variables, &[]).unwrap_err().to_string();
        let full = working_directory.join(path);
        assert_eq!(
            error,
            format!(
                "registry.expected_members.config_file is {:?} ({source}): there is no file {}",
                path.display().to_string(),
                full.display()
            )
        );
    }
    let error = load_all("", &[("NETRING_ENABLE_MISSING_DETECTION", "maybe")], &[]).unwrap_err().to_string();
    assert_eq!(error, "NETRING_ENABLE_MISSING_DETECTION=\"maybe\": expected true or false");
}
