use netring_daemon::config::{FromText, TextError};
use std::time::Duration;

/// How long something may last before anybody is told: no time at all, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Grace(pub(super) Duration);

impl Grace {
    /// The longest one. Who is gone for longer is not coming back.
    const MAX: Duration = Duration::from_secs(30 * 86_400);
}

impl FromText for Grace {
    fn from_text(text: &str) -> Result<Self, TextError> {
        let text = text.trim();
        let read = match text.parse::<f64>() {
            Ok(seconds) => Duration::try_from_secs_f64(seconds).ok(),
            Err(_) => Some(
                humantime::parse_duration(text)
                    .map_err(|_| TextError::new("expected seconds such as 300, or a duration such as 30s or 5m"))?,
            ),
        };
        read.filter(|&read| read <= Self::MAX).map(Self).ok_or_else(|| {
            TextError::new("expected 0 to 30 days, in seconds such as 300, or as a duration such as 30s or 5m")
        })
    }
}
