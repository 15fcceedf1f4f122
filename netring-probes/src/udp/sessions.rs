use super::{limits::network, lru::LruTable, packet::Request};
use crate::burst::BurstSettings;
use std::{
    collections::{HashMap, VecDeque},
    net::{IpAddr, SocketAddr},
    num::NonZeroUsize,
};

/// Words of a set with a bit for each packet that a burst may have.
const WORDS: usize = (BurstSettings::MAX_PACKETS as usize).div_ceil(64);

/// The bursts that an echo has seen packets of.
#[derive(Debug)]
pub(super) struct Sessions {
    table: LruTable<Key, Seen>,
    /// Without a key of the ring: how many one address may have, and those of each, the oldest first.
    owned: Option<(NonZeroUsize, HashMap<IpAddr, VecDeque<Key>>)>,
}

/// Whose a session is, and its number. Where the ring has a key only members make numbers, and one that comes from
/// another address is the same session still: a replay does not become new by its sender's address.
type Key = (Option<SocketAddr>, u64);

/// Which packets of a burst arrived, and which of them arrived again. A packet that was copied on the way there must not
/// hide one that was lost.
#[derive(Debug, Clone, Copy)]
struct Seen {
    once: [u64; WORDS],
    twice: [u64; WORDS],
}

/// What there was of a session when a packet arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Arrivals {
    /// How many different packets, with this one.
    pub(super) packets: u32,
    /// Whether this one had arrived twice before.
    pub(super) third: bool,
}

impl Sessions {
    /// Remembers the last `sessions`, and where `per_address` is given no more than so many of one address.
    pub(super) fn new(sessions: NonZeroUsize, per_address: Option<NonZeroUsize>) -> Self {
        Self { table: LruTable::new(sessions), owned: per_address.map(|most| (most, HashMap::new())) }
    }

    /// Notes `request` from `peer`.
    pub(super) fn note(&mut self, peer: SocketAddr, request: &Request) -> Arrivals {
        let key = (self.owned.is_some().then_some(peer), request.session);
        self.make_room(peer, key);
        let seen = self.table.entry(key, || Seen { once: [0; WORDS], twice: [0; WORDS] });
        let (word, bit) = (usize::from(request.sequence / 64), 1 << (request.sequence % 64));
        let mut third = false;
        if let (Some(once), Some(twice)) = (seen.once.get_mut(word), seen.twice.get_mut(word)) {
            third = *twice & bit != 0;
            *twice |= *once & bit;
            *once |= bit;
        }
        Arrivals { packets: seen.once.iter().map(|word| word.count_ones()).sum(), third }
    }

    /// Makes room for `key` of `peer`, if it is new: an address that has many gives up one of its own.
    fn make_room(&mut self, peer: SocketAddr, key: Key) {
        let Some((most, owned)) = self.owned.as_mut().filter(|_| !self.table.contains(&key)) else { return };
        let mine = owned.entry(network(peer.ip())).or_default();
        let gone = if mine.len() >= most.get() { mine.pop_front() } else { self.table.next_to_go() };
        mine.push_back(key);
        let Some(gone) = gone else { return };
        self.table.remove(&gone);
        let Some(owner) = gone.0.map(|peer| network(peer.ip())) else { return };
        if let Some(theirs) = owned.get_mut(&owner) {
            theirs.retain(|key| *key != gone);
            if theirs.is_empty() {
                owned.remove(&owner);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sessions(sessions: usize, per_address: Option<usize>) -> Sessions {
        Sessions::new(NonZeroUsize::new(sessions).unwrap(), per_address.map(|most| NonZeroUsize::new(most).unwrap()))
    }

    fn note(sessions: &mut Sessions, peer: u8, session: u64, sequence: u16) -> Arrivals {
        let peer = SocketAddr::from(([192, 0, 2, peer], 5));
        sessions.note(peer, &Request { session, sequence, sent_at: 0 })
    }

    #[test]
    fn different_packets_of_a_session_are_counted() {
        let mut sessions = sessions(2, Some(2));
        for (peer, session, sequence, count) in [
            (1, 7, 0, 1),
            (1, 7, 5, 2),
            (1, 7, 5, 2),
            (1, 7, 999, 3),
            // Another peer with the same number is another session.
            (2, 7, 0, 1),
            (1, 7, 64, 4),
            // The table is full: the session of the peer 2 is forgotten.
            (1, 8, 0, 1),
            (1, 7, 63, 5),
            (2, 7, 1, 1),
        ] {
            assert_eq!(note(&mut sessions, peer, session, sequence).packets, count, "{peer} {session} {sequence}");
        }
    }

    #[test]
    fn with_a_key_a_packet_is_the_same_from_whatever_address() {
        let mut sessions = sessions(9, None);
        for (peer, sequence, packets, third) in
            [(1, 0, 1, false), (1, 1, 2, false), (2, 0, 2, false), (3, 0, 2, true), (1, 0, 2, true), (1, 1, 2, false)]
        {
            assert_eq!(note(&mut sessions, peer, 7, sequence), Arrivals { packets, third }, "{peer} {sequence}");
        }
    }

    #[test]
    fn an_address_with_many_sessions_drives_out_none_of_another() {
        let mut sessions = sessions(8, Some(3));
        assert_eq!(note(&mut sessions, 1, 7, 0).packets, 1);
        for session in 0..100 {
            note(&mut sessions, 2, session, 0);
            note(&mut sessions, 3, session, 0);
        }
        assert_eq!(note(&mut sessions, 1, 7, 1).packets, 2);
        assert_eq!(note(&mut sessions, 2, 99, 1).packets, 2, "its newest are kept");
        assert_eq!(note(&mut sessions, 2, 96, 1).packets, 1, "its oldest are not");
    }

    proptest! {
        #[test]
        fn what_is_owned_is_what_is_in_the_table(
            notes in proptest::collection::vec((0..6_u8, 0..6_u64), 0..200),
            most in 1..9_usize,
            per_address in 1..5_usize,
        ) {
            let mut sessions = sessions(most, Some(per_address));
            for (peer, session) in notes {
                note(&mut sessions, peer, session, 0);
                let (_, owned) = sessions.owned.as_ref().unwrap();
                prop_assert!(owned.values().all(|keys| (1..=per_address).contains(&keys.len())));
                let keys: Vec<&Key> = owned.values().flatten().collect();
                prop_assert!(keys.len() <= most && keys.iter().all(|key| sessions.table.contains(key)));
                prop_assert_eq!(keys.len(), sessions.table.len());
            }
        }
    }
}
