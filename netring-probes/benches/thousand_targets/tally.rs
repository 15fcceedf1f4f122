use netring_core::{Event, MetricSink};
use std::{
    mem,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// Counts what becomes of every probe.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    counts: Mutex<Counts>,
}

/// What has become of the probes since the last time somebody asked.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// How late each began.
    pub(crate) lateness: Vec<Duration>,
    pub(crate) failed: u64,
    pub(crate) not_made: u64,
    /// What was wrong, the first time something was.
    pub(crate) first_problem: Option<String>,
}

impl Tally {
    /// The counts, which begin anew with room for `probes`.
    pub(crate) fn take(&self, probes: usize) -> Counts {
        let new = Counts { lateness: Vec::with_capacity(probes), ..Counts::default() };
        mem::replace(&mut *self.counts.lock().unwrap_or_else(PoisonError::into_inner), new)
    }
}

impl MetricSink for Tally {
    fn record(&self, event: &Event<'_>) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Probe { report, .. } => {
                counts.lateness.push(report.lateness);
                if !report.outcome.is_success() {
                    counts.failed += 1;
                    counts.first_problem.get_or_insert_with(|| format!("{report:?}"));
                }
            }
            Event::ProbeNotMade { error, .. } => {
                counts.not_made += 1;
                counts.first_problem.get_or_insert_with(|| error.to_string());
            }
            _ => {}
        }
    }
}
