use netring_probes::BurstSettings;
use std::{ops::RangeInclusive, time::Duration};

/// Reads `30s`, `2m 30s`, or seconds as a number.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let duration = match text.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())?,
        Err(_) => humantime::parse_duration(text).map_err(|error| format!("{error}; write 30s, 2m or 1.5"))?,
    };
    if duration.is_zero() { Err("it must be more than zero".to_owned()) } else { Ok(duration) }
}

pub(super) fn interval(text: &str) -> Result<Duration, String> {
    within(text, Duration::from_millis(100)..=Duration::from_secs(60))
}

pub(super) fn timeout(text: &str) -> Result<Duration, String> {
    within(text, Duration::from_millis(1)..=Duration::from_secs(60))
}

pub(super) fn spacing(text: &str) -> Result<Duration, String> {
    within(text, BurstSettings::MIN_SPACING..=BurstSettings::MAX_SPACING)
}

pub(super) fn max_duration(text: &str) -> Result<Duration, String> {
    within(text, Duration::from_millis(100)..=Duration::from_secs(600))
}

fn within(text: &str, bounds: RangeInclusive<Duration>) -> Result<Duration, String> {
    let duration = duration(text)?;
    if bounds.contains(&duration) {
        return Ok(duration);
    }
    let [least, most] = [bounds.start(), bounds.end()].map(|bound| humantime::format_duration(*bound));
    Err(format!("it must be from {least} to {most}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read() {
        for (text, expected) in [("30s", 30_000), ("2m 1s", 121_000), ("1.5", 1_500), ("200ms", 200)] {
            assert_eq!(duration(text), Ok(Duration::from_millis(expected)), "{text}");
        }
        for text in ["", "soon", "-1", "0", "0s", "nan", "1e300"] {
            assert!(duration(text).is_err(), "{text:?}");
        }
        assert!(interval("2m").is_err() && interval("100ms").is_ok());
        assert_eq!(interval("50ms"), Err("it must be from 100ms to 1m".to_owned()));
    }
}
