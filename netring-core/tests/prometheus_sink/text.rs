//! Prometheus text, read line by line, and events to make it from.

use netring_core::{
    AdvertisedAddress, Endpoint, Event, HttpMeasurement, Location, Measurement, Member, MetricSink, Outcome, ProbeKind,
    ProbeReport, PrometheusSink, Source, Target, TcpMeasurement,
    testing::sample::{NOW, id, result},
};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    time::Duration,
};

/// Every sample by its series, as the text has it.
pub(crate) type Samples = BTreeMap<String, f64>;

/// Reads Prometheus text, and checks what holds of every exposition: the form of each line, that each metric has its
/// help and type before its samples, and that no series comes twice.
#[track_caller]
pub(crate) fn parse(text: &str) -> Samples {
    let (mut samples, mut types, mut helped) = (Samples::new(), HashMap::new(), HashSet::new());
    assert!(text.is_empty() || text.ends_with('\n'), "the last line has no end");
    for line in text.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, words) = help.split_once(' ').unwrap_or_else(|| panic!("no words: {line}"));
            assert!(helped.insert(name) && !words.is_empty(), "{line}");
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').unwrap();
            assert!(helped.contains(name), "no help: {line}");
            assert!(types.insert(name, kind).is_none(), "twice: {line}");
        } else {
            let (series, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("no value: {line}"));
            let value: f64 = value.parse().unwrap_or_else(|_| panic!("no number: {line}"));
            let name = series.split('{').next().unwrap();
            let of = |suffix| name.strip_suffix(suffix).and_then(|name| types.get(name)) == Some(&"histogram");
            assert!(types.contains_key(name) || ["_bucket", "_sum", "_count"].into_iter().any(of), "no type: {line}");
            assert_eq!(types.get(name) == Some(&"counter"), name.ends_with("_total") && !seed_gauge(name), "{line}");
            check_labels(series);
            assert!(samples.insert(series.to_owned(), value).is_none(), "twice: {line}");
        }
    }
    samples
}

/// Gauges that have been called `_total` since the seeds.
fn seed_gauge(name: &str) -> bool {
    ["netring_members_total", "netring_traceroute_hops_total"].contains(&name)
}

/// `name="value"` with commas between, every quote and backslash in a value escaped.
#[track_caller]
fn check_labels(series: &str) {
    let Some((_, labels)) = series.split_once('{') else { return };
    let mut rest = labels.strip_suffix('}').unwrap_or_else(|| panic!("no end: {series}"));
    while !rest.is_empty() {
        let (name, after) = rest.split_once("=\"").unwrap_or_else(|| panic!("no value: {series}"));
        assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{name:?} in {series}");
        let mut chars = after.char_indices();
        let end = loop {
            match chars.next().unwrap_or_else(|| panic!("no closing quote: {series}")) {
                (_, '\\') => assert!(matches!(chars.next(), Some((_, '\\' | '"' | 'n'))), "{series}"),
                (end, '"') => break end,
                _ => {}
            }
        };
        rest = &after[end + 1..];
        rest = rest.strip_prefix(',').unwrap_or(rest);
    }
}

#[track_caller]
pub(crate) fn samples(sink: &PrometheusSink) -> Samples {
    parse(&sink.render())
}

/// Asserts one sample; the series is as the text has it.
#[track_caller]
pub(crate) fn assert_sample(samples: &Samples, series: &str, value: f64) {
    let near: Vec<_> = samples.keys().filter(|s| s.split('{').next() == series.split('{').next()).collect();
    assert_eq!(samples.get(series), Some(&value), "{series}, of {near:#?}");
}

pub(crate) fn source() -> Source {
    Source { instance_id: id("a"), location: Location::new("eu1").unwrap() }
}

pub(crate) fn member(instance_id: &str, location: &str, ip: &str) -> Member {
    Member {
        instance_id: id(instance_id),
        location: Location::new(location).unwrap(),
        address: AdvertisedAddress::new(ip.parse().unwrap(), 8757).unwrap(),
        heartbeat_interval: None,
        udp_echo: false,
        registered_at: NOW,
        last_seen: NOW,
        deregistered_at: None,
    }
}

pub(crate) fn list(sink: &PrometheusSink, members: &[Member]) {
    sink.record(&Event::Members { source: &source(), members, as_of: NOW });
}

pub(crate) fn probe(sink: &PrometheusSink, report: &ProbeReport) {
    sink.record(&Event::Probe { source: &source(), report });
}

/// A TCP probe of `member` that took 3 ms, of which the handshake took 2.
pub(crate) fn tcp(member: &Member, outcome: Outcome) -> ProbeReport {
    let connect = Duration::from_millis(2);
    ProbeReport {
        target: Target::from(member),
        ip: Some(member.address.ip()),
        duration: Duration::from_millis(3),
        measurement: outcome.is_success().then_some(Measurement::Tcp(TcpMeasurement { resolve: None, connect })),
        ..result(member.instance_id.as_str(), outcome)
    }
}

/// `report`, but of `member`.
pub(crate) fn of(member: &Member, report: ProbeReport) -> ProbeReport {
    ProbeReport { target: Target::from(member), ip: Some(member.address.ip()), ..report }
}

/// An HTTP probe of `member` that took 250 ms.
pub(crate) fn http(member: &Member, endpoint: &str, outcome: Outcome, phases: Option<HttpMeasurement>) -> ProbeReport {
    ProbeReport {
        kind: ProbeKind::HTTP,
        endpoint: Some(Endpoint::new(endpoint).unwrap()),
        duration: Duration::from_millis(250),
        measurement: phases.map(Measurement::Http),
        ..tcp(member, outcome)
    }
}

/// Every phase: 1 ms, 2 ms and so on.
pub(crate) fn all_phases() -> HttpMeasurement {
    let ms = |ms| Some(Duration::from_millis(ms));
    HttpMeasurement {
        resolve: ms(1),
        connect: ms(2),
        tls: ms(3),
        first_byte: ms(4),
        body: ms(5),
        status: Some(200),
        ..HttpMeasurement::default()
    }
}
