use super::{RegistryClient, call::Call};
use crate::{
    discovery::{DiscoveryError, Peers},
    model::Member,
    wire::{EntryStatus, MemberEntry, path},
};
use reqwest::{
    Response, StatusCode,
    header::{ACCEPT_ENCODING, AGE, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH},
};
use serde::Deserialize;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// No list is taken for older: ten years, as for every duration on the wire.
const MAX_AGE_SECONDS: u64 = 10 * 365 * 86_400;

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
        let members = members(call, response).await?;
        self.last_list.set(tag.map(|tag| Arc::new(Tagged { tag, members: members.clone() })));
        Ok(Peers { members, age })
    }
}

/// How old an answer is (RFC 9111, 5.1). One that does not say so is new, and what is no age says nothing.
fn age(headers: &HeaderMap) -> Duration {
    let seconds = headers.get(AGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if seconds.is_empty() || !seconds.bytes().all(|byte| byte.is_ascii_digit()) {
        return Duration::ZERO;
    }
    Duration::from_secs(seconds.parse().unwrap_or(MAX_AGE_SECONDS).min(MAX_AGE_SECONDS))
}

/// Those of the listed members that are to be probed.
async fn members(call: Call<'_>, response: Response) -> Result<Vec<Member>, DiscoveryError> {
    /// Entries one by one, so that one that makes no sense does not hide the others.
    #[derive(Deserialize)]
    struct Members {
        members: Vec<serde_json::Value>,
    }
    let listed: Members = call.json(response).await?;
    let mut members = Vec::with_capacity(listed.members.len());
    for entry in listed.members {
        match serde_json::from_value::<MemberEntry>(entry).map_err(|error| error.to_string()) {
            Ok(entry) if entry.status != EntryStatus::Active => {}
            Ok(entry) => match Member::try_from(entry) {
                Ok(member) => members.push(member),
                Err(error) => tracing::debug!(%error, "a member's entry makes no sense; it is left out"),
            },
            Err(error) => tracing::debug!(%error, "a member's entry makes no sense; it is left out"),
        }
    }
    Ok(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_seconds_are_an_age_and_it_has_a_bound() {
        for (value, seconds) in [
            ("0", 0),
            ("7", 7),
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
