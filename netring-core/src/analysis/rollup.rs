use super::{
    MatrixFilter, PairRef,
    grid::{Grid, Pair, Tally},
    matrix::ring_state,
    state::{MemberState, RingState, State},
};
use crate::{
    model::{Location, Member, MemberStatus, Timestamp},
    parallel,
    registry::MembersSnapshot,
    store::ReceivedReport,
};
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, sync::Arc, time::Duration};

/// Who reaches whom by locations: what the pairs of each ordered pair of locations come to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct Rollup {
    /// When this was so.
    pub at: Timestamp,
    /// The state of the ring, as far as a filter by source, target or kind leaves it.
    pub state: RingState,
    /// The locations of the members that may be a source or a target, in their order.
    pub locations: Vec<LocationState>,
    /// Every ordered pair of locations that has a pair of members, in the same order; of a location with itself too.
    pub pairs: Vec<LocationPair>,
}

/// How the members of a location stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct LocationState {
    /// Which.
    pub location: Location,
    /// How many of its members are online.
    pub online: u32,
    /// How many were not heard of for a while.
    pub stale: u32,
    /// How many were not heard of for longer than their time to live.
    pub offline: u32,
    /// How many said goodbye.
    pub deregistered: u32,
}

/// What the members of one location see of those of another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct LocationPair {
    /// Where they stand who probe.
    pub source_location: Location,
    /// Where they stand who are probed.
    pub target_location: Location,
    /// The worst state of a pair: down, degraded, unknown, up.
    pub state: State,
    /// How many pairs are up.
    pub up: u32,
    /// How many are down.
    pub down: u32,
    /// How many are degraded.
    pub degraded: u32,
    /// Of how many nothing is known.
    pub unknown: u32,
    /// The latency of those of which one is known, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_seconds: Option<Spread>,
    /// The part of the packets that are lost, from 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss_ratio: Option<Spread>,
    /// Payload bits per second from the target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub download_bits_per_second: Option<Spread>,
    /// Payload bits per second to the target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload_bits_per_second: Option<Spread>,
    /// The pair in the worst state; of several the one that loses the most, and then the slowest.
    pub worst: PairRef,
}

/// What a number comes to over several pairs, in the unit of the field's name. Percentiles are those by nearest rank.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct Spread {
    /// Of the worst pair: the longest latency, the most loss, the lowest throughput.
    pub worst: f64,
    /// Half of the pairs are no better.
    pub median: f64,
    /// Of the best pair.
    pub best: f64,
}

/// The pairs that `filter` leaves, by locations. It goes over the reports once and makes no matrix of them.
#[must_use]
pub fn rollup(snapshot: &MembersSnapshot, reports: &[Arc<ReceivedReport>], filter: &MatrixFilter) -> Rollup {
    roll_up(&Grid::new(snapshot, reports, filter))
}

/// The same of a `grid`. It blocks, and keeps several cores busy.
pub(crate) fn roll_up(grid: &Grid<'_>) -> Rollup {
    let location = |place: &u32| grid.member(*place).map(|member| &member.location);
    let sources: Vec<&[u32]> = grid.sources().chunk_by(|a, b| location(a) == location(b)).collect();
    let targets: HashMap<&Location, usize> = grid
        .targets()
        .chunk_by(|a, b| location(a) == location(b))
        .filter_map(|members| location(members.first()?))
        .enumerate()
        .map(|(place, location)| (location, place))
        .collect();
    let rows = parallel::map(&sources, |sources| {
        let (mut sums, mut tally, mut row) = (Vec::new(), Tally::default(), Vec::new());
        sums.resize_with(targets.len(), Sum::default);
        for &source in *sources {
            grid.row(source, &mut row, &mut tally, |pair| {
                if let Some(sum) = targets.get(&pair.target.location).and_then(|&place| sums.get_mut(place)) {
                    sum.add(pair);
                }
            });
        }
        (sums.into_iter().filter_map(Sum::end).collect::<Vec<_>>(), tally)
    });
    let members = grid.members();
    let tally = rows.iter().fold(Tally::default(), |all, (_, tally)| all.and(*tally));
    Rollup {
        at: grid.at(),
        state: ring_state(&members, tally),
        locations: locations(&members),
        pairs: rows.into_iter().flat_map(|(pairs, _)| pairs).collect(),
    }
}

/// `members` stand in the order of their locations.
fn locations(members: &[MemberState]) -> Vec<LocationState> {
    let of_one = |members: &[MemberState]| {
        let count = |status| members.iter().filter(|member| member.status == status).count() as u32;
        Some(LocationState {
            location: members.first()?.location.clone(),
            online: count(MemberStatus::Online),
            stale: count(MemberStatus::Stale),
            offline: count(MemberStatus::Offline),
            deregistered: count(MemberStatus::Deregistered),
        })
    };
    members.chunk_by(|a, b| a.location == b.location).filter_map(of_one).collect()
}

/// What the pairs of two locations come to so far.
#[derive(Debug, Default)]
struct Sum {
    worst: Option<(Badness, Worst)>,
    up: u32,
    down: u32,
    degraded: u32,
    unknown: u32,
    latency: Vec<f64>,
    loss: Vec<f64>,
    download: Vec<f64>,
    upload: Vec<f64>,
}

/// How bad a state is, the part that is lost, and how long it takes.
type Badness = (u8, f64, Duration);

#[derive(Debug)]
struct Worst {
    state: State,
    source: Member,
    target: Member,
}

const fn badness(state: State) -> u8 {
    match state {
        State::Up => 0,
        State::Unknown => 1,
        State::Degraded => 2,
        State::Down => 3,
    }
}

impl Sum {
    fn add(&mut self, pair: &Pair<'_>) {
        match pair.state {
            State::Up => self.up += 1,
            State::Down => self.down += 1,
            State::Degraded => self.degraded += 1,
            State::Unknown => self.unknown += 1,
        }
        let (latency, loss, (download, upload)) = (pair.latency(), pair.loss_ratio(), pair.bits_per_second());
        self.latency.extend(latency.map(|latency| latency.as_secs_f64()));
        self.loss.extend(loss);
        self.download.extend(download);
        self.upload.extend(upload);
        let bad = (badness(pair.state), loss.unwrap_or(0.0), latency.unwrap_or_default());
        if self.worst.as_ref().is_none_or(|(worst, _)| bad > *worst) {
            let worst = Worst { state: pair.state, source: pair.source.clone(), target: pair.target.clone() };
            self.worst = Some((bad, worst));
        }
    }

    fn end(self) -> Option<LocationPair> {
        let (_, Worst { state, source, target }) = self.worst?;
        Some(LocationPair {
            source_location: source.location,
            target_location: target.location,
            state,
            up: self.up,
            down: self.down,
            degraded: self.degraded,
            unknown: self.unknown,
            latency_seconds: Spread::of(self.latency, false),
            loss_ratio: Spread::of(self.loss, false),
            download_bits_per_second: Spread::of(self.download, true),
            upload_bits_per_second: Spread::of(self.upload, true),
            worst: PairRef { source: source.instance_id, target: target.instance_id },
        })
    }
}

impl Spread {
    /// Of `values`, of which more is `better` or less is.
    fn of(mut values: Vec<f64>, more_is_better: bool) -> Option<Self> {
        let median = values.len().checked_sub(1)? / 2;
        values.sort_unstable_by(f64::total_cmp);
        if !more_is_better {
            values.reverse();
        }
        Some(Self { worst: *values.first()?, median: *values.get(median)?, best: *values.last()? })
    }
}

#[cfg(test)]
mod tests;
