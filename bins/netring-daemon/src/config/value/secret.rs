use crate::config::{FromText, TextError, text};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What stands in place of a secret.
pub(in crate::config) const MASK: &str = "********";

/// A password or token. `Debug` and `Serialize` write a mask in its place, whatever they write to; the memory is
/// cleared when it is dropped.
#[derive(Debug, Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// The text itself, to be handed to whoever has to be convinced.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// Equality is for tests; it takes a time that tells how much of two secrets agrees.
impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for Secret {}

impl FromText for Secret {
    fn from_text(text: &str) -> Result<Self, TextError> {
        Ok(Self(SecretString::from(text)))
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(MASK)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_written_has_the_secret() {
        let secret = Secret::from_text("hunter2").unwrap();
        assert_eq!(secret.expose(), "hunter2");
        assert_eq!(serde_json::to_string(&secret).unwrap(), r#""********""#);
        assert!(!format!("{secret:?}").contains("hunter2"));
    }
}
