use crate::{
    analysis::weight::{Weight, rank},
    model::{Endpoint, ProbeKind},
};
use std::collections::HashMap;

/// What checks there are, each kept once: a check of a pair has a number for its kind and endpoint.
#[derive(Debug, Default)]
pub(super) struct Catalogue {
    entries: Vec<Entry>,
    numbers: HashMap<(ProbeKind, Option<Endpoint>), u32>,
    free: Vec<u32>,
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) kind: ProbeKind,
    pub(super) endpoint: Option<Endpoint>,
    pub(super) weight: Weight,
    users: u32,
}

impl Catalogue {
    /// The number of such checks, for one more of them.
    pub(super) fn take(&mut self, kind: &ProbeKind, endpoint: Option<&Endpoint>) -> u32 {
        let key = (kind.clone(), endpoint.cloned());
        if let Some(&number) = self.numbers.get(&key) {
            if let Some(entry) = self.entries.get_mut(number as usize) {
                entry.users += 1;
            }
            return number;
        }
        let entry = Entry { kind: key.0.clone(), endpoint: key.1.clone(), weight: Weight::of(kind), users: 1 };
        let number = match self.free.pop() {
            Some(number) => {
                self.entries[number as usize] = entry;
                number
            }
            None => {
                self.entries.push(entry);
                (self.entries.len() - 1) as u32
            }
        };
        self.numbers.insert(key, number);
        number
    }

    /// There is one check of the number less.
    pub(super) fn give_back(&mut self, number: u32) {
        let entry = &mut self.entries[number as usize];
        entry.users -= 1;
        if entry.users == 0 {
            self.numbers.remove(&(entry.kind.clone(), entry.endpoint.take()));
            self.free.push(number);
        }
    }

    pub(super) fn entry(&self, number: u32) -> &Entry {
        &self.entries[number as usize]
    }
}

impl Entry {
    pub(super) fn is(&self, kind: &ProbeKind, endpoint: Option<&Endpoint>) -> bool {
        self.kind == *kind && self.endpoint.as_ref() == endpoint
    }

    /// The order in which checks are shown: that of the matrix.
    pub(super) fn order(&self) -> (u8, &ProbeKind, Option<&Endpoint>) {
        (rank(&self.kind), &self.kind, self.endpoint.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_uses_is_forgotten() {
        let mut catalogue = Catalogue::default();
        let endpoint = |i: u32| Endpoint::new(format!("/{i}")).unwrap();
        let tcp = catalogue.take(&ProbeKind::TCP, None);
        assert_eq!(catalogue.take(&ProbeKind::TCP, None), tcp);
        for i in 0..1_000 {
            let number = catalogue.take(&ProbeKind::HTTP, Some(&endpoint(i)));
            assert_ne!(number, tcp);
            assert!(catalogue.entry(number).is(&ProbeKind::HTTP, Some(&endpoint(i))));
            catalogue.give_back(number);
        }
        catalogue.give_back(tcp);
        assert_eq!(catalogue.take(&ProbeKind::TCP, None), tcp, "one of two is left");
        assert_eq!((catalogue.entries.len(), catalogue.numbers.len()), (2, 1));
    }
}
