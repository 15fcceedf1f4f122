//! Who reaches whom, as a registry tells.

use super::{MembersSnapshot, RegistryEngine, RegistryError};
use crate::{
    analysis::{self, Grid, GridValue, LastHour, Matrix, MatrixFilter, MatrixGrid, Rollup},
    model::{Endpoint, InstanceId, ProbeKind},
    store::{MemberStore, ReceivedReport, StoreError},
};
use std::{sync::Arc, time::Duration};

/// What is known of a ring at one moment.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) snapshot: MembersSnapshot,
    pub(crate) reports: Vec<Arc<ReceivedReport>>,
    pub(crate) last_hour: Arc<dyn LastHour>,
}

impl RegistryEngine {
    /// Who reaches whom, by the last report of each member.
    ///
    /// # Errors
    /// Where the store is out of reach, or more than [`Self::MAX_MATRIX_MEMBERS`] are active: a matrix grows with their
    /// square.
    pub async fn matrix(&self) -> Result<Matrix, RegistryError> {
        self.filtered_matrix(MatrixFilter::default()).await
    }

    /// The part of the matrix that `filter` leaves.
    ///
    /// # Errors
    /// Where the store is out of reach, or there are more than [`Self::MAX_MATRIX_PAIRS`] pairs of its sources and targets.
    pub async fn filtered_matrix(&self, filter: MatrixFilter) -> Result<Matrix, RegistryError> {
        let known = self.known().await?;
        blocking("make the matrix", move || {
            check_size(&known.grid(&filter), &filter)?;
            Ok(analysis::filtered_matrix(&known.snapshot, &known.reports, &*known.last_hour, &filter))
        })
        .await
    }

    /// The part of the matrix that `filter` leaves in a dense form, with those `values`.
    ///
    /// # Errors
    /// Where the store is out of reach, or there are more sources by targets than [`Self::MAX_GRID_MEMBERS`] by as many.
    pub async fn matrix_grid(&self, filter: MatrixFilter, values: Vec<GridValue>) -> Result<MatrixGrid, RegistryError> {
        let known = self.known().await?;
        blocking("make the grid", move || {
            check_cells(&known.grid(&filter))?;
            Ok(analysis::matrix_grid(&known.snapshot, &known.reports, &*known.last_hour, &filter, &values))
        })
        .await
    }

    /// Who reaches whom by locations, as far as `filter` leaves them. There is one of a ring of any size, as long as it has not
    /// more than [`Self::MAX_MATRIX_PAIRS`] pairs of locations.
    ///
    /// # Errors
    /// Where the store is out of reach, or there are more pairs of locations.
    pub async fn rollup(&self, filter: MatrixFilter) -> Result<Rollup, RegistryError> {
        let known = self.known().await?;
        blocking("roll the matrix up", move || {
            let grid = known.grid(&filter);
            check_locations(&grid)?;
            Ok(analysis::roll_up(&grid))
        })
        .await
    }

    pub(crate) async fn known(&self) -> Result<Known, RegistryError> {
        let snapshot = self.members().await?;
        let reports = self.inner.store.reports().await?;
        Ok(Known { snapshot, reports, last_hour: self.last_hour() })
    }

    /// What the checks measured in the last hour.
    fn last_hour(&self) -> Arc<dyn LastHour> {
        Arc::new(Remembered(self.clone()))
    }
}

/// What this registry remembers.
#[derive(Debug)]
struct Remembered(RegistryEngine);

impl LastHour for Remembered {
    fn round_trip_times(
        &self,
        source: &InstanceId,
        target: &InstanceId,
        kind: &ProbeKind,
        endpoint: Option<&Endpoint>,
    ) -> Option<[Duration; 2]> {
        self.0.observatory().round_trip_times(source, target, kind, endpoint, self.0.now())
    }
}

impl Known {
    pub(crate) fn grid<'a>(&'a self, filter: &'a MatrixFilter) -> Grid<'a> {
        Grid::new(&self.snapshot, &self.reports, filter)
    }
}

/// Refuses what would be too large.
pub(crate) fn check_size(grid: &Grid<'_>, filter: &MatrixFilter) -> Result<(), RegistryError> {
    match grid.pairs() {
        ..=RegistryEngine::MAX_MATRIX_PAIRS => Ok(()),
        pairs if filter.narrows() => Err(RegistryError::TooManyPairs { pairs }),
        _ => Err(RegistryError::TooManyMembers { active: grid.sources().len() }),
    }
}

/// Refuses a grid that would be too large.
pub(crate) fn check_cells(grid: &Grid<'_>) -> Result<(), RegistryError> {
    const MAX_CELLS: usize = RegistryEngine::MAX_GRID_MEMBERS * RegistryEngine::MAX_GRID_MEMBERS;
    let (sources, targets) = (grid.sources().len(), grid.targets().len());
    match sources.saturating_mul(targets) {
        ..=MAX_CELLS => Ok(()),
        _ => Err(RegistryError::TooManyCells { sources, targets }),
    }
}

/// Refuses a roll-up of too many locations.
pub(crate) fn check_locations(grid: &Grid<'_>) -> Result<(), RegistryError> {
    match grid.location_pairs() {
        ..=RegistryEngine::MAX_MATRIX_PAIRS => Ok(()),
        pairs => Err(RegistryError::TooManyPairs { pairs }),
    }
}

/// It is work for some milliseconds and, where the ring is large, for a second; others are to be answered meanwhile.
pub(crate) async fn blocking<T: Send + 'static>(
    what: &'static str,
    work: impl FnOnce() -> Result<T, RegistryError> + Send + 'static,
) -> Result<T, RegistryError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
        Err(RegistryError::Store(StoreError::Unavailable { operation: what, source: error.into() }))
    })
}
