//! The events that are kept, of which only what is new is read, in parts. An event never changes, but a Redis may lose some, and
//! give their ids to others: so the newest that is known is read once more with those after it.

use crate::{
    connect::Request,
    event,
    keys::Keys,
    link::Link,
    strangers::{self, Strangers},
};
use netring_core::{StoreError, analysis::RingEvent, store::MAX_EVENTS};
use redis::pipe;
use std::{
    collections::{BTreeSet, VecDeque},
    sync::Arc,
};
use tokio::sync::Mutex;

/// A value as Redis keeps it.
type Bytes = Vec<u8>;

const OPERATION: &str = "read the events";
/// A part has at most so many events.
const PART: u64 = 500;

/// The events that were read last.
#[derive(Debug, Default)]
pub(crate) struct Events {
    /// Who reads keeps it, so that nobody reads the same a second time. A call to Redis ends in time, and fails at once where
    /// the one before it did.
    known: Mutex<Known>,
    strangers: Strangers,
}

#[derive(Debug, Default)]
struct Known {
    /// The call that recorded the last of them.
    call: Bytes,
    /// The id up to which all was read.
    last: u64,
    /// The event of that id as Redis has it, where there is one.
    newest: Option<Bytes>,
    events: VecDeque<Arc<RingEvent>>,
}

/// What a part of the key has.
struct Part {
    /// The events after its first id.
    events: Vec<Arc<RingEvent>>,
    /// What is kept under its first id, and under its last.
    ends: [Option<Bytes>; 2],
    /// What nobody of netring wrote.
    odd: BTreeSet<String>,
}

impl Events {
    /// The events after an id, at most `limit` of them.
    pub(crate) async fn read(
        &self,
        link: &Link,
        keys: &Keys,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Arc<RingEvent>>, StoreError> {
        let mut known = self.known.lock().await;
        let odd = known.renew(link, keys).await?;
        if !odd.is_empty() {
            self.strangers.tell(odd, &keys.events);
        }
        let first = known.events.partition_point(|event| event.id <= after);
        Ok(known.events.iter().skip(first).take(limit).cloned().collect())
    }
}

impl Known {
    /// Reads what is new, and gives the names of what is no event.
    async fn renew(&mut self, link: &Link, keys: &Keys) -> Result<BTreeSet<String>, StoreError> {
        let mut odd = BTreeSet::new();
        let mut transaction = pipe();
        transaction.atomic().cmd("HMGET").arg(&keys.journal).arg(&["last_event", "call"]);
        let ((last, call),): ((Option<Bytes>, Option<Bytes>),) =
            link.ask(OPERATION, &Request::Transaction(transaction)).await?;
        // A number that is none is put right by whoever records next.
        let last = last.and_then(|last| std::str::from_utf8(&last).ok()?.parse().ok()).unwrap_or(0);
        let call = call.unwrap_or_default();
        if last < self.last {
            self.forget();
        }
        let dropped = last.saturating_sub(MAX_EVENTS as u64);
        while self.last < last || self.call != call {
            let from = self.last.max(dropped);
            let to = last.min(from + PART);
            let part = read_part(link, keys, from, to).await?;
            let [first, newest] = part.ends;
            if from == self.last && self.newest.is_some() && first != self.newest {
                // What is known was lost, and others have these ids now.
                self.forget();
                continue;
            }
            self.events.extend(part.events);
            odd.extend(part.odd);
            (self.last, self.newest) = (to, newest);
            if to == last {
                self.call.clone_from(&call);
            }
        }
        let surplus = self.events.partition_point(|event| event.id <= dropped);
        self.events.drain(..surplus);
        Ok(odd)
    }

    fn forget(&mut self) {
        *self = Self::default();
    }
}

/// What is kept with the ids from `from` up to `to`.
async fn read_part(link: &Link, keys: &Keys, from: u64, to: u64) -> Result<Part, StoreError> {
    let mut transaction = pipe();
    transaction.atomic().zrangebyscore_withscores(&keys.events, from, to);
    let (values,): (Vec<(Bytes, String)>,) = link.ask(OPERATION, &Request::Transaction(transaction)).await?;
    let unpack = move || {
        let mut part = Part { events: Vec::with_capacity(values.len()), ends: [None, None], odd: BTreeSet::new() };
        for (value, score) in values {
            let id = score.parse::<f64>().ok().filter(|id| id.fract() == 0.0).map(|id| id as u64);
            match id.and_then(|id| event::read(id, &value)) {
                Some(event) => {
                    let id = event.id;
                    if id > from {
                        part.events.push(Arc::new(event));
                    }
                    if id == from {
                        part.ends[0] = Some(value);
                    } else if id == to {
                        part.ends[1] = Some(value);
                    }
                }
                None => drop(part.odd.insert(strangers::name(&value))),
            }
        }
        if from == to {
            part.ends[1] = part.ends[0].clone();
        }
        part
    };
    // It is work for milliseconds where events are many; others are to be answered meanwhile.
    let part = tokio::task::spawn_blocking(unpack).await;
    part.map_err(|error| StoreError::Unavailable { operation: OPERATION, source: error.into() })
}
