use super::families::Families;
use crate::{
    model::{Endpoint, HttpMeasurement, InstanceId, Measurement, Member, Outcome, ProbeKind, ProbeReport, Target},
    sink::{Event, MetricSink, Source},
};
use prometheus::{Gauge, Histogram, Registry, TextEncoder};
use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Keeps what one member sees as Prometheus metrics, under the names of `docs/metrics.md`. A series of a member that has left
/// is gone from the next scrape on.
#[derive(Debug)]
pub struct PrometheusSink {
    registry: Registry,
    families: Families,
    series: Mutex<HashMap<InstanceId, TargetSeries>>,
}

/// Every series of one target, so that they can go when it goes.
#[derive(Debug, Default)]
struct TargetSeries {
    last_seen: Option<[String; 2]>,
    checks: Vec<CheckSeries>,
}

/// The series of one check of a target. Made once; recording a result only sets values.
#[derive(Debug)]
struct CheckSeries {
    target: Target,
    ip: Option<IpAddr>,
    kind: ProbeKind,
    endpoint: Option<Endpoint>,
    /// `source_location`, `source_instance`, `target_location`, `target_instance`, `target_ip`, and `endpoint` where
    /// there is one.
    labels: Vec<String>,
    connectivity: Option<Gauge>,
    duration: Histogram,
    reasons: HashSet<&'static str>,
    phases: HashSet<&'static str>,
}

impl PrometheusSink {
    /// A sink with a Prometheus registry of its own.
    ///
    /// # Panics
    /// Never: the names are fixed, and each is registered once.
    #[must_use]
    pub fn new() -> Self {
        match Self::register_on(Registry::new()) {
            Ok(sink) => sink,
            Err(error) => unreachable!("a new registry takes every metric: {error}"),
        }
    }

    /// A sink that puts its metrics on a Prometheus registry of yours, beside your own.
    ///
    /// # Errors
    /// Where `registry` has metrics of the same names already, as from another sink.
    pub fn register_on(registry: Registry) -> prometheus::Result<Self> {
        let families = Families::register_on(&registry)?;
        Ok(Self { registry, families, series: Mutex::default() })
    }

    /// The Prometheus registry that has the metrics.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Everything on the registry as Prometheus text.
    #[must_use]
    pub fn render(&self) -> String {
        TextEncoder::new().encode_to_string(&self.registry.gather()).unwrap_or_else(|error| {
            tracing::error!(%error, "the metrics cannot be written");
            String::new()
        })
    }

    fn series(&self) -> MutexGuard<'_, HashMap<InstanceId, TargetSeries>> {
        self.series.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn probed(&self, source: &Source, report: &ProbeReport) {
        let families = &self.families;
        families.check_lateness.observe(report.lateness.as_secs_f64());
        families.checks_tainted.inc_by(u64::from(report.tainted));

        let mut series = self.series();
        let checks = &mut series.entry(report.target.instance_id.clone()).or_default().checks;
        let same = |c: &CheckSeries| c.kind == report.kind && c.endpoint == report.endpoint;
        if let Some(i) = checks.iter().position(same)
            && (checks[i].target != report.target || report.ip.is_some_and(|ip| checks[i].ip != Some(ip)))
        {
            // It has moved to another address: the series of the old one are not the target's any more.
            checks.swap_remove(i).remove_from(families);
        }
        let check = match checks.iter().position(same) {
            Some(i) => &mut checks[i],
            None => {
                checks.push(CheckSeries::new(families, source, report));
                checks.last_mut().unwrap_or_else(|| unreachable!("one was just pushed"))
            }
        };
        check.record(families, report);
    }

    fn members(&self, members: &[Member]) {
        self.families.members_total.set(members.len() as f64);
        let mut series = self.series();
        let listed: HashMap<_, _> = members.iter().map(|member| (&member.instance_id, Target::from(member))).collect();
        series.retain(|instance_id, target_series| {
            let stays = listed.get(instance_id);
            target_series.checks.retain(|check| {
                let stays = stays == Some(&check.target);
                if !stays {
                    check.remove_from(&self.families);
                }
                stays
            });
            if stays.is_none() {
                target_series.forget_last_seen(&self.families);
            }
            stays.is_some()
        });
        for member in members {
            let target_series = series.entry(member.instance_id.clone()).or_default();
            let labels = [member.location.to_string(), member.instance_id.to_string()];
            if target_series.last_seen.as_ref() != Some(&labels) {
                target_series.forget_last_seen(&self.families);
            }
            self.families.member_last_seen.with_label_values(&labels).set(member.last_seen.as_unix_seconds_f64());
            target_series.last_seen = Some(labels);
        }
    }
}

