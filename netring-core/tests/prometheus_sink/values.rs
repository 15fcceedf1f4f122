//! Each metric of `docs/metrics.md`, with its labels and its value.

use crate::text::{all_phases, assert_sample, http, list, member, probe, samples, source, tcp};
use netring_core::{
    Event, FailureReason, HttpMeasurement, MetricSink, Outcome, ProbeError, ProbeKind, ProbeReport, PrometheusSink,
    VERSION,
};
use std::time::Duration;

const PAIR: &str =
    r#"source_instance="a",source_location="eu1",target_instance="b",target_ip="10.0.0.2",target_location="us1""#;
const TARGET: &str = r#"target_instance="b",target_location="us1""#;

fn refused() -> Outcome {
    Outcome::failure(FailureReason::Refused, "connect: refused")
}

#[test]
fn a_new_sink_has_what_needs_no_event() {
    let samples = samples(&PrometheusSink::new());
    assert_sample(&samples, "netring_members_total", 0.0);
    assert_sample(&samples, &format!("netring_build_info{{version=\"{VERSION}\"}}"), 1.0);
    assert_sample(&samples, "netring_checks_tainted_total", 0.0);
    assert_sample(&samples, "netring_check_lateness_seconds_count", 0.0);
    assert!(!samples.contains_key("netring_registry_up"), "before the first call nobody knows");
    assert!(!samples.contains_key("netring_members_list_timestamp_seconds"), "there is no list yet");
}

#[test]
fn tcp_checks() {
    let (sink, b) = (PrometheusSink::new(), member("b", "us1", "10.0.0.2"));
    let (up, rtt) =
        (format!("netring_connectivity_tcp{{{PAIR}}}"), format!("netring_round_trip_time_seconds{{{PAIR}}}"));
    probe(&sink, &tcp(&b, Outcome::Success));
    assert_sample(&samples(&sink), &up, 1.0);
    assert_sample(&samples(&sink), &rtt, 0.002);
    probe(&sink, &tcp(&b, refused()));
    let failed = samples(&sink);
    assert_sample(&failed, &up, 0.0);
    assert!(!failed.contains_key(&rtt), "the last one would pass for a new one");
    let labels = format!("check_type=\"tcp\",{TARGET}");
    assert_sample(&failed, &format!("netring_check_duration_seconds_count{{{labels}}}"), 2.0);
    assert_sample(&failed, &format!("netring_check_duration_seconds_sum{{{labels}}}"), 0.006);
    let reason = r#"check_type="tcp",reason="refused""#;
    assert_sample(&failed, &format!("netring_check_failures_total{{{reason},{TARGET}}}"), 1.0);
    probe(&sink, &tcp(&b, Outcome::Success));
    assert_sample(&samples(&sink), &up, 1.0);
}

#[test]
fn http_checks_of_each_endpoint() {
    let (sink, b) = (PrometheusSink::new(), member("b", "us1", "10.0.0.2"));
    probe(&sink, &http(&b, "/health", Outcome::Success, Some(all_phases())));
    probe(&sink, &http(&b, "/metrics", refused(), None));
    let samples = samples(&sink);
    let of = |name: &str, endpoint: &str, more: &str| {
        let (source, target) = PAIR.split_at(PAIR.find("source").unwrap());
        format!("{name}{{{source}endpoint=\"{endpoint}\"{more},{target}}}")
    };
    assert_sample(&samples, &of("netring_connectivity_http", "/health", ""), 1.0);
    assert_sample(&samples, &of("netring_connectivity_http", "/metrics", ""), 0.0);
    for (phase, seconds) in
        [("resolve", 0.001), ("connect", 0.002), ("tls", 0.003), ("first_byte", 0.004), ("body", 0.005)]
    {
        let phase = format!(",phase=\"{phase}\"");
        assert_sample(&samples, &of("netring_http_phase_duration_seconds", "/health", &phase), seconds);
    }
    let labels = format!("check_type=\"http\",{TARGET}");
    assert_sample(&samples, &format!("netring_check_duration_seconds_count{{{labels}}}"), 2.0);
    assert!(!samples.keys().any(|series| series.starts_with("netring_connectivity_tcp")), "{samples:#?}");
}

