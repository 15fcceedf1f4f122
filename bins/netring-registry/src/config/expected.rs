//! Which members should be there: the keys that name the file, and the file.

mod grace;

use grace::Grace;
use netring_core::{
    Location,
    analysis::{Criticality, ExpectedLocation, ExpectedMembers, ExpectedSettings},
};
use netring_daemon::config::{FromText, Period, TextError, Whole, document, or_default, text, text_option};
use serde::{Deserialize, Deserializer, Serialize, de::IgnoredAny};
use std::{collections::BTreeMap, path::PathBuf, time::Duration};

/// Where it is said which members should be there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ExpectedConfig {
    /// The file; where it is relative, so to the working directory.
    #[serde(deserialize_with = "text")]
    pub(crate) config_file: PathBuf,
    /// Whether the file is read, and anybody is missing.
    #[serde(deserialize_with = "text")]
    pub(crate) enable_missing_detection: bool,
    /// How often the members are counted, where the file does not say.
    pub(crate) missing_check_interval: Period,
}

impl Default for ExpectedConfig {
    fn default() -> Self {
        Self {
            config_file: "config/expected-members.yaml".into(),
            enable_missing_detection: false,
            missing_check_interval: Period::from_secs(60),
        }
    }
}

impl ExpectedConfig {
    /// Which members should be there, where somebody wants that to be looked at.
    ///
    /// # Errors
    /// The path of the key, and what is wrong with the file and where.
    pub(crate) fn members(&self) -> Result<Option<ExpectedMembers>, (&'static str, TextError)> {
        if !self.enable_missing_detection {
            return Ok(None);
        }
        let document: Document =
            document(&self.config_file).map_err(|problem| ("registry.expected_members.config_file", problem))?;
        Ok(Some(document.expected_members.members(self.missing_check_interval)))
    }
}

/// The whole file, as 1.x has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    expected_members: Expected,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    #[serde(deserialize_with = "or_default")]
    locations: BTreeMap<Name, Entry>,
    #[serde(default, deserialize_with = "or_default")]
    settings: Settings,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    expected_count: Whole<0, 1_000_000>,
    #[serde(default, deserialize_with = "text")]
    criticality: Level,
    #[serde(default = "default_grace", deserialize_with = "text")]
    grace_period: Grace,
    #[serde(default, deserialize_with = "text")]
    description: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    check_interval: Option<Period>,
    /// Without effect: a location that is in the file is expected at once.
    #[serde(rename = "location_establishment_time", deserialize_with = "text_option")]
    _location_establishment_time: Option<Grace>,
    #[serde(deserialize_with = "or_default")]
    alerts: Thresholds,
    #[serde(rename = "ui", deserialize_with = "or_default")]
    _ui: Ui,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Thresholds {
    critical_missing_threshold: Threshold,
    total_missing_threshold: Threshold,
}

/// How many missing members are too many.
type Threshold = Whole<1, 1_000_000>;

/// How a page of 1.x showed it. Without effect here.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Ui {
    #[serde(rename = "show_missing_grace_period")]
    _show_missing_grace_period: IgnoredAny,
    #[serde(rename = "missing_member_highlight")]
    _missing_member_highlight: IgnoredAny,
    #[serde(rename = "expected_vs_actual_display")]
    _expected_vs_actual_display: IgnoredAny,
}

impl Default for Thresholds {
    fn default() -> Self {
        let settings = ExpectedSettings::default();
        Self {
            critical_missing_threshold: Whole::new(settings.critical_missing_threshold),
            total_missing_threshold: Whole::new(settings.total_missing_threshold),
        }
    }
}

const fn default_grace() -> Grace {
    Grace(Duration::from_secs(300))
}

impl Expected {
    fn members(self, check_interval: Period) -> ExpectedMembers {
        let Thresholds { critical_missing_threshold, total_missing_threshold } = self.settings.alerts;
        let location = |(Name(name), entry): (Name, Entry)| {
            let expected = ExpectedLocation {
                expected_count: entry.expected_count.get(),
                criticality: entry.criticality.0,
                grace_period: entry.grace_period.0,
                description: entry.description,
            };
            (name, expected)
        };
        ExpectedMembers {
            locations: self.locations.into_iter().map(location).collect(),
            settings: ExpectedSettings {
                check_interval: self.settings.check_interval.unwrap_or(check_interval).get(),
                critical_missing_threshold: critical_missing_threshold.get(),
                total_missing_threshold: total_missing_threshold.get(),
            },
        }
    }
}

/// The name of a location, also where YAML takes it for something else: `123`, `true`.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Name(Location);

impl FromText for Name {
    fn from_text(text: &str) -> Result<Self, TextError> {
        Location::from_text(text).map(Self)
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text(deserializer)
    }
}

/// A criticality, in any case.
#[derive(Debug, Default)]
struct Level(Criticality);

impl FromText for Level {
    fn from_text(text: &str) -> Result<Self, TextError> {
        let word = text.trim().to_ascii_lowercase();
        let known = Criticality::ALL.into_iter().find(|criticality| criticality.as_str() == word);
        known.map(Self).ok_or_else(|| TextError::new("expected high, medium or low"))
    }
}
