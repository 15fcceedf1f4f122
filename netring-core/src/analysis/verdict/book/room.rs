use super::{
    super::{Suspicion, sentence},
    FaultBook, FaultChange,
};
use crate::{
    analysis::{Fault, Subject},
    model::Timestamp,
};

impl FaultBook {
    /// Sees that there is room for what is suspected; says whether there is.
    pub(super) fn make_room(&mut self, suspicion: &Suspicion, at: Timestamp, changes: &mut Vec<FaultChange>) -> bool {
        if self.open.len() < Self::MAX_OPEN {
            return true;
        }
        let is_network = |subject: &Subject| !matches!(subject, Subject::Kind { .. });
        let weight = |fault: &Fault| (is_network(&fault.subject), fault.pairs_total);
        let Some(least) = (0..self.open.len()).min_by_key(|&i| weight(&self.open[i])) else { return false };
        if !is_network(&suspicion.subject) || weight(&self.open[least]) >= (true, suspicion.pairs_total) {
            return false;
        }
        let mut fault = self.open.remove(least);
        fault.closed_at = Some(at);
        fault.sentence = sentence::bounded(format!("Made room for a larger fault: {}", suspicion.sentence));
        changes.push(FaultChange::Closed(fault));
        true
    }
}
