mod frame;
mod reader;

use self::reader::{Position, Reader};
use super::{
    events::{Filter, Kinds, kept},
    json::Failure,
    places::{Full, Places, peer},
    query::Query,
};
use crate::{
    model::Location,
    registry::{RegistryEngine, RegistryError, View},
};
use axum::{
    body::{Body, Bytes},
    http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use serde::Deserialize;
use std::{
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{sync::mpsc, time::sleep};

/// More readers at once than this are turned away.
const MAX_READERS: usize = 256;
/// … and more than this from one address.
const MAX_READERS_OF_AN_ADDRESS: usize = 16;
/// A stream ends after so long, more or less: who still wants it comes back, and who only holds a place has to fight for it.
/// Not all at once, for all may have come at once when the registry was started.
const LIFE_SECONDS: std::ops::RangeInclusive<u64> = 3_240..=3_960;
/// So many frames, of at most [`frame::BYTES`] but for a matrix or an event that is larger, wait for a reader.
const QUEUE: usize = 8;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// What `GET /api/v1/stream` may be asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    location: Option<Location>,
    kind: Option<Kinds>,
    last_event_id: Option<u64>,
}

/// Answers `GET /api/v1/stream` with server-sent events, as the HTML standard has them: what happens in the ring, as it is
/// noticed. Each reader has a task of its own, which reads the journal from where that reader is: so nobody misses an event, or
/// gets one twice, and who reads slowly holds up nobody but itself, and that only for a while.
#[derive(Debug, Clone)]
pub(super) struct Streams {
    places: Places,
    matrix: Arc<SharedChanges>,
}

impl Default for Streams {
    fn default() -> Self {
        Self { places: Places::new(MAX_READERS, MAX_READERS_OF_AN_ADDRESS), matrix: Arc::default() }
    }
}

impl Streams {
    pub(super) async fn answer(
        self,
        registry: RegistryEngine,
        headers: HeaderMap,
        extensions: Extensions,
        Query(wanted): Query<Wanted>,
    ) -> Result<Response, Failure> {
        let unavailable = |why| Failure::new(StatusCode::SERVICE_UNAVAILABLE, why);
        let place = self.places.take(peer(&extensions)).map_err(|full| match full {
            Full::All => unavailable("too many readers at once"),
            Full::Address => unavailable("too many readers at once from this address"),
        })?;
        let closing = registry.closing();
        if closing.is_cancelled() {
            return Err(unavailable("this registry is shutting down"));
        }
        // Before the journal is read: what is recorded after that shows in a later view.
        let views = registry.views();
        let asked = asked_from(&headers).or(wanted.last_event_id.map(Position::At));
        let at = match asked {
            Some(position) => position,
            None => {
                Position::At(kept(&registry).await.map_err(RegistryError::Store)?.last().map_or(0, |event| event.id))
            }
        };
        // Only for faults that name members and no location.
        let members = match wanted.location {
            Some(_) => registry.listing().await.ok().map(|listing| listing.snapshot),
            None => None,
        };
        let filter = Filter { location: wanted.location, kinds: wanted.kind };
        let (queue, frames) = mpsc::channel(QUEUE);
        let reader = Reader { registry, filter, members, matrix: self.matrix, at, queue };
        tokio::spawn(async move {
            // It is free again when the reader is gone, and not when its connection is.
            let _place = place;
            tokio::select! {
                () = closing.cancelled() => {}
                () = sleep(Duration::from_secs(fastrand::u64(LIFE_SECONDS))) => {}
                () = reader.run(views) => {}
            }
        });
        let frames = stream::unfold(frames, |mut frames| async move {
            Some((Ok::<Bytes, Infallible>(frames.recv().await?), frames))
        });
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
            // A proxy that gathers an answer would hold it back for ever.
            (X_ACCEL_BUFFERING, HeaderValue::from_static("no")),
        ];
        Ok((headers, Body::from_stream(frames)).into_response())
    }
}

/// From where on a browser that lost its connection wants to go on. It says what it was told before: what is no id was told by
/// somebody else.
fn asked_from(headers: &HeaderMap) -> Option<Position> {
    let asked = headers.get(LAST_EVENT_ID).filter(|asked| !asked.is_empty())?;
    Some(asked.to_str().ok().and_then(|asked| asked.parse().ok()).map_or(Position::Unknown, Position::At))
}

/// The changes of the newest round, written once for all who want all of them.
#[derive(Debug, Default)]
pub(super) struct SharedChanges {
    newest: Mutex<Option<(Arc<View>, Bytes)>>,
}

impl SharedChanges {
    fn written(&self, view: &Arc<View>) -> Option<Bytes> {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        match &*newest {
            Some((known, frame)) if Arc::ptr_eq(known, view) => Some(frame.clone()),
            _ => {
                let frame = frame::changes(view, None)?;
                *newest = Some((Arc::clone(view), frame.clone()));
                Some(frame)
            }
        }
    }
}
