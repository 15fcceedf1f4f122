use crate::{
    config::{FromText, TextError},
    serde_as_text,
};
use std::fmt;
use tracing_subscriber::EnvFilter;

/// What is logged: a level (`info`), or the directives of tracing's env-filter (`info,netring_core=debug`). The level
/// names of Python's logging, which the 1.x releases took, are taken in any case and turned into tracing's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFilter(String);

impl LogFilter {
    /// Directives that [`EnvFilter`] takes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The filter itself. The Redis client's own log is off unless a directive names it: it tells of each try to connect,
    /// and the registry tells when Redis goes and comes.
    #[must_use]
    pub fn env_filter(&self) -> EnvFilter {
        EnvFilter::new(format!("redis=off,{}", self.0))
    }
}

impl Default for LogFilter {
    fn default() -> Self {
        Self("info".to_owned())
    }
}

impl FromText for LogFilter {
    fn from_text(text: &str) -> Result<Self, TextError> {
        let text = text.trim();
        let level = match text.to_ascii_lowercase().as_str() {
            "off" => Some("off"),
            "trace" | "notset" => Some("trace"),
            "debug" => Some("debug"),
            "info" => Some("info"),
            "warn" | "warning" => Some("warn"),
            "error" | "critical" | "fatal" => Some("error"),
            _ => None,
        };
        if let Some(level) = level {
            return Ok(Self(level.to_owned()));
        }
        // A bare word is the name of a module to env-filter: a misspelt level would switch off every other log line.
        if text.contains('=') && EnvFilter::builder().parse(text).is_ok() {
            return Ok(Self(text.to_owned()));
        }
        Err(TextError::new(
            "expected trace, debug, info, warning, error or off, or directives such as info,netring_core=debug",
        ))
    }
}

impl fmt::Display for LogFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How a log line is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For machines: one JSON object a line.
    Json,
}

impl FromText for LogFormat {
    fn from_text(text: &str) -> Result<Self, TextError> {
        match text.trim().to_ascii_lowercase().as_str() {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(TextError::new("expected text or json")),
        }
    }
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Json => "json",
        })
    }
}

serde_as_text!(LogFilter, LogFormat);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_of_python_and_of_tracing_are_taken_in_any_case() {
        for (text, level) in [
            ("DEBUG", "debug"),
            ("Info", "info"),
            ("WARNING", "warn"),
            ("warn", "warn"),
            ("ERROR", "error"),
            ("CRITICAL", "error"),
            ("NOTSET", "trace"),
            (" off ", "off"),
            ("info,netring_core=debug", "info,netring_core=debug"),
            ("netring_core::member=trace", "netring_core::member=trace"),
        ] {
            let filter = LogFilter::from_text(text).unwrap();
            assert_eq!(filter.as_str(), level, "{text:?}");
            let _ = filter.env_filter();
        }
    }

    #[test]
    fn a_misspelt_level_is_refused() {
        for text in ["", "inof", "verbose", "info,debgu", "netring=loud", "a=[["] {
            let error = LogFilter::from_text(text).unwrap_err().to_string();
            assert!(error.starts_with("expected trace, debug, info"), "{text:?}: {error}");
        }
    }

    #[test]
    fn formats() {
        assert_eq!(LogFormat::from_text("JSON"), Ok(LogFormat::Json));
        assert_eq!(LogFormat::from_text("xml").unwrap_err().to_string(), "expected text or json");
    }
}
