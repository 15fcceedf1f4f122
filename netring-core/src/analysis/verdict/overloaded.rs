use super::{Judge, Suspicion, localise::What, sentence};
use crate::analysis::{Symptom, Witness};

impl Judge<'_> {
    /// Members that are late with half of their own probes and more.
    pub(super) fn overloaded(&self) -> Vec<Suspicion> {
        /// Fewer results tell nothing.
        const LEAST: u16 = 4;
        let late = |(_, member): &(usize, &Witness)| {
            let tainted = member.tainted;
            member.reporting && tainted.of >= LEAST && u32::from(tainted.bad) * 2 >= u32::from(tainted.of)
        };
        let suspicion = |(seat, member): (usize, &Witness)| Suspicion {
            subject: self.subject(What::Source { seat, both_ways: false }, None, None),
            symptom: Symptom::Overloaded,
            confidence: (f64::from(member.tainted.bad) / f64::from(member.tainted.of)).min(1.0),
            pairs: Vec::new(),
            pairs_total: 0,
            suspects: Vec::new(),
            sentence: sentence::overloaded(self.ring, seat),
            seats: Vec::new(),
            // It says so itself: that is no conclusion.
            ln_tail: f64::MIN,
            ln_hypotheses: 0.0,
            ln_chance: 0.0,
            doubtful: false,
        };
        self.ring.members.iter().enumerate().filter(late).map(suspicion).collect()
    }
}
