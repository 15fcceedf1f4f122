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
            // It is no scheme where a URL without one has a user.
            if text.contains('@') {
                return Err(TextError::new("expected a URL that starts with http:// or https://"));
            }
            return Err(TextError::new(format!(
                "expected a URL that starts with http:// or https://, not {}:",
                url.scheme()
            )));
        }
        if url.host_str().is_none_or(|host| host.contains([',', ';', ' '])) {
            return Err(TextError::new("expected a URL with the name or the address of one host"));
        }
        if url.port() == Some(0) {
            return Err(TextError::new("expected a URL with a port from 1 to 65535"));
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

/// Where passwords may stand in `text`: in the userinfo of a URL (RFC 3986, 3.2.1), and behind `password=` in its query.
/// None overlaps another.
///
/// A password that is not escaped as it should be may have anything in it, also what ends a URL, and what separates two.
/// So all from the first colon that may stand behind a user's name to the last `@` is taken for one: too much where there
/// are several URLs, and never too little.
pub(in crate::config) fn passwords(text: &str) -> Vec<Range<usize>> {
    let userinfo = text.rfind('@').and_then(|end| {
        let before = &text[..end];
        let colon = before.match_indices(':').find(|&(at, _)| !ends_scheme_or_key(text, at)).map(|(at, _)| at + 1);
        // In the URL of a Redis, who writes one word alone means the password.
        let word = || before.starts_with("redis").then(|| Some(before.find("://")? + 3)).flatten();
        Some(colon.or_else(word)?..end)
    });
    let mut found: Vec<_> = userinfo.into_iter().collect();
    let value_behind = |(name, mark): (usize, &str)| {
        let start = name + mark.len();
        let ends = |c: char| matches!(c, '&' | '#' | '"' | '\'') || c.is_whitespace();
        start..start + text[start..].find(ends).unwrap_or(text.len() - start)
    };
    for value in text.match_indices("password=").map(value_behind) {
        if found.iter().all(|other| other.end <= value.start || value.end <= other.start) {
            found.push(value);
        }
    }
    found.sort_unstable_by_key(|password| password.start);
    found
}

/// Whether the colon at `at` stands behind the scheme of a URL, or behind a key in a line of YAML.
fn ends_scheme_or_key(text: &str, at: usize) -> bool {
    let (before, after) = (&text[..at], &text[at + 1..]);
    let word = before.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.' | '_'));
    let alone = word.is_empty() || word.ends_with(|c: char| c.is_whitespace() || "\"'`,;([{<=".contains(c));
    alone && (after.starts_with("//") || after.starts_with(char::is_whitespace) || after.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NASTY: [&str; 11] =
        ["pw/pw", "pw?pw", "pw#pw", "pw,pw", "pw:pw", "pw@pw", "pw%pw", "pw://pw", "/?#,:@%pw", "a:pw,pw:b", "pw,"];

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
            ("http://a,b", "expected a URL with the name or the address of one host"),
            ("http://a;http://b", "expected a URL with the name or the address of one host"),
            ("http://a b", "expected a URL"),
            ("http://x:0", "expected a URL with a port from 1 to 65535"),
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
            ("url: \"http://:pw@x\" # and redis://u:v@y", "url: \"http://:********@y"),
            ("http://x:80/a@b:c", "http://x:********@b:c"),
            ("http://me@x", "http://me@x"),
            ("redis://secret@x", "redis://********@x"),
            ("redis+sentinel://a/m?sentinel_password=x&b=c", "redis+sentinel://a/m?sentinel_password=********&b=c"),
            ("redis://:password=x@a \"?password=y\"", "redis://:********@a \"?password=********\""),
            ("no url", "no url"),
            ("://a:b@://c:d@", "://a:********@"),
            ("me:pw@x", "me:********@x"),
            ("http://a, me:pw@x", "http://a, me:********@x"),
            ("http://a:1,http://me:pw@x", "http://a:********@x"),
            ("url: me:pw@x", "url: me:********@x"),
            ("{\"url\": 'http://me:pw@x'}", "{\"url\": 'http://me:********@x'}"),
            ("http://ü:ß@é", "http://ü:********@é"),
        ] {
            assert_eq!(mask_password(text), masked);
        }
        for before in ["http://", "", "https://a,http://", "http://a:80, ", "url: http://"] {
            for password in NASTY {
                let masked = mask_password(&format!("{before}me:{password}@x"));
                assert!(masked.ends_with(":********@x") && !masked.contains("pw"), "{before} {password}: {masked}");
            }
        }
        assert_eq!(format!("{:?}", HttpUrl::from_text("http://me:pw@x").unwrap()), r#""http://me:********@x""#);
    }
}
