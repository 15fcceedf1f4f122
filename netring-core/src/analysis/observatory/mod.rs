//! What a registry remembers of every pair from round to round.

mod budget;
mod catalogue;
mod check;
mod coded;
mod history;
mod made;
mod measured;
mod others;
mod pair;
mod rates;
mod record;
mod row;
mod seats;
mod trail;
mod turns;
mod usual;
mod window;

pub use record::{CheckHistory, HistoryHealth, HistorySample, HistoryTier, PairHistory};

use super::{Evidence, Sensitivity, TransferDirection, Witness};
use crate::{
    model::{Endpoint, InstanceId, MemberStatus, PathChange, ProbeKind, Timestamp},
    registry::{MembersSnapshot, PairChange},
    store::ReceivedReport,
};
use budget::Budget;
use catalogue::Catalogue;
use check::{Histories, is_newer};
use made::MadeSets;
use pair::Pair;
use row::{Round, Row, Shared};
use seats::Seats;
use std::{sync::Arc, time::Duration};

/// What a registry remembers of every pair from round to round: of each check whether it is bad, what its round trip usually
/// takes, and its last hour and day.
///
/// - Reports come as the store has them, with the newest result of each check; a result counts once. Its time is that of the
///   registry's clock, so that a member's clock may be wrong.
/// - A result that is old (as in the [matrix](super::matrix())) or tainted counts for nothing. What is not in the last report of
///   its member says nothing either. After a time of which nothing is known results are counted anew.
/// - A check is **bad** once enough of its last results are, and good again after enough good ones in a row; see
///   [`Sensitivity`]. Before either, it is unknown where its results were bad, and good where one was good.
/// - A pair is **out of reach** where every check that counts and of which anything is known is bad. TCP, HTTP and kinds of ones
///   own count; UDP and ICMP do where there is nothing else.
/// - Checks are not made equally often, and what one said **before another turned** says nothing of now: where a check that counts
///   has become bad, another that was last good before the first of its bad results is unknown until it is good once more, or bad;
///   and where it has become good again, another that was last bad before is unknown until it is bad once more, or good. Else the
///   service of a member that dies would seem to be at fault for as long as its rarer checks were not made again, and likewise
///   once it is back.
/// - Members do not all check equally often either: what was last seen of a target **before others turned** to the contrary says
///   nothing of now, where since then more turned than were seen to stay as they were. It is unknown until it is seen anew. Else a
///   member that dies would be said to be well by all who check it once in five minutes, and likewise once it is back.
/// - It is **slow** where more than half of its checks are: their round trips are longer than usual, by [`Sensitivity`]. What is
///   usual is known after five good results; it stays as it is while the check is slow, and is learnt anew after 24 hours of that.
/// - It is **lossy** where more than half of its checks by bursts of packets are: on the way there or back where that is told
///   apart, else on either. A burst that lost everything has failed and does not count there, nor does what was known before.
///
/// At most 32 checks of a pair are remembered. Histories have a bound for all of them together: room for an hour and a day is
/// set aside when a check is seen first; where there is none left, it has no history, and everything else goes on. Loss, throughput
/// and hops are remembered beside, for checks that measure such.
#[derive(Debug)]
pub struct Observatory {
    seats: Seats,
    /// By the seat of who probes.
    rows: Vec<Row>,
    shared: Shared,
    /// Of each seat whether its member was to be probed in the last round.
    active: Vec<bool>,
    /// When that was.
    at: Timestamp,
}

/// What a round has brought.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Observed {
    /// Pairs whose state in the matrix is another than in the round before; a pair that was not there was unknown.
    pub changes: Vec<PairChange>,
    /// Paths that have changed, by source and target. One that had before the pair was seen first is not among them.
    pub path_changes: Vec<(InstanceId, InstanceId, PathChange)>,
    /// Throughputs that have dropped.
    pub throughput_drops: Vec<ThroughputDrop>,
}

/// A throughput that has dropped below what is usual. It is told once, until it was over.
#[derive(Debug, Clone, PartialEq)]
pub struct ThroughputDrop {
    /// Who tests.
    pub source: InstanceId,
    /// With whom.
    pub target: InstanceId,
    /// Which way.
    pub direction: TransferDirection,
    /// What was measured, in payload bits per second.
    pub bits_per_second: f64,
    /// What is usual: the median of the last day, of at least five tests that settled.
    pub usual_bits_per_second: f64,
}

impl Observatory {
    /// One that knows nothing yet. All histories together take up at most `max_history_bytes`.
    #[must_use]
    pub fn new(sensitivity: Sensitivity, max_history_bytes: usize) -> Self {
        let histories = Histories { budget: Budget::new(max_history_bytes), refused: 0 };
        Self {
            seats: Seats::default(),
            rows: Vec::new(),
            shared: Shared { sensitivity, catalogue: Catalogue::default(), histories },
            active: Vec::new(),
            at: Timestamp::default(),
        }
    }

    /// Takes in what is new. The same reports a second time change nothing.
    pub fn observe(&mut self, snapshot: &MembersSnapshot, reports: &[Arc<ReceivedReport>]) -> Observed {
        let mut observed = Observed::default();
        self.follow(snapshot, &mut observed.changes);
        let mut reported = vec![false; self.rows.len()];
        for received in reports {
            let Some(source) = self.seats.of(&received.report.instance_id) else { continue };
            let (Some(row), Some(reported)) = (self.rows.get_mut(source), reported.get_mut(source)) else { continue };
            // A store has one of each; where it has not, the first is as good as any.
            if !std::mem::replace(reported, true) {
                row.take(source, received, &self.seats, &mut self.shared, &mut observed);
            }
        }
        let mut active = vec![false; self.seats.len()];
        for seat in snapshot.active().filter_map(|member| self.seats.of(&member.instance_id)) {
            active[seat] = true;
        }
        let round = Round { now: snapshot.at, active: &active, all: active != self.active || snapshot.at < self.at };
        for ((source, row), reported) in self.rows.iter_mut().enumerate().zip(reported) {
            if !reported {
                row.take_none();
            }
            row.look(source, round, &self.seats, &self.shared, &mut observed.changes);
            row.tidy(source, snapshot.at, &mut self.shared);
        }
        (self.active, self.at) = (active, snapshot.at);
        observed
    }

