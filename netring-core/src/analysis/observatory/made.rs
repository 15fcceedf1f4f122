use super::catalogue::Catalogue;
use crate::analysis::{MadeCheck, Standing};
use std::{collections::HashMap, sync::Arc};

/// A check by its number, how it stands, and whether that is settled.
type Numbered = (u32, Standing, bool);

/// The checks that sources make, once for all pairs for which they are the same.
#[derive(Debug, Default)]
pub(super) struct MadeSets {
    known: HashMap<Vec<Numbered>, Arc<[MadeCheck]>>,
    /// Kept, so that no pair asks for memory.
    numbers: Vec<Numbered>,
}

impl MadeSets {
    pub(super) fn take(&mut self, checks: impl Iterator<Item = Numbered>, catalogue: &Catalogue) -> Arc<[MadeCheck]> {
        self.numbers.clear();
        self.numbers.extend(checks);
        if let Some(made) = self.known.get(self.numbers.as_slice()) {
            return Arc::clone(made);
        }
        let check = |&(number, standing, settled): &Numbered| {
            let entry = catalogue.entry(number);
            MadeCheck { kind: entry.kind.clone(), endpoint: entry.endpoint.clone(), standing, settled }
        };
        let made: Arc<[MadeCheck]> = self.numbers.iter().map(check).collect();
        self.known.insert(self.numbers.clone(), Arc::clone(&made));
        made
    }
}
