//! The contract of [`Prober`], rule by rule.

use super::Guard;
use crate::{
    model::{FailureReason, Outcome, ProbeReport, Target},
    prober::Prober,
};
use async_trait::async_trait;
use std::{fmt, sync::Arc, time::Duration};
use tokio::time::Instant;

/// Runs every rule of [`Prober`] against the prober and the targets of a [`ProberHarness`]. Rule 8, of a system that
/// lacks something, is for a prober's own tests.
///
/// A second argument names a function, of one `impl AsyncFnOnce() + Send + 'static`, that runs each case: as the body of a
/// test, such as in a network namespace. Without it that is tokio's.
#[macro_export]
macro_rules! prober_conformance {
    ($harness:expr $(, $run:path)?) => {
        $crate::__conformance_cases!(
            prober,
            $harness,
            $($run,)?
            [
                rule_1_the_name_never_changes,
                rule_2_a_report_carries_the_target_and_the_name,
                rule_3_a_good_target_is_a_success,
                rule_4_a_bad_target_is_a_failure_and_no_error,
                rule_5_a_silent_target_is_a_timeout_at_the_deadline,
                rule_6_a_call_that_is_dropped_does_no_harm,
                rule_7_many_calls_at_once_all_succeed,
            ]
        );
    };
}

/// Makes a prober, and targets for it.
#[async_trait]
pub trait ProberHarness: Sync {
    /// The prober.
    fn prober(&self) -> Arc<dyn Prober>;
    /// A target that does what is expected of it.
    async fn good(&self) -> TargetFixture;
    /// A target that refuses.
    async fn bad(&self) -> TargetFixture;
    /// A target that does not answer.
    async fn silent(&self) -> TargetFixture;
}

/// A target, and what it needs for as long as it is probed.
pub struct TargetFixture {
    /// The target.
    pub target: Target,
    /// What it needs.
    pub guard: Guard,
}

impl fmt::Debug for TargetFixture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TargetFixture").field("target", &self.target).finish_non_exhaustive()
    }
}

/// Long enough for a loaded machine, for a probe that is to succeed.
const PATIENCE: Duration = Duration::from_secs(10);

async fn probe(prober: &dyn Prober, target: &Target, timeout: Duration) -> ProbeReport {
    prober.probe(target, Instant::now() + timeout).await.expect("the probe can be made")
}

/// Rule 1.
pub async fn rule_1_the_name_never_changes(harness: &impl ProberHarness) {
    let prober = harness.prober();
    let name = (prober.kind(), prober.endpoint());
    let good = harness.good().await;
    probe(&*prober, &good.target, PATIENCE).await;
    assert_eq!((prober.kind(), prober.endpoint()), name);
}

/// Rule 2.
pub async fn rule_2_a_report_carries_the_target_and_the_name(harness: &impl ProberHarness) {
    let prober = harness.prober();
    for fixture in [harness.good().await, harness.bad().await] {
        let report = probe(&*prober, &fixture.target, PATIENCE).await;
        assert_eq!(report.target, fixture.target);
        assert_eq!((report.kind, report.endpoint), (prober.kind(), prober.endpoint()));
        assert_eq!((report.lateness, report.tainted), (Duration::ZERO, false), "these are for the engine to fill in");
    }
}

/// Rule 3.
pub async fn rule_3_a_good_target_is_a_success(harness: &impl ProberHarness) {
    let good = harness.good().await;
    let report = probe(&*harness.prober(), &good.target, PATIENCE).await;
    assert_eq!(report.outcome, Outcome::Success);
    assert!(report.duration > Duration::ZERO && report.duration < PATIENCE, "{report:?}");
}

/// Rule 4.
pub async fn rule_4_a_bad_target_is_a_failure_and_no_error(harness: &impl ProberHarness) {
    let bad = harness.bad().await;
    let report = probe(&*harness.prober(), &bad.target, PATIENCE).await;
    let Outcome::Failure { reason, message } = &report.outcome else { panic!("{report:?}") };
    assert_ne!(*reason, FailureReason::Timeout, "a target that refuses does not make anybody wait");
    assert!(!message.is_empty(), "{report:?}");
}

/// Rule 5.
pub async fn rule_5_a_silent_target_is_a_timeout_at_the_deadline(harness: &impl ProberHarness) {
    let timeout = Duration::from_millis(300);
    let silent = harness.silent().await;
    let report = tokio::time::timeout(PATIENCE, probe(&*harness.prober(), &silent.target, timeout)).await;
    let report = report.expect("it comes back long before this");
    assert!(matches!(report.outcome, Outcome::Failure { reason: FailureReason::Timeout, .. }), "{report:?}");
    assert!(report.duration >= timeout, "{report:?}");
}

/// Rule 6.
pub async fn rule_6_a_call_that_is_dropped_does_no_harm(harness: &impl ProberHarness) {
    let (prober, silent, good) = (harness.prober(), harness.silent().await, harness.good().await);
    for _ in 0..10 {
        let half_way = tokio::time::timeout(Duration::from_millis(1), probe(&*prober, &silent.target, PATIENCE)).await;
        assert!(half_way.is_err(), "a silent target gives no answer: {half_way:?}");
    }
    assert_eq!(probe(&*prober, &good.target, PATIENCE).await.outcome, Outcome::Success);
}

/// Rule 7.
pub async fn rule_7_many_calls_at_once_all_succeed(harness: &impl ProberHarness) {
    let (prober, good) = (harness.prober(), harness.good().await);
    let mut probes = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (prober, target) = (Arc::clone(&prober), good.target.clone());
        probes.spawn(async move { probe(&*prober, &target, PATIENCE).await });
    }
    while let Some(report) = probes.join_next().await {
        let report = report.expect("no probe panics");
        assert_eq!(report.outcome, Outcome::Success, "{report:?}");
    }
}
