use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// How long reports do not begin at a registry where one failed.
const AVOIDED_FOR: Duration = Duration::from_secs(5 * 60);

/// When the last report to a registry was begun, unless it came to a good end. One that is dropped half-way has failed:
/// whoever made the call did not wait longer.
#[derive(Debug, Default)]
pub(super) struct LastReport(Mutex<Option<Instant>>);

impl LastReport {
    pub(super) fn begun(&self) {
        self.set(Some(Instant::now()));
    }

    pub(super) fn answered(&self) {
        self.set(None);
    }

    /// Whether the registry is one to be tried after the others.
    pub(super) fn failed(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|begun| begun.elapsed() < AVOIDED_FOR)
    }

    fn set(&self, begun: Option<Instant>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = begun;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_registry_is_avoided_until_a_report_arrives_or_five_minutes_are_over() {
        let report = LastReport::default();
        assert!(!report.failed());
        report.begun();
        assert!(report.failed());
        report.answered();
        assert!(!report.failed());
        report.begun();
        tokio::time::advance(AVOIDED_FOR).await;
        assert!(!report.failed());
    }
}
