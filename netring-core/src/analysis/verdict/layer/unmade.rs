use super::super::{localise::What, ring::Ring};
use std::collections::HashMap;

/// Pairs whose source does not make a check: nothing of it can fail there.
#[derive(Debug, Default)]
pub(in super::super) struct Unmade {
    all: usize,
    by_source: HashMap<usize, usize>,
    by_target: HashMap<usize, usize>,
    by_locations: HashMap<(usize, usize), usize>,
}

impl Unmade {
    /// Seats that nobody has are left out.
    pub(super) fn add(&mut self, ring: &Ring<'_>, source: u32, target: u32) {
        let seat = |seat: u32| usize::try_from(seat).ok().filter(|&seat| seat < ring.members.len());
        let (Some(source), Some(target)) = (seat(source), seat(target)) else { return };
        self.all += 1;
        *self.by_source.entry(source).or_default() += 1;
        *self.by_target.entry(target).or_default() += 1;
        *self.by_locations.entry((ring.location_of[source], ring.location_of[target])).or_default() += 1;
    }

    /// How many of them are among those that would fail if `what` were at fault.
    pub(in super::super) fn within(&self, what: What) -> usize {
        match what {
            What::Ring => Some(self.all),
            What::Target(seat) | What::Inbound { seat, .. } => self.by_target.get(&seat).copied(),
            What::Source { seat, .. } => self.by_source.get(&seat).copied(),
            What::Direction(from, to) | What::LocationPair(from, to) => self.by_locations.get(&(from, to)).copied(),
            What::Pair { .. } | What::Location { .. } | What::Partition { .. } | What::Router(_) | What::Link(..) => {
                None
            }
        }
        .unwrap_or_default()
    }
}
