//! The metrics of bursts, throughput tests and traceroutes, with their labels and values.

use crate::text::{assert_sample, member, of, probe, samples, source};
use netring_core::{
    Event, FailureReason, Measurement, MetricSink, Outcome, PathChange, ProbeError, ProbeKind, ProbeReport,
    PrometheusSink, Target,
    testing::sample::{NOW, bandwidth, burst, traceroute},
};

const SOURCE: &str = r#"source_instance="a",source_location="eu1""#;
const TARGET: &str = r#"target_instance="b",target_ip="10.0.0.2",target_location="us1""#;

/// A series of the pair, with the labels `before` (that come first by the alphabet), `middle` and `kind`.
fn series(name: &str, before: &str, middle: &str) -> String {
    format!("{name}{{{before}{SOURCE},{middle}{TARGET}}}")
}

fn names(sink: &PrometheusSink) -> Vec<String> {
    let mut names: Vec<_> =
        samples(sink).into_keys().map(|series| series.split('{').next().unwrap().to_owned()).collect();
    names.dedup();
    names
}

fn timed_out(report: &ProbeReport) -> ProbeReport {
    let outcome = Outcome::failure(FailureReason::Timeout, "nothing came back");
    ProbeReport { outcome, measurement: None, ..report.clone() }
}

#[test]
fn bursts_by_each_protocol() {
    let (sink, b) = (PrometheusSink::new(), member("b", "us1", "10.0.0.2"));
    for (kind, word) in [(ProbeKind::UDP, "udp"), (ProbeKind::ICMP, "icmp")] {
        let report = ProbeReport { kind, ..of(&b, burst("b")) };
        probe(&sink, &report);
        probe(&sink, &report);
        let check = format!("check_type=\"{word}\",");
        let samples = samples(&sink);
        assert_sample(&samples, &series("netring_loss_ratio", &check, ""), 0.1);
        for (statistic, ms) in [
            ("min", 10.0),
            ("mean", 12.0),
            ("max", 20.0),
            ("standard_deviation", 3.0),
            ("p50", 11.0),
            ("p95", 19.0),
            ("p99", 20.0),
        ] {
            let statistic = format!("statistic=\"{statistic}\",");
            assert_sample(&samples, &series("netring_burst_round_trip_time_seconds", &check, &statistic), ms / 1e3);
        }
        for (direction, ms) in [("round_trip", 2.0), ("forward", 1.0)] {
            let labels = format!("{check}direction=\"{direction}\",");
            assert_sample(&samples, &series("netring_interarrival_jitter_seconds", &labels, ""), ms / 1e3);
        }
        let backward = series("netring_interarrival_jitter_seconds", &format!("{check}direction=\"backward\","), "");
        assert!(!samples.contains_key(&backward), "the burst had none");
        for (result, packets) in [
            ("sent", 20.0),
            ("received", 18.0),
            ("duplicate", 2.0),
            ("reordered", 4.0),
            ("lost_forward", 0.0),
            ("lost_backward", 2.0),
        ] {
            let labels = format!("{check}result=\"{result}\",");
            assert_sample(&samples, &series("netring_burst_packets_total", &labels, ""), packets);
        }
    }
}

#[test]
fn a_burst_that_could_not_be_sent_shows_no_old_values_and_keeps_its_counts() {
    let (sink, b) = (PrometheusSink::new(), member("b", "us1", "10.0.0.2"));
    let report = of(&b, burst("b"));
    probe(&sink, &report);
    probe(&sink, &timed_out(&report));
    let names = names(&sink);
    for gone in ["netring_loss_ratio", "netring_burst_round_trip_time_seconds", "netring_interarrival_jitter_seconds"] {
        assert!(!names.iter().any(|name| name == gone), "{gone}");
    }
    assert!(names.iter().any(|name| name == "netring_burst_packets_total"));
}

