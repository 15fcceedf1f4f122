use crate::{
    analysis::{Fault, Occurrence, RingEvent},
    store::{Journal, StoreError},
};
use std::{collections::BTreeMap, sync::Arc};

/// So many events are read of a journal at once.
pub(super) const PAGE: usize = 256;
/// Most open faults that are remembered; the alerts of any others are not sent again.
const MAX_OPEN: usize = 1_000;

/// The faults that are open after the events that were looked at.
#[derive(Debug, Default)]
pub(super) struct OpenFaults(BTreeMap<String, Arc<RingEvent>>);

impl OpenFaults {
    /// What is open after the event with the id `until`, as far as the journal goes back.
    pub(super) async fn read(journal: &dyn Journal, until: u64) -> Result<Self, StoreError> {
        let (mut open, mut position) = (Self::default(), 0);
        while position < until {
            let events = journal.events(position, PAGE).await?;
            let Some(last) = events.last() else { break };
            position = last.id;
            events.iter().filter(|event| event.id <= until).for_each(|event| open.note(event));
        }
        Ok(open)
    }

    /// Takes note of an event.
    pub(super) fn note(&mut self, event: &Arc<RingEvent>) {
        match &event.what {
            Occurrence::FaultOpened { fault } if self.0.len() < MAX_OPEN => {
                self.0.insert(fault.id.clone(), Arc::clone(event));
            }
            Occurrence::FaultClosed { fault } => {
                self.0.remove(&fault.id);
            }
            _ => {}
        }
    }

    /// The fault with this id as it opened, while it is open.
    pub(super) fn get(&self, id: &str) -> Option<&Fault> {
        self.0.get(id).and_then(|event| fault(event))
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.0.values().filter_map(|event| fault(event))
    }
}

/// The fault that an event tells of, where it is one to send.
pub(super) fn fault(event: &RingEvent) -> Option<&Fault> {
    match &event.what {
        Occurrence::FaultOpened { fault } | Occurrence::FaultClosed { fault } => Some(fault),
        _ => None,
    }
}