    /// Who is gone loses the seat, with all that was known of it; who is new gets one.
    fn follow(&mut self, snapshot: &MembersSnapshot, changes: &mut Vec<PairChange>) {
        for gone in self.seats.gone(snapshot) {
            for (source, row) in self.rows.iter_mut().enumerate() {
                if source == gone {
                    row.forget(source, &self.seats, &mut self.shared, changes);
                } else {
                    row.forget_pair([source, gone], &self.seats, &mut self.shared, changes);
                }
            }
            self.seats.leave(gone);
        }
        self.seats.join(snapshot);
        self.rows.resize_with(self.seats.len(), Row::default);
    }

    /// What verdicts may rest on, at the time of `snapshot`, by what was [observed](Self::observe).
    #[must_use]
    pub fn evidence(&self, snapshot: &MembersSnapshot) -> Evidence {
        let now = snapshot.at;
        let mut members = Vec::with_capacity(snapshot.members.len());
        // Of each seat the place of its member in the evidence.
        let mut places: Vec<Option<u32>> = vec![None; self.seats.len()];
        for (member, status) in snapshot.members.iter().filter(|(_, status)| *status != MemberStatus::Deregistered) {
            let seat = self.seats.of(&member.instance_id);
            let row = seat.and_then(|seat| self.rows.get(seat));
            if let Some(place) = seat.and_then(|seat| places.get_mut(seat)) {
                *place = u32::try_from(members.len()).ok();
            }
            let reported = row.and_then(|row| row.reported);
            members.push(Witness {
                instance_id: member.instance_id.clone(),
                location: member.location.clone(),
                status: *status,
                reporting: row.is_some_and(|row| row.is_reporting(now)),
                reported_at: reported.map(|(at, _)| at),
                check_interval: reported.map(|(_, interval)| interval).unwrap_or_default(),
                tainted: row.map(|row| row.tainted).unwrap_or_default(),
            });
        }
        let known = self.rows.iter().map(|row| row.pairs.iter().filter(|pair| !pair.checks.is_empty()).count());
        let mut pairs = Vec::with_capacity(known.sum());
        let mut made = MadeSets::default();
        for (row, source) in self.rows.iter().zip(&places) {
            let Some(source) = *source else { continue };
            for (pair, target) in row.pairs.iter().zip(&places) {
                let Some(target) = *target else { continue };
                let Shared { catalogue, sensitivity, .. } = &self.shared;
                let evidence = pair.evidence(now, row.report, catalogue, sensitivity, &mut made);
                pairs.extend(evidence.map(|mut evidence| {
                    (evidence.source, evidence.target) = (source, target);
                    evidence
                }));
            }
        }
        self.leave_out_outdated(&mut pairs, &places, members.len(), now);
        Evidence { at: now, members, pairs }
    }

    fn pair(&self, source: &InstanceId, target: &InstanceId) -> Option<&Pair> {
        let pair = self.rows.get(self.seats.of(source)?)?.pairs.get(self.seats.of(target)?)?;
        (!pair.checks.is_empty()).then_some(pair)
    }

    /// The last hour and day of a pair at the time `now`; nothing where nothing is known of it.
    #[must_use]
    pub fn history(&self, source: &InstanceId, target: &InstanceId, now: Timestamp) -> Option<PairHistory> {
        let checks = self.pair(source, target)?.checks.iter();
        let mut checks: Vec<_> = checks.map(|check| (self.shared.catalogue.entry(check.number), check)).collect();
        checks.sort_by(|(a, _), (b, _)| a.order().cmp(&b.order()));
        let checks = checks.into_iter().map(|(entry, check)| CheckHistory {
            kind: entry.kind.clone(),
            endpoint: entry.endpoint.clone(),
            hour: check.remembered().map(|history| history.hour(now)).unwrap_or_default(),
            day: check.remembered().map(|history| history.day(now)).unwrap_or_default(),
        });
        Some(PairHistory { source: source.clone(), target: target.clone(), checks: checks.collect() })
    }

    /// The median and the 95th percentile, by nearest rank, of the round-trip times that a check measured in the hour before
    /// `now`; to 0.05 %, and the hour to a minute. They are kept until the check has another result.
    #[must_use]
    pub fn round_trip_times(
        &self,
        source: &InstanceId,
        target: &InstanceId,
        kind: &ProbeKind,
        endpoint: Option<&Endpoint>,
        now: Timestamp,
    ) -> Option<[Duration; 2]> {
        let mut checks = self.pair(source, target)?.checks.iter();
        let check = checks.find(|check| self.shared.catalogue.entry(check.number).is(kind, endpoint))?;
        check.remembered()?.round_trip_times(now)
    }

    /// How much is remembered. It looks at every pair.
    #[must_use]
    pub fn history_health(&self) -> HistoryHealth {
        let pairs = || self.rows.iter().flat_map(|row| &row.pairs).filter(|pair| !pair.checks.is_empty());
        let Histories { budget, refused } = &self.shared.histories;
        HistoryHealth {
            pairs: pairs().count(),
            checks: pairs().map(|pair| pair.checks.len()).sum(),
            bytes: budget.used(),
            max_bytes: budget.max(),
            refused_checks: *refused,
        }
    }
}

#[cfg(test)]
mod tests;
