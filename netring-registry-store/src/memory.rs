//! What whoever leads has to remember, which is read only when it has changed.

use crate::{
    connect::Request,
    keys::Keys,
    link::Link,
    strangers::{self, Strangers},
};
use netring_core::StoreError;
use redis::pipe;
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

/// A value as Redis keeps it.
type Bytes = Vec<u8>;

const OPERATION: &str = "read the memory";

/// The memory that was read last.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    known: Mutex<Option<Known>>,
    strangers: Strangers,
}

#[derive(Debug, Clone)]
struct Known {
    /// The call that recorded it.
    call: Bytes,
    memory: Option<Arc<str>>,
}

impl Memory {
    pub(crate) async fn read(&self, link: &Link, keys: &Keys) -> Result<Option<Arc<str>>, StoreError> {
        let mut transaction = pipe();
        transaction.atomic().hget(&keys.journal, "memory");
        let (call,): (Option<Bytes>,) = link.ask(OPERATION, &Request::Transaction(transaction)).await?;
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match (call, known) {
            (None, _) => return Ok(None),
            (Some(call), Some(known)) if call == known.call => return Ok(known.memory),
            _ => {}
        }
        let mut transaction = pipe();
        // Both, so that the memory is known by the call that it has now.
        transaction.atomic().hget(&keys.journal, "memory").get(&keys.memory);
        let (call, memory): (Option<Bytes>, Option<Bytes>) =
            link.ask(OPERATION, &Request::Transaction(transaction)).await?;
        let Some(call) = call else { return Ok(None) };
        let memory = match memory.map(String::from_utf8) {
            None => None,
            Some(Ok(memory)) => Some(Arc::from(memory)),
            Some(Err(error)) => {
                self.strangers.tell(BTreeSet::from([strangers::name(error.as_bytes())]), &keys.memory);
                None
            }
        };
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(Known { call, memory: memory.clone() });
        Ok(memory)
    }
}
