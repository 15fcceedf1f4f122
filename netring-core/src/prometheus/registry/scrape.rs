use super::{
    input::{LocationPairMetrics, PairCounts, PairMetrics, RegistryMetrics, Spread},
    text::registry_metrics,
};
use crate::{
    analysis::{LocationPair, Matrix, MatrixFilter, Rollup},
    model::{InstanceId, Location},
    registry::{MembersSnapshot, RegistryEngine, RegistryError, View},
};
use std::{collections::HashMap, time::Duration};

/// All that `registry` knows of its ring, as Prometheus text; with `pairs` each pair of members has series of its own. Where
/// the store is out of reach it is what was known last, without what would have to be read.
pub async fn scrape(registry: &RegistryEngine, pairs: bool) -> String {
    let view = registry.view().await.ok();
    let rollup = registry.rollup(MatrixFilter::default()).await;
    // Refused where the ring is too large for it, as the document says.
    let matrix = if pairs { Some(registry.matrix().await) } else { None };
    let location_pairs_left_out = too_many(&rollup).unwrap_or(0);
    let pairs_left_out = matrix.as_ref().and_then(too_many);
    let (rollup, matrix) = (rollup.ok(), matrix.and_then(Result::ok));
    let left_out = (location_pairs_left_out, pairs_left_out);
    let registry = registry.clone();
    // It is work for some milliseconds and, where the ring is large, for a second; others are to be answered meanwhile.
    let written = tokio::task::spawn_blocking(move || {
        write(&registry, view.as_deref(), rollup.as_ref(), matrix.as_ref(), left_out)
    });
    written.await.unwrap_or_else(|error| {
        tracing::error!(%error, "the metrics cannot be written");
        String::new()
    })
}

/// How many pairs there are where they are too many to be told of. None where that is not known.
fn too_many<T>(told: &Result<T, RegistryError>) -> Option<u64> {
    match told {
        Ok(_) => Some(0),
        Err(RegistryError::TooManyMembers { active }) => Some(*active as u64 * active.saturating_sub(1) as u64),
        Err(RegistryError::TooManyPairs { pairs }) => Some(*pairs as u64),
        Err(_) => None,
    }
}

fn write(
    registry: &RegistryEngine,
    view: Option<&View>,
    rollup: Option<&Rollup>,
    matrix: Option<&Matrix>,
    (location_pairs_left_out, pairs_left_out): (u64, Option<u64>),
) -> String {
    let nobody = MembersSnapshot { at: registry.now(), revision: 0, members: Vec::new() };
    // Without a round there is next to nothing to look at.
    let history = view.map_or_else(|| registry.history_health(), |view| view.history);
    let locations: HashMap<&InstanceId, &Location> = matrix
        .map(|matrix| matrix.members.iter().map(|member| (&member.instance_id, &member.location)).collect())
        .unwrap_or_default();
    let pairs = matrix.map(|matrix| matrix.pairs.iter()).into_iter().flatten();
    let pairs = pairs.filter_map(|state| {
        Some(PairMetrics {
            source_location: locations.get(&state.source)?,
            source: &state.source,
            target_location: locations.get(&state.target)?,
            target: &state.target,
            state: state.state,
            round_trip_time: state.checks.iter().find_map(|check| check.round_trip_time),
            loss_ratio: state.checks.iter().find_map(|check| check.loss_ratio),
        })
    });
    registry_metrics(&RegistryMetrics {
        members: view.map_or(&nobody, |view| &*view.snapshot),
        faults: view.map(|view| view.open.iter().collect()).unwrap_or_default(),
        expected: view.and_then(|view| view.expected.as_deref()),
        location_pairs: rollup.map(|rollup| rollup.pairs.iter().map(location_pair).collect()).unwrap_or_default(),
        location_pairs_left_out,
        pairs: pairs.collect(),
        pairs_left_out,
        history_bytes: history.bytes as u64,
        history_max_bytes: history.max_bytes as u64,
        last_event: view.map_or(0, |view| view.last_event),
        leading: registry.leads(),
        store_in_reach: registry.store_contact().in_reach.unwrap_or(false),
    })
}

fn location_pair(pair: &LocationPair) -> LocationPairMetrics<'_> {
    let seconds = |seconds: f64| Duration::try_from_secs_f64(seconds).unwrap_or_default();
    LocationPairMetrics {
        source_location: &pair.source_location,
        target_location: &pair.target_location,
        pairs: PairCounts {
            up: pair.up.into(),
            down: pair.down.into(),
            degraded: pair.degraded.into(),
            unknown: pair.unknown.into(),
        },
        round_trip_time: pair.latency_seconds.map(|spread| Spread {
            worst: seconds(spread.worst),
            median: seconds(spread.median),
            best: seconds(spread.best),
        }),
        loss_ratio: pair.loss_ratio.map(|spread| Spread {
            worst: spread.worst,
            median: spread.median,
            best: spread.best,
        }),
    }
}
