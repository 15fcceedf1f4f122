//! What systemd says of the units without running them.

use crate::booted::folder;
use netring_testbed::binary;
use std::{collections::BTreeMap, fs, path::Path, process::Command};

/// How exposed each may be, of 100, by systemd's own measure: what they are as they ship.
const EXPOSURE: [(&str, u32); 2] = [("netring-member.service", 15), ("netring-registry.service", 11)];

fn exposed(unit: &Path, threshold: u32) -> bool {
    let output = Command::new("systemd-analyze")
        .args(["security", "--no-pager", "--offline=true", &format!("--threshold={threshold}")])
        .arg(unit)
        .output()
        .expect("systemd-analyze is there: run scripts/requirements");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("Overall exposure level"), "{said} {}", String::from_utf8_lossy(&output.stderr));
    !output.status.success()
}

#[test]
fn they_are_as_little_exposed_as_they_are() {
    for (unit, exposure) in EXPOSURE {
        assert!(!exposed(&folder().join(unit), exposure), "{unit} is more exposed than {exposure} of 100");
    }
}

/// Otherwise the test above says nothing.
#[test]
fn one_line_less_shows_in_the_measure() {
    let stage = tempfile::tempdir().unwrap();
    for (unit, exposure) in EXPOSURE {
        let text = fs::read_to_string(folder().join(unit)).unwrap();
        for line in ["SystemCallFilter=@system-service\n", "RestrictNamespaces=yes\n"] {
            let less = stage.path().join(unit);
            fs::write(&less, text.replace(line, "")).unwrap();
            assert_ne!(fs::read_to_string(&less).unwrap(), text);
            assert!(exposed(&less, exposure), "{unit} without {line}");
        }
    }
}

#[test]
fn the_daemons_know_the_variables_of_the_units_and_of_the_examples() {
    for (daemon, file) in [("netring-member", "member.env"), ("netring-registry", "registry.env")] {
        let unit = fs::read_to_string(folder().join(format!("{daemon}.service"))).unwrap();
        let examples = fs::read_to_string(folder().join(file)).unwrap();
        let of_unit = unit.lines().filter_map(|line| line.strip_prefix("Environment="));
        let of_file = examples.lines().filter_map(|line| line.strip_prefix('#')).filter(|line| !line.starts_with(' '));
        let variables: BTreeMap<_, _> = of_unit.chain(of_file).map(|line| line.split_once('=').unwrap()).collect();
        assert!(variables.len() > 4, "{variables:?}");
        for (name, value) in variables {
            // What is empty counts as not set.
            let value = if value.is_empty() { "http://0123456789abcdef/" } else { value };
            let mut check = Command::new(binary(daemon));
            // One of them takes this file to be there.
            check.env_clear().env("NETRING_EXPECTED_MEMBERS_FILE", folder().join("../config/expected-members.yaml"));
            let output = check.arg("--check").env(name, value).output().unwrap();
            let said = String::from_utf8_lossy(&output.stdout);
            assert!(said.contains(&format!("environment variable {name}")), "{daemon}: {name}={value}: {output:?}");
        }
    }
}
