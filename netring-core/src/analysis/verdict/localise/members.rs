//! Single members.

use super::{
    Localiser, Question, Row, What,
    tally::{Side, Tally},
};
use std::collections::BTreeMap;

impl Localiser<'_> {
    pub(super) fn members(&mut self) {
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
        self.known_locations = self.count_known_locations();
        weights.sort_by_key(|&(bad, seat)| (std::cmp::Reverse(bad), seat));
        let good = self.bad.iter().filter(|&&bad| !bad).count();
        for (_, seat) in weights {
            self.member(seat, good);
        }
        self.count_directions();
    }

    fn member(&mut self, seat: usize, good: usize) {
        let (in_all, out_all) = (self.plain_tally(seat, true), self.plain_tally(seat, false));
        // In a large ring there are few members without a bad pair: those that are well are seen at once.
        if !self.whole_directions && !in_all.is_bad() && !out_all.is_bad() {
            return;
        }
        let (column, row) = (self.member_side(seat, true), self.member_side(seat, false));
        let silent = self.question == Question::Reach && self.ring.is_silent(seat);
        let column_is_bad = !silent && column.is_bad() && self.rests_on_several(&column);
        let row_is_bad = row.is_bad() && self.rests_on_several(&row);
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

    fn count_known_locations(&self) -> usize {
        let mut known = vec![false; self.ring.locations.len()];
        for (i, cell) in self.cells.iter().enumerate() {
            if !self.explained[i] {
                known[self.ring.location_of[cell.source]] = true;
                known[self.ring.location_of[cell.target]] = true;
            }
        }
        known.into_iter().filter(|&known| known).count()
    }

    /// Two others have to say so, and from two locations where more than two are known: else it may be the way from that
    /// one.
    fn rests_on_several(&self, side: &Side) -> bool {
        side.all.bad >= 2 && (self.known_locations < 3 || side.locations.known >= 2)
    }
}
