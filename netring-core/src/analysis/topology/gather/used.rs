//! What of very many is kept: what is used most.

use std::{
    collections::{HashMap, HashSet},
    hash::Hash,
};

/// Something that pairs use.
#[derive(Debug, Clone, Default)]
pub(super) struct Used<T> {
    pub(super) pairs: u32,
    /// The number of the pair that was counted last; from 1 on.
    last_pair: u32,
    pub(super) what: T,
}

impl<T> Used<T> {
    pub(super) fn by(&mut self, pair: u32) -> &mut T {
        if self.last_pair != pair {
            self.last_pair = pair;
            self.pairs = self.pairs.saturating_add(1);
        }
        &mut self.what
    }
}

/// Where there are more than `limit`, keeps the half of them that is used most. Whether it did.
pub(super) fn forget<K: Copy + Ord + Hash, T>(used: &mut HashMap<K, Used<T>>, limit: usize) -> bool {
    used.len() > limit && keep_most_used(used, limit / 2)
}

/// Keeps at most `limit`, those that most pairs use; of those that as many use the first. Whether any were left out.
pub(super) fn keep_most_used<K: Copy + Ord + Hash, T>(used: &mut HashMap<K, Used<T>>, limit: usize) -> bool {
    if used.len() <= limit {
        return false;
    }
    let mut ranked: Vec<(u32, K)> = used.iter().map(|(key, used)| (used.pairs, *key)).collect();
    ranked.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let kept: HashSet<K> = ranked.into_iter().take(limit).map(|(_, key)| key).collect();
    used.retain(|key, _| kept.contains(key));
    true
}

pub(super) fn sorted<K: Ord, T>(used: HashMap<K, Used<T>>) -> impl Iterator<Item = (K, Used<T>)> {
    let mut sorted: Vec<_> = used.into_iter().collect();
    sorted.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    sorted.into_iter()
}
