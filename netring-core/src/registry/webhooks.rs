use super::RegistryEngine;
use crate::wire::WebhookHealth;
use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

/// Whom to ask how the webhooks are: a registry knows nothing else of them.
#[derive(Default)]
pub(super) struct Webhooks(Mutex<Option<Arc<Ask>>>);

type Ask = dyn Fn() -> Vec<WebhookHealth> + Send + Sync;

impl fmt::Debug for Webhooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Webhooks").finish_non_exhaustive()
    }
}

impl RegistryEngine {
    /// Who tells webhooks of this registry's faults says here how to ask for the health of each, for `GET /health` to show.
    /// The last one who does is asked. `webhook::Alerts` does so by itself.
    ///
    /// `ask` must not own a clone of this registry, or neither is ever dropped.
    pub fn set_webhook_health(&self, ask: impl Fn() -> Vec<WebhookHealth> + Send + Sync + 'static) {
        *self.inner.webhooks.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(ask));
    }

    /// How each webhook is; none where nobody has said how to ask.
    #[must_use]
    pub fn webhook_health(&self) -> Vec<WebhookHealth> {
        let ask = self.inner.webhooks.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        ask.map(|ask| ask()).unwrap_or_default()
    }
}
