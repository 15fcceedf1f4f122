//! Who is told of faults.

use super::webhook_url::WebhookUrl;
use netring_core::webhook::{self, AlertSettings, Alerts, BearerToken};
use netring_daemon::{
    config::{FromText, Period, Secret, TextError},
    serde_as_text,
};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error, SeqAccess, Visitor},
};
use serde_json::json;
use std::{fmt, time::Duration};

/// Most webhooks: each is told of every fault.
const MAX_WEBHOOKS: usize = 16;
/// Whoever takes longer than this to answer holds up what else is to be told.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(60);

/// Who is told of faults.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AlertsConfig {
    /// Where faults are posted to.
    pub(crate) webhooks: WebhookList,
    /// For how long what was not taken is posted again.
    pub(crate) retry_for: Period,
}

impl Default for AlertsConfig {
    fn default() -> Self {
        Self { webhooks: WebhookList::default(), retry_for: Period::from_secs(600) }
    }
}

impl AlertsConfig {
    /// Who is told, as the library has it.
    ///
    /// # Errors
    /// Which webhook cannot be used, and why. It has nothing of a URL.
    pub(crate) fn webhooks(&self) -> Result<Vec<webhook::Webhook>, (&'static str, TextError)> {
        let told = |error: netring_core::InvalidValue| ("registry.alerts.webhooks", TextError::new(error.to_string()));
        let one = |webhook: &Webhook| {
            let format = match webhook.format {
                WebhookFormat::Netring => webhook::WebhookFormat::Netring,
                WebhookFormat::Alertmanager => webhook::WebhookFormat::Alertmanager,
            };
            let token = webhook.bearer_token.as_ref().map(|token| BearerToken::new(token.expose())).transpose();
            Ok(webhook::Webhook {
                bearer_token: token.map_err(told)?,
                timeout: webhook.timeout.get(),
                ..webhook::Webhook::new(webhook::WebhookUrl::new(webhook.url.expose()).map_err(told)?, format)
            })
        };
        self.webhooks.0.iter().map(one).collect()
    }

    /// How they are told.
    pub(crate) fn settings(&self) -> AlertSettings {
        AlertSettings { retry_for: self.retry_for.get(), ..AlertSettings::default() }
    }

    /// Whether the webhooks can be used as they are.
    ///
    /// # Errors
    /// The path of the key, and why. It has nothing of a URL.
    pub(crate) fn check(&self) -> Result<(), (&'static str, TextError)> {
        let refused = |problem: String| Err(("registry.alerts.webhooks", TextError::new(problem)));
        if self.webhooks.0.len() > MAX_WEBHOOKS {
            return refused(format!("expected at most {MAX_WEBHOOKS} webhooks"));
        }
        for (n, webhook) in (1..).zip(&self.webhooks.0) {
            if webhook.timeout.get() > LONGEST_TIMEOUT {
                return refused(format!("webhook {n}: expected a timeout of at most {LONGEST_TIMEOUT:?}"));
            }
            let token = webhook.bearer_token.as_ref().map_or("token", Secret::expose);
            if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
                return refused(format!("webhook {n}: expected a bearer_token of printable ASCII without blanks"));
            }
        }
        // So that what no alerts can be sent with is told before anything starts.
        Alerts::check(&self.webhooks()?, &self.settings()).or_else(|error| refused(error.to_string()))?;
        Ok(())
    }
}

/// All webhooks. It serialises with masks in place of what is secret.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct WebhookList(pub(crate) Vec<Webhook>);

/// One webhook.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Webhook {
    /// Where is posted to.
    pub(crate) url: WebhookUrl,
    /// What is posted.
    #[serde(default)]
    pub(crate) format: WebhookFormat,
    /// What is sent in the header `Authorization`.
    #[serde(default)]
    pub(crate) bearer_token: Option<Secret>,
    /// How long an answer may take.
    #[serde(default = "default_timeout")]
    pub(crate) timeout: Period,
}

/// What is posted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum WebhookFormat {
    /// The event, as `GET /api/v1/events` has it.
    #[default]
    Netring,
    /// Alerts, as Alertmanager's API v2 takes them.
    Alertmanager,
}

const fn default_timeout() -> Period {
    Period::from_secs(5)
}

impl WebhookList {
    /// The webhooks with their secrets, as they are read.
    pub(crate) fn revealed(&self) -> serde_json::Value {
        let webhook = |webhook: &Webhook| {
            json!({
                "url": webhook.url.expose(),
                "format": webhook.format,
                "bearer_token": webhook.bearer_token.as_ref().map(Secret::expose),
                "timeout": webhook.timeout,
            })
        };
        self.0.iter().map(webhook).collect()
    }
}

/// One URL is a list of one.
impl FromText for WebhookList {
    fn from_text(text: &str) -> Result<Self, TextError> {
        let url = WebhookUrl::from_text(text)?;
        let format = WebhookFormat::default();
        Ok(Self(vec![Webhook { url, format, bearer_token: None, timeout: default_timeout() }]))
    }
}

impl<'de> Deserialize<'de> for WebhookList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrSeveral;

        impl<'de> Visitor<'de> for OneOrSeveral {
            type Value = WebhookList;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of webhooks, or one URL")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<WebhookList, E> {
                WebhookList::from_text(text).map_err(E::custom)
            }
            fn visit_unit<E: Error>(self) -> Result<WebhookList, E> {
                Ok(WebhookList::default())
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<WebhookList, A::Error> {
                let mut webhooks = Vec::new();
                while let Some(webhook) = list.next_element()? {
                    webhooks.push(webhook);
                }
                Ok(WebhookList(webhooks))
            }
        }

        deserializer.deserialize_any(OneOrSeveral)
    }
}

impl FromText for WebhookFormat {
    fn from_text(text: &str) -> Result<Self, TextError> {
        match text.trim() {
            "netring" => Ok(Self::Netring),
            "alertmanager" => Ok(Self::Alertmanager),
            _ => Err(TextError::new("expected netring or alertmanager")),
        }
    }
}

impl fmt::Display for WebhookFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Netring => "netring",
            Self::Alertmanager => "alertmanager",
        })
    }
}

serde_as_text!(WebhookFormat);
