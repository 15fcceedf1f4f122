//! Faults are told to others: `POST` of every fault that opens and closes to configured URLs.
//!
//! What is sent comes from the registry's [`journal`](crate::RegistryEngine::journal), and of several registries only the
//! one that leads sends. How far each webhook has come is kept in the journal too, under a hash of its URL and format, so
//! that the next leader goes on where the last one stopped.
//!
//! - Every webhook has its own queue and task: one that is dead or slow holds up no other. The order of the events is kept.
//! - What fails for a while (no connection, no answer in time, 408, 429, 5xx) is sent again after 0.5 s, 1 s, 2 s … up to
//!   half a minute, and half as long again by chance, or when `Retry-After` says so, for [`AlertSettings::retry_for`]. Then,
//!   and after any other answer that is not 2xx at once, the event is given up with a line in the log, and the next one has its
//!   turn.
//! - Each event is delivered at least once. It comes twice where a registry ends, or stops to lead, after the answer and
//!   before it has noted that: whoever must not see it twice drops those whose header [`EVENT_ID_HEADER`] it has seen.
//! - A webhook that is new begins at the present: it is not told what happened before.
//!
//! # Bodies
//! [`WebhookFormat::Netring`]: `{"version": 1, "event": {…}}` with a [`RingEvent`](crate::analysis::RingEvent), one `POST` each.
//!
//! [`WebhookFormat::Alertmanager`]: the list that `POST /api/v2/alerts` of Alertmanager takes. Alertmanager forgets an alert
//! that is not repeated, so that those of open faults are sent again every [`AlertSettings::resend`] with an `endsAt` that is
//! four times as far ahead, as Prometheus does; repeats are of no single event and have no [`EVENT_ID_HEADER`]. To a new
//! Alertmanager they tell also what is open already.

mod alertmanager;
mod alerts;
mod delivery;
mod open;
mod post;
mod retry;
mod settings;
mod standing;
#[cfg(test)]
mod tests;
mod token;
mod url;

pub use self::{
    alerts::Alerts,
    post::EVENT_ID_HEADER,
    settings::{AlertSettings, Webhook, WebhookFormat},
    token::BearerToken,
    url::WebhookUrl,
};

/// Why alerts cannot be sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookError {
    /// A URL, a token or a setting makes no sense.
    #[error(transparent)]
    Invalid(#[from] crate::InvalidValue),
    /// The HTTP client could not be made.
    #[error("cannot make an HTTP client")]
    Http(#[source] Box<dyn std::error::Error + Send + Sync>),
}
