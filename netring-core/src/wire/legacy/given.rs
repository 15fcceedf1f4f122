//! What a member of ours reports, as a registry of 1.x understands it.

use super::{
    BandwidthTest, CheckDuration, DetailedTraceroute, General, LabelledValue, Labels, LegacyHop, LegacyMetrics,
    LegacyReport, TracerouteTest,
};
use crate::model::{FlowPath, Host, Measurement, MemberReport, ProbeKind, ProbeReport, TracerouteMeasurement};
use std::{collections::HashSet, time::Duration};

impl LegacyReport {
    /// The report of a member of ours, as a registry of 1.x understands it. `avg_latency_ms` is that of the
    /// newest check of each endpoint alone, for the mean since the start of 1.x hides what has changed.
    #[must_use]
    pub fn of(report: &MemberReport) -> Self {
        let targets: HashSet<_> = report.results.iter().map(|result| &result.target.instance_id).collect();
        let general = General { members_total: targets.len() as f64 };
        let mut metrics = LegacyMetrics { general, ..LegacyMetrics::default() };
        for result in report.results.iter().filter(|result| is_current(result, report)) {
            metrics.take_in(result, report);
        }
        Self { instance_id: report.instance_id.clone(), metrics }
    }
}

/// 1.x can say of a result neither that it is old nor that it is not to be trusted.
fn is_current(result: &ProbeReport, report: &MemberReport) -> bool {
    let age = report.sent_at.since(result.started_at + result.duration);
    let interval = result.interval.unwrap_or_default().max(report.check_interval);
    !result.tainted && age <= interval.saturating_mul(3).saturating_add(result.duration)
}

impl LegacyMetrics {
    fn take_in(&mut self, result: &ProbeReport, report: &MemberReport) {
        let target = &result.target;
        let key = format!("{}:{}", target.location, target.instance_id);
        let mut labels = Labels::from([
            ("source_location".into(), report.location.to_string()),
            ("source_instance".into(), report.instance_id.to_string()),
            ("target_location".into(), target.location.to_string()),
            ("target_instance".into(), target.instance_id.to_string()),
            ("target_ip".into(), target_ip(result)),
        ]);
        let value = f64::from(u8::from(result.outcome.is_success()));
        match &result.measurement {
            _ if result.kind == ProbeKind::TCP => {
                self.connectivity_tcp.insert(key.clone(), LabelledValue { labels, value });
                self.take_duration(result, &key);
            }
            _ if result.kind == ProbeKind::HTTP => {
                let Some(endpoint) = &result.endpoint else { return };
                labels.insert("endpoint".into(), endpoint.to_string());
                self.connectivity_http.insert(format!("{key}:{endpoint}"), LabelledValue { labels, value });
                self.take_duration(result, &key);
            }
            Some(Measurement::Bandwidth(bandwidth)) => {
                let Some(download) = &bandwidth.download else { return };
                self.bandwidth_tests.insert(key, BandwidthTest { labels, bandwidth_mbps: download.mbps() });
            }
            Some(Measurement::Traceroute(trace)) => {
                // 1.x knows one path, and so gets the first, and shows no test that did not come to an end.
                let Some(path) = trace.flows.first() else { return };
                if let Some(total_hops) = trace.hops() {
                    let max_hop_latency_ms = milliseconds(trace.max_hop_round_trip_time().unwrap_or_default());
                    let test =
                        TracerouteTest { labels: labels.clone(), total_hops: total_hops.into(), max_hop_latency_ms };
                    self.traceroute_tests.insert(key.clone(), test);
                }
                self.detailed_traceroute_data.insert(key, detailed(result, path, labels));
            }
            _ => {}
        }
    }

    /// Several endpoints of one target share an entry.
    fn take_duration(&mut self, result: &ProbeReport, key: &str) {
        let labels = Labels::from([
            ("check_type".into(), result.kind.to_string()),
            ("target_location".into(), result.target.location.to_string()),
            ("target_instance".into(), result.target.instance_id.to_string()),
        ]);
        let duration = self.check_durations.entry(format!("{}:{key}", result.kind)).or_insert_with(|| CheckDuration {
            labels,
            sum: 0.0,
            count: 0,
            avg_latency_ms: 0.0,
        });
        duration.sum += result.duration.as_secs_f64();
        duration.count += 1;
        duration.avg_latency_ms = duration.sum / duration.count as f64 * 1e3;
    }
}

fn detailed(result: &ProbeReport, path: &FlowPath, labels: Labels) -> DetailedTraceroute {
    let hop = |hop: &crate::model::Hop| {
        let answer = hop.answers.iter().min_by_key(|answer| answer.round_trip_time);
        LegacyHop {
            hop: hop.ttl.into(),
            ip: answer.map_or_else(|| "*".to_owned(), |answer| answer.ip.to_string()),
            latency_ms: answer.map(|answer| milliseconds(answer.round_trip_time)),
        }
    };
    DetailedTraceroute {
        hops: path.hops.iter().take(TracerouteMeasurement::MAX_HOPS).map(hop).collect(),
        timestamp: result.started_at.as_unix_seconds_f64(),
        target_location: result.target.location.to_string(),
        target_ip: target_ip(result),
        labels,
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn target_ip(result: &ProbeReport) -> String {
    match (result.ip, &result.target.host) {
        (Some(ip), _) => ip.to_string(),
        (None, Host::Ip(ip)) => ip.to_string(),
        (None, Host::Name(_)) => String::new(),
    }
}
