use crate::{model::InstanceId, registry::MembersSnapshot};
use std::collections::HashMap;

/// A small number for each member of the ring: that of one who has left is given to another.
#[derive(Debug, Default)]
pub(super) struct Seats {
    by_id: HashMap<InstanceId, u32>,
    members: Vec<Option<InstanceId>>,
}

impl Seats {
    /// How many there are, the free ones too.
    pub(super) fn len(&self) -> usize {
        self.members.len()
    }

    pub(super) fn of(&self, instance_id: &InstanceId) -> Option<usize> {
        self.by_id.get(instance_id).map(|&seat| seat as usize)
    }

    pub(super) fn member(&self, seat: usize) -> Option<&InstanceId> {
        self.members.get(seat)?.as_ref()
    }

    /// The seats of those who are not in `snapshot`.
    pub(super) fn gone(&self, snapshot: &MembersSnapshot) -> Vec<usize> {
        let seated = snapshot.members.iter().filter_map(|(member, _)| self.of(&member.instance_id));
        let mut gone: Vec<bool> = self.members.iter().map(Option::is_some).collect();
        for seat in seated {
            if let Some(gone) = gone.get_mut(seat) {
                *gone = false;
            }
        }
        gone.iter().enumerate().filter_map(|(seat, &gone)| gone.then_some(seat)).collect()
    }

    pub(super) fn leave(&mut self, seat: usize) {
        if let Some(instance_id) = self.members.get_mut(seat).and_then(Option::take) {
            self.by_id.remove(&instance_id);
        }
    }

    /// Gives a seat to whoever in `snapshot` has none.
    pub(super) fn join(&mut self, snapshot: &MembersSnapshot) {
        let mut free =
            (0..self.members.len()).filter(|&seat| self.member(seat).is_none()).collect::<Vec<_>>().into_iter();
        for (member, _) in &snapshot.members {
            if self.by_id.contains_key(&member.instance_id) {
                continue;
            }
            let seat = free.next().unwrap_or_else(|| {
                self.members.push(None);
                self.members.len() - 1
            });
            self.members[seat] = Some(member.instance_id.clone());
            self.by_id.insert(member.instance_id.clone(), seat as u32);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::ring;
    use super::*;

    #[test]
    fn a_seat_is_given_again() {
        let mut seats = Seats::default();
        let mut follow = |members: &[&str]| {
            let snapshot = ring(members);
            let gone = seats.gone(&snapshot);
            gone.iter().for_each(|&seat| seats.leave(seat));
            seats.join(&snapshot);
            for (seat, member) in members.iter().filter_map(|id| Some((seats.of(&InstanceId::new(id).ok()?)?, id))) {
                assert_eq!(seats.member(seat).map(InstanceId::as_str), Some(*member));
            }
            (gone, seats.len())
        };
        assert_eq!(follow(&["a", "b", "c"]), (vec![], 3));
        assert_eq!(follow(&["a", "c"]), (vec![1], 3));
        assert_eq!(follow(&["a", "c", "d", "e"]), (vec![], 4));
        assert_eq!(follow(&["f"]), (vec![0, 1, 2, 3], 4));
    }
}
