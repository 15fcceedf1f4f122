//! The documents do not fall behind the code: every metric and every path there is has to be named in them.

use netring_core::{
    Endpoint, Event, FailureReason, HttpMeasurement, InstanceId, Location, Measurement, Member, MemberStatus,
    MetricSink, Outcome, ProbeError, ProbeKind, ProbeReport, PrometheusSink, Source, TcpMeasurement, Timestamp,
    analysis::{
        Criticality, ExpectedLocation, ExpectedMembers, ExpectedTracker, Fault, Occurrence, State, Subject, Symptom,
    },
    prometheus::{LocationPairMetrics, PairCounts, PairMetrics, RegistryMetrics, Spread, registry_metrics},
    registry::MembersSnapshot,
    testing::sample::{bandwidth, burst, id, registration, result, traceroute},
    wire::path,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

const METRICS: &str = include_str!("../../docs/metrics.md");
const API: &str = include_str!("../../docs/api.md");

/// Every path, with its method.
const PATHS: [(&str, &str); 23] = [
    ("POST", path::REGISTER),
    ("POST", path::HEARTBEAT),
    ("POST", path::DEREGISTER),
    ("GET", path::MEMBERS),
    ("POST", path::LEGACY_REPORT),
    ("POST", path::REPORT),
    ("GET", path::MATRIX),
    ("GET", path::MATRIX_BY_LOCATION),
    ("GET", path::MATRIX_GRID),
    ("GET", path::HISTORY),
    ("GET", path::FAULTS),
    ("GET", path::TOPOLOGY),
    ("GET", path::TOPOLOGY_SVG),
    ("GET", path::TOPOLOGY_PATH),
    ("GET", path::EXPECTED),
    ("GET", path::EVENTS),
    ("GET", path::STREAM),
    ("GET", path::SERVICE_DISCOVERY),
    ("GET", path::OPENAPI),
    ("GET", path::HEALTH),
    ("GET", path::METRICS),
    ("GET", path::BANDWIDTH_TEST),
    ("POST", path::BANDWIDTH_TEST),
];

/// The part of the document on the metrics of members, and that on those of registries.
fn of_members_and_of_registries() -> (&'static str, &'static str) {
    METRICS.split_once("\n## Metrics of a registry\n").expect("docs/metrics.md has two parts")
}

fn member() -> Member {
    let joined = registration("target");
    Member {
        instance_id: joined.instance_id,
        location: joined.location,
        address: joined.address,
        heartbeat_interval: None,
        udp_echo: false,
        registered_at: Timestamp::default(),
        last_seen: Timestamp::default(),
        deregistered_at: None,
    }
}

/// One of each event, so that every metric has a value.
fn every_event(sink: &PrometheusSink) {
    let source = &Source { instance_id: InstanceId::random(), location: Location::new("here").expect("a location") };
    sink.record(&Event::Members { source, members: &[member()], as_of: Timestamp::default() });
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

/// What a registry serves at `/metrics` where it knows something of everything.
fn registry_text() -> String {
    let [here, there]: [Location; 2] = ["eu1", "us1"].map(|name| Location::new(name).expect("a location"));
    let snapshot =
        MembersSnapshot { at: Timestamp::default(), revision: 1, members: vec![(member(), MemberStatus::Online)] };
    let wanted = ExpectedLocation { expected_count: 2, criticality: Criticality::High, ..ExpectedLocation::default() };
    let expected =
        ExpectedMembers { locations: BTreeMap::from([(here.clone(), wanted)]), ..ExpectedMembers::default() };
    let report = ExpectedTracker::default().update(&expected, &snapshot);
    let fault = Fault {
        id: "fault".to_owned(),
        subject: Subject::Location { location: here.clone() },
        symptom: Symptom::Unreachable,
        since: Timestamp::default(),
        closed_at: None,
        relapses: 0,
        confidence: 1.0,
        pairs: Vec::new(),
        pairs_total: 0,
        suspects: Vec::new(),
        sentence: String::new(),
    };
    let time = Duration::from_millis(1);
    let (source, target) = (id("source"), id("target"));
    registry_metrics(&RegistryMetrics {
        members: &snapshot,
        faults: vec![&fault],
        expected: Some(&report),
        location_pairs: vec![LocationPairMetrics {
            source_location: &here,
            target_location: &there,
            pairs: PairCounts::default(),
            round_trip_time: Some(Spread { worst: time, median: time, best: time }),
            loss_ratio: Some(Spread { worst: 0.0, median: 0.0, best: 0.0 }),
        }],
        location_pairs_left_out: 1,
        pairs_left_out: Some(1),
        pairs: vec![PairMetrics {
            source_location: &here,
            source: &source,
            target_location: &there,
            target: &target,
            state: State::Up,
            round_trip_time: Some(time),
            loss_ratio: Some(0.0),
        }],
        history_bytes: 1,
        history_max_bytes: 2,
        last_event: 1,
        leading: true,
        store_in_reach: true,
    })
}

/// The name and the type of each metric of a registry.
fn registry_families(text: &str) -> Vec<(&str, &str)> {
    text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' ')).collect()
}

