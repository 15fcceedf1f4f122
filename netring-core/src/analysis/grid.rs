//! The reports of a ring by pairs, without a copy of them: a matrix and what is summed up from it both come from here.

use super::{
    MatrixFilter,
    matrix::{standing, state_of, that_count},
    state::{MemberState, State, latency},
    weight::rank,
};
use crate::{
    model::{InstanceId, Measurement, Member, MemberStatus, ProbeKind, ProbeReport, Throughput, Timestamp},
    registry::MembersSnapshot,
    store::ReceivedReport,
};
use std::{collections::HashMap, sync::Arc, time::Duration};

/// The members of a ring and their reports, as far as a filter leaves them.
#[derive(Debug)]
pub(crate) struct Grid<'a> {
    at: Timestamp,
    filter: &'a MatrixFilter,
    /// In the order of locations and then ids. A member is known by its place here.
    members: Vec<&'a (Member, MemberStatus)>,
    /// Those that are active and may be sources.
    sources: Vec<u32>,
    /// Those that are active and may be targets.
    targets: Vec<u32>,
    places: HashMap<&'a InstanceId, u32>,
    reports: HashMap<&'a InstanceId, &'a ReceivedReport>,
}

/// One result of a source.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Checked<'a> {
    target: u32,
    rank: u8,
    pub(super) state: State,
    pub(super) age: Duration,
    pub(super) result: &'a ProbeReport,
}

/// One pair, and the results of its source that are of its target, the most telling first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pair<'a> {
    pub(super) source: &'a Member,
    pub(super) target: &'a Member,
    /// The place of the target among those of the grid.
    pub(super) column: usize,
    pub(super) state: State,
    pub(super) checks: &'a [Checked<'a>],
    /// Whether its state is that of all its checks, which were asked for by their kinds.
    all_count: bool,
}

/// What kinds of pairs there are, before a filter by state or latency.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    /// A pair is down or degraded.
    pub(super) bad: bool,
    /// Nothing is known of a pair.
    pub(super) unknown: bool,
}

impl Tally {
    pub(crate) fn and(self, other: Self) -> Self {
        Self { bad: self.bad || other.bad, unknown: self.unknown || other.unknown }
    }
}

impl<'a> Grid<'a> {
    pub(crate) fn new(
        snapshot: &'a MembersSnapshot,
        reports: &'a [Arc<ReceivedReport>],
        filter: &'a MatrixFilter,
    ) -> Self {
        let wanted = |(member, _): &&(Member, MemberStatus)| filter.takes_source(member) || filter.takes_target(member);
        let mut members: Vec<_> = snapshot.members.iter().filter(wanted).collect();
        members.sort_by(|(a, _), (b, _)| (&a.location, &a.instance_id).cmp(&(&b.location, &b.instance_id)));
        let placed = || (0_u32..).zip(&members).filter(|(_, (_, status))| status.is_active());
        Self {
            at: snapshot.at,
            filter,
            sources: placed().filter(|(_, (member, _))| filter.takes_source(member)).map(|(place, _)| place).collect(),
            targets: placed().filter(|(_, (member, _))| filter.takes_target(member)).map(|(place, _)| place).collect(),
            places: placed()
                .filter(|(_, (member, _))| filter.takes_target(member))
                .map(|(place, (member, _))| (&member.instance_id, place))
                .collect(),
            members,
            reports: reports.iter().map(|received| (&received.report.instance_id, &**received)).collect(),
        }
    }

    pub(crate) fn at(&self) -> Timestamp {
        self.at
    }

    pub(crate) fn members(&self) -> Vec<MemberState> {
        let state = |(member, status): &&(Member, MemberStatus)| MemberState {
            instance_id: member.instance_id.clone(),
            location: member.location.clone(),
            address: member.address,
            status: *status,
            last_seen: member.last_seen,
            deregistered_at: member.deregistered_at.filter(|_| *status == MemberStatus::Deregistered),
        };
        self.members.iter().map(state).collect()
    }

    pub(crate) fn sources(&self) -> &[u32] {
        &self.sources
    }

    pub(crate) fn targets(&self) -> &[u32] {
        &self.targets
    }

