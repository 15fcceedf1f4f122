use crate::model::InvalidValue;
use std::fmt;

/// Under what a [`Journal`](super::Journal) keeps how far its events were handled: 1 to 64 characters from `a-z`, `0-9`, `_`
/// and `-`, so that a store can use it in a key as it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CursorName(String);

impl CursorName {
    /// Most characters that are taken.
    pub const MAX_LEN: usize = 64;

    /// Checks `name` and takes it.
    ///
    /// # Errors
    /// Where it is empty, too long, or has other characters.
    pub fn new(name: impl Into<String>) -> Result<Self, InvalidValue> {
        let name = name.into();
        let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-');
        if (1..=Self::MAX_LEN).contains(&name.len()) && name.bytes().all(good) {
            Ok(Self(name))
        } else {
            Err(InvalidValue::new("cursor", "must be a name of 1 to 64 characters from a-z, 0-9, _ and -"))
        }
    }

    /// The name itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CursorName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_plain() {
        for good in ["a", "webhook-0a1b_2", &"x".repeat(64)] {
            assert_eq!(CursorName::new(good).unwrap().as_str(), good);
        }
        for bad in ["", "A", "a b", "a:b", "{a}", "\u{e4}", &"x".repeat(65)] {
            assert!(CursorName::new(bad).is_err(), "{bad:?}");
        }
    }
}
