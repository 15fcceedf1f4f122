use crate::model::InvalidValue;
use ::url::Url;
use std::{fmt, str::FromStr};

/// Where a webhook is: an `http` or `https` URL. All but its scheme, host and port may be secret (many services put a key into
/// the path), so that nothing else of it is shown.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookUrl(Url);

impl WebhookUrl {
    /// Longest URL that is taken, in bytes.
    pub const MAX_BYTES: usize = 2_048;

    /// Checks `url` and takes it.
    ///
    /// # Errors
    /// Where it is no URL of `http` or `https`, has a fragment, or is too long. The error does not tell the URL.
    pub fn new(url: &str) -> Result<Self, InvalidValue> {
        let invalid = |problem: String| InvalidValue::new("webhook url", problem);
        if url.len() > Self::MAX_BYTES {
            return Err(invalid(format!("must have at most {} bytes", Self::MAX_BYTES)));
        }
        let url = Url::parse(url.trim()).map_err(|error| invalid(format!("is no URL: {error}")))?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(invalid("must begin with http:// or https://".into()));
        }
        if url.port() == Some(0) {
            return Err(invalid("must not have the port 0".into()));
        }
        if url.fragment().is_some() {
            return Err(invalid("must have no fragment (#…): it would not be sent".into()));
        }
        Ok(Self(url))
    }

    pub(super) const fn url(&self) -> &Url {
        &self.0
    }

    /// The same where it has a path; `path` in its place where it has none.
    pub(super) fn or_path(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        if url.path() == "/" {
            url.set_path(path);
        }
        url
    }
}

impl FromStr for WebhookUrl {
    type Err = InvalidValue;
    fn from_str(url: &str) -> Result<Self, InvalidValue> {
        Self::new(url)
    }
}

/// What of it is fit for logs: `https://alerts.example:8443/…`.
impl fmt::Display for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.0.scheme(), self.0.host_str().unwrap_or_default())?;
        if let Some(port) = self.0.port() {
            write!(f, ":{port}")?;
        }
        let bare = self.0.path() == "/" && self.0.query().is_none();
        f.write_str(if bare { "/" } else { "/…" })
    }
}

impl fmt::Debug for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WebhookUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_has_no_secret() {
        for (url, shown) in [
            ("http://127.0.0.1:9093", "http://127.0.0.1:9093/"),
            ("https://alerts.example/", "https://alerts.example/"),
            ("https://user:s3cr3t@alerts.example:8443/", "https://alerts.example:8443/"),
            ("https://hooks.example/services/s3cr3t", "https://hooks.example/…"),
            ("https://hooks.example/?key=s3cr3t", "https://hooks.example/…"),
            ("http://[::1]:1/s3cr3t", "http://[::1]:1/…"),
        ] {
            let url = WebhookUrl::new(url).unwrap();
            assert_eq!(url.to_string(), shown);
            assert!(!format!("{url:?} {url:#?}").contains("s3cr3t"));
        }
    }

    #[test]
    fn what_is_no_url_of_a_webhook_is_refused_without_its_secret() {
        let long = format!("http://a/{}", "s3cr3t".repeat(400));
        for url in [
            "",
            "s3cr3t",
            "ftp://user:s3cr3t@alerts.example/",
            "http://user:s3cr3t@alerts.example:0/",
            "http://user:s3cr3t@alerts.example:65536/",
            "http://user:s3cr3t@/",
            "http://alerts.example/#s3cr3t",
            &long,
        ] {
            let error = WebhookUrl::new(url).expect_err(url);
            let written = format!("{error} {error:?}");
            assert!(written.contains("webhook url") && !written.contains("s3cr3t"), "{written}");
        }
    }
}
