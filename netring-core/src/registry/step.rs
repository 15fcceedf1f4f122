//! One step of whoever leads: from what it remembers and what is seen to what has happened.

use super::{MembersSnapshot, RegistryEngine};
use crate::{
    analysis::{Evidence, ExpectedReport, ExpectedTracker, FaultBook, FaultChange, Membership, Occurrence, Suspicion},
    model::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What whoever leads remembers, and hands on to whoever leads next.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Shared {
    pub(super) faults: FaultBook,
    pub(super) members: Membership,
    pub(super) expected: ExpectedTracker,
}

/// What a round of the one that leads comes to, and what has to be written of it.
pub(super) struct Step {
    pub(super) shared: Shared,
    pub(super) happened: Vec<(Timestamp, Occurrence)>,
    pub(super) expected: Option<Arc<ExpectedReport>>,
}

impl Step {
    pub(super) fn on(
        mut self,
        registry: &RegistryEngine,
        snapshot: &MembersSnapshot,
        evidence: &Evidence,
        suspicions: Vec<Suspicion>,
    ) -> Self {
        let (inner, at) = (&registry.inner, snapshot.at);
        self.happened.extend(self.shared.members.update(snapshot));
        for change in self.shared.faults.update(suspicions, evidence, &inner.sensitivity) {
            let what = match change {
                FaultChange::Opened(fault) => Occurrence::FaultOpened { fault: Box::new(fault) },
                FaultChange::Closed(fault) => Occurrence::FaultClosed { fault: Box::new(fault) },
            };
            self.happened.push((at, what));
        }
        if let Some(expected) = &inner.expected
            && (self.expected.is_none() || self.shared.expected.is_due(&expected.settings, at))
        {
            self.expected = Some(Arc::new(self.shared.expected.update(expected, snapshot)));
        }
        self
    }
}
