use crate::config::{FromText, TextError, text};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A part of a whole: a number from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Ratio(f64);

impl Ratio {
    /// The ratio `ratio`, for tables of defaults.
    ///
    /// # Panics
    /// Where it is not from 0 to 1.
    #[must_use]
    pub const fn new(ratio: f64) -> Self {
        assert!(ratio >= 0.0 && ratio <= 1.0, "a ratio is from 0 to 1");
        Self(ratio)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl FromText for Ratio {
    fn from_text(text: &str) -> Result<Self, TextError> {
        match text.trim().parse() {
            Ok(ratio) if (0.0..=1.0).contains(&ratio) => Ok(Self(ratio)),
            _ => Err(TextError::new("expected a number from 0 to 1, such as 0.25")),
        }
    }
}

impl Serialize for Ratio {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0)
    }
}

impl<'de> Deserialize<'de> for Ratio {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_are_taken_and_nothing_beyond() {
        for (text, ratio) in [("0", 0.0), ("1", 1.0), (" 0.25 ", 0.25), ("5e-2", 0.05)] {
            assert_eq!(Ratio::from_text(text), Ok(Ratio(ratio)), "{text:?}");
        }
        for text in ["-0.1", "1.01", "25", "25%", "NaN", "inf", ""] {
            let error = Ratio::from_text(text).unwrap_err();
            assert_eq!(error.to_string(), "expected a number from 0 to 1, such as 0.25", "{text:?}");
        }
    }
}
