use std::{fmt, str::FromStr};

/// Whether the request goes over plain TCP or over TLS. Written `http` and `https`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Scheme {
    /// Plain TCP.
    #[default]
    Http,
    /// TLS over TCP.
    Https,
}

impl Scheme {
    /// The word that stands in a URL.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// The port that a `Host` header leaves out (RFC 9110, section 4.2).
    #[must_use]
    pub const fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Scheme {
    type Err = InvalidScheme;
    fn from_str(word: &str) -> Result<Self, InvalidScheme> {
        match word {
            "http" => Ok(Self::Http),
            "https" => Ok(Self::Https),
            _ => Err(InvalidScheme(word.to_owned())),
        }
    }
}

/// A word that is neither `http` nor `https`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the scheme must be http or https, not {0:?}")]
pub struct InvalidScheme(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_and_written() {
        for scheme in [Scheme::Http, Scheme::Https] {
            assert_eq!(scheme.to_string().parse(), Ok(scheme));
        }
        let error = "ftp".parse::<Scheme>().unwrap_err();
        assert_eq!(error.to_string(), "the scheme must be http or https, not \"ftp\"");
    }
}
