use super::*;
use crate::analysis::{Fault, FaultBook, FaultChange, judge};

/// A registry with its book of faults.
pub(super) struct Registry {
    pub(super) observatory: Observatory,
    pub(super) snapshot: MembersSnapshot,
    book: FaultBook,
    pub(super) told: Vec<(u64, String)>,
}

fn name(fault: &Fault) -> String {
    format!("{} {} {}", fault.subject.scope(), fault.subject, fault.symptom)
}

impl Registry {
    pub(super) fn new(members: &[&str]) -> Self {
        let (observatory, snapshot) = (Observatory::new(Sensitivity::default(), 1 << 22), ring(members));
        Self { observatory, snapshot, book: FaultBook::default(), told: vec![] }
    }

    pub(super) fn stands(mut self, id: &str, location: &str, status: MemberStatus) -> Self {
        for (member, standing) in &mut self.snapshot.members {
            if member.instance_id.as_str() == id {
                member.location = Location::new(location).unwrap();
                *standing = status;
            }
        }
        self
    }

    /// The next one, with the book of faults out of the journal.
    pub(super) fn restart(&mut self) {
        self.observatory = Observatory::new(Sensitivity::default(), 1 << 22);
        self.told.clear();
    }

    /// `seconds` later these reports are the newest.
    pub(super) fn look(&mut self, seconds: u64, reports: &[Arc<ReceivedReport>]) {
        self.snapshot.at = self.snapshot.at + Duration::from_secs(seconds);
        self.observatory.observe(&self.snapshot, reports);
        let evidence = self.observatory.evidence(&self.snapshot);
        let suspicions = judge(&evidence, &Sensitivity::default());
        for change in self.book.update(suspicions, &evidence, &Sensitivity::default()) {
            let (word, fault) = match change {
                FaultChange::Opened(fault) => ("opened", fault),
                FaultChange::Closed(fault) => ("closed", fault),
            };
            let since = self.snapshot.at.since(START).as_secs();
            self.told.push((since, format!("{word} {}", name(&fault))));
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.snapshot.at
    }

    /// Ten seconds later everybody has reported anew.
    pub(super) fn round(&mut self, seen: Vec<(&str, Vec<ProbeReport>)>) {
        let at = self.now() + ROUND;
        let reports: Vec<_> = seen.into_iter().map(|(source, results)| received(source, at, results)).collect();
        self.look(10, &reports);
    }

    pub(super) fn open(&self) -> Vec<String> {
        self.book.open().iter().map(name).collect()
    }
}
