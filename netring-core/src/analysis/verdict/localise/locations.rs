//! Whole locations.

use super::{
    Localiser, Question, Way, What,
    tally::{Side, Tally},
};

impl Localiser<'_> {
    pub(super) fn locations(&mut self) {
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
}
