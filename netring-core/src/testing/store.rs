//! The contract of [`MemberStore`], rule by rule.

use super::{
    Guard,
    sample::{NOW, id, registration, report, result},
};
use crate::{
    model::{Location, Member, Outcome, Registration, Timestamp},
    store::{MemberStore, ReceivedReport, StoreError, SweepLimits},
};
use async_trait::async_trait;
use std::{fmt, sync::Arc, time::Duration};

/// Runs every rule of [`MemberStore`] against the stores that a [`StoreHarness`] makes.
#[macro_export]
macro_rules! member_store_conformance {
    ($harness:expr) => {
        $crate::__conformance_cases!(
            store,
            $harness,
            [
                rule_01_a_new_member_is_active_since_now,
                rule_02_registering_again_changes_last_seen_alone,
                rule_03_new_particulars_replace_the_old_ones,
                rule_04_a_deregistered_member_comes_back_with_a_new_time,
                rule_05_a_heartbeat_moves_last_seen_alone,
                rule_05_a_heartbeat_of_an_unknown_id_is_not_found,
                rule_05_a_heartbeat_of_a_deregistered_member_is_not_found,
                rule_06_last_seen_never_moves_back,
                rule_07_deregistering_marks_and_drops_the_report,
                rule_07_deregistering_twice_or_an_unknown_id_changes_nothing,
                rule_08_members_are_in_the_order_of_their_ids,
                rule_08_the_revision_moves_with_the_membership_and_only_then,
                rule_09_a_sweep_removes_what_is_older_than_its_limits,
                rule_10_a_report_replaces_the_one_before,
                rule_10_a_report_of_an_inactive_member_is_not_found,
                rule_11_reports_are_in_the_order_of_their_ids,
                rule_12_a_full_store_refuses_newcomers_alone,
                rule_13_operations_at_the_same_time_lose_nothing,
                rule_14_a_ping_changes_nothing,
            ]
        );
    };
}

/// Makes stores to test.
#[async_trait]
pub trait StoreHarness: Sync {
    /// An empty store that nobody else uses, for at most `limit` members.
    async fn store(&self, limit: usize) -> StoreFixture;
}

/// A store to test, and what it needs for as long.
pub struct StoreFixture {
    /// The store.
    pub store: Arc<dyn MemberStore>,
    /// What it needs.
    pub guard: Guard,
}

impl fmt::Debug for StoreFixture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreFixture").field("store", &self.store).finish_non_exhaustive()
    }
}

impl StoreFixture {
    /// A store that needs nothing else.
    #[must_use]
    pub fn new(store: impl MemberStore) -> Self {
        Self { store: Arc::new(store), guard: Box::new(()) }
    }
}

const LIMIT: usize = 1_000;
const SECOND: Duration = Duration::from_secs(1);

async fn members(store: &dyn MemberStore) -> Vec<Member> {
    store.members().await.expect("members").members
}

async fn member(store: &dyn MemberStore, instance_id: &str) -> Member {
    let found = members(store).await.into_iter().find(|member| member.instance_id == id(instance_id));
    found.unwrap_or_else(|| panic!("{instance_id} is not there"))
}

async fn register(store: &dyn MemberStore, instance_id: &str, now: Timestamp) -> Member {
    store.register(registration(instance_id), now).await.expect("register")
}

async fn put_report(store: &dyn MemberStore, source: &str, target: &str) -> Result<(), StoreError> {
    let report = report(source, vec![result(target, Outcome::Success)]);
    store.put_report(ReceivedReport { received_at: NOW, report }).await
}

/// Rule 1.
pub async fn rule_01_a_new_member_is_active_since_now(harness: &impl StoreHarness) {
    let fixture = harness.store(LIMIT).await;
    let store = &*fixture.store;
    let given = register(store, "a", NOW).await;
    let Registration { instance_id, location, address, heartbeat_interval, udp_echo } = registration("a");
    let wanted = Member {
        instance_id,
        location,
        address,
        heartbeat_interval,
        udp_echo,
        registered_at: NOW,
        last_seen: NOW,
        deregistered_at: None,
    };
    assert_eq!((&given, members(store).await), (&wanted, vec![wanted.clone()]));
}

