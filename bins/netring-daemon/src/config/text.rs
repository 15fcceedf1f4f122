use serde::{
    Deserialize, Deserializer,
    de::{Error, Visitor},
};
use std::{borrow::Cow, fmt, marker::PhantomData, net::IpAddr, path::PathBuf};

/// Why a text is no value of some type: `expected an IP address such as 10.1.2.3`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TextError(Cow<'static, str>);

impl TextError {
    /// An error that says `problem`, which does not repeat the text: whoever shows the error shows the text as well.
    pub fn new(problem: impl Into<Cow<'static, str>>) -> Self {
        Self(problem.into())
    }
}

/// A value that can be written as one text, and that reads the same in a file, in a variable and behind a flag.
pub trait FromText: Sized {
    /// Reads `text`.
    ///
    /// # Errors
    /// Where it is no value of this type: what was expected.
    fn from_text(text: &str) -> Result<Self, TextError>;
}

macro_rules! whole_numbers {
    ($($number:ty),*) => {$(
        impl FromText for $number {
            fn from_text(text: &str) -> Result<Self, TextError> {
                text.trim().parse().map_err(|_| {
                    TextError::new(format!("expected a whole number from {} to {}", Self::MIN, Self::MAX))
                })
            }
        }
    )*};
}
whole_numbers!(u16, u32);

impl FromText for bool {
    fn from_text(text: &str) -> Result<Self, TextError> {
        match text.trim() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(TextError::new("expected true or false")),
        }
    }
}

impl FromText for IpAddr {
    fn from_text(text: &str) -> Result<Self, TextError> {
        text.trim().parse().map_err(|_| TextError::new("expected an IP address such as 10.1.2.3 or 2001:db8::1"))
    }
}

impl FromText for String {
    fn from_text(text: &str) -> Result<Self, TextError> {
        Ok(text.to_owned())
    }
}

impl FromText for PathBuf {
    fn from_text(text: &str) -> Result<Self, TextError> {
        if text.trim().is_empty() {
            return Err(TextError::new("expected a path such as /var/lib/netring"));
        }
        Ok(text.into())
    }
}

macro_rules! model_text {
    ($($name:ty),*) => {$(
        impl FromText for $name {
            fn from_text(text: &str) -> Result<Self, TextError> {
                Self::new(text).map_err(|error| TextError::new(error.to_string()))
            }
        }
    )*};
}
model_text!(netring_core::InstanceId, netring_core::Location, netring_core::Endpoint);

/// A list is written with commas (`/health,/metrics`), or as JSON where an element has a comma of its own.
impl<T: FromText> FromText for Vec<T> {
    fn from_text(text: &str) -> Result<Self, TextError> {
        let text = text.trim();
        if text.starts_with('[') {
            let list: Vec<String> = serde_json::from_str(text)
                .map_err(|_| TextError::new("expected a JSON list of texts, or a list with commas"))?;
            return list.iter().map(|element| T::from_text(element)).collect();
        }
        text.split(',').map(str::trim).filter(|element| !element.is_empty()).map(T::from_text).collect()
    }
}

/// For `#[serde(deserialize_with)]`: reads a number, a word or a text by [`FromText`], so that a file's mistakes are told in
/// the same words as a variable's.
///
/// # Errors
/// Where the value is neither number nor text, or no value of the type.
pub fn text<'de, T: FromText, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    struct Scalar<T>(PhantomData<T>);

    impl<T: FromText> Visitor<'_> for Scalar<T> {
        type Value = T;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a single value")
        }
        fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
            T::from_text(text).map_err(E::custom)
        }
        fn visit_bool<E: Error>(self, yes: bool) -> Result<T, E> {
            self.visit_str(if yes { "true" } else { "false" })
        }
        fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
            self.visit_str(&number.to_string())
        }
        fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
            self.visit_str(&number.to_string())
        }
        fn visit_f64<E: Error>(self, number: f64) -> Result<T, E> {
            self.visit_str(&number.to_string())
        }
    }

    deserializer.deserialize_str(Scalar(PhantomData))
}

/// As [`text`], for a key that may be `null`.
///
/// # Errors
/// As [`text`].
pub fn text_option<'de, T: FromText, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    struct Text<T>(T);

    impl<'de, T: FromText> Deserialize<'de> for Text<T> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            text(deserializer).map(Self)
        }
    }

    Ok(Option::<Text<T>>::deserialize(deserializer)?.map(|Text(value)| value))
}

/// For `#[serde(deserialize_with)]`: null is the type's default. So a block whose keys are all commented out is the block of
/// defaults.
///
/// # Errors
/// Where the value is neither null nor taken.
pub fn or_default<'de, T: Deserialize<'de> + Default, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Implements `Serialize` by `Display` and `Deserialize` by [`FromText`], so that a value is written as it is read.
#[macro_export]
macro_rules! serde_as_text {
    ($($name:ty),* $(,)?) => {$(
        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::core::result::Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::core::result::Result<Self, D::Error> {
                $crate::config::text(deserializer)
            }
        }
    )*};
}

#[cfg(test)]
mod tests {
    use super::*;
    use netring_core::Endpoint;

    #[test]
    fn lists_have_commas_or_are_json() {
        for text in ["/a,/b", " /a , /b ,", r#"["/a", "/b"]"#] {
            let list = Vec::<Endpoint>::from_text(text).unwrap();
            assert_eq!(list.iter().map(Endpoint::as_str).collect::<Vec<_>>(), ["/a", "/b"], "{text}");
        }
        assert_eq!(Vec::<Endpoint>::from_text("[]"), Ok(vec![]));
        for (text, said) in [
            ("/a,b", r#"endpoint must start with /, not "b""#),
            ("[\"/a\"", "expected a JSON list of texts, or a list with commas"),
            ("[1]", "expected a JSON list of texts, or a list with commas"),
        ] {
            assert_eq!(Vec::<Endpoint>::from_text(text).unwrap_err().to_string(), said, "{text}");
        }
    }

    #[test]
    fn numbers_say_their_range() {
        assert_eq!(u16::from_text(" 8757\n"), Ok(8757));
        for text in ["", "-1", "65536", "1.5", "abc", "0x10"] {
            let error = u16::from_text(text).unwrap_err();
            assert_eq!(error.to_string(), "expected a whole number from 0 to 65535", "{text:?}");
        }
    }
}
