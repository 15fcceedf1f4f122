//! A member that leaves takes every series with it.

use crate::text::{all_phases, http, list, member, of, probe, samples, source, tcp};
use netring_core::{
    Event, FailureReason, HttpMeasurement, Member, MetricSink, Outcome, PathChange, ProbeKind, ProbeReport,
    PrometheusSink, Target,
    testing::sample::{NOW, bandwidth, burst, traceroute},
};

const REASONS: [FailureReason; 9] = [
    FailureReason::Timeout,
    FailureReason::Refused,
    FailureReason::Reset,
    FailureReason::Unreachable,
    FailureReason::NameNotResolved,
    FailureReason::Tls,
    FailureReason::UnexpectedStatus,
    FailureReason::Protocol,
    FailureReason::Other,
];

/// Everything that can be seen of a member.
fn live_through_everything(sink: &PrometheusSink, member: &Member) {
    let own = |outcome| ProbeReport { kind: ProbeKind::new("grpc").unwrap(), ..tcp(member, outcome) };
    let until_tls = HttpMeasurement { first_byte: None, body: None, ..all_phases() };
    for report in [tcp(member, Outcome::Success), own(Outcome::Success)] {
        probe(sink, &report);
    }
    for endpoint in ["/health", "/metrics"] {
        probe(sink, &http(member, endpoint, Outcome::Success, Some(all_phases())));
        probe(sink, &http(member, endpoint, Outcome::Success, Some(until_tls.clone())));
    }
    for kind in [ProbeKind::UDP, ProbeKind::ICMP] {
        probe(sink, &ProbeReport { kind, ..of(member, burst("b")) });
    }
    probe(sink, &of(member, bandwidth("b")));
    probe(sink, &of(member, traceroute("b")));
    let change = PathChange { at: NOW, before: Vec::new(), after: Vec::new() };
    sink.record(&Event::PathChanged { source: &source(), target: &Target::from(member), change: &change });
    for reason in REASONS {
        let failure = || Outcome::failure(reason, "it failed");
        probe(sink, &tcp(member, failure()));
        probe(sink, &own(failure()));
        probe(sink, &http(member, "/health", failure(), Some(all_phases())));
        probe(sink, &http(member, "/metrics", failure(), None));
    }
}

#[test]
fn no_trace_of_it_is_left() {
    let (sink, others) = (PrometheusSink::new(), [member("stays", "eu1", "10.0.0.3")]);
    list(&sink, &others);
    live_through_everything(&sink, &others[0]);
    let before = sink.render();
    let leaver = member("leaver", "atlantis", "10.0.0.2");
    list(&sink, &[others[0].clone(), leaver.clone()]);
    live_through_everything(&sink, &leaver);
    assert!(sink.render().matches("leaver").count() > 50, "it was there");

    list(&sink, &others);
    let after = sink.render();
    for trace in ["leaver", "atlantis", "10.0.0.2"] {
        let lines: Vec<_> = after.lines().filter(|line| line.contains(trace)).collect();
        assert!(lines.is_empty(), "{lines:#?}");
    }
    // Lateness is of all checks together.
    let without_lateness =
        |text: &str| text.lines().filter(|line| !line.contains("lateness")).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(without_lateness(&after), without_lateness(&before), "what is known of the other is as it was");
}

#[test]
fn a_member_that_was_probed_and_never_listed_goes_too() {
    let sink = PrometheusSink::new();
    live_through_everything(&sink, &member("stranger", "atlantis", "10.0.0.2"));
    list(&sink, &[]);
    let text = sink.render();
    assert!(!text.contains("stranger") && !text.contains("atlantis"), "{text}");
}

#[test]
fn a_tcp_prober_with_an_endpoint_leaves_nothing_either() {
    let (sink, leaver) = (PrometheusSink::new(), member("leaver", "atlantis", "10.0.0.2"));
    let endpoint = Some("/x".to_owned().try_into().unwrap());
    probe(&sink, &ProbeReport { endpoint, ..tcp(&leaver, Outcome::Success) });
    list(&sink, &[]);
    let text = sink.render();
    assert!(!text.contains("leaver"), "{text}");
}

#[test]
fn a_member_that_comes_back_begins_anew() {
    let (sink, leaver) = (PrometheusSink::new(), member("leaver", "atlantis", "10.0.0.2"));
    list(&sink, std::slice::from_ref(&leaver));
    live_through_everything(&sink, &leaver);
    list(&sink, &[]);
    list(&sink, std::slice::from_ref(&leaver));
    probe(&sink, &tcp(&leaver, Outcome::Success));
    let samples = samples(&sink);
    let counts: Vec<_> =
        samples.iter().filter(|(s, _)| s.starts_with("netring_check_duration_seconds_count")).collect();
    assert_eq!(counts.len(), 1);
    assert_eq!(*counts[0].1, 1.0);
    assert!(!samples.keys().any(|series| series.contains("reason=") || series.contains("phase=")), "{samples:#?}");
}

#[test]
fn two_thousand_members_come_and_go() {
    let sink = PrometheusSink::new();
    list(&sink, &[]);
    let empty = sink.render().lines().count();
    let members: Vec<_> =
        (0..2_000_u32).map(|i| member(&format!("m{i}"), "eu1", &format!("10.0.{}.{}", i / 200, i % 200 + 1))).collect();
    list(&sink, &members);
    members.iter().for_each(|member| probe(&sink, &tcp(member, Outcome::Success)));
    assert!(sink.render().lines().count() > 40_000);
    list(&sink, &[]);
    // Of a metric without a series there is no line at all.
    assert_eq!(sink.render().lines().count(), empty);
}
