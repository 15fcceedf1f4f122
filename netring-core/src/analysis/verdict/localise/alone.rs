//! Where the registry itself may be on the wrong side.

use super::{
    Localiser, Way, What,
    tally::{Side, Tally},
};
use crate::{analysis::verdict::hold::rounds, model::Timestamp};
use std::collections::BTreeMap;

impl Localiser<'_> {
    /// Where all who are heard of stand in one location, and two others and more fell silent at one time and cannot be
    /// reached, the registry hears from one side only: it is likelier that this location has lost its way out than that
    /// all others went down at once.
    pub(super) fn alone(&mut self) {
        let ring = self.ring;
        let mut heard = (0..ring.members.len()).filter(|&seat| ring.members[seat].reporting);
        let Some(own) = heard.next().map(|seat| ring.location_of[seat]) else { return };
        let outside = |&seat: &usize| ring.location_of[seat] != own;
        if heard.any(|seat| outside(&seat)) || !(0..ring.members.len()).filter(outside).all(|seat| ring.is_silent(seat))
        {
            return;
        }
        let lost = self.lost_at_once(own);
        let (mut side, mut cells) = (Side::default(), Vec::new());
        let mut by_location: BTreeMap<usize, Tally> = BTreeMap::new();
        for seat in ring.seats_in(own) {
            for i in self.row(seat).filter(|&i| lost[self.cells[i].target]) {
                by_location.entry(ring.location_of[self.cells[i].target]).or_default().add(self.bad[i]);
                side.all.add(self.bad[i]);
                cells.extend(self.bad[i].then_some(i));
            }
        }
        by_location.values().for_each(|tally| side.locations.add(tally.is_mostly_bad()));
        if side.is_bad() && side.locations.bad >= 2 {
            cells.sort_unstable();
            let expected = ring.population[own] * lost.iter().filter(|&&lost| lost).count();
            self.blame(What::Location { location: own, way: Way::Alone }, cells, expected);
            self.count_directions();
        }
    }

    /// The members outside of `own` that fell silent at about the same time as the last of them did. Who has been silent
    /// for longer went down by itself.
    fn lost_at_once(&self, own: usize) -> Vec<bool> {
        let ring = self.ring;
        let outside = || (0..ring.members.len()).filter(|&seat| ring.location_of[seat] != own);
        let last = outside().filter_map(|seat| ring.members[seat].reported_at).max().unwrap_or_default();
        let interval = outside().map(|seat| ring.members[seat].check_interval).max().unwrap_or_default();
        let window = rounds(4, interval);
        let at_once = |reported: Option<Timestamp>| reported.is_none_or(|reported| last.since(reported) <= window);
        let mut lost = vec![false; ring.members.len()];
        for seat in outside() {
            lost[seat] = at_once(ring.members[seat].reported_at);
        }
        lost
    }
}