#[test]
fn a_phase_that_the_last_check_did_not_come_to_is_not_shown() {
    let b = member("b", "us1", "10.0.0.2");
    let shown = |sink: &PrometheusSink| -> Vec<String> {
        let samples = samples(sink);
        let phases = samples.keys().filter(|series| series.starts_with("netring_http_phase"));
        phases.map(|series| series.split("phase=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()).collect()
    };
    let until_connect = HttpMeasurement { tls: None, first_byte: None, body: None, ..all_phases() };
    for (phases, wanted) in [(Some(until_connect), vec!["connect", "resolve"]), (None, vec![])] {
        let sink = PrometheusSink::new();
        probe(&sink, &http(&b, "/health", Outcome::Success, Some(all_phases())));
        assert_eq!(shown(&sink), ["body", "connect", "first_byte", "resolve", "tls"]);
        probe(&sink, &http(&b, "/health", refused(), phases));
        assert_eq!(shown(&sink), wanted);
    }
}

#[test]
fn the_buckets_of_a_duration_resolve_from_100_microseconds_to_10_seconds() {
    let (sink, b) = (PrometheusSink::new(), member("b", "us1", "10.0.0.2"));
    for micros in [50, 100, 150, 9_999_999, 20_000_000] {
        probe(&sink, &ProbeReport { duration: Duration::from_micros(micros), ..tcp(&b, Outcome::Success) });
    }
    let samples = samples(&sink);
    let labels = format!("check_type=\"tcp\",{TARGET}");
    let bucket = |le: &str| format!("netring_check_duration_seconds_bucket{{{labels},le=\"{le}\"}}");
    for (le, count) in [("0.0001", 2.0), ("0.0002", 3.0), ("1", 3.0), ("10", 4.0), ("+Inf", 5.0)] {
        assert_sample(&samples, &bucket(le), count);
    }
    let mut bounds: Vec<f64> = samples
        .keys()
        .filter(|series| series.starts_with("netring_check_duration_seconds_bucket"))
        .filter_map(|series| series.split("le=\"").nth(1)?.trim_end_matches("\"}").parse().ok())
        .collect();
    bounds.sort_by(f64::total_cmp);
    assert!(bounds.windows(2).all(|pair| pair[0] < pair[1] && (pair[1] / pair[0] <= 4.0 || pair[1].is_infinite())));
}

#[test]
fn a_kind_of_ones_own_has_durations_and_failures() {
    let (sink, b) = (PrometheusSink::new(), member("b", "us1", "10.0.0.2"));
    let own = |outcome| ProbeReport { kind: ProbeKind::new("grpc_health").unwrap(), ..tcp(&b, outcome) };
    probe(&sink, &own(Outcome::Success));
    probe(&sink, &own(refused()));
    let samples = samples(&sink);
    let labels = format!("check_type=\"grpc_health\",{TARGET}");
    assert_sample(&samples, &format!("netring_check_duration_seconds_count{{{labels}}}"), 2.0);
    let failures = format!("netring_check_failures_total{{check_type=\"grpc_health\",reason=\"refused\",{TARGET}}}");
    assert_sample(&samples, &failures, 1.0);
    assert!(!samples.keys().any(|series| series.starts_with("netring_connectivity")), "{samples:#?}");
}

#[test]
fn members_and_when_they_were_last_seen() {
    let sink = PrometheusSink::new();
    list(&sink, &[member("b", "us1", "10.0.0.2"), member("c", "eu1", "10.0.0.3")]);
    let samples = samples(&sink);
    assert_sample(&samples, "netring_members_total", 2.0);
    assert_sample(&samples, "netring_members_list_timestamp_seconds", 1_700_000_000.0);
    for (id, location) in [("b", "us1"), ("c", "eu1")] {
        let series = format!("netring_member_last_seen_timestamp{{instance_id=\"{id}\",location=\"{location}\"}}");
        assert_sample(&samples, &series, 1_700_000_000.0);
    }
}

#[test]
fn what_the_member_itself_is_late_with_misses_or_breaks() {
    let (sink, b) = (PrometheusSink::new(), member("b", "us1", "10.0.0.2"));
    let lateness = Duration::from_millis(300);
    probe(&sink, &ProbeReport { lateness, tainted: true, ..tcp(&b, Outcome::Success) });
    probe(&sink, &tcp(&b, Outcome::Success));
    let (source, target) = (&source(), &tcp(&b, Outcome::Success).target);
    let (kind, error) = (&ProbeKind::TCP, &ProbeError::Overran);
    sink.record(&Event::ProbeNotMade { source, target, kind, endpoint: None, error });
    sink.record(&Event::TaskPanicked { source, task: "poll" });
    let got = samples(&sink);
    for (series, value) in [
        ("netring_check_lateness_seconds_count", 2.0),
        ("netring_check_lateness_seconds_sum", 0.3),
        ("netring_check_lateness_seconds_bucket{le=\"0.25\"}", 1.0),
        ("netring_check_lateness_seconds_bucket{le=\"1\"}", 2.0),
        ("netring_checks_tainted_total", 1.0),
        ("netring_checks_not_made_total{check_type=\"tcp\"}", 1.0),
        ("netring_task_panics_total{task=\"poll\"}", 1.0),
    ] {
        assert_sample(&got, series, value);
    }
    for (in_reach, value) in [(true, 1.0), (false, 0.0), (true, 1.0)] {
        sink.record(&Event::RegistryContact { source, in_reach });
        assert_sample(&samples(&sink), "netring_registry_up", value);
    }
}

#[test]
fn a_check_that_cannot_be_made_says_nothing_of_its_target() {
    let (sink, b) = (PrometheusSink::new(), member("b", "us1", "10.0.0.2"));
    probe(&sink, &tcp(&b, Outcome::Success));
    probe(&sink, &http(&b, "/health", Outcome::Success, Some(all_phases())));
    let report = tcp(&b, Outcome::Success);
    let (source, error) = (source(), ProbeError::Overran);
    let (target, kind) = (&report.target, &report.kind);
    sink.record(&Event::ProbeNotMade { source: &source, target, kind, endpoint: None, error: &error });
    let samples = samples(&sink);
    for gone in ["netring_connectivity_tcp", "netring_round_trip_time_seconds"] {
        assert!(!samples.keys().any(|key| key.starts_with(gone)), "{gone}: its last value would pass for a new one");
    }
    assert!(samples.keys().any(|key| key.starts_with("netring_connectivity_http")), "other checks are as they were");
    assert_sample(&samples, "netring_checks_not_made_total{check_type=\"tcp\"}", 1.0);
}
