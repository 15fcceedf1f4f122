//! A member whose address or location changes.

use crate::text::{Samples, all_phases, http, list, member, probe, samples, tcp};
use netring_core::{FailureReason, Host, Member, Outcome, ProbeReport, PrometheusSink};

fn probe_each(sink: &PrometheusSink, member: &Member) {
    probe(sink, &tcp(member, Outcome::Success));
    probe(sink, &tcp(member, Outcome::failure(FailureReason::Refused, "refused")));
    for endpoint in ["/health", "/metrics"] {
        probe(sink, &http(member, endpoint, Outcome::Success, Some(all_phases())));
        probe(sink, &http(member, endpoint, Outcome::failure(FailureReason::Timeout, "late"), Some(all_phases())));
    }
}

#[track_caller]
fn assert_nothing_of(sink: &PrometheusSink, trace: &str) {
    let text = sink.render();
    let lines: Vec<_> = text.lines().filter(|line| line.contains(trace)).collect();
    assert!(lines.is_empty(), "{lines:#?}");
}

fn count(samples: &Samples, check_type: &str) -> f64 {
    let name = format!("netring_check_duration_seconds_count{{check_type=\"{check_type}\"");
    samples.iter().filter(|(series, _)| series.starts_with(&name)).map(|(_, value)| value).sum()
}

#[test]
fn the_series_of_the_old_place_are_gone_as_soon_as_the_new_one_is_listed() {
    let old = member("b", "us1", "10.0.0.2");
    for (new, trace) in [(member("b", "us1", "10.0.0.9"), "10.0.0.2"), (member("b", "us2", "10.0.0.2"), "us1")] {
        let sink = PrometheusSink::new();
        list(&sink, std::slice::from_ref(&old));
        probe_each(&sink, &old);
        list(&sink, std::slice::from_ref(&new));
        assert_nothing_of(&sink, trace);
        probe_each(&sink, &new);
        assert_nothing_of(&sink, trace);
        assert_eq!(count(&samples(&sink), "http"), 4.0);
    }
}

#[test]
fn the_series_of_the_old_place_are_gone_once_the_new_one_is_probed() {
    let old = member("b", "us1", "10.0.0.2");
    for (new, trace) in [(member("b", "us1", "10.0.0.9"), "10.0.0.2"), (member("b", "us2", "10.0.0.2"), "us1")] {
        let sink = PrometheusSink::new();
        probe_each(&sink, &old);
        probe_each(&sink, &new);
        assert_nothing_of(&sink, trace);
    }
}

/// A name may come to mean another address without anybody's saying so, and each prober sees that at its own time.
#[test]
fn every_check_is_counted_after_a_name_has_come_to_mean_another_address() {
    let sink = PrometheusSink::new();
    let by_name = |endpoint: &str, ip: &str| {
        let mut report = http(&member("b", "us1", ip), endpoint, Outcome::Success, Some(all_phases()));
        report.target.host = Host::Name("b.example".parse().unwrap());
        report
    };
    for endpoint in ["/health", "/metrics"] {
        probe(&sink, &by_name(endpoint, "10.0.0.2"));
    }
    assert_eq!(count(&samples(&sink), "http"), 2.0);
    for _ in 0..3 {
        for endpoint in ["/health", "/metrics"] {
            probe(&sink, &by_name(endpoint, "10.0.0.9"));
        }
    }
    assert_nothing_of(&sink, "10.0.0.2");
    assert_eq!(count(&samples(&sink), "http"), 8.0, "durations are of the target, whatever its address is");
}

#[test]
fn a_name_that_does_not_resolve_this_time_keeps_its_series() {
    let (sink, b) = (PrometheusSink::new(), member("b", "us1", "10.0.0.2"));
    probe(&sink, &tcp(&b, Outcome::Success));
    let failure = Outcome::failure(FailureReason::NameNotResolved, "resolve: no such name");
    probe(&sink, &ProbeReport { ip: None, ..tcp(&b, failure) });
    let samples = samples(&sink);
    let states: Vec<_> = samples.iter().filter(|(series, _)| series.starts_with("netring_connectivity_tcp")).collect();
    assert_eq!(states.len(), 1, "{states:?}");
    assert!(states[0].0.contains("target_ip=\"10.0.0.2\"") && *states[0].1 == 0.0, "{states:?}");
}
