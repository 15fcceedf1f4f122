//! The contract of [`Discovery`], rule by rule.

use super::{
    Guard,
    sample::{id, report, result},
};
use crate::{
    discovery::{Announcement, Discovery, DiscoveryError},
    model::{Location, Outcome},
};
use async_trait::async_trait;
use std::{fmt, sync::Arc, time::Duration};

/// Runs every rule of [`Discovery`] against what a [`DiscoveryHarness`] makes.
#[macro_export]
macro_rules! discovery_conformance {
    ($harness:expr) => {
        $crate::__conformance_cases!(
            discovery,
            $harness,
            [
                rule_1_a_member_may_announce_itself_again,
                rule_2_a_heartbeat_of_an_unknown_id_is_not_registered,
                rule_3_peers_are_those_who_announced_themselves,
                rule_4_who_withdraws_is_no_peer_any_more,
                rule_5_results_are_taken,
                rule_6_a_ring_out_of_reach_is_an_error,
                rule_6_a_call_that_is_dropped_does_no_harm,
            ]
        );
    };
}

/// Makes what is to be tested.
#[async_trait]
pub trait DiscoveryHarness: Sync {
    /// A ring that nobody else uses.
    async fn discovery(&self) -> DiscoveryFixture;

    /// A ring that cannot be reached, where there is such a thing.
    async fn out_of_reach(&self) -> Option<DiscoveryFixture>;

    /// Whether members register at all. With a fixed list they do not: announcing, heartbeats and withdrawing do nothing.
    fn registers(&self) -> bool;
}

/// A discovery to test, and what it needs for as long.
pub struct DiscoveryFixture {
    /// The discovery.
    pub discovery: Arc<dyn Discovery>,
    /// What it needs.
    pub guard: Guard,
}

impl fmt::Debug for DiscoveryFixture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DiscoveryFixture").field("discovery", &self.discovery).finish_non_exhaustive()
    }
}

fn announcement(instance_id: &str, location: &str) -> Announcement {
    Announcement {
        instance_id: id(instance_id),
        location: Location::new(location).expect("a location"),
        ip: Some([10, 1, 2, 3].into()),
        port: 8757,
        heartbeat_interval: Duration::from_secs(45),
        udp_echo: false,
    }
}

async fn peers(discovery: &dyn Discovery) -> Vec<(String, String)> {
    let peers = discovery.peers().await.expect("peers");
    peers.members.into_iter().map(|peer| (peer.instance_id.to_string(), peer.location.to_string())).collect()
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(instance_id, location)| ((*instance_id).into(), (*location).into())).collect()
}

/// Rule 1.
pub async fn rule_1_a_member_may_announce_itself_again(harness: &impl DiscoveryHarness) {
    let fixture = harness.discovery().await;
    let before = peers(&*fixture.discovery).await;
    for location in ["eu1", "eu1", "us1"] {
        fixture.discovery.announce(&announcement("a", location)).await.expect("announce");
    }
    let wanted = if harness.registers() { pairs(&[("a", "us1")]) } else { before };
    assert_eq!(peers(&*fixture.discovery).await, wanted);
}

/// Rule 2.
pub async fn rule_2_a_heartbeat_of_an_unknown_id_is_not_registered(harness: &impl DiscoveryHarness) {
    let fixture = harness.discovery().await;
    let unknown = fixture.discovery.heartbeat(&id("nobody")).await;
    assert_eq!(matches!(unknown, Err(DiscoveryError::NotRegistered)), harness.registers(), "{unknown:?}");
    assert_eq!(unknown.is_ok(), !harness.registers(), "{unknown:?}");
    fixture.discovery.announce(&announcement("a", "eu1")).await.expect("announce");
    fixture.discovery.heartbeat(&id("a")).await.expect("heartbeat");
}

/// Rule 3.
pub async fn rule_3_peers_are_those_who_announced_themselves(harness: &impl DiscoveryHarness) {
    let fixture = harness.discovery().await;
    let before = peers(&*fixture.discovery).await;
    for (instance_id, location) in [("a", "eu1"), ("b", "us1")] {
        fixture.discovery.announce(&announcement(instance_id, location)).await.expect("announce");
    }
    let wanted = if harness.registers() { pairs(&[("a", "eu1"), ("b", "us1")]) } else { before };
    let mut peers = peers(&*fixture.discovery).await;
    peers.sort();
    assert_eq!(peers, wanted);
}

/// Rule 4.
pub async fn rule_4_who_withdraws_is_no_peer_any_more(harness: &impl DiscoveryHarness) {
    let fixture = harness.discovery().await;
    let before = peers(&*fixture.discovery).await;
    fixture.discovery.announce(&announcement("a", "eu1")).await.expect("announce");
    for instance_id in ["a", "a", "nobody"] {
        fixture.discovery.withdraw(&id(instance_id)).await.expect("withdraw");
    }
    assert_eq!(peers(&*fixture.discovery).await, before);
}

/// Rule 5.
pub async fn rule_5_results_are_taken(harness: &impl DiscoveryHarness) {
    let fixture = harness.discovery().await;
    let results = || vec![result("b", Outcome::Success)];
    let unknown = fixture.discovery.report(&report("nobody", results())).await;
    assert_eq!(matches!(unknown, Err(DiscoveryError::NotRegistered)), harness.registers(), "{unknown:?}");
    fixture.discovery.announce(&announcement("a", "eu1")).await.expect("announce");
    fixture.discovery.report(&report("a", results())).await.expect("report");
    fixture.discovery.report(&report("a", vec![])).await.expect("an empty report");
}

/// Rule 6.
pub async fn rule_6_a_ring_out_of_reach_is_an_error(harness: &impl DiscoveryHarness) {
    let Some(fixture) = harness.out_of_reach().await else {
        assert!(!harness.registers() || harness.discovery().await.discovery.peers().await.is_ok());
        return;
    };
    let discovery = &fixture.discovery;
    let errors = [
        discovery.announce(&announcement("a", "eu1")).await.expect_err("announce"),
        discovery.heartbeat(&id("a")).await.expect_err("heartbeat"),
        discovery.peers().await.expect_err("peers"),
        discovery.withdraw(&id("a")).await.expect_err("withdraw"),
        discovery.report(&report("a", vec![])).await.expect_err("report"),
    ];
    for error in errors {
        assert!(matches!(error, DiscoveryError::Unreachable { .. }), "{error:?}");
    }
}

/// Rule 6.
pub async fn rule_6_a_call_that_is_dropped_does_no_harm(harness: &impl DiscoveryHarness) {
    let fixture = harness.discovery().await;
    for _ in 0..10 {
        // Polled once, and dropped: sometimes done already, mostly half-way.
        let _ = futures_util::FutureExt::now_or_never(fixture.discovery.announce(&announcement("a", "eu1")));
    }
    fixture.discovery.announce(&announcement("a", "us1")).await.expect("announce");
    fixture.discovery.heartbeat(&id("a")).await.expect("heartbeat");
}
