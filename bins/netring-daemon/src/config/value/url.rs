use super::MASK;
use crate::{
    config::{FromText, TextError},
    serde_as_text,
};
use std::fmt;
use url::Url;

/// An `http` or `https` URL that paths can be added to. `Debug` masks a password in it; `Display` and `Serialize` do
/// not, because they are what a request is made of.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HttpUrl(Url);

impl HttpUrl {
    /// The URL.
    #[must_use]
    pub fn get(&self) -> &Url {
        &self.0
    }
}

impl FromText for HttpUrl {
    fn from_text(text: &str) -> Result<Self, TextError> {
        let url = Url::parse(text.trim())
            .map_err(|cause| TextError::new(format!("expected a URL such as http://localhost:8756: {cause}")))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(TextError::new(format!(
                "expected a URL that starts with http:// or https://, not {}:",
                url.scheme()
            )));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(TextError::new("expected a URL without a query (?) and without a fragment (#)"));
        }
        Ok(Self(url))
    }
}

/// Without the slash that a URL parser adds behind a bare host.
impl fmt::Display for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.as_str();
        f.write_str(text.strip_suffix('/').unwrap_or(text))
    }
}

impl fmt::Debug for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&mask_password(&self.to_string()), f)
    }
}

serde_as_text!(HttpUrl);

/// Puts a mask in place of every password that stands in a URL's userinfo (RFC 3986, 3.2.1) anywhere in `text`.
pub(in crate::config) fn mask_password(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(scheme_end) = rest.find("://") {
        let (before, after) = rest.split_at(scheme_end + 3);
        masked.push_str(before);
        let authority =
            &after[..after.find(|c: char| matches!(c, '/' | '?' | '#') || c.is_whitespace()).unwrap_or(after.len())];
        rest = after;
        if let Some(at) = authority.rfind('@')
            && let Some(colon) = authority[..at].find(':')
        {
            masked.push_str(&authority[..=colon]);
            masked.push_str(MASK);
            rest = &after[at..];
        }
    }
    masked.push_str(rest);
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_written_as_people_write_them() {
        for (text, written) in [
            ("http://localhost:8756", "http://localhost:8756"),
            ("http://localhost:8756/", "http://localhost:8756"),
            ("https://registry.company.com", "https://registry.company.com"),
            ("https://x/netring/", "https://x/netring"),
            ("http://[::1]:8756", "http://[::1]:8756"),
            ("http://me:pw@x", "http://me:pw@x"),
        ] {
            assert_eq!(HttpUrl::from_text(text).unwrap().to_string(), written, "{text}");
        }
    }

    #[test]
    fn what_is_no_base_of_requests_is_refused() {
        for (text, said) in [
            ("", "expected a URL such as http://localhost:8756: "),
            ("localhost:8756", "expected a URL that starts with http:// or https://, not localhost:"),
            ("registry", "expected a URL such as http://localhost:8756: "),
            ("ftp://x/", "expected a URL that starts with http:// or https://, not ftp:"),
            ("http://", "expected a URL such as http://localhost:8756: "),
            ("http://x:99999", "expected a URL such as http://localhost:8756: "),
            ("http://x/?a=b", "expected a URL without a query"),
            ("http://x/#a", "expected a URL without a query"),
        ] {
            let error = HttpUrl::from_text(text).unwrap_err().to_string();
            assert!(error.starts_with(said), "{text}: {error}");
        }
    }

    #[test]
    fn passwords_are_masked_wherever_they_stand() {
        for (text, masked) in [
            ("http://me:pw@x/a", "http://me:********@x/a"),
            ("http://me:p@w@x/a", "http://me:********@x/a"),
            ("url: \"http://:pw@x\" # and redis://u:v@y", "url: \"http://:********@x\" # and redis://u:********@y"),
            ("http://x:80/a@b:c", "http://x:80/a@b:c"),
            ("http://me@x", "http://me@x"),
            ("no url", "no url"),
        ] {
            assert_eq!(mask_password(text), masked);
        }
        assert_eq!(format!("{:?}", HttpUrl::from_text("http://me:pw@x").unwrap()), r#""http://me:********@x""#);
    }
}
