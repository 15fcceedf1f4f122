use super::{AlertSettings, Webhook, WebhookError, delivery::Delivery, post::Post};
use crate::{
    model::InvalidValue,
    registry::RegistryEngine,
    store::CursorName,
    task::{Turns, supervise},
    web::client_builder,
    wire::WebhookHealth,
};
use futures_util::future::join_all;
use std::{collections::HashSet, sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// Tells webhooks of the faults that open and close. See the [module](crate::webhook).
#[derive(Debug)]
pub struct Alerts {
    deliveries: Arc<[Delivery]>,
}

impl Alerts {
    /// Most webhooks of a registry.
    pub const MAX_WEBHOOKS: usize = 32;

    /// Alerts of the faults that `registry` knows of, over connections of their own: no proxy, no redirects, the Web's root
    /// certificates. `GET /health` of the registry tells how each webhook is.
    ///
    /// # Errors
    /// Where there are too many webhooks, two that are the same, or a setting is out of range.
    pub fn new(
        registry: RegistryEngine,
        webhooks: Vec<Webhook>,
        settings: AlertSettings,
    ) -> Result<Self, WebhookError> {
        let builder = client_builder().map_err(|error| WebhookError::Http(error.into()))?;
        let http = builder.build().map_err(|error| WebhookError::Http(error.into()))?;
        Self::with_client(registry, webhooks, settings, http)
    }

    /// The same over an HTTP client of your own, with its proxy and certificates. It should follow no redirects: they may
    /// lead a token elsewhere.
    ///
    /// # Errors
    /// As those of [`new`](Self::new).
    pub fn with_client(
        registry: RegistryEngine,
        webhooks: Vec<Webhook>,
        settings: AlertSettings,
        http: reqwest::Client,
    ) -> Result<Self, WebhookError> {
        Ok(Self::posting(registry, webhooks, settings, Arc::new(http))?)
    }

    /// Whether [`new`](Self::new) would take these.
    ///
    /// # Errors
    /// What is wrong with them. It has no secrets.
    pub fn check(webhooks: &[Webhook], settings: &AlertSettings) -> Result<(), InvalidValue> {
        Self::names(webhooks, settings).map(drop)
    }

    /// Under what the journal keeps how far each has come.
    fn names(webhooks: &[Webhook], settings: &AlertSettings) -> Result<Vec<CursorName>, InvalidValue> {
        if webhooks.len() > Self::MAX_WEBHOOKS {
            let problem = format!("must be at most {}, not {}", Self::MAX_WEBHOOKS, webhooks.len());
            return Err(InvalidValue::new("webhooks", problem));
        }
        check("webhook resend", settings.resend)?;
        check("webhook poll", settings.poll)?;
        let mut seen = HashSet::new();
        let mut names = Vec::with_capacity(webhooks.len());
        for webhook in webhooks {
            check("webhook timeout", webhook.timeout)?;
            let name = webhook.cursor_name()?;
            if !seen.insert(name.clone()) {
                let problem = format!("must not be given twice: {}", webhook.url);
                return Err(InvalidValue::new("webhook url", problem));
            }
            names.push(name);
        }
        Ok(names)
    }

    pub(super) fn posting(
        registry: RegistryEngine,
        webhooks: Vec<Webhook>,
        settings: AlertSettings,
        post: Arc<dyn Post>,
    ) -> Result<Self, InvalidValue> {
        let names = Self::names(&webhooks, &settings)?;
        let settings = Arc::new(settings);
        let deliveries = webhooks.into_iter().zip(names).map(|(webhook, name)| {
            let (registry, settings, post) = (registry.clone(), Arc::clone(&settings), Arc::clone(&post));
            Delivery::new(registry, webhook, name, settings, post)
        });
        let deliveries: Arc<[Delivery]> = deliveries.collect::<Vec<_>>().into();
        // They own the registry, so that it must not own them.
        let weak = Arc::downgrade(&deliveries);
        registry.set_webhook_health(move || weak.upgrade().map(|deliveries| health(&deliveries)).unwrap_or_default());
        Ok(Self { deliveries })
    }

    /// Sends what there is to send, until `shutdown`. What is being sent then has 2 s to be answered: let the registry resign
    /// after that, or the next one sends it again.
    pub async fn run(&self, shutdown: CancellationToken) {
        join_all(self.deliveries.iter().map(async |delivery| {
            let turns = Turns::new("webhook", Duration::ZERO);
            supervise(&turns, |_| {}, || delivery.run(&shutdown)).await;
        }))
        .await;
    }

    /// How each webhook is doing, in the order in which they were given.
    #[must_use]
    pub fn health(&self) -> Vec<WebhookHealth> {
        health(&self.deliveries)
    }
}

fn health(deliveries: &[Delivery]) -> Vec<WebhookHealth> {
    deliveries.iter().map(Delivery::health).collect()
}

/// Durations that make no sense would have a loop spin, or never turn.
fn check(what: &'static str, duration: Duration) -> Result<(), InvalidValue> {
    const RANGE: std::ops::RangeInclusive<Duration> = Duration::from_millis(10)..=Duration::from_secs(3_600);
    if RANGE.contains(&duration) {
        Ok(())
    } else {
        Err(InvalidValue::new(what, format!("must be from 10 ms to one hour, not {duration:?}")))
    }
}