/// Rule 2.
pub async fn rule_02_registering_again_changes_last_seen_alone(harness: &impl StoreHarness) {
    let fixture = harness.store(LIMIT).await;
    let store = &*fixture.store;
    let first = register(store, "a", NOW).await;
    let revision = store.members().await.expect("members").revision;
    let second = register(store, "a", NOW + SECOND).await;
    assert_eq!(second, Member { last_seen: NOW + SECOND, ..first });
    let list = store.members().await.expect("members");
    assert_eq!((list.revision, list.members), (revision, vec![second]));
}

/// Rule 3.
pub async fn rule_03_new_particulars_replace_the_old_ones(harness: &impl StoreHarness) {
    let fixture = harness.store(LIMIT).await;
    let store = &*fixture.store;
    register(store, "a", NOW).await;
    let moved = Registration {
        location: Location::new("us1").expect("a location"),
        heartbeat_interval: None,
        udp_echo: false,
        ..registration("a")
    };
    let given = store.register(moved.clone(), NOW + SECOND).await.expect("register");
    assert_eq!((&given.location, given.heartbeat_interval, given.udp_echo), (&moved.location, None, false));
    assert_eq!((given.registered_at, given.last_seen), (NOW, NOW + SECOND));
    assert_eq!(members(store).await, [given]);
}

/// Rule 4.
pub async fn rule_04_a_deregistered_member_comes_back_with_a_new_time(harness: &impl StoreHarness) {
    let fixture = harness.store(LIMIT).await;
    let store = &*fixture.store;
    register(store, "a", NOW).await;
    store.deregister(&id("a"), NOW + SECOND).await.expect("deregister");
    let back = register(store, "a", NOW + 2 * SECOND).await;
    assert_eq!((back.registered_at, back.deregistered_at), (NOW + 2 * SECOND, None));
    assert_eq!(members(store).await, [back]);
    store.heartbeat(&id("a"), NOW + 3 * SECOND).await.expect("heartbeat");
}

/// Rule 5.
pub async fn rule_05_a_heartbeat_moves_last_seen_alone(harness: &impl StoreHarness) {
    let fixture = harness.store(LIMIT).await;
    let store = &*fixture.store;
    let before = register(store, "a", NOW).await;
    store.heartbeat(&id("a"), NOW + SECOND).await.expect("heartbeat");
    assert_eq!(member(store, "a").await, Member { last_seen: NOW + SECOND, ..before });
}

/// Rule 5.
pub async fn rule_05_a_heartbeat_of_an_unknown_id_is_not_found(harness: &impl StoreHarness) {
    let fixture = harness.store(LIMIT).await;
    let error = fixture.store.heartbeat(&id("nobody"), NOW).await.expect_err("unknown");
    assert!(matches!(error, StoreError::NotFound), "{error:?}");
    assert!(members(&*fixture.store).await.is_empty());
}

/// Rule 5.
pub async fn rule_05_a_heartbeat_of_a_deregistered_member_is_not_found(harness: &impl StoreHarness) {
    let fixture = harness.store(LIMIT).await;
    let store = &*fixture.store;
    register(store, "a", NOW).await;
    store.deregister(&id("a"), NOW).await.expect("deregister");
    let before = member(store, "a").await;
    let error = store.heartbeat(&id("a"), NOW + SECOND).await.expect_err("deregistered");
    assert!(matches!(error, StoreError::NotFound), "{error:?}");
    assert_eq!(member(store, "a").await, before);
}

/// Rule 6.
pub async fn rule_06_last_seen_never_moves_back(harness: &impl StoreHarness) {
    let fixture = harness.store(LIMIT).await;
    let store = &*fixture.store;
    register(store, "a", NOW).await;
    store.heartbeat(&id("a"), NOW - SECOND).await.expect("heartbeat");
    assert_eq!(member(store, "a").await.last_seen, NOW);
    let again = register(store, "a", NOW - SECOND).await;
    assert_eq!(again.last_seen, NOW);
}

/// Rule 7.
pub async fn rule_07_deregistering_marks_and_drops_the_report(harness: &impl StoreHarness) {
    let fixture = harness.store(LIMIT).await;
    let store = &*fixture.store;
    let before = register(store, "a", NOW).await;
    put_report(store, "a", "b").await.expect("report");
    store.deregister(&id("a"), NOW + SECOND).await.expect("deregister");
    assert_eq!(member(store, "a").await, Member { deregistered_at: Some(NOW + SECOND), ..before });
    assert!(store.reports().await.expect("reports").is_empty());
}

