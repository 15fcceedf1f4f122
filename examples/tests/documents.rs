//! The documents do not fall behind the code: every metric and every path there is has to be named in them.

use netring_core::{
    Endpoint, Event, FailureReason, HttpMeasurement, InstanceId, Location, Measurement, Member, MetricSink, Outcome,
    ProbeError, ProbeKind, ProbeReport, PrometheusSink, Source, TcpMeasurement, Timestamp,
    testing::sample::{bandwidth, burst, registration, result, traceroute},
    wire::path,
};
use std::{collections::BTreeSet, time::Duration};

const METRICS: &str = include_str!("../../docs/metrics.md");
const API: &str = include_str!("../../docs/api.md");

/// One of each event, so that every metric has a value.
fn every_event(sink: &PrometheusSink) {
    let source = &Source { instance_id: InstanceId::random(), location: Location::new("here").expect("a location") };
    let joined = registration("target");
    let member = Member {
        instance_id: joined.instance_id,
        location: joined.location,
        address: joined.address,
        heartbeat_interval: None,
        udp_echo: false,
        registered_at: Timestamp::default(),
        last_seen: Timestamp::default(),
        deregistered_at: None,
    };
    sink.record(&Event::Members { source, members: &[member], as_of: Timestamp::default() });
    let tcp = TcpMeasurement { resolve: None, connect: Duration::from_millis(1) };
    let phase = Some(Duration::from_millis(1));
    let http = HttpMeasurement {
        resolve: phase,
        connect: phase,
        tls: phase,
        first_byte: phase,
        body: phase,
        ..HttpMeasurement::default()
    };
    let tcp = ProbeReport { measurement: Some(Measurement::Tcp(tcp)), ..result("target", Outcome::Success) };
    let http = ProbeReport {
        kind: ProbeKind::HTTP,
        endpoint: Some(Endpoint::new("/health").expect("a path")),
        measurement: Some(Measurement::Http(http)),
        ..result("target", Outcome::failure(FailureReason::Timeout, "no answer"))
    };
    // First, for it takes the series of its check away.
    let error = ProbeError::Overran;
    sink.record(&Event::ProbeNotMade { source, target: &tcp.target, kind: &tcp.kind, endpoint: None, error: &error });
    let busy = ProbeError::Busy { target: "target".into(), retry_after: Duration::from_secs(1) };
    sink.record(&Event::ProbeNotMade { source, target: &tcp.target, kind: &tcp.kind, endpoint: None, error: &busy });
    for report in [&tcp, &http, &burst("target"), &bandwidth("target"), &traceroute("target")] {
        sink.record(&Event::Probe { source, report });
    }
    sink.record(&Event::RegistryContact { source, in_reach: true });
    sink.record(&Event::TaskPanicked { source, task: "poll" });
}

#[test]
fn every_metric_is_in_its_document_with_its_type_and_labels() {
    let sink = PrometheusSink::new();
    every_event(&sink);
    let families = sink.registry().gather();
    assert!(families.len() >= 25, "an event sets no metric: {families:?}");
    for family in &families {
        let name = family.name();
        let row = METRICS
            .lines()
            .find(|line| line.starts_with(&format!("| `{name}` |")))
            .unwrap_or_else(|| panic!("{name} has no row in docs/metrics.md"));
        let kind = format!("{:?}", family.get_field_type()).to_lowercase();
        assert!(row.contains(&format!("| {kind} |")), "{name} is a {kind}, and the document says: {row}");
        for label in family.get_metric()[0].get_label() {
            assert!(
                row.contains(label.name()) || row.contains("the five") && is_pair(label.name()),
                "{name} has the label {}, and the document says: {row}",
                label.name()
            );
        }
    }
}

#[test]
fn no_metric_is_in_the_document_that_is_not_there() {
    let sink = PrometheusSink::new();
    every_event(&sink);
    let names: BTreeSet<_> = sink.registry().gather().iter().map(|family| family.name().to_owned()).collect();
    for row in METRICS.lines().filter(|line| line.starts_with("| `netring_")) {
        let name = row.trim_start_matches("| `").split('`').next().unwrap_or_default();
        assert!(names.contains(name), "{name} is documented, but there is no such metric");
    }
}

fn is_pair(label: &str) -> bool {
    ["source_location", "source_instance", "target_location", "target_instance", "target_ip"].contains(&label)
}

#[test]
fn every_reason_of_a_failure_is_in_the_documents() {
    for reason in [
        FailureReason::Timeout,
        FailureReason::Refused,
        FailureReason::Reset,
        FailureReason::Unreachable,
        FailureReason::NameNotResolved,
        FailureReason::Tls,
        FailureReason::UnexpectedStatus,
        FailureReason::Protocol,
        FailureReason::Other,
    ] {
        assert!(API.contains(&format!("`{reason}`")), "{reason} is not in docs/api.md");
    }
}

#[test]
fn every_path_has_its_section() {
    for (method, path) in [
        ("POST", path::REGISTER),
        ("POST", path::HEARTBEAT),
        ("POST", path::DEREGISTER),
        ("GET", path::MEMBERS),
        ("POST", path::LEGACY_REPORT),
        ("POST", path::REPORT),
        ("GET", path::MATRIX),
        ("GET", path::HEALTH),
        ("GET", path::METRICS),
        ("GET", path::BANDWIDTH_TEST),
        ("POST", path::BANDWIDTH_TEST),
    ] {
        let heading = format!("### {method} {path}");
        assert!(API.lines().any(|line| line == heading), "docs/api.md has no section {heading:?}");
    }
}

/// A path that is added to the code has to be added above.
#[test]
fn no_path_is_forgotten_here() {
    let source = include_str!("../../netring-core/src/wire/mod.rs");
    let declared =
        source.lines().filter(|line| line.trim_start().starts_with("pub const") && line.contains("\"/")).count();
    assert_eq!(declared, 10, "wire::path has other paths than this test and docs/api.md");
}

/// A link between documents leads somewhere.
#[test]
fn links_between_documents_lead_somewhere() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut documents = vec![root.join("README.md"), root.join("CHANGELOG.md")];
    documents.extend(std::fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path()));
    for document in documents.iter().filter(|path| path.extension().is_some_and(|e| e == "md")) {
        let text = std::fs::read_to_string(document).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = link.split('#').next().unwrap_or_default();
            if !file.is_empty() && !link.contains("://") {
                assert!(document.parent().unwrap().join(file).exists(), "{}: {link} leads nowhere", document.display());
            }
        }
    }
}
