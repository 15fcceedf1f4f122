use crate::{
    analysis::{PairRef, Witness},
    model::{InstanceId, Location, MemberStatus},
};
use std::collections::BTreeMap;

/// The members by their seats, and the locations by numbers: what everything here counts by.
#[derive(Debug)]
pub(super) struct Ring<'a> {
    pub(super) members: &'a [Witness],
    /// In the order of their names.
    pub(super) locations: Vec<&'a Location>,
    /// Where each member stands.
    pub(super) location_of: Vec<usize>,
    /// How many members stand in each location.
    pub(super) population: Vec<usize>,
}

impl<'a> Ring<'a> {
    pub(super) fn new(members: &'a [Witness]) -> Self {
        let mut numbers: BTreeMap<&Location, usize> = members.iter().map(|member| (&member.location, 0)).collect();
        for (i, number) in numbers.values_mut().enumerate() {
            *number = i;
        }
        let location_of: Vec<usize> = members.iter().map(|member| numbers[&member.location]).collect();
        let mut population = vec![0; numbers.len()];
        for &location in &location_of {
            population[location] += 1;
        }
        Self { members, locations: numbers.into_keys().collect(), location_of, population }
    }

    /// Whether a member gives no sign of life to the registry itself. Who has not reported as yet, but whose heartbeats
    /// come, is new, and not silent.
    pub(super) fn is_silent(&self, seat: usize) -> bool {
        let member = &self.members[seat];
        member.status != MemberStatus::Online || !member.reporting && member.reported_at.is_some()
    }

    pub(super) fn seats_in(&self, location: usize) -> impl Iterator<Item = usize> + '_ {
        self.location_of.iter().enumerate().filter(move |&(_, &at)| at == location).map(|(seat, _)| seat)
    }

    pub(super) fn id(&self, seat: usize) -> &'a InstanceId {
        &self.members[seat].instance_id
    }

    pub(super) fn location(&self, seat: usize) -> &'a Location {
        self.locations[self.location_of[seat]]
    }

    pub(super) fn pair(&self, source: usize, target: usize) -> PairRef {
        PairRef { source: self.id(source).clone(), target: self.id(target).clone() }
    }
}
