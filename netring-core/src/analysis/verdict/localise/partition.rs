//! A ring that is split.

use super::{Localiser, Sides, What, tally::Tally};
use crate::{analysis::verdict::hold::rounds, model::Timestamp};
use std::{
    collections::BTreeSet,
    hash::{DefaultHasher, Hash, Hasher},
    time::Duration,
};

/// Locations that get through to each other, or that fell silent at one time.
#[derive(Debug)]
struct Part {
    locations: Vec<usize>,
    silent: bool,
}

impl Localiser<'_> {
    /// The parts of a ring, of two locations at least, between which nothing gets through: each against all larger ones, the
    /// smallest first. One location alone is at fault by itself.
    ///
    /// Where a part is on the other side of the registry, nothing is heard from it, and nobody knows whether its members reach
    /// each other: then those belong together that fell silent at about the same time.
    pub(super) fn partitions(&mut self) {
        if !self.whole_directions || self.ring.locations.len() < 4 {
            return;
        }
        let mut parts = self.parts();
        parts.sort_by_key(|part| (!part.silent, part.locations.len(), part.locations.first().copied()));
        // The largest of those that are heard of is what the others are cut off from.
        let mut rest = parts.as_slice();
        while let [part, larger @ ..] = rest {
            let others = larger.iter().filter(|other| !other.silent).flat_map(|other| &other.locations);
            let others: BTreeSet<usize> = others.copied().collect();
            self.partition(part, others.into_iter().collect());
            rest = larger;
        }
        if self.blames.iter().any(|blame| blame.sides.is_some()) {
            self.count_directions();
        }
    }

    fn parts(&self) -> Vec<Part> {
        let locations = self.ring.locations.len();
        // Of each location the first of its part.
        let mut first: Vec<usize> = (0..locations).collect();
        fn of(first: &[usize], mut location: usize) -> usize {
            while first[location] != location {
                location = first[location];
            }
            location
        }
        for (&(from, to), tally) in &self.directions {
            if from != to && tally.known > 0 && !tally.is_bad() {
                let (a, b) = (of(&first, from), of(&first, to));
                first[a.max(b)] = a.min(b);
            }
        }
        let mut members: Vec<Vec<usize>> = vec![Vec::new(); locations];
        for location in 0..locations {
            members[of(&first, location)].push(location);
        }
        let (single, several): (Vec<_>, Vec<_>) =
            members.into_iter().filter(|part| !part.is_empty()).partition(|part| part.len() == 1);
        let mut parts = self.fallen_silent(single.into_iter().flatten());
        parts.extend(several.into_iter().map(|locations| Part { locations, silent: false }));
        parts
    }

    /// Those of `locations` that nothing is heard from, by when that was last. Of whom it is not known went first.
    fn fallen_silent(&self, locations: impl Iterator<Item = usize>) -> Vec<Part> {
        let ring = self.ring;
        let is_silent = |&location: &usize| ring.seats_in(location).all(|seat| ring.is_silent(seat));
        let heard = |location: usize| ring.seats_in(location).filter_map(|seat| ring.members[seat].reported_at).max();
        let mut silent: Vec<(Option<Timestamp>, usize)> =
            locations.filter(is_silent).map(|location| (heard(location), location)).collect();
        silent.sort_unstable();
        let seats = silent.iter().flat_map(|&(_, location)| ring.seats_in(location));
        let interval = seats.map(|seat| ring.members[seat].check_interval).max().unwrap_or(Duration::ZERO);
        let window = rounds(2, interval);
        let at_once = |(before, _): &(Option<Timestamp>, usize), (after, _): &(Option<Timestamp>, usize)| {
            before.is_none_or(|before| after.is_none_or(|after| after.since(before) <= window))
        };
        let groups = silent.chunk_by(at_once).filter(|group| group.len() >= 2);
        let part = |group: &[(Option<Timestamp>, usize)]| {
            let mut locations: Vec<usize> = group.iter().map(|&(_, location)| location).collect();
            locations.sort_unstable();
            Part { locations, silent: true }
        };
        groups.map(part).collect()
    }

    /// Blames that nothing gets through between `part` and `others`, where that is so.
    fn partition(&mut self, part: &Part, others: Vec<usize>) {
        let ring = self.ring;
        let mut side = vec![None; ring.locations.len()];
        part.locations.iter().for_each(|&location| side[location] = Some(false));
        others.iter().for_each(|&location| side[location] = Some(true));
        let (mut all, mut bad) = (Tally::default(), vec![false; ring.locations.len()]);
        for (&(from, to), tally) in &self.directions {
            if side[from].zip(side[to]).is_some_and(|(a, b)| a != b) {
                all.bad += tally.bad;
                all.known += tally.known;
                (bad[from], bad[to]) = (bad[from] || tally.bad > 0, bad[to] || tally.bad > 0);
            }
        }
        let cut_off = |locations: &[usize]| locations.iter().filter(|&&location| bad[location]).count();
        if !all.is_bad() || cut_off(&part.locations) < part.locations.len() || cut_off(&others) < 2 {
            return;
        }
        let mut cells = Vec::new();
        for seat in part.locations.iter().flat_map(|&location| ring.seats_in(location)) {
            let is_across = |other: usize| side[ring.location_of[other]] == Some(true);
            cells.extend(self.column(seat).filter(|&i| self.bad[i] && is_across(self.cells[i].source)));
            cells.extend(self.row(seat).filter(|&i| self.bad[i] && is_across(self.cells[i].target)));
        }
        cells.sort_unstable();
        let members = |locations: &[usize]| locations.iter().map(|&location| ring.population[location]).sum::<usize>();
        let one_way = members(&part.locations) * members(&others);
        let sides = Sides { near: others, far: part.locations.clone(), silent: part.silent };
        let what = What::Partition { sides: sides.number(), silent: part.silent };
        self.blame(what, cells, if part.silent { one_way } else { one_way * 2 });
        if let Some(blame) = self.blames.last_mut() {
            blame.sides = Some(Box::new(sides));
        }
    }
}

impl Sides {
    /// The two, that with the first location first.
    pub(in super::super) fn in_order(&self) -> [&[usize]; 2] {
        let (near, far) = (self.near.as_slice(), self.far.as_slice());
        if near.first() <= far.first() { [near, far] } else { [far, near] }
    }

    /// The same for the same two.
    fn number(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.in_order().hash(&mut hasher);
        hasher.finish()
    }
}
