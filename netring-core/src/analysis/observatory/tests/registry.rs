//! What the book tells of reports as they come.

use super::*;
use crate::analysis::{Fault, FaultBook, FaultChange, judge};

/// A registry with its book of faults.
struct Registry {
    observatory: Observatory,
    snapshot: MembersSnapshot,
    book: FaultBook,
    told: Vec<(u64, String)>,
}

fn name(fault: &Fault) -> String {
    format!("{} {} {}", fault.subject.scope(), fault.subject, fault.symptom)
}

impl Registry {
    fn new(members: &[&str]) -> Self {
        let (observatory, snapshot) = (Observatory::new(Sensitivity::default(), 1 << 22), ring(members));
        Self { observatory, snapshot, book: FaultBook::default(), told: vec![] }
    }

    fn stands(mut self, id: &str, location: &str, status: MemberStatus) -> Self {
        for (member, standing) in &mut self.snapshot.members {
            if member.instance_id.as_str() == id {
                member.location = Location::new(location).unwrap();
                *standing = status;
            }
        }
        self
    }

    /// `seconds` later these reports are the newest.
    fn look(&mut self, seconds: u64, reports: &[Arc<ReceivedReport>]) {
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

    fn now(&self) -> Timestamp {
        self.snapshot.at
    }

    /// Ten seconds later everybody has reported anew.
    fn round(&mut self, seen: Vec<(&str, Vec<ProbeReport>)>) {
        let at = self.now() + ROUND;
        let reports: Vec<_> = seen.into_iter().map(|(source, results)| received(source, at, results)).collect();
        self.look(10, &reports);
    }

    fn open(&self) -> Vec<String> {
        self.book.open().iter().map(name).collect()
    }
}

/// `x` has just registered, checks every 60 s, has not reported yet, and its heartbeats come; a firewall is before it.
#[test]
fn who_is_online_and_has_not_reported_yet_is_not_down() {
    let mut registry = Registry::new(&["a", "b", "c", "x"]);
    let seen = || {
        vec![
            ("a", vec![tcp("b", true), tcp("c", true), tcp("x", false)]),
            ("b", vec![tcp("a", true), tcp("c", true), tcp("x", false)]),
            ("c", vec![tcp("a", true), tcp("b", true), tcp("x", false)]),
        ]
    };
    (0..6).for_each(|_| registry.round(seen()));
    assert!(!registry.told.iter().any(|(_, what)| what == "opened target x unreachable"), "{:#?}", registry.told);
}

/// Two locations. A third one has a member that went offline long ago.
#[test]
fn a_location_that_is_offline_does_not_change_the_verdict() {
    for ghost in [false, true] {
        let mut ids = vec!["x", "b1", "b2", "b3"];
        ids.extend(ghost.then_some("ghost"));
        let mut registry =
            Registry::new(&ids).stands("x", "a", MemberStatus::Online).stands("ghost", "c", MemberStatus::Offline);
        for round in 0..15 {
            let bs = ["b1", "b2", "b3"];
            let mut seen: Vec<_> = bs
                .iter()
                .map(|me| {
                    let others = bs.iter().filter(|other| *other != me).map(|other| tcp(other, true));
                    (*me, others.chain([tcp("x", round < 4)]).collect::<Vec<_>>())
                })
                .collect();
            seen.push(("x", bs.iter().map(|other| tcp(other, true)).collect()));
            registry.round(seen);
        }
        assert_eq!(registry.open(), ["inbound x unreachable"], "ghost: {ghost}");
    }
}
