//! Who leads.

use super::{INSTANT, JournalHarness, LEASE, NOW, id, lead, record, some};
use crate::store::StoreError;
use std::sync::Arc;

/// Rule 1.
pub async fn rule_01_who_asks_first_leads_and_nobody_else(harness: &impl JournalHarness) {
    let fixture = harness.journal().await;
    let journal = &*fixture.journal;
    assert!(lead(journal, "a", NOW).await);
    assert!(!lead(journal, "b", NOW).await);
    assert!(lead(journal, "a", NOW).await, "who leads may ask again");
    assert!(!lead(journal, "b", NOW + LEASE - INSTANT).await);
}

/// Rule 1.
pub async fn rule_01_a_lease_is_over_at_its_end(harness: &impl JournalHarness) {
    let fixture = harness.journal().await;
    let journal = &*fixture.journal;
    assert!(lead(journal, "a", NOW).await);
    let end = NOW + LEASE;
    let late = journal.record(&id("a"), end, some(1), None).await;
    assert!(matches!(late, Err(StoreError::NotLeading)), "{late:?}");
    assert_eq!(journal.record(&id("a"), end - INSTANT, some(1), None).await.expect("it leads"), 1);
    assert!(lead(journal, "b", end).await);
    assert!(!lead(journal, "a", end).await);
}

/// Rule 1.
pub async fn rule_01_who_leads_renews_its_lease(harness: &impl JournalHarness) {
    let fixture = harness.journal().await;
    let journal = &*fixture.journal;
    assert!(lead(journal, "a", NOW).await);
    assert!(lead(journal, "a", NOW + LEASE / 2).await);
    assert!(!lead(journal, "b", NOW + LEASE).await);
    assert_eq!(journal.record(&id("a"), NOW + LEASE, some(1), None).await.expect("it leads"), 1);
    assert!(lead(journal, "b", NOW + LEASE / 2 + LEASE).await);
}

/// Rule 1.
pub async fn rule_01_who_does_not_get_a_lease_changes_nothing(harness: &impl JournalHarness) {
    let fixture = harness.journal().await;
    let journal = &*fixture.journal;
    assert!(lead(journal, "a", NOW).await);
    assert!(!journal.lead(&id("b"), NOW, 100 * LEASE).await.expect("lead"));
    assert_eq!(record(journal, "a", some(1), None).await.expect("it leads still"), 1);
    assert!(lead(journal, "c", NOW + LEASE).await, "the lease ends when it did");
}

/// Rule 1.
pub async fn rule_01_of_many_at_the_same_time_one_leads(harness: &impl JournalHarness) {
    let fixture = harness.journal().await;
    let mut tasks = tokio::task::JoinSet::new();
    for i in 0..50 {
        let journal = Arc::clone(&fixture.journal);
        tasks.spawn(async move { lead(&*journal, &format!("registry-{i}"), NOW).await });
    }
    let leaders = tasks.join_all().await.into_iter().filter(|leads| *leads).count();
    assert_eq!(leaders, 1);
}

/// Rule 2.
pub async fn rule_02_who_resigns_leads_no_more(harness: &impl JournalHarness) {
    let fixture = harness.journal().await;
    let journal = &*fixture.journal;
    assert!(lead(journal, "a", NOW).await);
    journal.resign(&id("a")).await.expect("resign");
    let record = record(journal, "a", some(1), None).await;
    assert!(matches!(record, Err(StoreError::NotLeading)), "{record:?}");
    assert!(lead(journal, "b", NOW).await);
    assert!(!lead(journal, "a", NOW).await);
}

/// Rule 2.
pub async fn rule_02_nobody_ends_the_lease_of_another(harness: &impl JournalHarness) {
    let fixture = harness.journal().await;
    let journal = &*fixture.journal;
    journal.resign(&id("b")).await.expect("resign where nobody leads");
    assert!(lead(journal, "a", NOW).await);
    journal.resign(&id("b")).await.expect("resign");
    assert!(!lead(journal, "b", NOW).await);
    assert_eq!(record(journal, "a", some(1), None).await.expect("it leads"), 1);
}
