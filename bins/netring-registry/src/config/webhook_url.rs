use netring_daemon::config::{FromText, TextError, text};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use url::Url;

/// An `http` or `https` URL that is posted to as it is. Whoever knows one may post to it: many have a token in the path or in the
/// query. So `Debug`, `Display` and `Serialize` show the host, and a mask for the rest.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct WebhookUrl(Url);

impl WebhookUrl {
    /// The URL itself.
    pub(crate) fn expose(&self) -> &str {
        self.0.as_str()
    }
}

/// What is wrong is told without a word of the text.
impl FromText for WebhookUrl {
    fn from_text(text: &str) -> Result<Self, TextError> {
        let url = Url::parse(text.trim()).map_err(|cause| {
            TextError::new(format!("expected a URL such as https://alerts.example.com/netring: {cause}"))
        })?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(TextError::new("expected a URL that starts with http:// or https://"));
        }
        if url.host_str().is_none_or(|host| host.contains([',', ';', ' '])) {
            return Err(TextError::new("expected a URL with the name or the address of one host"));
        }
        if url.port() == Some(0) {
            return Err(TextError::new("expected a URL with a port from 1 to 65535"));
        }
        if url.fragment().is_some() {
            return Err(TextError::new("expected a URL without a fragment (#)"));
        }
        Ok(Self(url))
    }
}

impl fmt::Display for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = &self.0;
        write!(f, "{}://{}", url.scheme(), url.host_str().unwrap_or_default())?;
        if let Some(port) = url.port() {
            write!(f, ":{port}")?;
        }
        let bare = url.path() == "/" && url.query().is_none() && url.username().is_empty() && url.password().is_none();
        f.write_str(if bare { "" } else { "/********" })
    }
}

impl fmt::Debug for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for WebhookUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for WebhookUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text(deserializer)
    }
}
