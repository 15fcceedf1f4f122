//! The names of all keys. Nothing else spells one.

use std::fmt;

/// Where one ring keeps what in Redis. All names begin with the ring's prefix in braces, the hash tag by which a Redis
/// Cluster keeps them in one slot: scripts and transactions need them together.
#[derive(Clone)]
pub(crate) struct Keys {
    /// Hash: each id's record, as [`crate::record`] writes it.
    pub(crate) members: String,
    /// Sorted set: each active member's id by when it was last seen, in microseconds since 1970.
    pub(crate) seen: String,
    /// Sorted set: each deregistered member's id by when it said goodbye, in microseconds since 1970.
    pub(crate) left: String,
    /// String: a random number that changes with the membership.
    pub(crate) revision: String,
    /// Hash: each id's last report, as [`crate::report`] writes it.
    pub(crate) reports: String,
    /// Hash: each id's random number that changes with its report.
    pub(crate) versions: String,
    /// String: until when who leads the ring, in microseconds since 1970, a space, and its id.
    pub(crate) lease: String,
    /// Sorted set: each event, as [`crate::event`] writes it, by its id.
    pub(crate) events: String,
    /// Hash: the id of the last event, the random number of the call that recorded last, and of that which recorded the memory.
    pub(crate) journal: String,
    /// String: what whoever leads has to remember.
    pub(crate) memory: String,
    /// Hash: how far events were handled, by name: the id of the last one.
    pub(crate) cursors: String,
    /// String: what a ping writes. It lives for a minute.
    pub(crate) ping: String,
}

impl Keys {
    /// How many keys [`Self::ring`] gives.
    pub(crate) const RING: usize = 6;
    /// How many keys [`Self::journal`] gives.
    pub(crate) const JOURNAL: usize = 5;

    pub(crate) fn new(prefix: &str) -> Self {
        let key = |name: &str| format!("{{{prefix}}}:{name}");
        Self {
            members: key("members"),
            seen: key("seen"),
            left: key("left"),
            revision: key("revision"),
            reports: key("reports"),
            versions: key("report_versions"),
            lease: key("lease"),
            events: key("events"),
            journal: key("journal"),
            memory: key("memory"),
            cursors: key("cursors"),
            ping: key("ping"),
        }
    }

    /// Everything that is known of the members, in the order in which their scripts have it in `KEYS`.
    pub(crate) fn ring(&self) -> [&str; Self::RING] {
        [&self.members, &self.seen, &self.left, &self.revision, &self.reports, &self.versions]
    }

    /// The journal, in the order in which its scripts have it in `KEYS`.
    pub(crate) fn journal(&self) -> [&str; Self::JOURNAL] {
        [&self.lease, &self.events, &self.journal, &self.memory, &self.cursors]
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.ring()).finish()
    }
}

/// What is wrong with `prefix`, where something is.
pub(crate) fn check_prefix(prefix: &str) -> Result<(), &'static str> {
    const MAX_BYTES: usize = 64;
    if prefix.is_empty() || prefix.len() > MAX_BYTES {
        Err("must have from 1 to 64 bytes")
    } else if prefix.chars().any(|c| c.is_control() || c.is_whitespace() || matches!(c, '{' | '}')) {
        Err("must have no spaces, no control characters and no braces")
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_key_is_another_and_all_share_one_hash_tag() {
        let keys = Keys::new("netring");
        let all: BTreeSet<_> = keys.ring().into_iter().chain(keys.journal()).chain([keys.ping.as_str()]).collect();
        assert_eq!(all.len(), Keys::RING + Keys::JOURNAL + 1);
        assert!(all.iter().all(|key| key.starts_with("{netring}:")), "{all:?}");
    }

    #[test]
    fn a_prefix_cannot_break_the_hash_tag() {
        for prefix in ["netring", "a", "eu:ring-1", &"x".repeat(64)] {
            assert_eq!(check_prefix(prefix), Ok(()), "{prefix:?}");
        }
        for prefix in ["", "a b", "a\n", "{a}", "a}", &"x".repeat(65)] {
            assert!(check_prefix(prefix).is_err(), "{prefix:?}");
        }
    }
}
