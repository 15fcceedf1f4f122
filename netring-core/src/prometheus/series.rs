//! The series of one target, kept track of so that they can go when it goes.

use super::{
    families::Families,
    values::{Measured, values},
};
use crate::{
    model::{BurstMeasurement, Endpoint, Measurement, Member, OneWay, Outcome, ProbeKind, ProbeReport, Target},
    sink::Source,
};
use prometheus::{Gauge, Histogram};
use std::{collections::HashSet, net::IpAddr};

/// Every series of one target.
#[derive(Debug, Default)]
pub(super) struct TargetSeries {
    last_seen: Option<[String; 2]>,
    /// Whom the series below are of: they go when the target stands in another place.
    target: Option<Target>,
    kinds: Vec<KindSeries>,
    checks: Vec<CheckSeries>,
}

/// The series that all checks of one kind share.
#[derive(Debug)]
struct KindSeries {
    kind: ProbeKind,
    /// `check_type`, `target_location`, `target_instance`.
    labels: [String; 3],
    duration: Histogram,
    reasons: HashSet<&'static str>,
}

/// The series of one check. Made once; recording a result only sets values.
#[derive(Debug)]
struct CheckSeries {
    ip: Option<IpAddr>,
    kind: ProbeKind,
    endpoint: Option<Endpoint>,
    /// `source_location`, `source_instance`, `target_location`, `target_instance`, `target_ip`, and `endpoint` where
    /// there is one.
    labels: Vec<String>,
    connectivity: Option<Gauge>,
    /// The gauges of what the last result measured.
    shown: HashSet<(Measured, Option<&'static str>)>,
    /// What packets were counted as.
    counted: HashSet<&'static str>,
}

impl TargetSeries {
    pub(super) fn record(&mut self, families: &Families, source: &Source, report: &ProbeReport) {
        self.keep_only(families, &report.target);
        self.target.get_or_insert_with(|| report.target.clone());
        let kind = self.kinds.iter().position(|series| series.kind == report.kind).unwrap_or_else(|| {
            self.kinds.push(KindSeries::new(families, report));
            self.kinds.len() - 1
        });
        self.kinds[kind].record(families, report);

        let same = |check: &CheckSeries| check.kind == report.kind && check.endpoint == report.endpoint;
        if let Some(i) = self.checks.iter().position(same)
            && report.ip.is_some_and(|ip| self.checks[i].ip != Some(ip))
        {
            // Its name has come to mean another address: the series of the old one are not the target's any more.
            self.checks.swap_remove(i).remove(families);
        }
        let check = self.checks.iter().position(same).unwrap_or_else(|| {
            self.checks.push(CheckSeries::new(source, report));
            self.checks.len() - 1
        });
        self.checks[check].record(families, report);
    }

    /// Takes the gauges of a check away that could not be made: nothing is known of its target by it any more. What was
    /// counted stays.
    pub(super) fn not_probed(&mut self, families: &Families, kind: &ProbeKind, endpoint: Option<&Endpoint>) {
        if let Some(check) = self.checks.iter_mut().find(|c| c.kind == *kind && c.endpoint.as_ref() == endpoint) {
            check.hide(families);
        }
    }

    /// Takes every series of a check away that is made no more.
    pub(super) fn ended(
        &mut self,
        families: &Families,
        target: &Target,
        kind: &ProbeKind,
        endpoint: Option<&Endpoint>,
    ) {
        if self.target.as_ref() != Some(target) {
            return;
        }
        if let Some(i) = self.checks.iter().position(|c| c.kind == *kind && c.endpoint.as_ref() == endpoint) {
            self.checks.swap_remove(i).remove(families);
        }
        if !self.checks.iter().any(|check| check.kind == *kind)
            && let Some(i) = self.kinds.iter().position(|series| series.kind == *kind)
        {
            self.kinds.swap_remove(i).remove(families);
        }
    }

    /// Counts a change of the paths to `target`.
    pub(super) fn path_changed(&self, families: &Families, target: &Target) {
        if self.target.as_ref() == Some(target)
            && let Some(check) = self.checks.iter().find(|check| check.kind == ProbeKind::TRACEROUTE)
        {
            check.count_path_changes(families, 1);
        }
    }

    /// Takes the series of every target but `target` away.
    pub(super) fn keep_only(&mut self, families: &Families, target: &Target) {
        if self.target.as_ref().is_some_and(|old| old != target) {
            self.remove_checks(families);
        }
    }

    pub(super) fn seen(&mut self, families: &Families, member: &Member) {
        let labels = [member.location.to_string(), member.instance_id.to_string()];
        if self.last_seen.as_ref() != Some(&labels) {
            self.forget_last_seen(families);
        }
        families.member_last_seen.with_label_values(&labels).set(member.last_seen.as_unix_seconds_f64());
        self.last_seen = Some(labels);
    }

    /// Takes every series away.
    pub(super) fn remove(&mut self, families: &Families) {
        self.remove_checks(families);
        self.forget_last_seen(families);
    }

    fn remove_checks(&mut self, families: &Families) {
        self.target = None;
        self.checks.drain(..).for_each(|check| check.remove(families));
        self.kinds.drain(..).for_each(|kind| kind.remove(families));
    }

