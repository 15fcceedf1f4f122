//! `GET /api/v1/matrix`.

mod answer;
mod question;
mod slot;
#[cfg(test)]
mod tests;

pub(super) use question::MatrixQuery;

use super::{bodies::LargeBodies, json::Failure, negotiation::accepts_gzip, turns::Turns};
use crate::registry::RegistryEngine;
use axum::{
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use question::Question;
use slot::Slot;
use std::sync::{Arc, Mutex, PoisonError};

/// The answers to so many different questions are kept: those that were asked last.
const MAX_SLOTS: usize = 8;
/// So many answers are made at once: each keeps every core busy.
const MAX_AT_ONCE: usize = 2;

/// Answers `GET /api/v1/matrix`. An answer is large where the ring is, so that it is made once at a time, and shared by all who
/// ask the same meanwhile.
#[derive(Debug, Clone)]
pub(super) struct SharedMatrix {
    /// The newest answer to each question; what was asked last comes first.
    slots: Arc<Mutex<Vec<Arc<Slot>>>>,
    turns: Turns,
    bodies: LargeBodies,
}

impl Default for SharedMatrix {
    fn default() -> Self {
        Self { slots: Arc::default(), turns: Turns::new(MAX_AT_ONCE), bodies: LargeBodies::default() }
    }
}

impl SharedMatrix {
    pub(super) async fn answer(
        self,
        registry: RegistryEngine,
        query: MatrixQuery,
        request: HeaderMap,
    ) -> Result<Response, Failure> {
        let slot = self.slot(query.question()?);
        let answer = slot.answer(&registry).await?;
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        let body = if accepts_gzip(&request) {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            answer.gzip(&self.turns).await?
        } else {
            answer.plain()
        };
        headers.insert(header::CONTENT_LENGTH, body.length().into());
        Ok((headers, self.bodies.body(&body)?).into_response())
    }

    fn slot(&self, question: Question) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let known = slots.iter().position(|slot| *slot.question() == question);
        let slot = match known {
            Some(place) => slots.remove(place),
            None => Arc::new(Slot::new(question, self.turns.clone())),
        };
        slots.insert(0, Arc::clone(&slot));
        slots.truncate(MAX_SLOTS);
        slot
    }
}
