use super::InvalidValue;
use serde::{Deserialize, Serialize};
use std::{
    fmt,
    ops::{Add, Sub},
    time::{Duration, SystemTime},
};

/// A point in time: microseconds since the Unix epoch. Written in JSON as seconds with a fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "http", schema(value_type = f64))]
#[serde(try_from = "f64", into = "f64")]
pub struct Timestamp(u64);

impl Timestamp {
    /// The last second that is taken: the end of the year 9999.
    const MAX_SECONDS: f64 = 253_402_300_799.0;

    /// A point in time `seconds` after the Unix epoch.
    #[must_use]
    pub const fn from_unix_seconds(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// A point in time `micros` microseconds after the Unix epoch.
    #[must_use]
    pub const fn from_unix_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// Microseconds since the Unix epoch.
    #[must_use]
    pub const fn as_unix_micros(self) -> u64 {
        self.0
    }

    /// Whole seconds since the Unix epoch.
    #[must_use]
    pub const fn as_unix_seconds(self) -> u64 {
        self.0 / 1_000_000
    }

    /// Seconds since the Unix epoch, with a fraction.
    #[must_use]
    pub fn as_unix_seconds_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// How long before `self` the time `earlier` was; zero where it was not before.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        let since_epoch = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self(u64::try_from(since_epoch.as_micros()).unwrap_or(u64::MAX))
    }
}

impl TryFrom<f64> for Timestamp {
    type Error = InvalidValue;
    fn try_from(seconds: f64) -> Result<Self, InvalidValue> {
        if (0.0..=Self::MAX_SECONDS).contains(&seconds) {
            Ok(Self((seconds * 1e6).round() as u64))
        } else {
            Err(InvalidValue::new("time", format!("must be seconds since 1970, not {seconds}")))
        }
    }
}

impl From<Timestamp> for f64 {
    fn from(time: Timestamp) -> Self {
        time.as_unix_seconds_f64()
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;
    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;
    fn sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)))
    }
}

/// Tells what time it is.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// The time now.
    fn now(&self) -> Timestamp;
}

/// The clock of the system, which may be stepped by whoever keeps it right.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        SystemTime::now().into()
    }
}

/// Reads the system's clock once and goes on with tokio's timer, so that it stands still while a test has paused it.
#[derive(Debug, Clone, Copy)]
pub struct TokioClock {
    start: Timestamp,
    started: tokio::time::Instant,
}

impl TokioClock {
    /// A clock that begins at the time `start`.
    #[must_use]
    pub fn starting_at(start: Timestamp) -> Self {
        Self { start, started: tokio::time::Instant::now() }
    }
}

impl Default for TokioClock {
    fn default() -> Self {
        Self::starting_at(SystemClock.now())
    }
}

impl Clock for TokioClock {
    fn now(&self) -> Timestamp {
        self.start + self.started.elapsed()
    }
}

/// Durations in JSON: seconds with a fraction.
pub(crate) mod seconds {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use std::time::Duration;

    /// No duration on the wire is longer than this: ten years.
    const MAX: Duration = Duration::from_secs(10 * 365 * 86_400);

    pub(crate) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(duration.as_secs_f64())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        match Duration::try_from_secs_f64(seconds) {
            Ok(duration) if duration <= MAX => Ok(duration),
            _ => Err(D::Error::custom(format!("a duration is seconds, from 0 to ten years, not {seconds}"))),
        }
    }

    pub(crate) mod option {
        use super::{Deserialize, Deserializer, Duration, Serializer};

        #[derive(Deserialize)]
        struct Seconds(#[serde(with = "super")] Duration);

        pub(crate) fn serialize<S: Serializer>(duration: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
            match duration {
                Some(duration) => super::serialize(duration, serializer),
                None => serializer.serialize_none(),
            }
        }

        pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
            Ok(Option::<Seconds>::deserialize(deserializer)?.map(|Seconds(duration)| duration))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_with_a_fraction_go_there_and_back() {
        let time = Timestamp::try_from(1_629_123_456.789_012).unwrap();
        assert_eq!(time.as_unix_seconds(), 1_629_123_456);
        assert_eq!(serde_json::to_string(&time).unwrap(), "1629123456.789012");
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for seconds in [f64::NAN, f64::INFINITY, -1.0, 1e18] {
            assert!(Timestamp::try_from(seconds).is_err(), "{seconds}");
        }
    }

    #[test]
    fn a_clock_that_was_stepped_back_gives_no_negative_age() {
        let then = Timestamp::from_unix_seconds(100);
        assert_eq!((then - Duration::from_secs(7)).since(then), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn the_tokio_clock_moves_with_paused_time() {
        let clock = TokioClock::starting_at(Timestamp::from_unix_seconds(10));
        tokio::time::advance(Duration::from_secs(5)).await;
        assert_eq!(clock.now(), Timestamp::from_unix_seconds(15));
    }
}
