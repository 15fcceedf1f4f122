//! From who cannot do what with whom to the least that is at fault: the largest scope that explains bad pairs without
//! taking in good ones, then the next smaller one for what is left.

use super::{
    layer::{Cell, CellState},
    ring::Ring,
};
use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
};

/// What is at fault, by numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum What {
    Ring,
    Location { location: usize, way: Way },
    Target(usize),
    Inbound { seat: usize, row: Row },
    Source { seat: usize, both_ways: bool },
    LocationPair(usize, usize),
    Direction(usize, usize),
    Pair { source: usize, target: usize, both_ways: bool },
    Router(IpAddr),
    Link(IpAddr, IpAddr),
}

/// In what way a location is at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Way {
    /// None of its members is reached from outside, and all of them are silent.
    Down,
    /// Neither way.
    CutOff,
    /// Not reached, but reaching.
    Inbound,
    /// Reached, but not reaching.
    Outbound,
}

/// What a member says itself that nobody reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Row {
    Good,
    Unsaid,
}

/// One thing at fault, and the bad pairs that it explains.
#[derive(Debug, Clone)]
pub(super) struct Blame {
    pub(super) what: What,
    /// By their place in the cells.
    pub(super) cells: Vec<usize>,
    /// How many pairs it would break, known or not.
    pub(super) expected: usize,
}

/// Which rules hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    /// Who is silent and cannot be reached is down.
    Reach,
    /// Silence says nothing of how fast or how lossy something is.
    Quality,
    /// A service is at its target; a network is not at fault.
    Kind,
}

/// Bad ones of known ones.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    bad: usize,
    known: usize,
}

impl Tally {
    fn add(&mut self, bad: bool) {
        self.bad += usize::from(bad);
        self.known += 1;
    }

    /// Nine of ten and more: a single result may lag behind.
    fn is_bad(self) -> bool {
        self.bad > 0 && self.bad * 10 >= self.known * 9
    }

    fn is_mostly_bad(self) -> bool {
        self.bad * 2 > self.known
    }

    fn is_good(self) -> bool {
        self.known > 0 && self.bad * 10 <= self.known
    }
}

/// What lies on one side of a scope, by where the other ends stand: one location that is large must not outvote the
/// others.
#[derive(Debug, Default)]
struct Side {
    all: Tally,
    /// How many locations are known, and how many of these are mostly bad.
    locations: Tally,
}

impl Side {
    fn is_bad(&self) -> bool {
        self.all.is_bad() && self.locations.is_bad()
    }
}

/// Names what is at fault behind the bad ones of `cells`, which are in order. Where `doubtful`, what is undecided
/// counts as bad.
pub(super) fn localise(ring: &Ring<'_>, cells: &[Cell], question: Question, doubtful: bool) -> Vec<Blame> {
    let is_bad = |cell: &Cell| cell.state == CellState::Bad || doubtful && cell.state == CellState::Undecided;
    let bad: Vec<bool> = cells.iter().map(is_bad).collect();
    if !bad.contains(&true) {
        return Vec::new();
    }
    let mut localiser = Localiser::new(ring, cells, bad, question);
    if question == Question::Kind {
        localiser.whole_ring();
    } else {
        localiser.locations();
    }
    localiser.members();
    localiser.directions();
    localiser.pairs();
    localiser.blames
}

struct Localiser<'a> {
    ring: &'a Ring<'a>,
    cells: &'a [Cell],
    bad: Vec<bool>,
    explained: Vec<bool>,
    /// Where the cells of each source begin.
    row_starts: Vec<usize>,
    /// The cells in the order of their targets, and where those of each begin.
    by_target: Vec<usize>,
    column_starts: Vec<usize>,
    /// By the locations of both ends; only what is not yet explained.
    directions: HashMap<(usize, usize), Tally>,
    question: Question,
    blames: Vec<Blame>,
}

impl<'a> Localiser<'a> {
    fn new(ring: &'a Ring<'a>, cells: &'a [Cell], bad: Vec<bool>, question: Question) -> Self {
        let starts = |seat_of: &dyn Fn(&Cell) -> usize| {
            let mut starts = vec![0; ring.members.len() + 1];
            for cell in cells {
                starts[seat_of(cell) + 1] += 1;
            }
            for i in 1..starts.len() {
                starts[i] += starts[i - 1];
            }
            starts
        };
        let row_starts = starts(&|cell| cell.source);
        let column_starts = starts(&|cell| cell.target);
        let mut next = column_starts.clone();
        let mut by_target = vec![0; cells.len()];
        for (i, cell) in cells.iter().enumerate() {
            by_target[next[cell.target]] = i;
            next[cell.target] += 1;
        }
        let explained = vec![false; cells.len()];
        let mut localiser = Self {
            ring,
            cells,
            bad,
            explained,
            row_starts,
            by_target,
            column_starts,
            directions: HashMap::new(),
            question,
            blames: Vec::new(),
        };
        localiser.count_directions();
        localiser
    }

