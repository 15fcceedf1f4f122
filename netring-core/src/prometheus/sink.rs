use super::{families::Families, series::TargetSeries};
use crate::{
    model::{InstanceId, Member, ProbeReport, Target, Timestamp},
    prober::ProbeError,
    sink::{Event, MetricSink, Source},
};
use prometheus::{Registry, TextEncoder};
use std::{
    collections::HashMap,
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

        self.series().entry(report.target.instance_id.clone()).or_default().record(families, source, report);
    }

    fn members(&self, members: &[Member], as_of: Timestamp) {
        self.families.list_timestamp.with_label_values::<&str>(&[]).set(as_of.as_unix_seconds_f64());
        self.families.members_total.set(members.len() as f64);
        let mut series = self.series();
        let listed: HashMap<_, _> = members.iter().map(|member| (&member.instance_id, Target::from(member))).collect();
        series.retain(|instance_id, target_series| {
            match listed.get(instance_id) {
                Some(target) => target_series.keep_only(&self.families, target),
                None => target_series.remove(&self.families),
            }
            listed.contains_key(instance_id)
        });
        for member in members {
            series.entry(member.instance_id.clone()).or_default().seen(&self.families, member);
        }
    }
}

impl Default for PrometheusSink {
    fn default() -> Self {
        Self::new()
    }
}

impl MetricSink for PrometheusSink {
    fn record(&self, event: &Event<'_>) {
        match event {
            Event::Probe { source, report } => self.probed(source, report),
            Event::ProbeNotMade { kind, error: ProbeError::Busy { .. }, .. } => {
                self.families.checks_busy.with_label_values(&[kind.as_str()]).inc();
            }
            Event::ProbeEnded { target, kind, endpoint, .. } => {
                if let Some(series) = self.series().get_mut(&target.instance_id) {
                    series.ended(&self.families, target, kind, *endpoint);
                }
            }
            Event::ProbeNotMade { target, kind, endpoint, .. } => {
                self.families.checks_not_made.with_label_values(&[kind.as_str()]).inc();
                if let Some(series) = self.series().get_mut(&target.instance_id) {
                    series.not_probed(&self.families, kind, *endpoint);
                }
            }
            Event::PathChanged { target, .. } => {
                if let Some(series) = self.series().get_mut(&target.instance_id) {
                    series.path_changed(&self.families, target);
                }
            }
            Event::Members { members, as_of, .. } => self.members(members, *as_of),
            Event::RegistryContact { in_reach, .. } => {
                self.families.registry_up.with_label_values::<&str>(&[]).set(f64::from(u8::from(*in_reach)));
            }
            Event::TaskPanicked { task, .. } => self.families.task_panics.with_label_values(&[*task]).inc(),
        }
    }
}
