mod age;
mod arbitrary;
mod members;
mod memory;
mod others;
mod prompt;
mod registry;
mod restarts;
mod rounds;
mod silence;
mod turns;
mod verdicts;

use super::*;
use crate::{
    model::{
        AdvertisedAddress, FailureReason, Location, Measurement, Member, MemberReport, Outcome, ProbeReport,
        TcpMeasurement,
    },
    testing::sample,
};

pub(super) const START: Timestamp = sample::NOW;

/// The members of a ring at [`START`], all of them online.
pub(super) fn ring(members: &[&str]) -> MembersSnapshot {
    let member = |id: &&str| {
        let member = Member {
            instance_id: sample::id(id),
            location: Location::new("eu1").unwrap(),
            address: AdvertisedAddress::new([10, 0, 0, 1].into(), 8757).unwrap(),
            heartbeat_interval: None,
            udp_echo: false,
            registered_at: START,
            last_seen: START,
            deregistered_at: None,
        };
        (member, MemberStatus::Online)
    };
    MembersSnapshot { at: START, revision: 1, members: members.iter().map(member).collect() }
}

/// A registry that looks every ten seconds, as often as members probe and report.
struct Watch {
    observatory: Observatory,
    snapshot: MembersSnapshot,
}

const ROUND: Duration = Duration::from_secs(10);

impl Watch {
    fn new(members: &[&str]) -> Self {
        Self { observatory: Observatory::new(Sensitivity::default(), 1 << 20), snapshot: ring(members) }
    }

    /// The next round: what each source has seen since the last one.
    fn round(&mut self, seen: Vec<(&str, Vec<ProbeReport>)>) -> Observed {
        self.snapshot.at = self.snapshot.at + ROUND;
        let now = self.snapshot.at;
        let reports: Vec<_> = seen.into_iter().map(|(source, results)| received(source, now, results)).collect();
        self.observatory.observe(&self.snapshot, &reports)
    }

    fn evidence(&self) -> Evidence {
        self.observatory.evidence(&self.snapshot)
    }

    /// What is known of a pair.
    fn known(&self, source: &str, target: &str) -> Option<crate::analysis::PairEvidence> {
        let evidence = self.evidence();
        let place = |id: &str| evidence.members.iter().position(|member| member.instance_id.as_str() == id);
        let (source, target) = (place(source)? as u32, place(target)? as u32);
        evidence.pairs.into_iter().find(|pair| (pair.source, pair.target) == (source, target))
    }
}

/// A report of results that were all made a second ago.
fn received(source: &str, at: Timestamp, mut results: Vec<ProbeReport>) -> Arc<ReceivedReport> {
    for result in &mut results {
        result.started_at = at - Duration::from_secs(1);
    }
    let report = MemberReport { sent_at: at, check_interval: ROUND, ..sample::report(source, results) };
    Arc::new(ReceivedReport { received_at: at, report })
}

fn of_kind(kind: &ProbeKind, target: &str, good: bool) -> ProbeReport {
    let outcome = if good { Outcome::Success } else { Outcome::failure(FailureReason::Timeout, "no answer") };
    ProbeReport { kind: kind.clone(), ..sample::result(target, outcome) }
}

fn tcp(target: &str, good: bool) -> ProbeReport {
    of_kind(&ProbeKind::TCP, target, good)
}

fn tcp_in(target: &str, millis: u64) -> ProbeReport {
    let connect = Duration::from_millis(millis);
    ProbeReport { measurement: Some(Measurement::Tcp(TcpMeasurement { resolve: None, connect })), ..tcp(target, true) }
}