fn row_of<'a>(document: &'a str, name: &str) -> &'a str {
    document
        .lines()
        .find(|line| line.starts_with(&format!("| `{name}` |")))
        .unwrap_or_else(|| panic!("{name} has no row in its part of docs/metrics.md"))
}

/// The names of the rows of a table of metrics.
fn documented(document: &str) -> impl Iterator<Item = &str> {
    let rows = document.lines().filter_map(|line| line.strip_prefix("| `netring_"));
    rows.map(|row| row.split('`').next().unwrap_or_default())
}

#[test]
fn every_metric_is_in_its_document_with_its_type_and_labels() {
    let sink = PrometheusSink::new();
    every_event(&sink);
    let families = sink.registry().gather();
    assert!(families.len() >= 25, "an event sets no metric: {families:?}");
    for family in &families {
        let name = family.name();
        let row = row_of(of_members_and_of_registries().0, name);
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
fn every_metric_of_a_registry_is_in_its_document_with_its_type_and_labels() {
    let text = registry_text();
    let families = registry_families(&text);
    assert_eq!(families.len(), 23, "a metric has no value: {families:?}");
    for (name, kind) in families {
        let row = row_of(of_members_and_of_registries().1, name);
        let is_sample = |line: &&str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' ']));
        let sample = text.lines().find(is_sample).expect("a sample");
        let labels = sample.split_once('{').and_then(|(_, rest)| rest.split_once('}')).map_or("", |(labels, _)| labels);
        let labels: Vec<_> = labels
            .split(',')
            .filter_map(|label| label.split_once('='))
            .map(|(label, _)| format!("`{label}`"))
            .collect();
        let labels = if labels.is_empty() { "none".to_owned() } else { labels.join(", ") };
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        // The client writes them in the order of their names.
        let sorted = |labels: &str| labels.split(", ").map(str::to_owned).collect::<BTreeSet<_>>();
        assert_eq!(cells[2], kind, "the type of {name}");
        assert_eq!(sorted(cells[3]), sorted(&labels), "the labels of {name}");
    }
}

#[test]
fn no_metric_is_in_the_document_that_is_not_there() {
    let sink = PrometheusSink::new();
    every_event(&sink);
    let of_members: BTreeSet<_> = sink.registry().gather().iter().map(|family| family.name().to_owned()).collect();
    let text = registry_text();
    let of_registries = registry_families(&text).into_iter().map(|(name, _)| name.to_owned()).collect();
    let (members, registries) = of_members_and_of_registries();
    for (document, names) in [(members, of_members), (registries, of_registries)] {
        for name in documented(document) {
            let name = format!("netring_{name}");
            assert!(names.contains(&name), "{name} is documented, but there is no such metric");
        }
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
    for (method, path) in PATHS {
        let heading = format!("### {method} {path}");
        assert!(API.lines().any(|line| line == heading), "docs/api.md has no section {heading:?}");
    }
}

/// What can be at fault, how it shows and what can happen has its word in the document.
#[test]
fn every_word_of_the_analysis_is_in_the_document() {
    let scopes = [
        "target",
        "inbound",
        "source",
        "location",
        "partition",
        "location_pair",
        "direction",
        "pair",
        "kind",
        "router",
        "link",
    ];
    let symptoms = [Symptom::Unreachable, Symptom::Slow, Symptom::Lossy, Symptom::Overloaded].map(Symptom::as_str);
    let rows: BTreeSet<_> = API.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    for word in scopes.into_iter().chain(symptoms).chain(Occurrence::KINDS) {
        assert!(rows.contains(word), "no row of docs/api.md begins with {word}");
    }
}

/// A path that is added to the code has to be added above.
#[test]
fn no_path_is_forgotten_here() {
    let source = include_str!("../../netring-core/src/wire/mod.rs");
    let declared =
        source.lines().filter(|line| line.trim_start().starts_with("pub const") && line.contains("\"/")).count();
    assert_eq!(declared, 22, "wire::path has other paths than this test and docs/api.md");
}

/// Nobody is sent to a path that is not there, neither by a document nor by an alert.
#[test]
fn every_path_that_is_named_is_there() {
    const OF_PROMETHEUS: &str = "/api/v1/targets";
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut left = vec![root.join("README.md"), root.join("docs"), root.join("deploy")];
    let mut named = 0;
    while let Some(next) = left.pop() {
        if next.is_dir() {
            left.extend(std::fs::read_dir(&next).unwrap().map(|entry| entry.unwrap().path()));
        } else if let Ok(text) = std::fs::read_to_string(&next) {
            for rest in text.split("/api/v1/").skip(1) {
                let end = rest.find(|c: char| !c.is_ascii_lowercase() && !"/.".contains(c)).unwrap_or(rest.len());
                if end == 0 {
                    continue;
                }
                let path = format!("/api/v1/{}", rest[..end].trim_end_matches('.'));
                let known = PATHS.iter().any(|(_, known)| *known == path) || path == OF_PROMETHEUS;
                assert!(known, "{} names {path}, which is not there", next.display());
                named += 1;
            }
        }
    }
    assert!(named > 50, "{named} paths are named");
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