/// Rule 7.
pub async fn rule_07_deregistering_twice_or_an_unknown_id_changes_nothing(harness: &impl StoreHarness) {
    let fixture = harness.store(LIMIT).await;
    let store = &*fixture.store;
    register(store, "a", NOW).await;
    store.deregister(&id("a"), NOW).await.expect("deregister");
    let before = store.members().await.expect("members");
    store.deregister(&id("a"), NOW + SECOND).await.expect("deregister again");
    store.deregister(&id("nobody"), NOW + SECOND).await.expect("deregister nobody");
    assert_eq!(store.members().await.expect("members"), before);
}

/// Rule 8.
pub async fn rule_08_members_are_in_the_order_of_their_ids(harness: &impl StoreHarness) {
    let fixture = harness.store(LIMIT).await;
    let store = &*fixture.store;
    for instance_id in ["b", "c", "B", "ä", "a", "a-1"] {
        register(store, instance_id, NOW).await;
    }
    let ids: Vec<_> = members(store).await.into_iter().map(|member| member.instance_id.to_string()).collect();
    assert_eq!(ids, ["B", "a", "a-1", "b", "c", "ä"]);
}

/// Rule 8.
pub async fn rule_08_the_revision_moves_with_the_membership_and_only_then(harness: &impl StoreHarness) {
    let fixture = harness.store(LIMIT).await;
    let store = &*fixture.store;
    let mut seen = vec![store.members().await.expect("members").revision];
    let mut check = async |what: &str, moves: bool| {
        let revision = store.members().await.expect("members").revision;
        assert_eq!(seen.last() != Some(&revision), moves, "after {what}: {revision}, before {seen:?}");
        assert!(!moves || !seen.contains(&revision), "{revision} came again after {what}: {seen:?}");
        seen.push(revision);
    };
    register(store, "a", NOW).await;
    check("a member that joins", true).await;
    register(store, "a", NOW + SECOND).await;
    check("the same registration", false).await;
    store.heartbeat(&id("a"), NOW + 2 * SECOND).await.expect("heartbeat");
    check("a heartbeat", false).await;
    put_report(store, "a", "b").await.expect("report");
    check("a report", false).await;
    let moved = Registration { location: Location::new("us1").expect("a location"), ..registration("a") };
    store.register(moved, NOW).await.expect("register");
    check("another location", true).await;
    sweep(store, NOW - SECOND, NOW - SECOND).await;
    check("a sweep that removes nobody", false).await;
    store.deregister(&id("a"), NOW).await.expect("deregister");
    check("a goodbye", true).await;
    store.deregister(&id("a"), NOW).await.expect("deregister");
    check("a second goodbye", false).await;
    sweep(store, NOW, NOW + SECOND).await;
    check("a sweep that removes somebody", true).await;
}

async fn sweep(store: &dyn MemberStore, last_seen_before: Timestamp, deregistered_before: Timestamp) -> Vec<String> {
    let limits = SweepLimits { last_seen_before, deregistered_before };
    let mut removed: Vec<_> =
        store.sweep(limits).await.expect("sweep").into_iter().map(|removed| removed.to_string()).collect();
    removed.sort();
    removed
}

/// Rule 9.
pub async fn rule_09_a_sweep_removes_what_is_older_than_its_limits(harness: &impl StoreHarness) {
    let fixture = harness.store(LIMIT).await;
    let store = &*fixture.store;
    for (instance_id, seen) in [("old", NOW - SECOND), ("at-limit", NOW), ("new", NOW + SECOND)] {
        register(store, instance_id, seen).await;
        put_report(store, instance_id, "x").await.expect("report");
    }
    for (instance_id, left) in [("left-old", NOW - SECOND), ("left-at-limit", NOW)] {
        // Long silent, but it is the goodbye that counts.
        register(store, instance_id, NOW - 100 * SECOND).await;
        store.deregister(&id(instance_id), left).await.expect("deregister");
    }
    assert_eq!(sweep(store, NOW, NOW).await, ["left-old", "old"]);
    let left: Vec<_> = members(store).await.into_iter().map(|member| member.instance_id.to_string()).collect();
    assert_eq!(left, ["at-limit", "left-at-limit", "new"]);
    assert_eq!(reporters(store).await, ["at-limit", "new"]);
    assert!(sweep(store, NOW, NOW).await.is_empty(), "a second sweep finds nothing");
}

