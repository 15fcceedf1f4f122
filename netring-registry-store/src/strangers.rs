//! Fields that netring did not write: logged once for as long as they are the same.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

/// So many of them are named in the log.
const NAMED: usize = 5;
/// A field's name is cut after so many characters.
const MAX_CHARS: usize = 128;

/// Those that were logged last.
#[derive(Debug, Default)]
pub(crate) struct Strangers {
    told: Mutex<BTreeSet<String>>,
}

/// The name of a field, fit for a log.
pub(crate) fn name(field: &[u8]) -> String {
    String::from_utf8_lossy(field).escape_debug().take(MAX_CHARS).collect()
}

impl Strangers {
    /// Tells of `fields` of the hash `key`, where they are others than the last time.
    pub(crate) fn tell(&self, fields: BTreeSet<String>, key: &str) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if *told != fields && !fields.is_empty() {
            let named: Vec<_> = fields.iter().take(NAMED).collect();
            tracing::error!(
                key,
                fields = ?named,
                count = fields.len(),
                "these fields of the key were not written by netring, and are left out: delete them, or set another prefix"
            );
        }
        *told = fields;
    }
}