    fn count_directions(&mut self) {
        self.directions.clear();
        for (i, cell) in self.cells.iter().enumerate().filter(|&(i, _)| !self.explained[i]) {
            let ends = (self.ring.location_of[cell.source], self.ring.location_of[cell.target]);
            self.directions.entry(ends).or_default().add(self.bad[i]);
        }
    }

    fn row(&self, seat: usize) -> impl Iterator<Item = usize> + '_ {
        (self.row_starts[seat]..self.row_starts[seat + 1]).filter(|&i| !self.explained[i])
    }

    fn column(&self, seat: usize) -> impl Iterator<Item = usize> + '_ {
        let of_seat = self.column_starts[seat]..self.column_starts[seat + 1];
        self.by_target[of_seat].iter().copied().filter(|&i| !self.explained[i])
    }

    fn blame(&mut self, what: What, cells: Vec<usize>, expected: usize) {
        for &i in &cells {
            self.explained[i] = true;
        }
        self.blames.push(Blame { what, expected: expected.max(cells.len()), cells });
    }

    /// One kind of probe that fails for everybody.
    fn whole_ring(&mut self) {
        let bad: Vec<usize> = (0..self.cells.len()).filter(|&i| self.bad[i]).collect();
        let several = |seat_of: &dyn Fn(&Cell) -> usize| {
            let mut seats = bad.iter().map(|&i| seat_of(&self.cells[i]));
            seats.next().is_some_and(|first| seats.any(|seat| seat != first))
        };
        let members = self.ring.members.len();
        let all = Tally { bad: bad.len(), known: self.cells.len() };
        if all.is_bad() && bad.len() >= 3 && several(&|cell| cell.source) && several(&|cell| cell.target) {
            self.blame(What::Ring, bad, members * members.saturating_sub(1));
        }
    }

    fn locations(&mut self) {
        for location in 0..self.ring.locations.len() {
            if self.ring.population[location] < 2 {
                continue;
            }
            let (into, out) = (self.side(location, true), self.side(location, false));
            if into.all.bad + out.all.bad == 0 {
                continue;
            }
            let all_silent =
                self.question == Question::Reach && self.ring.seats_in(location).all(|seat| self.ring.is_silent(seat));
            let bad_members = |side: &Side, into| if side.is_bad() { self.bad_members(location, into) } else { None };
            let (bad_into, bad_out) = (bad_members(&into, true), bad_members(&out, false));
            let (into_is_bad, out_is_bad) = (bad_into >= Some(2), bad_out >= Some(2));
            // From one other location alone, nobody can tell which of the two it is.
            let several = into.locations.known.max(out.locations.known) >= 2;
            let way = match (into_is_bad, out_is_bad) {
                (true, _) if all_silent => Way::Down,
                // That one of its members still tells of the way out is enough.
                (true, _) if several && (bad_out.is_some() || out.all.known == 0) && self.others_meet(location) => {
                    Way::CutOff
                }
                (true, false) if into.locations.known >= 2 && out.all.is_good() => Way::Inbound,
                (false, true) if out.locations.known >= 2 && into.all.is_good() => Way::Outbound,
                _ => continue,
            };
            let inside = self.ring.population[location];
            let one_way = inside * (self.ring.members.len() - inside);
            let mut cells = Vec::new();
            for seat in self.ring.seats_in(location) {
                let outside = |other: usize| self.ring.location_of[other] != location;
                cells.extend(self.column(seat).filter(|&i| self.bad[i] && outside(self.cells[i].source)));
                cells.extend(self.row(seat).filter(|&i| self.bad[i] && outside(self.cells[i].target)));
            }
            cells.sort_unstable();
            let expected = if way == Way::CutOff { one_way * 2 } else { one_way };
            self.blame(What::Location { location, way }, cells, expected);
        }
        self.count_directions();
    }

    fn side(&self, location: usize, into: bool) -> Side {
        let mut side = Side::default();
        for other in (0..self.ring.locations.len()).filter(|&other| other != location) {
            let ends = if into { (other, location) } else { (location, other) };
            if let Some(tally) = self.directions.get(&ends) {
                side.all.bad += tally.bad;
                side.all.known += tally.known;
                side.locations.add(tally.is_mostly_bad());
            }
        }
        side
    }

    /// How many members of a location are known to be bad; `None` where one is well, for then the location is not at
    /// fault.
    fn bad_members(&self, location: usize, into: bool) -> Option<usize> {
        let mut known = 0;
        for seat in self.ring.seats_in(location) {
            let mut tally = Tally::default();
            let outside = |other: usize| self.ring.location_of[other] != location;
            if into {
                self.column(seat).filter(|&i| outside(self.cells[i].source)).for_each(|i| tally.add(self.bad[i]));
            } else {
                self.row(seat).filter(|&i| outside(self.cells[i].target)).for_each(|i| tally.add(self.bad[i]));
            }
            if tally.known > 0 {
                known += 1;
                if !tally.is_mostly_bad() {
                    return None;
                }
            }
        }
        Some(known)
    }

    /// Whether any two other locations get through to each other: else it might be any of them.
    fn others_meet(&self, location: usize) -> bool {
        let elsewhere = |&(&(from, to), tally): &(&(usize, usize), &Tally)| {
            from != to && from != location && to != location && tally.bad < tally.known
        };
        self.directions.iter().any(|direction| elsewhere(&direction))
    }

    fn members(&mut self) {
        let mut weights: Vec<(usize, usize)> = Vec::new();
        let bad_of = |localiser: &Self, seat: usize| {
            let bad = |i: &usize| localiser.bad[*i];
            localiser.column(seat).filter(bad).count() + localiser.row(seat).filter(bad).count()
        };
        for seat in 0..self.ring.members.len() {
            if self.question == Question::Reach && self.ring.is_silent(seat) && self.member_side(seat, true).is_bad() {
                let cells = self.column(seat).filter(|&i| self.bad[i]).collect();
                self.blame(What::Target(seat), cells, self.ring.members.len().saturating_sub(1));
            }
        }
        for seat in 0..self.ring.members.len() {
            match bad_of(self, seat) {
                0 => {}
                bad => weights.push((bad, seat)),
            }
        }
        weights.sort_by_key(|&(bad, seat)| (std::cmp::Reverse(bad), seat));
        let good = self.bad.iter().filter(|&&bad| !bad).count();
        for (_, seat) in weights {
            self.member(seat, good);
        }
        self.count_directions();
    }

    fn member(&mut self, seat: usize, good: usize) {
        let (column, row) = (self.member_side(seat, true), self.member_side(seat, false));
        let silent = self.question == Question::Reach && self.ring.is_silent(seat);
        let column_is_bad = !silent && column.is_bad() && self.rests_on_several(&column);
        let row_is_bad = row.is_bad() && self.rests_on_several(&row);
        let (in_all, out_all) = (self.plain_tally(seat, true), self.plain_tally(seat, false));
        // Somebody else has to do well, or it might be anybody.
        let own_good = in_all.known - in_all.bad + out_all.known - out_all.bad;
        let others_are_well = good > own_good;
        let others = self.ring.members.len().saturating_sub(1);
        let bad_in = |localiser: &Self| localiser.column(seat).filter(|&i| localiser.bad[i]).collect::<Vec<_>>();
        let bad_out = |localiser: &Self| localiser.row(seat).filter(|&i| localiser.bad[i]).collect::<Vec<_>>();
        if column_is_bad && self.question == Question::Kind {
            let cells = bad_in(self);
            self.blame(What::Target(seat), cells, others);
        } else if column_is_bad && row_is_bad && others_are_well {
            let mut cells = bad_in(self);
            cells.extend(bad_out(self));
            cells.sort_unstable();
            self.blame(What::Source { seat, both_ways: true }, cells, others * 2);
        } else if column_is_bad && !row_is_bad && (others_are_well || out_all.is_good()) {
            let row = if out_all.is_good() { Row::Good } else { Row::Unsaid };
            let cells = bad_in(self);
            self.blame(What::Inbound { seat, row }, cells, others);
        } else if row_is_bad && !column_is_bad && (others_are_well || in_all.is_good()) {
            let cells = bad_out(self);
            self.blame(What::Source { seat, both_ways: false }, cells, others);
        }
    }

    fn plain_tally(&self, seat: usize, into: bool) -> Tally {
        let mut tally = Tally::default();
        if into {
            self.column(seat).for_each(|i| tally.add(self.bad[i]));
        } else {
            self.row(seat).for_each(|i| tally.add(self.bad[i]));
        }
        tally
    }

    /// The way to a member, or from it, by the locations of the others. What the way between two locations explains,
    /// because the other members of the same location share it, says nothing of the member.
    fn member_side(&self, seat: usize, into: bool) -> Side {
        let mut by_location: BTreeMap<usize, Tally> = BTreeMap::new();
        let mut add = |i: usize, other: usize| {
            by_location.entry(self.ring.location_of[other]).or_default().add(self.bad[i]);
        };
        if into {
            self.column(seat).for_each(|i| add(i, self.cells[i].source));
        } else {
            self.row(seat).for_each(|i| add(i, self.cells[i].target));
        }
        let own = self.ring.location_of[seat];
        let mut side = Side::default();
        for (other, tally) in by_location {
            let ends = if into { (other, own) } else { (own, other) };
            let whole = self.directions.get(&ends).copied().unwrap_or_default();
            if other != own && whole.is_bad() && whole.bad > tally.bad {
                continue;
            }
            side.all.bad += tally.bad;
            side.all.known += tally.known;
            side.locations.add(tally.is_mostly_bad());
        }
        side
    }

    /// Two others have to say so, and from two locations where there are more than two: else it may be the way from
    /// that one.
    fn rests_on_several(&self, side: &Side) -> bool {
        side.all.bad >= 2 && (self.ring.locations.len() < 3 || side.locations.known >= 2)
    }

    fn directions(&mut self) {
        let mut bad_cells: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
        for (i, cell) in self.cells.iter().enumerate().filter(|&(i, _)| self.bad[i] && !self.explained[i]) {
            let ends = (self.ring.location_of[cell.source], self.ring.location_of[cell.target]);
            bad_cells.entry(ends).or_default().push(i);
        }
        let is_whole = |&(from, to): &(usize, usize)| {
            let Some(cells) = bad_cells.get(&(from, to)) else { return false };
            let (a, b) = (self.ring.population[from], self.ring.population[to]);
            let enough = if from == to {
                let unordered = |&&i: &&usize| {
                    let cell = &self.cells[i];
                    cell.source < cell.target || !cells.iter().any(|&j| self.is_reverse(i, j))
                };
                // Two members alone are a pair; and nobody has to look through thousands to find two.
                a > 2 && (cells.len() > 2 || cells.iter().filter(unordered).count() >= 2)
            } else {
                let least = if self.question == Question::Kind { 2 } else { 2.min(a * b) };
                cells.len() >= least
            };
            enough && self.directions.get(&(from, to)).is_some_and(|tally| tally.is_bad())
        };
        let whole: Vec<(usize, usize)> = bad_cells.keys().copied().filter(is_whole).collect();
        for &(from, to) in &whole {
            let (a, b) = (self.ring.population[from], self.ring.population[to]);
            let Some(mut cells) = bad_cells.get(&(from, to)).cloned() else { continue };
            if self.question == Question::Kind {
                self.blame(What::Direction(from, to), cells, if from == to { a * (a - 1) } else { a * b });
            } else if from == to {
                self.blame(What::LocationPair(from, to), cells, a * (a - 1));
            } else if whole.binary_search(&(to, from)).is_err() {
                self.blame(What::Direction(from, to), cells, a * b);
            } else if from < to {
                cells.extend(bad_cells.get(&(to, from)).into_iter().flatten());
                cells.sort_unstable();
                self.blame(What::LocationPair(from, to), cells, 2 * a * b);
            }
        }
    }

    fn is_reverse(&self, i: usize, j: usize) -> bool {
        let (one, other) = (&self.cells[i], &self.cells[j]);
        (one.source, one.target) == (other.target, other.source)
    }

    fn pairs(&mut self) {
        for i in 0..self.cells.len() {
            if !self.bad[i] || self.explained[i] {
                continue;
            }
            let Cell { source, target, .. } = self.cells[i];
            let back = self.cells.binary_search_by_key(&(target, source), |cell| (cell.source, cell.target)).ok();
            let back = back.filter(|&j| self.bad[j] && !self.explained[j]);
            if self.question == Question::Kind || back.is_none() {
                self.blame(What::Pair { source, target, both_ways: false }, vec![i], 1);
            } else if let Some(j) = back {
                // In the order of their ids, whoever sits where.
                let swap = self.ring.id(target) < self.ring.id(source);
                let (source, target) = if swap { (target, source) } else { (source, target) };
                self.blame(What::Pair { source, target, both_ways: true }, vec![i.min(j), i.max(j)], 2);
            }
        }
    }
}
