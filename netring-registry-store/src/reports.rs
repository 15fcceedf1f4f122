//! The last report of each member, of which only what is new is read, in parts: the reports of a large ring at once would hold
//! everything else up, and a part that has come is kept.

use crate::{
    connect::Request,
    keys::Keys,
    link::Link,
    report,
    strangers::{self, Strangers},
};
use netring_core::{InstanceId, ReceivedReport, StoreError};
use redis::pipe;
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};
use tokio::sync::Mutex;

/// A value as Redis keeps it.
type Bytes = Vec<u8>;
/// The reports by whose they are; `None` where what Redis has is no report.
type Known = HashMap<InstanceId, (Bytes, Option<Arc<ReceivedReport>>)>;

const OPERATION: &str = "read the reports";
/// A part has about so many bytes.
const PART_BYTES: usize = 1024 * 1024;
/// A report whose version does not tell counts for so many.
const USUAL_BYTES: usize = 64 * 1024;
/// Reports that come in while others are read are read too, so often at most.
const ROUNDS: usize = 8;

/// The reports that were read last.
#[derive(Debug, Default)]
pub(crate) struct Reports {
    /// Who reads keeps it, so that nobody reads the same a second time. A call to Redis ends in time, and fails at once where
    /// the one before it did.
    known: Mutex<Known>,
    strangers: Strangers,
}

/// A version for a report of so many bytes that no other report has.
pub(crate) fn version(bytes: usize) -> String {
    format!("{:x}:{bytes}", fastrand::u64(..))
}

impl Reports {
    /// Every report, as they are together at one moment.
    pub(crate) async fn read(&self, link: &Link, keys: &Keys) -> Result<Vec<Arc<ReceivedReport>>, StoreError> {
        let mut known = self.known.lock().await;
        for round in 1.. {
            let mut transaction = pipe();
            transaction.atomic().hgetall(&keys.versions);
            let (versions,): (Vec<(Bytes, Bytes)>,) = link.ask(OPERATION, &Request::Transaction(transaction)).await?;
            let (versions, mut strangers) = ids(versions);
            let missing = missing(&known, &versions);
            if missing.is_empty() || round == ROUNDS {
                let (reports, odd) = take(&mut known, &versions);
                strangers.extend(odd);
                self.strangers.tell(strangers, &keys.reports);
                return Ok(reports);
            }
            for part in parts(missing) {
                known.extend(read_part(link, keys, part).await?);
            }
        }
        Ok(Vec::new())
    }
}

fn missing(known: &Known, versions: &HashMap<InstanceId, Bytes>) -> Vec<(InstanceId, usize)> {
    let missing = versions.iter().filter(|(id, version)| known.get(*id).is_none_or(|(known, _)| known != *version));
    missing.map(|(id, version)| (id.clone(), bytes_of(version))).collect()
}

/// The reports of these members, in the order of their ids, and whose are none; any other is forgotten.
fn take(known: &mut Known, versions: &HashMap<InstanceId, Bytes>) -> (Vec<Arc<ReceivedReport>>, Vec<String>) {
    known.retain(|id, _| versions.contains_key(id));
    let mut reports: Vec<_> = known.values().filter_map(|(_, report)| report.clone()).collect();
    reports.sort_unstable_by(|a, b| a.report.instance_id.cmp(&b.report.instance_id));
    let odd = known.iter().filter(|(_, (_, report))| report.is_none());
    (reports, odd.map(|(id, _)| strangers::name(id.as_str().as_bytes())).collect())
}

async fn read_part(link: &Link, keys: &Keys, ids: Vec<InstanceId>) -> Result<Known, StoreError> {
    let fields: Vec<&str> = ids.iter().map(InstanceId::as_str).collect();
    let mut transaction = pipe();
    // Both, so that each report is known by the version that it has now.
    transaction.atomic().cmd("HMGET").arg(&keys.versions).arg(&fields);
    transaction.cmd("HMGET").arg(&keys.reports).arg(&fields);
    let (versions, reports): (Vec<Option<Bytes>>, Vec<Option<Bytes>>) =
        link.ask(OPERATION, &Request::Transaction(transaction)).await?;
    let unpack = move || {
        let one = |((id, version), report): ((InstanceId, Option<Bytes>), Option<Bytes>)| {
            let report = report.and_then(|written| report::read(&id, &written)).map(Arc::new);
            Some((id, (version?, report)))
        };
        ids.into_iter().zip(versions).zip(reports).filter_map(one).collect::<Known>()
    };
    // It is work for milliseconds where reports are large; others are to be answered meanwhile.
    let read = tokio::task::spawn_blocking(unpack).await;
    read.map_err(|error| StoreError::Unavailable { operation: OPERATION, source: error.into() })
}

/// The versions by whose they are, and the fields that are no id.
fn ids(versions: Vec<(Bytes, Bytes)>) -> (HashMap<InstanceId, Bytes>, BTreeSet<String>) {
    let mut known = HashMap::with_capacity(versions.len());
    let mut odd = BTreeSet::new();
    for (id, version) in versions {
        match std::str::from_utf8(&id).ok().and_then(|id| InstanceId::new(id).ok()) {
            Some(id) => drop(known.insert(id, version)),
            None => drop(odd.insert(strangers::name(&id))),
        }
    }
    (known, odd)
}

/// How many bytes the report of this version has, as far as that tells.
fn bytes_of(version: &[u8]) -> usize {
    let told = std::str::from_utf8(version).ok().and_then(|version| version.rsplit_once(':')?.1.parse().ok());
    told.unwrap_or(USUAL_BYTES)
}

/// `missing` in parts of about [`PART_BYTES`].
fn parts(missing: Vec<(InstanceId, usize)>) -> Vec<Vec<InstanceId>> {
    let mut parts = Vec::new();
    let mut left = 0;
    for (id, bytes) in missing {
        if left == 0 || parts.is_empty() {
            parts.push(Vec::new());
            left = PART_BYTES;
        }
        left = left.saturating_sub(bytes.max(1));
        parts.last_mut().expect("there is one").push(id);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use netring_core::testing::sample::id;

    #[test]
    fn parts_have_about_one_mebibyte_and_lose_nobody() {
        let missing =
            |sizes: &[usize]| sizes.iter().enumerate().map(|(i, &bytes)| (id(&format!("m{i}")), bytes)).collect();
        for (sizes, wanted) in [
            (&[][..], &[][..]),
            (&[0, 0, 0], &[3]),
            (&[PART_BYTES * 3], &[1]),
            (&[PART_BYTES / 2, PART_BYTES / 2, 1], &[2, 1]),
            (&[PART_BYTES - 1, PART_BYTES, 5], &[2, 1]),
        ] {
            let parts: Vec<_> = parts(missing(sizes)).iter().map(Vec::len).collect();
            assert_eq!(parts, wanted, "{sizes:?}");
        }
    }

    #[test]
    fn a_version_tells_the_size() {
        assert_eq!(bytes_of(version(12_345).as_bytes()), 12_345);
        for odd in [&b""[..], b"1", b"a:b", b"\xff:1"] {
            assert_eq!(bytes_of(odd), USUAL_BYTES, "{odd:?}");
        }
        assert_ne!(version(1), version(1));
    }
}
