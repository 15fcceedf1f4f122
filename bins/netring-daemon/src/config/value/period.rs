use crate::{
    config::{FromText, TextError},
    serde_as_text,
};
use std::{fmt, time::Duration};

/// How long something takes or how often it comes round: more than 0 and at most a day. Written as seconds (`60`,
/// `0.5`) or with units (`30s`, `1m 30s`, `500ms`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period(Duration);

impl Period {
    /// The longest one.
    pub const MAX: Duration = Duration::from_secs(86_400);

    /// A period of whole seconds, for tables of defaults.
    ///
    /// # Panics
    /// Where `seconds` is 0 or more than a day.
    #[must_use]
    pub const fn from_secs(seconds: u64) -> Self {
        assert!(seconds > 0 && seconds <= Self::MAX.as_secs(), "a period is more than 0 and at most a day");
        Self(Duration::from_secs(seconds))
    }

    /// A period of whole milliseconds, for tables of defaults.
    ///
    /// # Panics
    /// Where `millis` is 0 or more than a day.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        assert!(millis > 0 && millis <= Self::MAX.as_secs() * 1_000, "a period is more than 0 and at most a day");
        Self(Duration::from_millis(millis))
    }

    /// The duration.
    #[must_use]
    pub const fn get(self) -> Duration {
        self.0
    }
}

impl FromText for Period {
    fn from_text(text: &str) -> Result<Self, TextError> {
        let text = text.trim();
        let read = match text.parse::<f64>() {
            // A number that no duration can hold (negative, NaN, too large) is out of range, not unreadable.
            Ok(seconds) => Duration::try_from_secs_f64(seconds).unwrap_or(Duration::ZERO),
            Err(_) => humantime::parse_duration(text)
                .map_err(|_| TextError::new("expected seconds such as 60, or a duration such as 30s or 5m"))?,
        };
        if read.is_zero() || read > Self::MAX {
            return Err(TextError::new(
                "expected more than 0 and at most 1 day, in seconds such as 60, or as a duration such as 30s or 5m",
            ));
        }
        Ok(Self(read))
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanoseconds = self.0.as_nanos();
        for (unit, length) in [("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000)] {
            if nanoseconds.is_multiple_of(length) {
                return write!(f, "{}{unit}", nanoseconds / length);
            }
        }
        write!(f, "{nanoseconds}ns")
    }
}

serde_as_text!(Period);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn seconds_and_units_are_the_same_period() {
        for (text, milliseconds) in [
            ("60", 60_000),
            ("60.0", 60_000),
            ("0.5", 500),
            ("60s", 60_000),
            ("1m 30s", 90_000),
            ("1m30s", 90_000),
            ("500ms", 500),
            (" 5m\n", 300_000),
            ("1day", 86_400_000),
            ("86400", 86_400_000),
        ] {
            assert_eq!(Period::from_text(text), Ok(Period(Duration::from_millis(milliseconds))), "{text:?}");
        }
    }

    #[test]
    fn what_is_no_period_is_refused_with_both_forms() {
        for (text, said) in [
            ("abc", "expected seconds such as 60, or a duration such as 30s or 5m"),
            ("", "expected seconds such as 60, or a duration such as 30s or 5m"),
            ("30 parsecs", "expected seconds such as 60, or a duration such as 30s or 5m"),
            ("0", "expected more than 0 and at most 1 day"),
            ("0s", "expected more than 0 and at most 1 day"),
            ("-5", "expected more than 0 and at most 1 day"),
            ("NaN", "expected more than 0 and at most 1 day"),
            ("inf", "expected more than 0 and at most 1 day"),
            ("1e-12", "expected more than 0 and at most 1 day"),
            ("86400.5", "expected more than 0 and at most 1 day"),
            ("25h", "expected more than 0 and at most 1 day"),
        ] {
            let error = Period::from_text(text).unwrap_err().to_string();
            assert!(error.starts_with(said) && error.ends_with("a duration such as 30s or 5m"), "{text:?}: {error}");
        }
    }

    proptest! {
        #[test]
        fn a_period_is_read_back_from_what_it_writes(nanoseconds in 1_u64..=86_400_000_000_000) {
            let period = Period(Duration::from_nanos(nanoseconds));
            prop_assert_eq!(Period::from_text(&period.to_string()), Ok(period));
        }
    }
}