#[test]
fn throughput_both_ways() {
    let (sink, b) = (PrometheusSink::new(), member("b", "us1", "10.0.0.2"));
    let report = of(&b, bandwidth("b"));
    probe(&sink, &report);
    let seen = samples(&sink);
    assert_sample(&seen, &series("netring_bandwidth_mbps", "", ""), 93.5);
    for (direction, rate, settled) in [("download", 93.5e6, 1.0), ("upload", 40e6, 0.0)] {
        let direction = format!("direction=\"{direction}\",");
        assert_sample(&seen, &series("netring_throughput_bits_per_second", &direction, ""), rate);
        assert_sample(&seen, &series("netring_throughput_settled", &direction, ""), settled);
    }
    let mut download_alone = report.clone();
    if let Some(Measurement::Bandwidth(bandwidth)) = &mut download_alone.measurement {
        bandwidth.upload = None;
    }
    probe(&sink, &download_alone);
    let upload = series("netring_throughput_bits_per_second", "direction=\"upload\",", "");
    assert!(!samples(&sink).contains_key(&upload));
    probe(&sink, &timed_out(&report));
    assert!(!names(&sink).iter().any(|name| name.contains("bandwidth_mbps") || name.contains("throughput")));
}

#[test]
fn a_check_that_is_made_no_more_leaves_nothing_and_one_that_cannot_be_made_its_counts() {
    let (sink, b) = (PrometheusSink::new(), member("b", "us1", "10.0.0.2"));
    let (udp, icmp) = (of(&b, burst("b")), ProbeReport { kind: ProbeKind::ICMP, ..of(&b, burst("b")) });
    let of_udp = || samples(&sink).into_keys().filter(|series| series.contains("\"udp\"")).collect::<Vec<_>>();
    probe(&sink, &udp);
    probe(&sink, &icmp);
    let (source, target, kind, endpoint) = (&source(), &udp.target, &ProbeKind::UDP, None);
    let busy = ProbeError::Busy { target: "b".into(), retry_after: std::time::Duration::from_secs(1) };
    let before = of_udp();
    sink.record(&Event::ProbeNotMade { source, target, kind, endpoint, error: &busy });
    assert_sample(&samples(&sink), "netring_checks_busy_total{check_type=\"udp\"}", 1.0);
    assert!(before.iter().all(|series| of_udp().contains(series)), "the last result stays");

    sink.record(&Event::ProbeNotMade { source, target, kind, endpoint, error: &ProbeError::Overran });
    let left = of_udp();
    assert!(left.iter().any(|series| series.starts_with("netring_burst_packets_total")), "{left:#?}");
    assert!(!left.iter().any(|series| series.starts_with("netring_loss_ratio")), "{left:#?}");

    sink.record(&Event::ProbeEnded { source, target, kind, endpoint });
    let left: Vec<_> = of_udp().into_iter().filter(|series| series.contains("target")).collect();
    assert!(left.is_empty(), "{left:#?}");
    assert!(samples(&sink).keys().any(|series| series.contains("\"icmp\"")), "the others stay");
}

#[test]
fn traceroutes_and_changes_of_their_paths() {
    let (sink, b) = (PrometheusSink::new(), member("b", "us1", "10.0.0.2"));
    let report = of(&b, traceroute("b"));
    let changes = series("netring_path_changes_total", "", "");
    probe(&sink, &report);
    let seen = samples(&sink);
    assert_sample(&seen, &series("netring_traceroute_hops_total", "", ""), 3.0);
    assert_sample(&seen, &series("netring_traceroute_max_hop_latency_ms", "", ""), 12.25);
    assert_sample(&seen, &series("netring_traceroute_reached", "", ""), 1.0);
    assert_sample(&seen, &changes, 0.0);
    let change = PathChange { at: NOW, before: Vec::new(), after: Vec::new() };
    sink.record(&Event::PathChanged { source: &source(), target: &Target::from(&b), change: &change });
    probe(&sink, &report);
    assert_sample(&samples(&sink), &changes, 1.0);
    let elsewhere = Target::from(&member("b", "us1", "10.0.0.9"));
    sink.record(&Event::PathChanged { source: &source(), target: &elsewhere, change: &change });
    assert_sample(&samples(&sink), &changes, 1.0);
}
