use super::{
    json::{Failure, Json},
    query::Query,
};
use crate::{
    analysis::{Occurrence, RingEvent},
    model::{InstanceId, Location, Timestamp},
    registry::{MembersSnapshot, RegistryEngine, RegistryError},
    store::{MAX_EVENTS, StoreError},
    wire::EventsResponse,
};
use axum::extract::State;
use serde::Deserialize;
use std::sync::Arc;

/// What `GET /api/v1/events` may be asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    since: Option<Timestamp>,
    after: Option<u64>,
    location: Option<Location>,
    kind: Option<Kinds>,
    #[serde(default)]
    limit: Limit,
}

/// How many events are given at most.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "usize")]
struct Limit(usize);

impl Default for Limit {
    fn default() -> Self {
        Self(100)
    }
}

impl TryFrom<usize> for Limit {
    type Error = String;

    fn try_from(limit: usize) -> Result<Self, String> {
        const MOST: usize = 1_000;
        if (1..=MOST).contains(&limit) {
            Ok(Self(limit))
        } else {
            Err(format!("must be from 1 to {MOST}, not {limit}"))
        }
    }
}

/// Words of [`Occurrence::KINDS`], with commas between them; and that for changes of the matrix, which are no events.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Kinds(Vec<&'static str>);

impl Kinds {
    /// The word for changes of the matrix.
    pub(super) const MATRIX: &'static str = "matrix";

    pub(super) fn has(&self, kind: &str) -> bool {
        self.0.contains(&kind)
    }
}

impl TryFrom<String> for Kinds {
    type Error = String;

    fn try_from(words: String) -> Result<Self, String> {
        let known = || Occurrence::KINDS.into_iter().chain([Self::MATRIX]);
        let kind = |word: &str| {
            let shown: String = word.chars().take(64).collect();
            let unknown = || format!("must be of {}, not {shown:?}", known().collect::<Vec<_>>().join(", "));
            known().find(|known| *known == word).ok_or_else(unknown)
        };
        words.split(',').map(kind).collect::<Result<_, _>>().map(Self)
    }
}

/// Which events somebody wants to know of.
#[derive(Debug, Clone, Default)]
pub(super) struct Filter {
    pub(super) location: Option<Location>,
    pub(super) kinds: Option<Kinds>,
}

impl Filter {
    pub(super) fn wants(&self, what: &Occurrence, members: Option<&MembersSnapshot>) -> bool {
        self.kinds.as_ref().is_none_or(|kinds| kinds.has(what.kind()))
            && self
                .location
                .as_ref()
                .is_none_or(|location| what.concerns(location, |instance_id| locate(members?, instance_id)))
    }
}

/// Where a member stands.
pub(super) fn locate<'a>(members: &'a MembersSnapshot, instance_id: &InstanceId) -> Option<&'a Location> {
    let found = members.members.binary_search_by(|(member, _)| member.instance_id.cmp(instance_id)).ok()?;
    members.members.get(found).map(|(member, _)| &member.location)
}

/// Every event that is kept.
pub(super) async fn kept(registry: &RegistryEngine) -> Result<Vec<Arc<RingEvent>>, StoreError> {
    registry.journal().events(0, 2 * MAX_EVENTS).await
}

/// Answers `GET /api/v1/events`.
pub(super) async fn events(
    State(registry): State<RegistryEngine>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<EventsResponse>, Failure> {
    if wanted.kind.as_ref().is_some_and(|kinds| kinds.has(Kinds::MATRIX)) {
        return Err(Failure::bad_request("kind: changes of the matrix are no events; only the stream tells of them"));
    }
    let kept = kept(&registry).await.map_err(RegistryError::Store)?;
    let last_id = kept.last().map_or(0, |event| event.id);
    let filter = Filter { location: wanted.location, kinds: wanted.kind };
    // Without a list the faults that name only members are nowhere; most events say themselves where they are.
    let members = match filter.location {
        Some(_) => registry.listing().await.ok().map(|listing| listing.snapshot),
        None => None,
    };
    let newest = kept.iter().rev().filter(|event| {
        wanted.after.is_none_or(|after| event.id > after)
            && wanted.since.is_none_or(|since| event.at >= since)
            && filter.wants(&event.what, members.as_deref())
    });
    let mut events: Vec<RingEvent> = newest.take(wanted.limit.0).map(|event| (**event).clone()).collect();
    events.reverse();
    Ok(Json(EventsResponse { events, last_id }))
}
