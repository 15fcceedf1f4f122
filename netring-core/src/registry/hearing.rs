use super::deaf::Gap;
use crate::model::Timestamp;

/// When members could be heard here, and when not.
#[derive(Debug)]
pub(super) struct Hearing {
    /// Since when nobody can be heard.
    deaf_since: Option<Timestamp>,
    /// The time in which nobody was heard and which nobody has asked for yet. Where nobody can be heard now, it goes on.
    gap: Option<Gap>,
}

impl Hearing {
    /// Nobody knows what was before the start.
    pub(super) fn new(now: Timestamp) -> Self {
        Self { deaf_since: None, gap: Some(Gap { since: None, until: now, over: true }) }
    }

    /// Notes that what a member said could not be kept.
    pub(super) fn failed(&mut self, now: Timestamp) {
        self.deaf_since.get_or_insert(now);
    }

    /// Notes that what a member says can be kept.
    pub(super) fn succeeded(&mut self, now: Timestamp) {
        if let Some(gap) = self.open_until(now, true) {
            (self.gap, self.deaf_since) = (Some(gap), None);
        }
    }

    /// Notes that this process did nothing from `since` until `now`.
    pub(super) fn stood_still(&mut self, since: Timestamp, now: Timestamp) {
        let begun = self.gap.map(|gap| gap.since).or(self.deaf_since.map(Some)).unwrap_or(Some(since));
        // None, which is before the start, is less than any time.
        self.gap = Some(Gap { since: begun.min(Some(since)), until: now, over: true });
    }

    fn open_until(&self, now: Timestamp, over: bool) -> Option<Gap> {
        let since = self.deaf_since?;
        Some(Gap { since: self.gap.map_or(Some(since), |gap| gap.since), until: now, over })
    }

    /// The time in which nobody could be heard here and which was not taken yet.
    pub(super) fn gap(&self, now: Timestamp) -> Option<Gap> {
        self.open_until(now, false).or(self.gap)
    }

    /// The same, and once only, except for the one that is not over yet.
    pub(super) fn take_gap(&mut self, now: Timestamp) -> Option<Gap> {
        self.open_until(now, false).or_else(|| self.gap.take())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_unix_seconds(1_000_000 + seconds)
    }

    fn gap(since: impl Into<Option<u64>>, until: u64, over: bool) -> Option<Gap> {
        Some(Gap { since: since.into().map(at), until: at(until), over })
    }

    #[test]
    fn the_time_in_which_nobody_is_heard_is_taken_once() {
        let mut hearing = Hearing::new(at(0));
        hearing.failed(at(1));
        assert_eq!(hearing.take_gap(at(2)), gap(None, 2, false), "since before the start");
        hearing.succeeded(at(3));
        assert_eq!(hearing.gap(at(8)), gap(None, 3, true));
        assert_eq!(hearing.take_gap(at(9)), gap(None, 3, true));
        assert_eq!((hearing.take_gap(at(9)), hearing.gap(at(9))), (None, None));
        hearing.succeeded(at(9));
        hearing.failed(at(10));
        hearing.failed(at(12));
        assert_eq!(hearing.take_gap(at(15)), gap(10, 15, false));
        hearing.succeeded(at(20));
        hearing.failed(at(21));
        hearing.succeeded(at(22));
        assert_eq!(hearing.take_gap(at(30)), gap(10, 22, true), "two that nobody asked for are one");
    }

    #[test]
    fn to_stand_still_is_to_hear_nobody() {
        let mut hearing = Hearing::new(at(0));
        hearing.stood_still(at(10), at(100));
        assert_eq!(hearing.take_gap(at(101)), gap(None, 100, true), "nor was anybody heard before the start");
        hearing.stood_still(at(110), at(200));
        assert_eq!(hearing.take_gap(at(201)), gap(110, 200, true));
        // The store was away before, and is when it goes on.
        hearing.failed(at(210));
        hearing.stood_still(at(220), at(300));
        assert_eq!(hearing.take_gap(at(301)), gap(210, 301, false));
        hearing.succeeded(at(302));
        assert_eq!(hearing.take_gap(at(303)), gap(210, 302, true));
        // A call has failed when it went on, before anybody looked at the clock.
        hearing.failed(at(400));
        hearing.stood_still(at(310), at(401));
        hearing.succeeded(at(402));
        assert_eq!(hearing.take_gap(at(403)), gap(310, 402, true));
    }
}