    pub(super) fn member(&self, place: u32) -> Option<&'a Member> {
        self.members.get(place as usize).map(|(member, _)| member)
    }

    /// How many pairs there are, before a filter by state or latency.
    pub(crate) fn pairs(&self) -> usize {
        // Both are in order.
        let both = self.sources.iter().filter(|source| self.targets.binary_search(source).is_ok()).count();
        self.sources.len().saturating_mul(self.targets.len()).saturating_sub(both)
    }

    /// How many pairs of locations there are at most.
    pub(crate) fn location_pairs(&self) -> usize {
        let location = |place: &u32| self.member(*place).map(|member| &member.location);
        let count = |places: &[u32]| places.chunk_by(|a, b| location(a) == location(b)).count();
        count(&self.sources).saturating_mul(count(&self.targets))
    }

    /// Goes over the kinds of probes in the report of the member at the place `source`, whatever the filter leaves of them.
    pub(super) fn kinds(&self, source: u32, each: impl FnMut(&'a ProbeKind)) {
        let report = self.member(source).and_then(|member| self.reports.get(&member.instance_id));
        report.into_iter().flat_map(|received| &received.report.results).map(|result| &result.kind).for_each(each);
    }

    /// Goes over the pairs of the member at the place `source`. `row` is memory to work in.
    pub(crate) fn row(
        &self,
        source: u32,
        row: &mut Vec<Checked<'a>>,
        tally: &mut Tally,
        mut each: impl FnMut(&Pair<'_>),
    ) {
        let Some(member) = self.member(source) else { return };
        row.clear();
        if let Some(received) = self.reports.get(&member.instance_id) {
            let results = received.report.results.iter().filter(|result| self.filter.takes_kind(&result.kind));
            let mut last: Option<(&InstanceId, Option<u32>)> = None;
            row.extend(results.filter_map(|result| {
                let id = &result.target.instance_id;
                // Results of one target mostly come together, and a place takes long to look up where there are millions.
                let target = match last {
                    Some((last, place)) if last == id => place,
                    _ => self.places.get(id).copied(),
                };
                last = Some((id, target));
                let target = target?;
                let (state, age) = standing(result, received, self.at);
                Some(Checked { target, rank: rank(&result.kind), state, age, result })
            }));
            let order = |check: &Checked<'a>| (check.target, check.rank, &check.result.kind, &check.result.endpoint);
            row.sort_by(|a, b| order(a).cmp(&order(b)));
        }
        let mut rest: &[Checked<'_>] = row;
        for (column, &target) in self.targets.iter().enumerate() {
            let (checks, after) = rest.split_at(rest.iter().take_while(|check| check.target == target).count());
            rest = after;
            let Some(to) = self.member(target).filter(|_| target != source) else { continue };
            let all_count = !self.filter.kinds.is_empty();
            let state = if all_count { State::of(checks.iter().map(|check| check.state)) } else { state_of(checks) };
            match state {
                State::Up => {}
                State::Down | State::Degraded => tally.bad = true,
                State::Unknown => tally.unknown = true,
            }
            let pair = Pair { source: member, target: to, column, state, checks, all_count };
            if self.filter.takes(state, || pair.latency()) {
                each(&pair);
            }
        }
    }
}

impl Pair<'_> {
    /// As [`PairState::latency`](super::PairState::latency).
    pub(super) fn latency(&self) -> Option<Duration> {
        let checks = self.checks.iter();
        latency(
            checks
                .map(|check| (&check.result.kind, check.state, check.result.round_trip_time(), check.result.duration)),
        )
    }

    /// The part of the packets that are lost, by the first check that counts them and can be trusted.
    pub(super) fn loss_ratio(&self) -> Option<f64> {
        self.trusted().find_map(|check| match &check.result.measurement {
            Some(Measurement::Burst(burst)) => Some(burst.loss_ratio),
            _ => None,
        })
    }

    /// Payload bits per second from the target and to it.
    pub(super) fn bits_per_second(&self) -> (Option<f64>, Option<f64>) {
        let rate = |throughput: &Throughput| throughput.bits_per_second;
        let throughput = || self.trusted().map(Checked::throughput);
        (
            throughput().find_map(|(download, _)| download.map(rate)),
            throughput().find_map(|(_, upload)| upload.map(rate)),
        )
    }

    /// The first check of those by which it is judged.
    pub(super) fn telling(&self) -> Option<&Checked<'_>> {
        if self.all_count { self.checks.first() } else { that_count(self.checks).next() }
    }

    pub(super) fn trusted(&self) -> impl Iterator<Item = &Checked<'_>> {
        self.checks.iter().filter(|check| check.state != State::Unknown)
    }
}

impl<'a> Checked<'a> {
    /// From the target, and to it.
    pub(super) fn throughput(&self) -> (Option<&'a Throughput>, Option<&'a Throughput>) {
        match &self.result.measurement {
            Some(Measurement::Bandwidth(test)) => (test.download.as_ref(), test.upload.as_ref()),
            _ => (None, None),
        }
    }
}
