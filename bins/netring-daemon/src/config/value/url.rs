use super::MASK;
use crate::{
    config::{FromText, TextError},
    serde_as_text,
};
use std::{fmt, ops::Range};
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

    /// `text` with a mask in place of every password in a URL in it: for errors about what is no URL.
    #[must_use]
    pub fn mask_password(text: &str) -> String {
        mask_password(text)
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

/// Puts a mask in place of every password in a URL, anywhere in `text`.
pub(in crate::config) fn mask_password(text: &str) -> String {
    let mut masked = text.to_owned();
    for password in passwords(text).into_iter().rev() {
        masked.replace_range(password, MASK);
    }
    masked
}

/// Where passwords stand in `text`: in the userinfo of a URL (RFC 3986, 3.2.1), and behind `password=` in its query. None
/// overlaps another.
pub(in crate::config) fn passwords(text: &str) -> Vec<Range<usize>> {
    let password_behind = |(scheme, mark): (usize, &str)| {
        let start = scheme + mark.len();
        let rest = &text[start..];
        let ends = |c: char| matches!(c, '/' | '?' | '#') || c.is_whitespace();
        let userinfo = &rest[..rest[..rest.find(ends).unwrap_or(rest.len())].rfind('@')?];
        let password = userinfo.find(':')? + 1;
        Some(start + password..start + userinfo.len())
    };
    let value_behind = |(name, mark): (usize, &str)| {
        let start = name + mark.len();
        let ends = |c: char| matches!(c, '&' | '#' | '"' | '\'') || c.is_whitespace();
        start..start + text[start..].find(ends).unwrap_or(text.len() - start)
    };
    let mut found: Vec<Range<usize>> = text.match_indices("://").filter_map(password_behind).collect();
    for value in text.match_indices("password=").map(value_behind) {
        if found.iter().all(|other| other.end <= value.start || value.end <= other.start) {
            found.push(value);
        }
    }
    found.sort_unstable_by_key(|password| password.start);
    found
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
            ("redis+sentinel://a/m?sentinel_password=x&b=c", "redis+sentinel://a/m?sentinel_password=********&b=c"),
            ("redis://:password=x@a \"?password=y\"", "redis://:********@a \"?password=********\""),
            ("no url", "no url"),
            ("://a:b@://c:d@", "://a:********@://c:********@"),
            ("http://ü:ß@é", "http://ü:********@é"),
        ] {
            assert_eq!(mask_password(text), masked);
        }
        assert_eq!(format!("{:?}", HttpUrl::from_text("http://me:pw@x").unwrap()), r#""http://me:********@x""#);
    }
}
