use super::invalid::{InvalidValue, check_text};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr, sync::Arc};

/// Defines a text newtype that is checked when it is made, cheap to clone, and written as a plain string.
macro_rules! text {
    ($(#[$docs:meta])* $name:ident, $what:literal, $max_bytes:literal) => {
        $(#[$docs])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
        #[cfg_attr(feature = "http", schema(value_type = String))]
        #[serde(try_from = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// Most bytes of UTF-8 that are taken.
            pub const MAX_BYTES: usize = $max_bytes;

            /// Checks `text` and takes it.
            ///
            /// # Errors
            /// Where it is empty or blank, longer than [`Self::MAX_BYTES`], or has control characters.
            pub fn new(text: impl AsRef<str>) -> Result<Self, InvalidValue> {
                let text = text.as_ref();
                check_text($what, text, Self::MAX_BYTES)?;
                Ok(Self(Arc::from(text)))
            }

            /// The text itself.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidValue;
            fn try_from(text: String) -> Result<Self, InvalidValue> {
                Self::new(text)
            }
        }

        impl FromStr for $name {
            type Err = InvalidValue;
            fn from_str(text: &str) -> Result<Self, InvalidValue> {
                Self::new(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    };
}

text! {
    /// Names one member for as long as it lives; at most 128 bytes, no control characters.
    InstanceId, "instance_id", 128
}

text! {
    /// The site that a member stands in; at most 128 bytes, no control characters.
    Location, "location", 128
}

text! {
    /// A DNS name; at most 253 bytes, no control characters. Whether it resolves is seen when it is probed.
    HostName, "host", 253
}

impl InstanceId {
    /// A new random id: a UUID of version 4 (RFC 9562).
    #[must_use]
    pub fn random() -> Self {
        Self(Arc::from(uuid::Uuid::new_v4().to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_is_refused_says_why() {
        let long = "x".repeat(129);
        for (text, said) in [
            ("", "location must not be empty"),
            ("   ", "location must not be empty"),
            (long.as_str(), "location must have at most 128 bytes, this one has 129"),
            ("eu\n1", "location must have no control characters, this one has U+000A"),
            ("eu\u{0}", "location must have no control characters, this one has U+0000"),
            ("eu\u{202e}1", "location must have no control characters, this one has U+202E"),
        ] {
            assert_eq!(Location::new(text).unwrap_err().to_string(), said, "for {text:?}");
        }
    }

    #[test]
    fn text_that_is_taken_is_kept_to_the_letter() {
        for text in ["us1-k8s", "Zürich", "東京 2", "<b>", "a\"b\\c", &"x".repeat(128)] {
            assert_eq!(InstanceId::new(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn random_ids_differ() {
        assert_ne!(InstanceId::random(), InstanceId::random());
    }
}
