//! The files that ship, and how the ones that servers read are made to fit a ring in a test.

use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// How much faster than by default the members of the test look: every second in place of every minute.
const FASTER: u64 = 60;
/// What is waited for, by the keys that say how long.
const WAITS: [&str; 7] = [
    "scrape_interval",
    "scrape_timeout",
    "evaluation_interval",
    "refresh_interval",
    "for",
    "group_wait",
    "group_interval",
];
/// Addresses in the files, and where the test has what they stand for: all on the host of the registry.
const ADDRESSES: [(&str, &str); 3] = [
    ("registry.us1.company.com:8756", "127.0.0.1:8756"),
    ("alertmanager.company.com:9093", "127.0.0.1:9093"),
    ("alerts.company.com:9099", "127.0.0.1:9099"),
];

pub(crate) fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy").join(name)
}

pub(crate) fn text(name: &str) -> String {
    let path = path(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn yaml(name: &str) -> Value {
    serde_saphyr::from_str(&text(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The rules of a file, each with the name of what it makes.
pub(crate) fn rules(name: &str) -> Vec<Value> {
    let file = yaml(name);
    file["groups"].as_array().unwrap().iter().flat_map(|group| group["rules"].as_array().unwrap().clone()).collect()
}

pub(crate) const RULES: [&str; 2] = ["prometheus/rules/alerts.yml", "prometheus/rules/recording.yml"];

/// The file as it ships, but for addresses, and for what is waited for: a sixtieth, and a second at least. Lines are changed,
/// and not what they come to, so that nothing else of the file is touched.
pub(crate) fn fitted(name: &str) -> String {
    let mut file = text(name);
    for (there, here) in ADDRESSES {
        file = file.replace(there, here);
    }
    file.lines().map(|line| faster(line) + "\n").collect()
}

fn faster(line: &str) -> String {
    let Some((key, value)) = line.split_once(": ") else { return line.to_owned() };
    let waits = WAITS.contains(&key.trim_start_matches([' ', '-']));
    match waits.then(|| seconds(value)).flatten() {
        Some(seconds) => format!("{key}: {}s", (seconds / FASTER).max(1)),
        None => line.to_owned(),
    }
}

fn seconds(duration: &str) -> Option<u64> {
    let (number, unit) = duration.trim().split_at_checked(duration.trim().len().checked_sub(1)?)?;
    let unit = [("s", 1), ("m", 60), ("h", 3600)].into_iter().find(|(name, _)| *name == unit)?.1;
    Some(number.parse::<u64>().ok()? * unit)
}

/// Writes what Prometheus and Alertmanager read to `folder`, as it lies in `deploy/prometheus`.
pub(crate) fn lay_out(folder: &Path) {
    fs::create_dir(folder.join("rules")).unwrap();
    for name in ["prometheus.yml", "alertmanager.yml", "rules/alerts.yml", "rules/recording.yml"] {
        fs::write(folder.join(name), fitted(&format!("prometheus/{name}"))).unwrap();
    }
}

#[test]
fn only_waits_and_addresses_are_changed_for_a_test() {
    assert_eq!(faster("        for: 2m"), "        for: 2s");
    assert_eq!(faster("  scrape_interval: 30s"), "  scrape_interval: 1s");
    assert_eq!(faster("      - group_wait: 5m"), "      - group_wait: 5s");
    for left in ["  repeat_interval: 4h", "        expr: rate(x[5m]) > 0", "      # for: 2m", "", "  - name: for"] {
        assert_eq!(faster(left), left);
    }
    let changed = |name: &str| {
        let (shipped, fitted) = (text(name), fitted(name));
        shipped.lines().zip(fitted.lines()).filter(|(before, after)| before != after).count()
    };
    assert!(changed("prometheus/prometheus.yml") >= 7 && changed("prometheus/alertmanager.yml") >= 6);
}
