use netring_daemon::{
    config::{FromText, TextError},
    serde_as_text,
};
use netring_probes::ExpectedStatuses;
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use std::fmt;

/// HTTP statuses that are a good answer: `2xx`, `204` or `200-399`, at least one of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct StatusList(Vec<Statuses>);

/// One item of the list, as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Statuses(String);

impl StatusList {
    fn new(items: Vec<Statuses>) -> Result<Self, TextError> {
        if items.is_empty() {
            return Err(TextError::new("expected at least one status, such as 2xx"));
        }
        Ok(Self(items))
    }

    /// The same for a prober.
    pub(crate) fn expected(&self) -> ExpectedStatuses {
        self.to_string().parse().expect("each item was read by the same rule")
    }
}

impl FromText for Statuses {
    fn from_text(text: &str) -> Result<Self, TextError> {
        let text = text.trim();
        if !is_statuses(text) {
            return Err(TextError::new(format!(
                "expected statuses from 100 to 599, such as 204, 2xx or 200-399, not {text:?}"
            )));
        }
        Ok(Self(text.to_owned()))
    }
}

/// One item: the list itself takes the commas away.
fn is_statuses(text: &str) -> bool {
    !text.contains(',') && text.parse::<ExpectedStatuses>().is_ok()
}

impl Default for StatusList {
    fn default() -> Self {
        Self(vec![Statuses("2xx".to_owned()), Statuses("3xx".to_owned())])
    }
}

impl fmt::Display for Statuses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

serde_as_text!(Statuses);

/// With commas between.
impl fmt::Display for StatusList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, item) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{item}")?;
        }
        Ok(())
    }
}

impl FromText for StatusList {
    fn from_text(text: &str) -> Result<Self, TextError> {
        Self::new(Vec::from_text(text)?)
    }
}

impl<'de> Deserialize<'de> for StatusList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Vec::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
