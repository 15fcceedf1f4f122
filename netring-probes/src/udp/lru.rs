use std::{
    collections::{BTreeMap, HashMap},
    hash::Hash,
    num::NonZeroUsize,
};

/// A table of bounded size: where it is full, the entry goes that was not used for the longest time.
#[derive(Debug)]
pub(super) struct LruTable<K, V> {
    capacity: NonZeroUsize,
    entries: HashMap<K, (V, u64)>,
    /// The keys by when they were last used.
    by_use: BTreeMap<u64, K>,
    uses: u64,
}

impl<K: Copy + Eq + Hash, V> LruTable<K, V> {
    pub(super) fn new(capacity: NonZeroUsize) -> Self {
        Self { capacity, entries: HashMap::new(), by_use: BTreeMap::new(), uses: 0 }
    }

    pub(super) fn contains(&self, key: &K) -> bool {
        self.entries.contains_key(key)
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// What goes next, where the table is full.
    pub(super) fn next_to_go(&self) -> Option<K> {
        let full = self.entries.len() >= self.capacity.get();
        self.by_use.first_key_value().filter(|_| full).map(|(_, key)| *key)
    }

    pub(super) fn remove(&mut self, key: &K) {
        if let Some((_, used)) = self.entries.remove(key) {
            self.by_use.remove(&used);
        }
    }

    /// The entry of `key`, which is made where there is none.
    pub(super) fn entry(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        self.uses += 1;
        match self.entries.get(&key) {
            Some((_, used)) => {
                self.by_use.remove(used);
            }
            None => {
                if let Some(oldest) = self.next_to_go() {
                    self.remove(&oldest);
                }
            }
        }
        self.by_use.insert(self.uses, key);
        let (value, used) = self.entries.entry(key).or_insert_with(|| (make(), 0));
        *used = self.uses;
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_keeps_those_that_were_used_last(keys in proptest::collection::vec(0..12_u8, 0..200), capacity in 1..8_usize) {
            let mut table = LruTable::new(NonZeroUsize::new(capacity).unwrap());
            // The plainest thing that can be meant: the most recent first.
            let mut model: Vec<u8> = Vec::new();
            for (time, key) in keys.into_iter().enumerate() {
                let mut made = false;
                table.entry(key, || { made = true; time });
                prop_assert_eq!(made, !model.contains(&key));
                model.retain(|&k| k != key);
                model.insert(0, key);
                model.truncate(capacity);
                prop_assert_eq!(table.entries.len(), model.len());
                prop_assert_eq!(table.by_use.len(), model.len());
            }
        }
    }
}
