use super::RegistryEngine;
use crate::{model::InvalidValue, store::StoreError};

/// Why the registry did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// What was asked makes no sense.
    #[error(transparent)]
    Invalid(#[from] InvalidValue),
    /// The store refused, or is out of reach.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The ring is too large for a matrix of every pair.
    #[error(
        "the ring has {active} active members, and there is no matrix of more than {}: \
         ask for it by=location, or for a part of it by source or target",
        RegistryEngine::MAX_MATRIX_MEMBERS
    )]
    TooManyMembers {
        /// How many it has.
        active: usize,
    },
    /// What a filter leaves of it is still too large.
    #[error(
        "that are {pairs} pairs, and there is no matrix of more than {}: ask for less by source or target",
        RegistryEngine::MAX_MATRIX_PAIRS
    )]
    TooManyPairs {
        /// How many there are.
        pairs: usize,
    },
    /// Even in a dense form it would be too large.
    #[error(
        "that are {sources} sources by {targets} targets, and there is no grid of more than {} members by as many: \
         ask for less by source_location or target_location, or for the matrix by=location",
        RegistryEngine::MAX_GRID_MEMBERS
    )]
    TooManyCells {
        /// How many rows it would have.
        sources: usize,
        /// How many places each of them would have.
        targets: usize,
    },
}
