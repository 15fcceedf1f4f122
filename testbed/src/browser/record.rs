use serde_json::Value;
use thirtyfour::BrowserLogEntry;

/// What the page, or the browser about it, said on the console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// `SEVERE`, `WARNING`, `INFO`, `DEBUG`.
    pub level: String,
    /// The address, the line and the column, and what was said.
    pub message: String,
}

/// A request of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// `GET`, or what it was.
    pub method: String,
    /// The whole address.
    pub url: String,
}

impl Said {
    pub(super) fn from_entry(entry: BrowserLogEntry) -> Self {
        Self { level: entry.level, message: entry.message }
    }

    /// Whether it is an error or a warning.
    #[must_use]
    pub fn is_bad(&self) -> bool {
        matches!(self.level.as_str(), "SEVERE" | "WARNING")
    }
}

impl Asked {
    /// The request that `entry` tells of, where it does.
    pub(super) fn from_entry(entry: &BrowserLogEntry) -> Option<Self> {
        let event: Value = serde_json::from_str(&entry.message).ok()?;
        let event = &event["message"];
        let text = |value: &Value| value.as_str().map(str::to_owned);
        match event["method"].as_str()? {
            "Network.requestWillBeSent" => {
                let request = &event["params"]["request"];
                Some(Self { method: text(&request["method"])?, url: text(&request["url"])? })
            }
            "Network.webSocketCreated" => Some(Self { method: "GET".to_owned(), url: text(&event["params"]["url"])? }),
            _ => None,
        }
    }

    /// Whether it went to `origin`, or to nobody: what the page made itself needs no network.
    pub(super) fn stays_at(&self, origin: &str) -> bool {
        let own = self.url.strip_prefix(origin).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        own || ["data:", "blob:"].iter().any(|scheme| self.url.starts_with(scheme))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(message: &str) -> BrowserLogEntry {
        BrowserLogEntry { level: "INFO".to_owned(), message: message.to_owned(), timestamp: 0, source: None }
    }

    #[test]
    fn a_request_is_read_from_the_log() {
        let sent = r#"{"message":{"method":"Network.requestWillBeSent","params":{"request":{"method":"GET","url":"http://x/"}}}}"#;
        let request = Asked { method: "GET".to_owned(), url: "http://x/".to_owned() };
        assert_eq!(Asked::from_entry(&entry(sent)), Some(request));
        for other in ["", "{}", r#"{"message":{"method":"Network.dataReceived"}}"#] {
            assert_eq!(Asked::from_entry(&entry(other)), None, "{other}");
        }
    }

    #[test]
    fn another_origin_is_known() {
        let stays = |url: &str| Asked { method: String::new(), url: url.to_owned() }.stays_at("http://127.0.0.1:80");
        for url in ["http://127.0.0.1:80", "http://127.0.0.1:80/x", "data:,", "blob:http://x"] {
            assert!(stays(url), "{url}");
        }
        for url in [
            "http://127.0.0.1:8080/",
            "https://127.0.0.1:80/",
            "http://127.0.0.1:80.example.com/",
            "ws://127.0.0.1:80/",
        ] {
            assert!(!stays(url), "{url}");
        }
    }
}
