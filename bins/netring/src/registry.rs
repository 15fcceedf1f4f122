//! Asking a registry who reaches whom, and saying what is wrong where it does not tell.

use netring_core::{
    DiscoveryError, RegistryClient,
    analysis::{Matrix, RingState, Rollup},
    wire::{FaultsResponse, path},
};
use serde_json::value::RawValue;

/// What a registry answered: as it came, and what it means.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The registry's URL, as it may be shown.
    pub(crate) registry: String,
    pub(crate) json: Box<RawValue>,
    pub(crate) ring: Ring,
    /// What is at fault; nothing where the registry is an older one, which does not say.
    pub(crate) faults: Option<FaultsResponse>,
}

/// Who reaches whom.
#[derive(Debug)]
pub(crate) enum Ring {
    /// By members.
    Members(Matrix),
    /// By locations, where there are too many members.
    Locations(Rollup),
}

impl Ring {
    /// A ring in which something is at fault is not healthy, whatever its pairs are.
    fn note(&mut self, faults: Option<&FaultsResponse>) {
        if faults.is_some_and(|faults| !faults.open.is_empty()) {
            match self {
                Self::Members(matrix) => matrix.state = RingState::Unhealthy,
                Self::Locations(rollup) => rollup.state = RingState::Unhealthy,
            }
        }
    }

    pub(crate) fn state(&self) -> RingState {
        match self {
            Self::Members(matrix) => matrix.state,
            Self::Locations(rollup) => rollup.state,
        }
    }
}

/// Why there is no answer: what, where, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoAnswer {
    #[error(
        "no answer from the registry at {peer}: {cause}\n\
         Is it running, and is this its address?\n\
         Name another one with --registry URL or NETRING_REGISTRY_URL."
    )]
    Unreachable { peer: String, cause: String },
    #[error(
        "the registry at {peer} is one of netring 1.x, which does not know who reaches whom\n\
         Its members are listed at {peer}members.\n\
         To see more, put a registry of netring 2 in its place; its members can stay as they are."
    )]
    Legacy { peer: String },
    #[error(
        "there is no netring registry at {peer}: {reason}\n\
         Name its address with --registry URL or NETRING_REGISTRY_URL;\n\
         where it stands behind a path, the URL has that path too, up to {}.",
        path::MATRIX
    )]
    NotARegistry { peer: String, reason: String },
    #[error(
        "what {peer} answers is not understood: {source}\n\
         Is it a netring registry, and no newer than this program ({})?",
        netring_core::VERSION
    )]
    NotUnderstood { peer: String, source: serde_json::Error },
    #[error("the ring of the registry at {peer} is too large to be shown: {reason}")]
    TooLarge { peer: String, reason: String },
    #[error("{0}")]
    Other(DiscoveryError),
}

/// Asks a registry who reaches whom.
pub(crate) async fn ask(client: &RegistryClient) -> Result<Answer, NoAnswer> {
    let mut by_location = false;
    let mut answer = client.get(path::MATRIX).await;
    // What is asked for is understood, and more than the registry answers at once.
    if matches!(&answer, Err(DiscoveryError::Rejected { reason, .. }) if reason.starts_with("422")) {
        by_location = true;
        answer = client.get(path::MATRIX_BY_LOCATION).await;
    }
    let json: Box<RawValue> = match answer {
        Ok(json) => json,
        Err(DiscoveryError::Rejected { peer, reason, .. }) if reason.starts_with("404") => {
            return Err(if lists_members(client).await {
                NoAnswer::Legacy { peer }
            } else {
                NoAnswer::NotARegistry { peer, reason }
            });
        }
        Err(DiscoveryError::Rejected { peer, reason, .. }) if reason.starts_with("422") => {
            return Err(NoAnswer::TooLarge { peer, reason });
        }
        Err(DiscoveryError::Rejected { peer, reason, .. }) => return Err(NoAnswer::NotARegistry { peer, reason }),
        Err(DiscoveryError::Unreachable { peer, source, .. }) => {
            return Err(NoAnswer::Unreachable { peer, cause: source.to_string() });
        }
        Err(error) => return Err(NoAnswer::Other(error)),
    };
    let ring = if by_location {
        serde_json::from_str(json.get()).map(Ring::Locations)
    } else {
        serde_json::from_str(json.get()).map(Ring::Members)
    };
    match ring {
        Ok(mut ring) => {
            let faults = client.get(path::FAULTS).await.ok();
            ring.note(faults.as_ref());
            Ok(Answer { registry: client.url().into(), json, ring, faults })
        }
        Err(source) => Err(NoAnswer::NotUnderstood { peer: client.url().into(), source }),
    }
}

/// Every registry lists its members, those of 1.x too.
async fn lists_members(client: &RegistryClient) -> bool {
    let members = client.get::<serde_json::Value>(path::MEMBERS).await;
    members.is_ok_and(|answer| answer.get("members").is_some_and(serde_json::Value::is_array))
}
