use crate::model::{Member, Timestamp};
use std::time::Duration;

/// A call that hung while the store was away may end well when it is back, and then says that a member was heard when the
/// call began. No request is older than this.
const UNDER_WAY: Duration = Duration::from_secs(15);

/// A time in which this registry could hear nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Gap {
    /// When it began; nobody knows for how long there was no registry before this one was started.
    pub(super) since: Option<Timestamp>,
    /// When it ended, or now.
    pub(super) until: Timestamp,
    /// Whether it has ended.
    pub(super) over: bool,
}

/// A time in which nobody at all could hear a member: to say nothing then is no silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Deaf {
    from: Timestamp,
    to: Timestamp,
}

impl Deaf {
    /// The part of `gap` in which no other registry heard anybody either, by the `members` that the store has after it.
    ///
    /// Another registry shows by what it heard. This is the last time before the gap's end at which somebody was heard, those
    /// who may have been heard by its end itself left out. It errs by some seconds to the long side: that finds a dead member
    /// a little later, whereas to the short side everybody would be offline at once.
    pub(super) fn of(gap: Gap, members: &[Member]) -> Option<Self> {
        let active = members.iter().filter(|member| member.deregistered_at.is_none());
        let heard = active.map(|member| member.last_seen).filter(|&seen| seen < gap.until - UNDER_WAY).max();
        let from = gap.since.max(heard)?;
        (from < gap.until).then_some(Self { from, to: gap.until })
    }

    /// This one and `earlier` in one. Where more than `ttl` lies between them, everybody had time enough to be heard, and the
    /// earlier one is over and done with. Otherwise the two count as one that ends with this one and is as long as both. That
    /// is right for all who were last heard before them, and by at most `ttl` too kind to those who were heard in between.
    pub(super) fn after(self, earlier: Option<Self>, ttl: Duration) -> Self {
        match earlier {
            Some(earlier) if self.from.since(earlier.to) <= ttl => {
                Self { from: self.from - earlier.length(), to: self.to }
            }
            _ => self,
        }
    }

    pub(super) fn length(self) -> Duration {
        self.to.since(self.from)
    }

    /// For how long a member that was last seen then has been silent, where `deaf` does not count.
    pub(super) fn silence(deaf: Option<Self>, last_seen: Timestamp, now: Timestamp) -> Duration {
        let unheard = deaf.map_or(Duration::ZERO, |deaf| deaf.to.min(now).since(deaf.from.max(last_seen)));
        now.since(last_seen).saturating_sub(unheard)
    }

    /// Who was last seen before this has been silent for more than `limit`.
    ///
    /// While `limit` reaches back into the deaf time, that is as if it were longer by all of it: whoever was last seen within
    /// is silent since its end only. Once it is past, the deaf time makes no difference any more.
    pub(super) fn silent_before(deaf: Option<Self>, limit: Duration, now: Timestamp) -> Timestamp {
        match deaf {
            Some(deaf) if now - limit <= deaf.to => now - limit.saturating_add(deaf.length()),
            _ => now - limit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AdvertisedAddress, InstanceId, Location};

    const START: u64 = 1_000_000;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_unix_seconds(START + seconds)
    }

    fn deaf(from: u64, to: u64) -> Deaf {
        Deaf { from: at(from), to: at(to) }
    }

    fn member(last_seen: u64, deregistered: bool) -> Member {
        Member {
            instance_id: InstanceId::new("a").unwrap(),
            location: Location::new("eu1").unwrap(),
            address: AdvertisedAddress::new([10, 0, 0, 1].into(), 8757).unwrap(),
            heartbeat_interval: None,
            udp_echo: false,
            registered_at: at(0),
            last_seen: at(last_seen),
            deregistered_at: deregistered.then_some(at(last_seen)),
        }
    }

    #[test]
    fn the_deaf_time_is_what_no_other_registry_heard() {
        for (what, since, until, seen, wanted) in [
            ("an empty store at the start", None, 1_000, &[][..], None),
            ("a start after all registries were gone", None, 1_000, &[500, 600, 570], Some(deaf(600, 1_000))),
            ("the same, where one has been heard already", None, 1_000, &[500, 600, 1_001], Some(deaf(600, 1_000))),
            ("a start beside another registry", None, 1_000, &[500, 970, 980], Some(deaf(980, 1_000))),
            ("an outage for all", Some(700), 1_000, &[690, 650], Some(deaf(700, 1_000))),
            ("the same, ended by a heartbeat", Some(700), 1_000, &[690, 999], Some(deaf(700, 1_000))),
            ("an outage of this registry's way alone", Some(700), 1_000, &[690, 980, 999], Some(deaf(980, 1_000))),
            ("an outage of some seconds", Some(995), 1_000, &[980, 990], Some(deaf(995, 1_000))),
            ("an outage of no time", Some(1_000), 1_000, &[980], None),
        ] {
            let members: Vec<_> = seen.iter().map(|&seen| member(seen, false)).collect();
            let gap = Gap { since: since.map(at), until: at(until), over: true };
            assert_eq!(Deaf::of(gap, &members), wanted, "{what}");
        }
        let gap = Gap { since: None, until: at(1_000), over: true };
        assert_eq!(Deaf::of(gap, &[member(500, false), member(900, true)]), Some(deaf(500, 1_000)), "a goodbye");
    }

    #[test]
    fn deaf_time_is_no_silence() {
        let deaf = Some(deaf(100, 400));
        for (last_seen, now, wanted) in [
            (100, 400, 0),
            (60, 400, 40),
            (60, 430, 70),
            (0, 1_000, 700),
            (200, 450, 50),
            (400, 450, 50),
            (430, 450, 20),
            (20, 90, 70),
            (50, 300, 50),
            (150, 300, 0),
        ] {
            let silence = Deaf::silence(deaf, at(last_seen), at(now));
            assert_eq!(silence, Duration::from_secs(wanted), "seen at {last_seen}, now {now}");
        }
        assert_eq!(Deaf::silence(None, at(60), at(430)), Duration::from_secs(370));
    }

    #[test]
    fn a_limit_is_exactly_where_the_silence_is_longer() {
        let limit = Duration::from_secs(50);
        for deaf in [None, Some(deaf(100, 130)), Some(deaf(100, 300))] {
            for now in (300..500).step_by(7) {
                let before = Deaf::silent_before(deaf, limit, at(now));
                for seen in 0..=now {
                    let silent = Deaf::silence(deaf, at(seen), at(now)) > limit;
                    assert_eq!(at(seen) < before, silent, "{deaf:?}, seen at {seen}, now {now}");
                }
            }
        }
    }

    #[test]
    fn two_outages_count_as_one_unless_everybody_had_time_to_be_heard() {
        let ttl = Duration::from_secs(300);
        for (earlier, later, wanted) in [
            (None, deaf(500, 600), deaf(500, 600)),
            (Some(deaf(100, 490)), deaf(500, 600), deaf(110, 600)),
            (Some(deaf(100, 200)), deaf(500, 600), deaf(400, 600)),
            (Some(deaf(100, 199)), deaf(500, 600), deaf(500, 600)),
        ] {
            let both = later.after(earlier, ttl);
            assert_eq!(both, wanted, "{earlier:?}");
            let silence = |deaf| Deaf::silence(deaf, at(90), at(610));
            if let Some(earlier) = earlier.filter(|_| both != later) {
                let exact = silence(Some(later)) - earlier.length();
                assert_eq!(silence(Some(both)), exact);
            }
        }
    }
}
