//! Probing a target: the trait [`Prober`] and the one prober that needs nothing but tokio, [`TcpProber`].

mod failure;
mod tcp;

pub use failure::connect_failure;
pub use tcp::TcpProber;

use crate::model::{Endpoint, Member, ProbeKind, ProbeReport, Target};
use async_trait::async_trait;
use std::{fmt::Debug, io};
use tokio::time::Instant;

/// Probes a target in one way.
///
/// # Contract
/// 1. [`kind`](Self::kind) and [`endpoint`](Self::endpoint) never change. Together they name the prober: a member has
///    no two of the same name.
/// 2. A report carries the target that was passed in, and the kind and endpoint of the prober.
/// 3. A target that does what is expected of it gives [`Outcome::Success`](crate::Outcome::Success).
/// 4. A target that refuses, cannot be reached or gives no good answer is a report with
///    [`Outcome::Failure`](crate::Outcome::Failure), never an `Err`.
/// 5. An answer comes by the deadline, or right after it: a target that is silent is a failure for
///    [`Timeout`](crate::FailureReason::Timeout), and its duration is the time that was waited.
/// 6. A call that is dropped half-way leaves nothing running and nothing open, and the next call works.
/// 7. Many calls may run at once, also to the same target.
/// 8. `Err` says what kept the probe from being made at all, as when the own system is out of file descriptors.
///    It says nothing of the target.
/// 9. [`applies_to`](Self::applies_to) follows from what the member said of itself when it joined, and from nothing else.
///
/// The engine fills in [`lateness`](ProbeReport::lateness), [`tainted`](ProbeReport::tainted) and
/// [`interval`](ProbeReport::interval); a prober leaves them at zero, `false` and `None`. `netring_core::testing::prober_conformance!` checks an implementation against these rules.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Prober: Debug + Send + Sync + 'static {
    /// What it probes for.
    fn kind(&self) -> ProbeKind;

    /// What it asks for, where a member has several probers of one kind.
    fn endpoint(&self) -> Option<Endpoint> {
        None
    }

    /// How it probes, where it had a choice that says how far its results go: the kind of a socket, for one. `/health` of a
    /// member shows it.
    fn mode(&self) -> Option<String> {
        None
    }

    /// Whether it can probe `member` at all. A pair of which it says no is left out: nothing is known of it, good or bad.
    fn applies_to(&self, _member: &Member) -> bool {
        true
    }

    /// Probes `target` once, and is back by `deadline`.
    ///
    /// # Errors
    /// Where the probe could not be made.
    async fn probe(&self, target: &Target, deadline: Instant) -> Result<ProbeReport, ProbeError>;
}

/// What kept a probe from being made. It says nothing of the target.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProbeError {
    /// This system has no more of what a probe needs, such as file descriptors, ports or buffers.
    #[error("cannot {operation}: this system is out of what it needs for a probe ({source})")]
    Exhausted {
        /// What was tried.
        operation: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// This prober cannot probe that target.
    #[error("cannot probe {target}: {reason}")]
    Unsupported {
        /// The target.
        target: String,
        /// Why not.
        reason: String,
    },
    /// The target serves others now, and asks to come back later; the engine does so, within the same interval.
    #[error("{target} is busy and asks to come back in {} s", retry_after.as_secs_f64())]
    Busy {
        /// The target.
        target: String,
        /// After how long.
        retry_after: std::time::Duration,
    },
    /// The prober panicked; the engine says so in its place.
    #[error("the prober panicked: {0}")]
    Panicked(String),
    /// The prober was not back by its deadline, nor a second later; the engine says so in its place.
    #[error("the prober did not keep to its deadline")]
    Overran,
}
