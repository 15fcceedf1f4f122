use super::invalid::{InvalidValue, check_text};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt, sync::Arc};

/// What is probed for: `tcp`, `http`, or a word of your own. It is the value of the label `check_type`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "http", schema(value_type = String))]
#[serde(try_from = "String")]
pub struct ProbeKind(Cow<'static, str>);

impl ProbeKind {
    /// A TCP connection is opened.
    pub const TCP: Self = Self(Cow::Borrowed("tcp"));
    /// An HTTP request is answered.
    pub const HTTP: Self = Self(Cow::Borrowed("http"));

    /// Packets are sent to the target's UDP echo, and come back.
    pub const UDP: Self = Self(Cow::Borrowed("udp"));
    /// ICMP echo requests are answered.
    pub const ICMP: Self = Self(Cow::Borrowed("icmp"));
    /// The throughput of a TCP connection is measured.
    pub const BANDWIDTH: Self = Self(Cow::Borrowed("bandwidth"));
    /// The routers on the way answer, one by one.
    pub const TRACEROUTE: Self = Self(Cow::Borrowed("traceroute"));

    const KNOWN: [Self; 6] = [Self::TCP, Self::HTTP, Self::UDP, Self::ICMP, Self::BANDWIDTH, Self::TRACEROUTE];

    /// A kind of your own: a lower-case word of at most 32 characters from `a-z`, `0-9` and `_` that starts with a letter.
    ///
    /// # Errors
    /// Where `word` is not such a word.
    pub fn new(word: impl Into<Cow<'static, str>>) -> Result<Self, InvalidValue> {
        let word = word.into();
        let good = word.len() <= 32
            && word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if good {
            // Reports name the same few kinds a million times: those need no memory of their own.
            Ok(Self::KNOWN.into_iter().find(|known| known.0 == word).unwrap_or(Self(word)))
        } else {
            Err(InvalidValue::new("kind", "must be a word of at most 32 characters from a-z, 0-9 and _"))
        }
    }

    /// The word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ProbeKind {
    type Error = InvalidValue;
    fn try_from(word: String) -> Result<Self, InvalidValue> {
        Self::new(word)
    }
}

impl fmt::Display for ProbeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The path, with its query if any, that an HTTP probe asks for: `/health`. At most 512 bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "http", schema(value_type = String))]
#[serde(try_from = "String")]
pub struct Endpoint(Arc<str>);

impl Endpoint {
    /// Most bytes that are taken.
    pub const MAX_BYTES: usize = 512;

    /// Checks `path` and takes it.
    ///
    /// # Errors
    /// Where it does not start with `/`, is too long, or has characters that a request line cannot carry.
    pub fn new(path: impl AsRef<str>) -> Result<Self, InvalidValue> {
        let path = path.as_ref();
        check_text("endpoint", path, Self::MAX_BYTES)?;
        if !path.starts_with('/') {
            return Err(InvalidValue::new("endpoint", format!("must start with /, not {path:?}")));
        }
        if let Some(c) = path.chars().find(|c| !c.is_ascii_graphic() || matches!(c, '"' | '<' | '>' | '#')) {
            return Err(InvalidValue::new(
                "endpoint",
                format!("must be a path as in a URL, {c:?} has to be percent-encoded"),
            ));
        }
        Ok(Self(Arc::from(path)))
    }

    /// The path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Endpoint {
    type Error = InvalidValue;
    fn try_from(path: String) -> Result<Self, InvalidValue> {
        Self::new(path)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_words() {
        for word in ["tcp", "http", "grpc_health", "h2"] {
            assert_eq!(ProbeKind::new(word).unwrap().as_str(), word);
        }
        for word in ["", "TCP", "2h", "a-b", "a b", &"x".repeat(33)] {
            assert!(ProbeKind::new(word.to_owned()).is_err(), "{word:?}");
        }
    }

    #[test]
    fn endpoints_are_paths() {
        for path in ["/", "/health", "/a?b=c&d=%20"] {
            assert_eq!(Endpoint::new(path).unwrap().as_str(), path);
        }
        for path in ["", "health", "/a b", "/a\r\nHost: x", "/é", "/#x", "http://x/"] {
            assert!(Endpoint::new(path).is_err(), "{path:?}");
        }
    }
}
