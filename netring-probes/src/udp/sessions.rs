use super::{lru::LruTable, packet::Request};
use crate::burst::BurstSettings;
use std::{net::SocketAddr, num::NonZeroUsize};

/// Words of a set with a bit for each packet that a burst may have.
const WORDS: usize = (BurstSettings::MAX_PACKETS as usize).div_ceil(64);

/// The bursts that an echo has seen packets of.
#[derive(Debug)]
pub(super) struct Sessions(LruTable<(SocketAddr, u64), Seen>);

/// Which packets of a burst arrived. A packet that was copied on the way there must not hide one that was lost.
#[derive(Debug, Clone, Copy)]
struct Seen([u64; WORDS]);

impl Sessions {
    /// Remembers the last `sessions`.
    pub(super) fn new(sessions: NonZeroUsize) -> Self {
        Self(LruTable::new(sessions))
    }

    /// Notes `request` from `peer`; gives how many different packets of its session there were.
    pub(super) fn count(&mut self, peer: SocketAddr, request: &Request) -> u32 {
        let Seen(words) = self.0.entry((peer, request.session), || Seen([0; WORDS]));
        let (word, bit) = (usize::from(request.sequence / 64), request.sequence % 64);
        if let Some(word) = words.get_mut(word) {
            *word |= 1 << bit;
        }
        words.iter().map(|word| word.count_ones()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_packets_of_a_session_are_counted() {
        let mut sessions = Sessions::new(NonZeroUsize::new(2).unwrap());
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
            let peer = SocketAddr::from(([192, 0, 2, peer], 5));
            let request = Request { session, sequence, sent_at: 0 };
            assert_eq!(sessions.count(peer, &request), count, "{peer} {session} {sequence}");
        }
    }
}