impl Default for PrometheusSink {
    fn default() -> Self {
        Self::new()
    }
}

impl TargetSeries {
    fn forget_last_seen(&mut self, families: &Families) {
        if let Some(labels) = self.last_seen.take() {
            let _ = families.member_last_seen.remove_label_values(&labels);
        }
    }
}

impl CheckSeries {
    fn new(families: &Families, source: &Source, report: &ProbeReport) -> Self {
        let target = &report.target;
        let mut labels = vec![
            source.location.to_string(),
            source.instance_id.to_string(),
            target.location.to_string(),
            target.instance_id.to_string(),
            report.ip.map(|ip| ip.to_string()).unwrap_or_default(),
        ];
        labels.extend(report.endpoint.as_ref().map(ToString::to_string));
        let connectivity = match (report.kind.as_str(), &report.endpoint) {
            ("tcp", None) => Some(families.connectivity_tcp.with_label_values(&labels)),
            ("http", Some(_)) => Some(families.connectivity_http.with_label_values(&labels)),
            _ => None,
        };
        let duration = families.check_duration.with_label_values(&[report.kind.as_str(), &labels[2], &labels[3]]);
        Self {
            target: target.clone(),
            ip: report.ip,
            kind: report.kind.clone(),
            endpoint: report.endpoint.clone(),
            labels,
            connectivity,
            duration,
            reasons: HashSet::new(),
            phases: HashSet::new(),
        }
    }

    fn record(&mut self, families: &Families, report: &ProbeReport) {
        self.duration.observe(report.duration.as_secs_f64());
        if let Some(connectivity) = &self.connectivity {
            connectivity.set(f64::from(u8::from(report.outcome.is_success())));
        }
        if let Outcome::Failure { reason, .. } = &report.outcome {
            families.check_failures.with_label_values(&self.failure_labels(reason.as_str())).inc();
            self.reasons.insert(reason.as_str());
        }
        match &report.measurement {
            Some(Measurement::Tcp(tcp)) if report.kind == ProbeKind::TCP => {
                families.round_trip_time.with_label_values(&self.labels[..5]).set(tcp.connect.as_secs_f64());
            }
            Some(Measurement::Http(http)) if self.endpoint.is_some() => self.record_phases(families, http),
            _ => {}
        }
    }

    /// A phase that the last check did not come to has no series: its last value would pass for a new one.
    fn record_phases(&mut self, families: &Families, http: &HttpMeasurement) {
        for (phase, duration) in [
            ("resolve", http.resolve),
            ("connect", http.connect),
            ("tls", http.tls),
            ("first_byte", http.first_byte),
            ("body", http.body),
        ] {
            if let Some(duration) = duration {
                families.http_phase.with_label_values(&self.phase_labels(phase)).set(duration.as_secs_f64());
                self.phases.insert(phase);
            } else if self.phases.remove(phase) {
                let _ = families.http_phase.remove_label_values(&self.phase_labels(phase));
            }
        }
    }

    fn failure_labels<'a>(&'a self, reason: &'a str) -> [&'a str; 4] {
        [self.kind.as_str(), &self.labels[2], &self.labels[3], reason]
    }

    fn phase_labels<'a>(&'a self, phase: &'a str) -> Vec<&'a str> {
        self.labels.iter().map(String::as_str).chain([phase]).collect()
    }

    /// Takes every series of this check away. That some are not there is no matter: several endpoints share a histogram.
    fn remove_from(&self, families: &Families) {
        let _ = families.connectivity_tcp.remove_label_values(&self.labels);
        let _ = families.connectivity_http.remove_label_values(&self.labels);
        let _ = families.round_trip_time.remove_label_values(&self.labels);
        let _ = families.check_duration.remove_label_values(&[self.kind.as_str(), &self.labels[2], &self.labels[3]]);
        for reason in &self.reasons {
            let _ = families.check_failures.remove_label_values(&self.failure_labels(reason));
        }
        for phase in &self.phases {
            let _ = families.http_phase.remove_label_values(&self.phase_labels(phase));
        }
    }
}

impl MetricSink for PrometheusSink {
    fn record(&self, event: &Event<'_>) {
        match event {
            Event::Probe { source, report } => self.probed(source, report),
            Event::ProbeNotMade { kind, .. } => self.families.checks_not_made.with_label_values(&[kind.as_str()]).inc(),
            Event::Members { members, .. } => self.members(members),
            Event::RegistryContact { in_reach, .. } => {
                self.families.registry_up.with_label_values::<&str>(&[]).set(f64::from(u8::from(*in_reach)));
            }
            Event::TaskPanicked { task, .. } => self.families.task_panics.with_label_values(&[*task]).inc(),
        }
    }
}
