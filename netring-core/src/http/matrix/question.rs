use super::super::json::Failure;
use crate::{
    analysis::{GridValue, MatrixFilter, State},
    model::{InstanceId, Location, ProbeKind},
};
use serde::{
    Deserialize, Deserializer,
    de::{Error, IntoDeserializer, value},
};
use std::time::Duration;

/// Most words of a list.
const MAX_WORDS: usize = 16;

/// What is asked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Question {
    pub(super) shape: Shape,
    pub(super) filter: MatrixFilter,
}

/// What the answer is to look like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shape {
    /// Every pair of members.
    Pairs,
    /// Every pair of locations.
    Locations,
    /// Every pair of members in a dense form, with these numbers.
    Grid(Vec<GridValue>),
}

/// What a row stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum By {
    /// A member.
    #[default]
    Member,
    /// All members of a location.
    Location,
}

/// The parameters of `GET /api/v1/matrix`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct MatrixQuery {
    #[serde(default)]
    by: By,
    source: Option<InstanceId>,
    source_location: Option<Location>,
    target: Option<InstanceId>,
    target_location: Option<Location>,
    #[serde(default, deserialize_with = "words")]
    kind: Vec<ProbeKind>,
    #[serde(default, deserialize_with = "words")]
    state: Vec<State>,
    #[serde(default, deserialize_with = "milliseconds")]
    min_latency_ms: Option<Duration>,
    #[serde(default, deserialize_with = "milliseconds")]
    max_latency_ms: Option<Duration>,
}

impl MatrixQuery {
    pub(super) fn question(self) -> Result<Question, Failure> {
        if let (Some(min), Some(max)) = (self.min_latency_ms, self.max_latency_ms)
            && min > max
        {
            return Err(Failure::bad_request("the query: min_latency_ms must not be more than max_latency_ms"));
        }
        let filter = MatrixFilter {
            source: self.source,
            source_location: self.source_location,
            target: self.target,
            target_location: self.target_location,
            kinds: self.kind,
            states: self.state,
            min_latency: self.min_latency_ms,
            max_latency: self.max_latency_ms,
        };
        let shape = match self.by {
            By::Member => Shape::Pairs,
            By::Location => Shape::Locations,
        };
        Ok(Question { shape, filter })
    }
}

/// Words with commas between them. What is there twice counts once.
pub(super) fn words<'de, T: Deserialize<'de> + PartialEq, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let mut words = Vec::new();
    for word in text.split(',') {
        let word: Result<T, value::Error> = T::deserialize(word.to_owned().into_deserializer());
        let word = word.map_err(D::Error::custom)?;
        if !words.contains(&word) {
            words.push(word);
        }
        if words.len() > MAX_WORDS {
            return Err(D::Error::custom(format!("at most {MAX_WORDS} words")));
        }
    }
    Ok(words)
}

fn milliseconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let milliseconds = f64::deserialize(deserializer)?;
    match Duration::try_from_secs_f64(milliseconds / 1e3) {
        Ok(duration) => Ok(Some(duration)),
        Err(_) => Err(D::Error::custom(format!("must be milliseconds, 0 or more, not {milliseconds}"))),
    }
}
