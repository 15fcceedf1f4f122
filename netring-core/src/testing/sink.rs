//! The contract of [`MetricSink`], rule by rule.

use super::sample::{NOW, id, registration, result};
use crate::{
    model::{FailureReason, Location, Member, Outcome, ProbeKind, ProbeReport, Timestamp},
    prober::ProbeError,
    sink::{Event, MetricSink, Source},
};
use std::sync::Arc;

/// Runs the rules of [`MetricSink`] against the sinks that a closure makes: `|| Arc<dyn MetricSink>`. Rule 4, of what a
/// sink keeps, is for a sink's own tests.
#[macro_export]
macro_rules! metric_sink_conformance {
    ($harness:expr) => {
        $crate::__conformance_cases!(
            sink,
            $harness,
            [
                rule_1_every_event_is_taken,
                rule_2_a_flood_of_events_does_not_block,
                rule_3_events_come_from_many_threads,
            ]
        );
    };
}

fn record_each(sink: &dyn MetricSink, target: &str) {
    let source = &Source { instance_id: id("source"), location: Location::new("eu1").expect("a location") };
    let registration = registration(target);
    let member = Member {
        instance_id: registration.instance_id,
        location: registration.location,
        address: registration.address,
        heartbeat_interval: None,
        udp_echo: false,
        registered_at: Timestamp::default(),
        last_seen: Timestamp::default(),
        deregistered_at: None,
    };
    let failure = Outcome::failure(FailureReason::Timeout, "no answer");
    let own_kind = ProbeReport {
        kind: ProbeKind::new("of_my_own").expect("a kind"),
        ip: None,
        ..result(target, Outcome::Success)
    };
    let error = ProbeError::Overran;
    sink.record(&Event::Members { source, members: &[member], as_of: NOW });
    for report in
        [result(target, Outcome::Success), result(target, failure), own_kind, result("stranger", Outcome::Success)]
    {
        sink.record(&Event::Probe { source, report: &report });
        let (target, kind, endpoint) = (&report.target, &report.kind, None);
        sink.record(&Event::ProbeNotMade { source, target, kind, endpoint, error: &error });
    }
    sink.record(&Event::RegistryContact { source, in_reach: true });
    sink.record(&Event::RegistryContact { source, in_reach: false });
    sink.record(&Event::TaskPanicked { source, task: "poll" });
    sink.record(&Event::Members { source, members: &[], as_of: NOW });
}

/// Rule 1.
pub async fn rule_1_every_event_is_taken(sink: &impl Fn() -> Arc<dyn MetricSink>) {
    record_each(&*sink(), "target");
}

/// Rule 2: what blocks on a queue that nobody empties never comes back from this.
pub async fn rule_2_a_flood_of_events_does_not_block(sink: &impl Fn() -> Arc<dyn MetricSink>) {
    let sink = sink();
    let flood =
        tokio::task::spawn_blocking(move || (0..2_000).for_each(|i| record_each(&*sink, &format!("target-{i}"))));
    let patience = std::time::Duration::from_secs(60);
    tokio::time::timeout(patience, flood).await.expect("the sink does not block").expect("the sink does not panic");
}

/// Rule 3.
pub async fn rule_3_events_come_from_many_threads(sink: &impl Fn() -> Arc<dyn MetricSink>) {
    let sink = sink();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let sink = &sink;
            scope.spawn(move || (0..100).for_each(|i| record_each(&**sink, &format!("target-{}", (thread + i) % 10))));
        }
    });
}
