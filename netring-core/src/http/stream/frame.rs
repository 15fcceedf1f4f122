//! Server-sent events as they are written (HTML standard, 9.2).

use crate::{
    analysis::RingEvent,
    http::events::{Kinds, locate},
    model::Location,
    registry::View,
    wire::{MatrixChanges, StreamReset},
};
use axum::body::Bytes;
use serde::Serialize;

/// Events are sent together up to about so many bytes.
pub(super) const BYTES: usize = 32 * 1024;
/// A comment: it keeps the connection from counting as idle, and shows when the other end is gone.
pub(super) const HEARTBEAT: Bytes = Bytes::from_static(b":\n\n");

/// How soon a reader comes back, and from where on it goes on then: with an id and no data nothing is dispatched.
pub(super) fn head(last: Option<u64>) -> Bytes {
    let id = last.map(|last| format!("id: {last}\n")).unwrap_or_default();
    format!("retry: 2000\n{id}\n").into()
}

/// Appends an event to `frame`.
pub(super) fn event(frame: &mut Vec<u8>, event: &RingEvent) {
    append(frame, Some(event.id), event.what.kind(), event);
}

/// That what came before is to be forgotten.
pub(super) fn reset(last_id: u64) -> Bytes {
    let mut frame = Vec::new();
    append(&mut frame, Some(last_id), "reset", &StreamReset { last_id });
    frame.into()
}

/// What changed in the matrix, or in what of it is at `location`; `None` where nothing did.
pub(super) fn changes(view: &View, location: Option<&Location>) -> Option<Bytes> {
    let there = |instance_id| locate(&view.snapshot, instance_id) == location;
    let wanted = view
        .changes
        .iter()
        .filter(|change| location.is_none() || there(&change.pair.source) || there(&change.pair.target));
    let changes: Vec<_> = wanted.cloned().collect();
    let all_known = view.changes.len() >= view.changes_total;
    let changes_total = if all_known { changes.len() } else { view.changes_total };
    if changes_total == 0 {
        return None;
    }
    let mut frame = Vec::new();
    append(&mut frame, None, Kinds::MATRIX, &MatrixChanges { at: view.at, changes, changes_total });
    Some(frame.into())
}

fn append(frame: &mut Vec<u8>, id: Option<u64>, kind: &str, data: &impl Serialize) {
    // JSON of serde has no line break.
    let data = match serde_json::to_string(data) {
        Ok(data) => data,
        Err(error) => return tracing::error!(%error, kind, "an event cannot be written as JSON"),
    };
    let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
    frame.extend_from_slice(format!("{id}event: {kind}\ndata: {data}\n\n").as_bytes());
}
