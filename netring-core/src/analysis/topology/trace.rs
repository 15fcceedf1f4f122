use crate::{
    model::{InstanceId, Measurement, ProbeReport, Timestamp, TracerouteMeasurement},
    store::ReceivedReport,
};
use std::{collections::HashMap, time::Duration};

/// A trace is held for true for this many of its intervals …
const FRESH_INTERVALS: u32 = 3;
/// … and for at least this long: routes seldom change, and the clock of a 1.x member cannot be checked.
const FRESH_AT_LEAST: Duration = Duration::from_secs(3_600);

/// A traceroute as it was reported.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trace<'a> {
    pub(super) result: &'a ProbeReport,
    pub(super) trace: &'a TracerouteMeasurement,
    /// How long ago it ended.
    pub(super) age: Duration,
    pub(super) fresh: bool,
}

impl<'a> Trace<'a> {
    fn of(result: &'a ProbeReport, received: &ReceivedReport, now: Timestamp) -> Option<Self> {
        let Some(Measurement::Traceroute(trace)) = &result.measurement else { return None };
        // The member's clock is asked for differences alone, so that it may be wrong.
        let ended_at = result.started_at + result.duration;
        let age = now.since(received.received_at).saturating_add(received.report.sent_at.since(ended_at));
        let fresh_for = result.interval.unwrap_or(received.report.check_interval).saturating_mul(FRESH_INTERVALS);
        Some(Self { result, trace, age, fresh: age <= fresh_for.max(FRESH_AT_LEAST) })
    }
}

/// The newest traceroute of a report to each target.
pub(super) fn newest<'a>(received: &'a ReceivedReport, now: Timestamp) -> HashMap<&'a InstanceId, Trace<'a>> {
    let mut newest: HashMap<&InstanceId, Trace<'_>> = HashMap::new();
    for trace in received.report.results.iter().filter_map(|result| Trace::of(result, received, now)) {
        let known = newest.entry(&trace.result.target.instance_id).or_insert(trace);
        if known.result.started_at < trace.result.started_at {
            *known = trace;
        }
    }
    newest
}
