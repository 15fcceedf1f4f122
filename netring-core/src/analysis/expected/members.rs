use crate::model::Location;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt, time::Duration};

/// Which members should be in a ring.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExpectedMembers {
    /// Each location by its name, which a member's has to be the same as to the letter. One that is not here is unexpected.
    pub locations: BTreeMap<Location, ExpectedLocation>,
    /// What holds for all of them.
    pub settings: ExpectedSettings,
}

impl ExpectedMembers {
    /// How many members should be there at all locations together.
    #[must_use]
    pub fn expected_count(&self) -> u32 {
        self.locations.values().fold(0, |sum, location| sum.saturating_add(location.expected_count))
    }
}

/// What is expected of a location.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExpectedLocation {
    /// How many members should be there. Where it is 0, none is missing and none is unexpected.
    pub expected_count: u32,
    /// How bad it is where some are missing.
    pub criticality: Criticality,
    /// For how long some may be missing before anybody is told.
    pub grace_period: Duration,
    /// What the location is, in words for people.
    pub description: String,
}

/// What holds for all expected locations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExpectedSettings {
    /// How often the members are counted.
    pub check_interval: Duration,
    /// There is an alert where so many members are missing at locations of high criticality …
    pub critical_missing_threshold: u32,
    /// … and where so many are missing altogether.
    pub total_missing_threshold: u32,
}

impl Default for ExpectedSettings {
    fn default() -> Self {
        Self { check_interval: Duration::from_secs(60), critical_missing_threshold: 1, total_missing_threshold: 3 }
    }
}

/// How bad it is where a member is missing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Criticality {
    /// It can wait.
    Low,
    /// Somebody should look.
    #[default]
    Medium,
    /// Somebody has to look.
    High,
}

impl Criticality {
    /// Every criticality, from the worst on.
    pub const ALL: [Self; 3] = [Self::High, Self::Medium, Self::Low];

    /// The word that JSON, metrics and the page have for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

impl fmt::Display for Criticality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
