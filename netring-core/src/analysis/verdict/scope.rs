use super::ring::Ring;
use crate::{
    analysis::{Fault, KindOf, PairRef, Subject},
    model::{InstanceId, Location},
};
use std::collections::{BTreeSet, HashMap};

/// Which pairs a fault would break, whether it does or not.
#[derive(Debug)]
pub(super) enum Scope {
    Everything,
    Nothing,
    /// All to and from a member.
    Member(usize),
    Column(usize),
    Row(usize),
    Location(usize),
    /// Between locations of the one and of the other.
    Across([BTreeSet<usize>; 2]),
    Direction(usize, usize),
    Between(usize, usize),
    Pair(usize, usize),
    /// Between these locations: all that is known of where a router or a link is used.
    Among(BTreeSet<(usize, usize)>),
}

/// Where members sit and locations stand, by their names.
#[derive(Debug)]
pub(super) struct Names<'a> {
    pub(super) ring: &'a Ring<'a>,
    seats: HashMap<&'a InstanceId, usize>,
}

impl<'a> Names<'a> {
    pub(super) fn new(ring: &'a Ring<'a>) -> Self {
        let seats = ring.members.iter().enumerate().map(|(seat, member)| (&member.instance_id, seat)).collect();
        Self { ring, seats }
    }

    pub(super) fn seat(&self, id: &InstanceId) -> Option<usize> {
        self.seats.get(id).copied()
    }

    pub(super) fn seats(&self, pair: &PairRef) -> Option<(usize, usize)> {
        Some((self.seat(&pair.source)?, self.seat(&pair.target)?))
    }

    fn location(&self, location: &Location) -> Option<usize> {
        self.ring.locations.binary_search(&location).ok()
    }

    pub(super) fn scope(&self, fault: &Fault) -> Scope {
        self.known_scope(fault).unwrap_or(Scope::Nothing)
    }

    fn known_scope(&self, fault: &Fault) -> Option<Scope> {
        Some(match &fault.subject {
            Subject::Target { instance_id, .. } | Subject::Inbound { instance_id, .. } => {
                Scope::Column(self.seat(instance_id)?)
            }
            Subject::Source { instance_id, .. } => Scope::Member(self.seat(instance_id)?),
            Subject::Location { location } => Scope::Location(self.location(location)?),
            Subject::Partition { sides } => {
                let numbers = |side: &Vec<Location>| side.iter().filter_map(|name| self.location(name)).collect();
                Scope::Across(sides.each_ref().map(numbers))
            }
            Subject::LocationPair { locations: [a, b] } => Scope::Between(self.location(a)?, self.location(b)?),
            Subject::Direction { source_location, target_location } => {
                Scope::Direction(self.location(source_location)?, self.location(target_location)?)
            }
            Subject::Pair { source, target, .. } => Scope::Pair(self.seat(source)?, self.seat(target)?),
            Subject::Kind { of, .. } => match of {
                KindOf::Target(id) => Scope::Column(self.seat(id)?),
                KindOf::Source(id) => Scope::Row(self.seat(id)?),
                KindOf::Direction(from, to) => Scope::Direction(self.location(from)?, self.location(to)?),
                KindOf::Pair(source, target) => Scope::Pair(self.seat(source)?, self.seat(target)?),
                KindOf::Ring => Scope::Everything,
            },
            Subject::Router { .. } | Subject::Link { .. } => {
                let seats = fault.pairs.iter().filter_map(|pair| self.seats(pair));
                Scope::Among(seats.map(|seats| self.between(seats)).collect())
            }
        })
    }

    fn between(&self, (source, target): (usize, usize)) -> (usize, usize) {
        (self.ring.location_of[source], self.ring.location_of[target])
    }

    pub(super) fn contains(&self, scope: &Scope, seats: (usize, usize)) -> bool {
        let (source, target) = seats;
        let (from, to) = self.between(seats);
        match scope {
            Scope::Everything => true,
            Scope::Nothing => false,
            Scope::Member(seat) => source == *seat || target == *seat,
            Scope::Column(seat) => target == *seat,
            Scope::Row(seat) => source == *seat,
            Scope::Location(location) => from == *location || to == *location,
            Scope::Across([a, b]) => a.contains(&from) && b.contains(&to) || b.contains(&from) && a.contains(&to),
            Scope::Direction(a, b) => (from, to) == (*a, *b),
            Scope::Between(a, b) => (from, to) == (*a, *b) || (from, to) == (*b, *a),
            Scope::Pair(a, b) => seats == (*a, *b) || seats == (*b, *a),
            Scope::Among(ends) => ends.contains(&(from, to)),
        }
    }
}
