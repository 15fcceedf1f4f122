use super::super::Suspicion;
use crate::{analysis::Fault, model::Timestamp};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What is remembered of a fault besides.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Notes {
    /// Since when it seems to be over.
    pub(super) good_since: Option<Timestamp>,
    /// Since when less is bad than it says.
    pub(super) narrow_since: Option<Timestamp>,
    /// For how long it was good at most and came back all the same, in microseconds.
    pub(super) gap_micros: u64,
    /// Since when nobody knows how its pairs are.
    #[serde(default)]
    pub(super) unknown_since: Option<Timestamp>,
    /// Since when nobody makes the check that showed it.
    #[serde(default)]
    pub(super) unmade_since: Option<Timestamp>,
}

impl Notes {
    /// Takes note that it is there, and says whether it had seemed to be over, for `least` or longer.
    pub(super) fn is_back(&mut self, at: Timestamp, least: Duration) -> bool {
        let Some(good_since) = self.good_since.take() else { return false };
        let gap = at.since(good_since);
        if gap < least {
            return false;
        }
        let gap = u64::try_from(gap.as_micros()).unwrap_or(u64::MAX);
        self.gap_micros = self.gap_micros.max(gap);
        true
    }
}

pub(super) fn describe(fault: &mut Fault, suspicion: &Suspicion) {
    fault.confidence = suspicion.confidence;
    fault.pairs.clone_from(&suspicion.pairs);
    fault.pairs_total = suspicion.pairs_total;
    fault.suspects.clone_from(&suspicion.suspects);
    fault.sentence.clone_from(&suspicion.sentence);
}

pub(super) fn change_subject(fault: &mut Fault, notes: &mut Notes, suspicion: &Suspicion, at: Timestamp) {
    if notes.is_back(at, Duration::ZERO) {
        fault.relapses = fault.relapses.saturating_add(1);
    }
    notes.narrow_since = None;
    fault.subject = suspicion.subject.clone();
    describe(fault, suspicion);
}
