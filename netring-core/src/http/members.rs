use super::{
    digest::Digest,
    json::Failure,
    negotiation::{accepts_gzip, has_already},
};
use crate::{
    model::Timestamp,
    registry::{Listing, MembersSnapshot, RegistryEngine},
    wire::{MemberEntry, MembersResponse, gzip::gzip},
};
use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use std::{error::Error, sync::Arc};
use tokio::{
    sync::{Mutex, OnceCell},
    task::spawn_blocking,
};

/// To write or compress more members than this takes some milliseconds; others are to be answered meanwhile.
const MANY: usize = 200;
/// A client that asks with the tag of what it has never keeps a `last_seen` older than this, in seconds.
const SAME_TAG_FOR: u64 = 60;

/// Answers `GET /members`. The body is written when the members change, and not when it is asked for; all answers share it.
#[derive(Debug, Clone, Default)]
pub(super) struct SharedMembers {
    newest: Arc<Mutex<Option<Arc<Written>>>>,
}

/// A listing as it is sent.
#[derive(Debug)]
struct Written {
    snapshot: Arc<MembersSnapshot>,
    stale_since: Option<Timestamp>,
    /// A hash of all that the body says of the members but `last_seen`.
    digest: u64,
    body: Bytes,
    /// The body by gzip, once somebody has asked for that.
    gzip: OnceCell<Bytes>,
}

impl SharedMembers {
    pub(super) async fn answer(self, registry: RegistryEngine, request: HeaderMap) -> Result<Response, Failure> {
        let listing = registry.listing().await?;
        let written = self.written(&listing).await.map_err(unwritten)?;
        let etag = written.etag(&listing);
        let mut headers = HeaderMap::new();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        if let Some(since) = listing.stale_since {
            headers.insert(header::AGE, registry.now().since(since).as_secs().into());
        }
        let known = has_already(&request, &etag);
        headers.insert(header::ETAG, HeaderValue::try_from(etag).map_err(unwritten)?);
        if known {
            return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
        }
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if !accepts_gzip(&request) {
            return Ok((headers, written.body.clone()).into_response());
        }
        let compressed = written.compressed().await.map_err(unwritten)?;
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        Ok((headers, compressed).into_response())
    }

    async fn written(&self, listing: &Listing) -> Result<Arc<Written>, Box<dyn Error + Send + Sync>> {
        let mut newest = self.newest.lock().await;
        if let Some(written) = newest.as_ref().filter(|written| written.is_of(listing)) {
            return Ok(Arc::clone(written));
        }
        let (snapshot, stale_since) = (Arc::clone(&listing.snapshot), listing.stale_since);
        let many = snapshot.members.len() > MANY;
        let write = move || Written::new(snapshot, stale_since);
        let written = Arc::new(if many { spawn_blocking(write).await?? } else { write()? });
        *newest = Some(Arc::clone(&written));
        Ok(written)
    }
}

impl Written {
    fn new(snapshot: Arc<MembersSnapshot>, stale_since: Option<Timestamp>) -> serde_json::Result<Self> {
        let members = snapshot.members.iter().filter_map(|(member, status)| MemberEntry::of(member, *status)).collect();
        let mut response = MembersResponse { members, stale_since };
        let body = serde_json::to_vec(&response)?.into();
        for entry in &mut response.members {
            entry.last_seen = 0;
        }
        let mut digest = Digest::default();
        serde_json::to_writer(&mut digest, &response.members)?;
        Ok(Self { snapshot, stale_since, digest: digest.0, body, gzip: OnceCell::new() })
    }

    fn is_of(&self, listing: &Listing) -> bool {
        Arc::ptr_eq(&self.snapshot, &listing.snapshot) && self.stale_since == listing.stale_since
    }

    /// Weak, for `last_seen` may differ, and so may the encoding. It is the same from every registry of a ring; the tag of a
    /// stale listing is that of no other.
    fn etag(&self, listing: &Listing) -> String {
        match listing.stale_since {
            None => format!("W/\"{:016x}-{:x}\"", self.digest, listing.at.as_unix_seconds() / SAME_TAG_FOR),
            Some(since) => format!("W/\"{:016x}-stale-{:x}\"", self.digest, since.as_unix_seconds()),
        }
    }

    async fn compressed(&self) -> Result<Bytes, Box<dyn Error + Send + Sync>> {
        let make = async || {
            let body = self.body.clone();
            let compress = move || gzip(&body).map(Bytes::from);
            if self.snapshot.members.len() > MANY { spawn_blocking(compress).await? } else { compress() }
        };
        Ok(self.gzip.get_or_try_init(make).await?.clone())
    }
}

fn unwritten(error: impl Into<Box<dyn Error + Send + Sync>>) -> Failure {
    tracing::error!(error = error.into(), "the members cannot be written");
    Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "the members cannot be written")
}
