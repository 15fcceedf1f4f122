use super::{RegistryClient, call::Call};
use crate::{
    discovery::{DiscoveryError, Peers},
    model::Member,
    web::clean,
    wire::{EntryStatus, MemberEntry, path},
};
use reqwest::{
    StatusCode,
    header::{ACCEPT_ENCODING, AGE, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH},
};
use serde::{
    Deserialize, Deserializer,
    de::{Error, SeqAccess, Visitor},
};
use serde_json::value::RawValue;
use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// No list is taken for older: ten years, as for every duration on the wire.
const MAX_AGE_SECONDS: u64 = 10 * 365 * 86_400;
/// Largest list that is read, in bytes, and most entries of it: many times what a ring may have.
const MAX_LIST_BYTES: usize = 32 * 1024 * 1024;
const MAX_ENTRIES: usize = 100_000;
/// No entry that makes sense is longer, in bytes.
const MAX_ENTRY_BYTES: usize = 16 * 1024;

/// The last list that came with a tag, for as long as the registry says that it is still the one.
#[derive(Debug, Default)]
pub(super) struct LastList(Mutex<Option<Arc<Tagged>>>);

#[derive(Debug)]
struct Tagged {
    tag: HeaderValue,
    members: Vec<Member>,
}

impl LastList {
    fn get(&self) -> Option<Arc<Tagged>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// List and tag change together, or a 304 would stand for another list than the one that was kept.
    fn set(&self, tagged: Option<Arc<Tagged>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = tagged;
    }
}

impl RegistryClient {
    /// The members that are to be probed. Neither tags, ages nor compression are known to a registry of 1.x.
    pub(super) async fn list(&self) -> Result<Peers, DiscoveryError> {
        let call = Call { operation: "list the members", client: self };
        let mut request = self.http.get(call.url(path::MEMBERS)).header(ACCEPT_ENCODING, "gzip");
        let last = self.last_list.get();
        if let Some(last) = &last {
            request = request.header(IF_NONE_MATCH, &last.tag);
        }
        let response = call.send(request).await?;
        let age = age(response.headers());
        if response.status() == StatusCode::NOT_MODIFIED {
            let last =
                last.ok_or_else(|| call.unreachable("it says that nothing has changed, to who knows nothing"))?;
            return Ok(Peers { members: last.members.clone(), age });
        }
        let response = call.expect_success(response).await?;
        let tag = response.headers().get(ETAG).cloned();
        let members = call.parse(response, MAX_LIST_BYTES, members).await?;
        self.last_list.set(tag.map(|tag| Arc::new(Tagged { tag, members: members.clone() })));
        Ok(Peers { members, age })
    }
}

/// How old an answer is at most (RFC 9111, 5.1). The header leaves parts of a second out, and one that is there at all
/// says that the list is not true now. One that does not say so is new, and what is no age says nothing.
fn age(headers: &HeaderMap) -> Duration {
    let seconds = headers.get(AGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if seconds.is_empty() || !seconds.bytes().all(|byte| byte.is_ascii_digit()) {
        return Duration::ZERO;
    }
    Duration::from_secs(seconds.parse().unwrap_or(MAX_AGE_SECONDS).saturating_add(1).min(MAX_AGE_SECONDS))
}

/// Those of the listed members that are to be probed.
fn members(body: &[u8]) -> serde_json::Result<Vec<Member>> {
    #[derive(Deserialize)]
    struct Members {
        members: Entries,
    }
    serde_json::from_slice::<Members>(body).map(|listed| listed.members.0)
}

/// The entries that make sense, one by one, so that one that makes none does not hide the others, nor take up memory.
struct Entries(Vec<Member>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneByOne;

        impl<'de> Visitor<'de> for OneByOne {
            type Value = Entries;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of members")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Entries, A::Error> {
                let (mut members, mut entries) = (Vec::new(), 0);
                while let Some(entry) = list.next_element::<&RawValue>()? {
                    entries += 1;
                    if entries > MAX_ENTRIES {
                        return Err(A::Error::custom(format!("it has more than {MAX_ENTRIES} members")));
                    }
                    match member(entry.get()) {
                        Ok(member) => members.extend(member),
                        Err(error) => {
                            tracing::debug!(error = clean(&error), "a member's entry makes no sense; it is left out")
                        }
                    }
                }
                Ok(Entries(members))
            }
        }

        deserializer.deserialize_seq(OneByOne)
    }
}

/// The member of an entry, if it is to be probed.
fn member(entry: &str) -> Result<Option<Member>, String> {
    if entry.len() > MAX_ENTRY_BYTES {
        return Err(format!("it has {} bytes", entry.len()));
    }
    let entry: MemberEntry = serde_json::from_str(entry).map_err(|error| error.to_string())?;
    if entry.status != EntryStatus::Active {
        return Ok(None);
    }
    Member::try_from(entry).map(Some).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_seconds_are_an_age_and_it_has_a_bound() {
        for (value, seconds) in [
            ("0", 1),
            ("7", 8),
            ("18446744073709551615", MAX_AGE_SECONDS),
            ("315360001", MAX_AGE_SECONDS),
            ("99999999999999999999999", MAX_AGE_SECONDS),
            ("", 0),
            ("-1", 0),
            ("+1", 0),
            ("1.5", 0),
            ("1, 2", 0),
            ("yesterday", 0),
        ] {
            let headers = HeaderMap::from_iter([(AGE, HeaderValue::from_static(value))]);
            assert_eq!(age(&headers), Duration::from_secs(seconds), "{value:?}");
        }
        assert_eq!(age(&HeaderMap::new()), Duration::ZERO);
    }
}
