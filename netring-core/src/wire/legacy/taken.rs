//! What a member of 1.x reports, as a report of ours.

use super::{BandwidthTest, DetailedTraceroute, LabelledValue, Labels, LegacyHop, LegacyReport};
use crate::model::{
    BandwidthMeasurement, BandwidthMode, Endpoint, FailureReason, Flow, FlowPath, Hop, HopAnswer, Limit, Measurement,
    Member, MemberReport, Outcome, PathEnd, ProbeKind, ProbeReport, Target, Throughput, Timestamp,
    TracerouteMeasurement, TracerouteMode,
};
use std::{collections::HashMap, net::IpAddr, time::Duration};

/// How often a member of 1.x probes: it does not say.
const CHECK_INTERVAL: Duration = Duration::from_secs(60);
/// How often it measures throughput and traces: it does not say that either.
const TEST_INTERVAL: Duration = Duration::from_secs(300);

impl LegacyReport {
    /// The same as a report of ours, received at `now`. A target that is not among `members` is left out. A member of 1.x says
    /// neither when it probed nor why a probe failed: the results are taken as new, and the reason as
    /// [`FailureReason::Other`].
    ///
    /// There is none where whoever reports is not among `members` either.
    #[must_use]
    pub fn into_report<'a>(
        self,
        members: impl IntoIterator<Item = &'a Member>,
        now: Timestamp,
    ) -> Option<MemberReport> {
        let known: HashMap<&str, &Member> = members.into_iter().map(|m| (m.instance_id.as_str(), m)).collect();
        let location = known.get(self.instance_id.as_str())?.location.clone();
        let target = |labels: &Labels| known.get(labels.get("target_instance")?.as_str()).copied();
        let connectivity = |kind: ProbeKind, labelled: &LabelledValue| {
            let member = target(&labelled.labels)?;
            let key = format!("{kind}:{}:{}", member.location, member.instance_id);
            let mean_ms = self.metrics.check_durations.get(&key).map_or(0.0, |durations| durations.avg_latency_ms);
            let endpoint = labelled.labels.get("endpoint").and_then(|endpoint| Endpoint::new(endpoint).ok());
            let outcome = if labelled.value > 0.0 {
                Outcome::Success
            } else {
                Outcome::failure(FailureReason::Other, "a member of netring 1.x does not say why")
            };
            let duration = milliseconds(mean_ms).unwrap_or_default();
            let interval = Some(CHECK_INTERVAL);
            Some(ProbeReport { endpoint, duration, outcome, interval, ..result(member, kind, now - duration) })
        };
        let metrics = &self.metrics;
        let tcp = metrics.connectivity_tcp.values().filter_map(|value| connectivity(ProbeKind::TCP, value));
        let http = metrics.connectivity_http.values().filter_map(|value| connectivity(ProbeKind::HTTP, value));
        let bandwidth = metrics.bandwidth_tests.values().filter_map(|test| bandwidth(target(&test.labels)?, test, now));
        let traces = metrics.detailed_traceroute_data.values();
        let traces = traces.filter_map(|trace| Some(traceroute(target(&trace.labels)?, trace, now)));
        let results = tcp.chain(http).chain(bandwidth).chain(traces).collect();
        Some(MemberReport {
            instance_id: self.instance_id,
            location,
            sent_at: now,
            check_interval: CHECK_INTERVAL,
            results,
        })
    }
}

/// A success of `kind` that was had at `at`, in no time.
fn result(member: &Member, kind: ProbeKind, at: Timestamp) -> ProbeReport {
    ProbeReport {
        target: Target::from(member),
        ip: Some(member.address.ip()),
        kind,
        endpoint: None,
        started_at: at,
        duration: Duration::ZERO,
        outcome: Outcome::Success,
        measurement: None,
        lateness: Duration::ZERO,
        tainted: false,
        interval: Some(TEST_INTERVAL),
    }
}

/// Milliseconds of a stranger, where they can be a duration.
fn milliseconds(ms: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(ms / 1e3).ok().filter(|duration| *duration <= Duration::from_secs(86_400))
}

/// 1.x measures a fixed size, with TCP's start-up in it. How long that took, and how much it was, it does not say.
fn bandwidth(member: &Member, test: &BandwidthTest, now: Timestamp) -> Option<ProbeReport> {
    // 10^15 bits per second and more is no rate.
    if !(0.0..1e9).contains(&test.bandwidth_mbps) {
        return None;
    }
    let download = Throughput {
        bits_per_second: test.bandwidth_mbps * 1e6,
        bytes: 0,
        duration: Duration::ZERO,
        settled: false,
        limited_by: Some(Limit::FixedSize),
        round_trip_time: None,
        retransmits: None,
    };
    let measurement = BandwidthMeasurement { mode: BandwidthMode::Fixed, download: Some(download), upload: None };
    let measurement = Some(Measurement::Bandwidth(measurement));
    Some(ProbeReport { measurement, ..result(member, ProbeKind::BANDWIDTH, now) })
}

/// 1.x calls the system's traceroute, which sends UDP from and to changing ports, and says neither which nor how the path ended:
/// it has reached the target where the last hop is the target's address.
fn traceroute(member: &Member, trace: &DetailedTraceroute, now: Timestamp) -> ProbeReport {
    let mut hops: Vec<Hop> = Vec::new();
    for LegacyHop { hop, ip, latency_ms } in &trace.hops {
        let next = hops.len() + 1;
        // A hop that is left out is silent. One that comes again, or beyond any path, is not taken.
        let Some(ttl) = u8::try_from(*hop).ok().filter(|ttl| usize::from(*ttl) >= next) else { continue };
        if usize::from(ttl) > TracerouteMeasurement::MAX_HOPS {
            break;
        }
        hops.extend((next..usize::from(ttl)).filter_map(|ttl| Some(Hop::new(u8::try_from(ttl).ok()?, 1, Vec::new()))));
        let answer = ip.parse::<IpAddr>().ok().zip(latency_ms.and_then(milliseconds));
        let answer =
            answer.map(|(ip, round_trip_time)| HopAnswer { ip, round_trip_time, answer_ttl: None, mpls: Vec::new() });
        hops.push(Hop::new(ttl, 1, answer.into_iter().collect()));
    }
    while hops.last().is_some_and(|hop| hop.answers.is_empty()) {
        hops.pop();
    }
    let last = hops.last().and_then(|hop| hop.answers.first());
    let end = if last.is_some_and(|last| last.ip == member.address.ip()) { PathEnd::Reached } else { PathEnd::Silent };
    let outcome = if end == PathEnd::Reached {
        Outcome::Success
    } else {
        Outcome::failure(FailureReason::Timeout, "the target did not answer")
    };
    let flow = Flow::Ports { source: 0, destination: 0 };
    let flows = vec![FlowPath { flow, end, hops }];
    let measurement = TracerouteMeasurement { mode: TracerouteMode::Udp, flows, last_change: None };
    let measurement = Some(Measurement::Traceroute(measurement));
    let started_at = Timestamp::try_from(trace.timestamp).ok().filter(|at| *at <= now && trace.timestamp > 0.0);
    ProbeReport { measurement, outcome, ..result(member, ProbeKind::TRACEROUTE, started_at.unwrap_or(now)) }
}
