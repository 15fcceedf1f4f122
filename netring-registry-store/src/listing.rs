//! The list of members, of which only what can have changed is read: the records when the revision has moved, and each time
//! when everybody was last seen.

use crate::{
    connect::Request,
    keys::Keys,
    link::Link,
    record::{Record, Standing, time},
    strangers::{self, Strangers},
};
use netring_core::{MemberList, StoreError};
use redis::pipe;
use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// A value as Redis keeps it.
type Bytes = Vec<u8>;
/// An index: ids, each with a time.
type Index = Vec<(Bytes, String)>;

const OPERATION: &str = "list the members";

#[derive(Debug, Default)]
pub(crate) struct Listing {
    records: Mutex<Arc<Records>>,
    strangers: Strangers,
}

/// The records at one revision, in the order of their ids.
#[derive(Debug, Default)]
struct Records {
    revision: u64,
    records: Vec<Record>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Listing {
    pub(crate) async fn read(&self, link: &Link, keys: &Keys) -> Result<MemberList, StoreError> {
        let known = Arc::clone(&lock(&self.records));
        let mut transaction = pipe();
        transaction.atomic().get(&keys.revision);
        transaction.zrange_withscores(&keys.seen, 0, -1).zrange_withscores(&keys.left, 0, -1);
        let (revision, seen, left): (Option<u64>, Index, Index) =
            link.ask(OPERATION, &Request::Transaction(transaction)).await?;
        // Without a revision nobody has joined yet, or else Redis has thrown it away.
        let unchanged = match revision {
            Some(revision) => revision == known.revision,
            None => known.records.is_empty() && seen.is_empty() && left.is_empty(),
        };
        if unchanged {
            return aside(move || list(&known, seen, left)).await;
        }
        let mut transaction = pipe();
        transaction.atomic().get(&keys.revision);
        transaction.zrange_withscores(&keys.seen, 0, -1).zrange_withscores(&keys.left, 0, -1).hgetall(&keys.members);
        let (revision, seen, left, values): (Option<u64>, Index, Index, Vec<(Bytes, Bytes)>) =
            link.ask(OPERATION, &Request::Transaction(transaction)).await?;
        let (records, odd, members) = aside(move || {
            let (records, odd) = read(revision.unwrap_or_default(), values);
            let members = list(&records, seen, left);
            (records, odd, members)
        })
        .await?;
        *lock(&self.records) = Arc::new(records);
        self.strangers.tell(odd, &keys.members);
        Ok(members)
    }
}

/// Does `work` on a thread where it holds nobody up: in a large ring it takes many milliseconds.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, StoreError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| StoreError::Unavailable { operation: OPERATION, source: error.into() })
}

/// The records among `values`, and the fields that are none.
fn read(revision: u64, values: Vec<(Bytes, Bytes)>) -> (Records, BTreeSet<String>) {
    let mut records = Vec::with_capacity(values.len());
    let mut odd = BTreeSet::new();
    for (id, value) in values {
        match Record::read(&id, &value) {
            Some(record) => records.push(record),
            None => drop(odd.insert(strangers::name(&id))),
        }
    }
    records.sort_unstable_by(|a, b| a.instance_id().cmp(b.instance_id()));
    (Records { revision, records }, odd)
}

fn list(records: &Records, seen: Index, left: Index) -> MemberList {
    let mut standing = HashMap::with_capacity(seen.len() + left.len());
    let times = |index: Index| index.into_iter().filter_map(|(id, at)| Some((id, time(&at)?)));
    standing.extend(times(left).map(|(id, at)| (id, Standing::Deregistered { at })));
    standing.extend(times(seen).map(|(id, last_seen)| (id, Standing::Active { last_seen })));
    let member = |record: &Record| Some(record.member(*standing.get(record.instance_id().as_str().as_bytes())?));
    MemberList { revision: records.revision, members: records.records.iter().filter_map(member).collect() }
}