    fn forget_last_seen(&mut self, families: &Families) {
        if let Some(labels) = self.last_seen.take() {
            let _ = families.member_last_seen.remove_label_values(&labels);
        }
    }
}

impl KindSeries {
    fn new(families: &Families, report: &ProbeReport) -> Self {
        let target = &report.target;
        let labels = [report.kind.to_string(), target.location.to_string(), target.instance_id.to_string()];
        let duration = families.check_duration.with_label_values(&labels);
        Self { kind: report.kind.clone(), labels, duration, reasons: HashSet::new() }
    }

    fn record(&mut self, families: &Families, report: &ProbeReport) {
        self.duration.observe(report.duration.as_secs_f64());
        if let Outcome::Failure { reason, .. } = &report.outcome {
            families.check_failures.with_label_values(&self.failure_labels(reason.as_str())).inc();
            self.reasons.insert(reason.as_str());
        }
    }

    fn failure_labels<'a>(&'a self, reason: &'a str) -> [&'a str; 4] {
        let [check_type, location, instance] = &self.labels;
        [check_type, location, instance, reason]
    }

    fn remove(self, families: &Families) {
        let _ = families.check_duration.remove_label_values(&self.labels);
        for reason in &self.reasons {
            let _ = families.check_failures.remove_label_values(&self.failure_labels(reason));
        }
    }
}

impl CheckSeries {
    fn new(source: &Source, report: &ProbeReport) -> Self {
        let target = &report.target;
        let mut labels = vec![
            source.location.to_string(),
            source.instance_id.to_string(),
            target.location.to_string(),
            target.instance_id.to_string(),
            report.ip.map(|ip| ip.to_string()).unwrap_or_default(),
        ];
        labels.extend(report.endpoint.as_ref().map(ToString::to_string));
        Self {
            ip: report.ip,
            kind: report.kind.clone(),
            endpoint: report.endpoint.clone(),
            labels,
            connectivity: None,
            shown: HashSet::new(),
            counted: HashSet::new(),
        }
    }

    fn record(&mut self, families: &Families, report: &ProbeReport) {
        if self.connectivity.is_none() {
            self.connectivity = match (report.kind.as_str(), &report.endpoint) {
                ("tcp", None) => Some(families.connectivity_tcp.with_label_values(&self.labels)),
                ("http", Some(_)) => Some(families.connectivity_http.with_label_values(&self.labels)),
                _ => None,
            };
        }
        if let Some(connectivity) = &self.connectivity {
            connectivity.set(f64::from(u8::from(report.outcome.is_success())));
        }
        let values = values(report);
        let gone: Vec<_> = self.shown.drain().filter(|key| !values.iter().any(|(m, w, _)| (*m, *w) == *key)).collect();
        for key in gone {
            self.forget(families, key);
        }
        for (measured, word, value) in values {
            measured.family(families).with_label_values(&self.labels_of(measured, word)).set(value);
            self.shown.insert((measured, word));
        }
        match &report.measurement {
            Some(Measurement::Burst(burst)) => self.count_packets(families, burst),
            // From the first traceroute on there is a count, of no change yet.
            Some(Measurement::Traceroute(_)) => self.count_path_changes(families, 0),
            _ => {}
        }
    }

    fn count_packets(&mut self, families: &Families, burst: &BurstMeasurement) {
        let lost = |way: &Option<OneWay>| way.as_ref().map(|way| way.lost);
        for (result, packets) in [
            ("sent", Some(burst.sent)),
            ("received", Some(burst.received)),
            ("duplicate", Some(burst.duplicates)),
            ("reordered", Some(burst.reordered)),
            ("lost_forward", lost(&burst.forward)),
            ("lost_backward", lost(&burst.backward)),
        ] {
            if let Some(packets) = packets {
                families.burst_packets.with_label_values(&self.packet_labels(result)).inc_by(u64::from(packets));
                self.counted.insert(result);
            }
        }
    }

    fn count_path_changes(&self, families: &Families, changes: u64) {
        families.path_changes.with_label_values(&self.labels[..5]).inc_by(changes);
    }

    fn packet_labels<'a>(&'a self, result: &'a str) -> Vec<&'a str> {
        self.labels[..5].iter().map(String::as_str).chain([self.kind.as_str(), result]).collect()
    }

    fn labels_of<'a>(&'a self, measured: Measured, word: Option<&'a str>) -> Vec<&'a str> {
        let pair = self.labels[..5].iter().map(String::as_str);
        pair.chain(measured.labels(self.kind.as_str(), self.endpoint.as_ref())).chain(word).collect()
    }

    fn forget(&self, families: &Families, (measured, word): (Measured, Option<&'static str>)) {
        let _ = measured.family(families).remove_label_values(&self.labels_of(measured, word));
    }

    /// Takes the gauges away. That some of them are not there is no matter.
    fn hide(&mut self, families: &Families) {
        self.connectivity = None;
        let _ = families.connectivity_tcp.remove_label_values(&self.labels);
        let _ = families.connectivity_http.remove_label_values(&self.labels);
        for key in std::mem::take(&mut self.shown) {
            self.forget(families, key);
        }
    }

    fn remove(mut self, families: &Families) {
        self.hide(families);
        if self.kind == ProbeKind::TRACEROUTE {
            let _ = families.path_changes.remove_label_values(&self.labels[..5]);
        }
        for result in &self.counted {
            let _ = families.burst_packets.remove_label_values(&self.packet_labels(result));
        }
    }
}
