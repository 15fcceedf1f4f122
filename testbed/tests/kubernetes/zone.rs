//! The overlay for the member of one zone.

use crate::{
    config::{NODE, in_effect, started},
    object::words,
    schemas::{VERSIONS, validate},
    site::site,
};
use std::fs;

#[test]
fn it_is_apart_from_those_of_other_zones() {
    let zone = site("zone", &[]);
    let file = tempfile::NamedTempFile::with_suffix(".yaml").unwrap();
    fs::write(file.path(), &zone.text).unwrap();
    for version in VERSIONS {
        let output = validate(version, &[file.path()]);
        assert!(output.status.success(), "{version}: {}", String::from_utf8_lossy(&output.stdout));
    }

    let (member, template) = zone.workload("netring-member-a");
    assert_eq!(template["spec"]["nodeSelector"]["topology.kubernetes.io/zone"], "eu1-a");
    let service = zone.object("Service", "netring-member-a").unwrap();
    for selector in [words(&member.0, "/spec/selector/matchLabels"), words(&service.0, "/spec/selector")] {
        assert_eq!((selector["app"].as_str(), selector["netring/zone"].as_str()), ("netring-member", "a"));
    }
    let effect = &in_effect(&started(&zone, "netring-member-a", ""))["member"];
    assert_eq!(effect["location"], "eu1-a");
    assert_eq!(effect["instance_id"], format!("eu1-a-{NODE}"));
}
