use super::{BearerToken, WebhookUrl};
use crate::{model::InvalidValue, store::CursorName};
use ::url::Url;
use sha2::{Digest, Sha256};
use std::{fmt::Write, time::Duration};

/// Somebody to tell of faults.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// Where. A user and password in it are sent, unless there is a token.
    pub url: WebhookUrl,
    /// In which shape.
    pub format: WebhookFormat,
    /// What it knows its callers by.
    pub bearer_token: Option<BearerToken>,
    /// How long an answer may take.
    pub timeout: Duration,
}

/// The shape of what is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum WebhookFormat {
    /// Our own: one event as [`GET /api/v1/events`](crate::wire::path::EVENTS) has it.
    #[default]
    Netring,
    /// That of Alertmanager's API v2. Where the URL has no path, it is `/api/v2/alerts`.
    Alertmanager,
}

impl WebhookFormat {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Netring => "netring",
            Self::Alertmanager => "alertmanager",
        }
    }
}

impl Webhook {
    /// How long an answer may take unless told otherwise.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);
    /// Where Alertmanager takes alerts.
    const ALERTMANAGER_PATH: &'static str = "/api/v2/alerts";

    /// A webhook at `url`, with no token.
    #[must_use]
    pub const fn new(url: WebhookUrl, format: WebhookFormat) -> Self {
        Self { url, format, bearer_token: None, timeout: Self::DEFAULT_TIMEOUT }
    }

    /// What it is asked at.
    pub(super) fn target(&self) -> Url {
        match self.format {
            WebhookFormat::Netring => self.url.url().clone(),
            WebhookFormat::Alertmanager => self.url.or_path(Self::ALERTMANAGER_PATH),
        }
    }

    /// Under what the journal keeps how far it has come: a hash of its URL and format, for the URL may be secret.
    ///
    /// # Errors
    /// Never.
    pub fn cursor_name(&self) -> Result<CursorName, InvalidValue> {
        let hash = Sha256::digest(format!("{} {}", self.format.as_str(), self.target()));
        let mut name = String::from("webhook-");
        for byte in hash.iter().take(16) {
            // A String takes everything.
            let _ = write!(name, "{byte:02x}");
        }
        CursorName::new(name)
    }
}

/// How alerts are sent.
#[derive(Debug, Clone)]
pub struct AlertSettings {
    /// How long an event is tried, from when it was noticed or this registry began to send. It is tried once at least.
    pub retry_for: Duration,
    /// How long to wait before the second try; before each further one twice as long, up to half a minute.
    pub retry_after: Duration,
    /// How often the alerts of open faults are sent again to Alertmanager.
    pub resend: Duration,
    /// How often the journal is looked at where no round of judging calls for it.
    pub poll: Duration,
    /// Where people see this registry, to be linked to from alerts.
    pub public_url: Option<Url>,
}

impl Default for AlertSettings {
    fn default() -> Self {
        Self {
            retry_for: Duration::from_secs(600),
            retry_after: Duration::from_millis(500),
            resend: Duration::from_secs(60),
            poll: Duration::from_secs(10),
            public_url: None,
        }
    }
}