async fn reporters(store: &dyn MemberStore) -> Vec<String> {
    let reports = store.reports().await.expect("reports");
    reports.iter().map(|received| received.report.instance_id.to_string()).collect()
}

/// Rule 10.
pub async fn rule_10_a_report_replaces_the_one_before(harness: &impl StoreHarness) {
    let fixture = harness.store(LIMIT).await;
    let store = &*fixture.store;
    register(store, "a", NOW).await;
    put_report(store, "a", "first").await.expect("report");
    put_report(store, "a", "second").await.expect("report");
    let reports = store.reports().await.expect("reports");
    assert_eq!(reports.len(), 1);
    let wanted = report("a", vec![result("second", Outcome::Success)]);
    assert_eq!(*reports[0], ReceivedReport { received_at: NOW, report: wanted });
}

/// Rule 10.
pub async fn rule_10_a_report_of_an_inactive_member_is_not_found(harness: &impl StoreHarness) {
    let fixture = harness.store(LIMIT).await;
    let store = &*fixture.store;
    register(store, "left", NOW).await;
    store.deregister(&id("left"), NOW).await.expect("deregister");
    for source in ["left", "nobody"] {
        let error = put_report(store, source, "b").await.expect_err("inactive");
        assert!(matches!(error, StoreError::NotFound), "{source}: {error:?}");
    }
    assert!(store.reports().await.expect("reports").is_empty());
}

/// Rule 11.
pub async fn rule_11_reports_are_in_the_order_of_their_ids(harness: &impl StoreHarness) {
    let fixture = harness.store(LIMIT).await;
    let store = &*fixture.store;
    for instance_id in ["b", "c", "a"] {
        register(store, instance_id, NOW).await;
        put_report(store, instance_id, "x").await.expect("report");
    }
    assert_eq!(reporters(store).await, ["a", "b", "c"]);
}

/// Rule 12.
pub async fn rule_12_a_full_store_refuses_newcomers_alone(harness: &impl StoreHarness) {
    let fixture = harness.store(2).await;
    let store = &*fixture.store;
    register(store, "a", NOW).await;
    register(store, "b", NOW).await;
    let before = store.members().await.expect("members");
    let error = store.register(registration("c"), NOW).await.expect_err("full");
    assert!(matches!(error, StoreError::Full { limit: 2 }), "{error:?}");
    assert_eq!(store.members().await.expect("members"), before);
    register(store, "a", NOW + SECOND).await;
    store.heartbeat(&id("b"), NOW + SECOND).await.expect("heartbeat");
}

/// Rule 13.
pub async fn rule_13_operations_at_the_same_time_lose_nothing(harness: &impl StoreHarness) {
    let fixture = harness.store(LIMIT).await;
    let mut tasks = tokio::task::JoinSet::new();
    for i in 0_u32..100 {
        let store = Arc::clone(&fixture.store);
        tasks.spawn(async move {
            let instance_id = format!("member-{i:02}");
            register(&*store, &instance_id, NOW).await;
            store.heartbeat(&id(&instance_id), NOW + SECOND * i).await.expect("heartbeat");
            if i % 2 == 1 {
                store.deregister(&id(&instance_id), NOW + SECOND * i).await.expect("deregister");
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.expect("no task panics");
    }
    let members = members(&*fixture.store).await;
    assert_eq!(members.len(), 100);
    for (i, member) in (0_u32..).zip(&members) {
        assert_eq!(member.last_seen, NOW + SECOND * i);
        assert_eq!(member.deregistered_at.is_some(), i % 2 == 1, "{member:?}");
    }
}

/// Rule 14.
pub async fn rule_14_a_ping_changes_nothing(harness: &impl StoreHarness) {
    let fixture = harness.store(1).await;
    let store = &*fixture.store;
    store.ping().await.expect("an empty store is in reach");
    register(store, "a", NOW).await;
    put_report(store, "a", "b").await.expect("report");
    let before = (store.members().await.expect("members"), reporters(store).await);
    store.ping().await.expect("a full store is in reach");
    assert_eq!((store.members().await.expect("members"), reporters(store).await), before);
}
