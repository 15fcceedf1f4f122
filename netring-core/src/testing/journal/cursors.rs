//! The part of the contract of [`Journal`] that is about cursors, rule by rule.

use super::{JournalFixture, JournalHarness};
use crate::{
    store::{CursorName, Journal, MAX_CURSORS, StoreError},
    testing::sample::{NOW, id},
};
use std::time::Duration;

const LEASE: Duration = Duration::from_secs(10);

fn name(name: &str) -> CursorName {
    CursorName::new(name).expect("a valid name")
}

async fn lead(journal: &dyn Journal, holder: &str) {
    assert!(journal.lead(&id(holder), NOW, LEASE).await.expect("lead"), "{holder} leads");
}

async fn set(journal: &dyn Journal, cursor: &str, to: u64) {
    journal.set_cursor(&id("a"), NOW, &name(cursor), to).await.expect("set");
}

async fn cursor(journal: &dyn Journal, cursor: &str) -> Option<u64> {
    journal.cursor(&name(cursor)).await.expect("cursor")
}

/// Rule 10.
pub async fn rule_10_a_cursor_is_as_it_was_set(harness: &impl JournalHarness) {
    let JournalFixture { journal, guard: _guard } = harness.journal().await;
    lead(&*journal, "a").await;
    assert_eq!(cursor(&*journal, "x").await, None);
    set(&*journal, "x", 0).await;
    set(&*journal, "y", u64::from(u32::MAX) + 1).await;
    assert_eq!(cursor(&*journal, "x").await, Some(0), "that is not the same as none");
    assert_eq!(cursor(&*journal, "y").await, Some(u64::from(u32::MAX) + 1));
    set(&*journal, "x", 7).await;
    assert_eq!(cursor(&*journal, "x").await, Some(7));
    let last = journal.record(&id("a"), NOW, Vec::new(), None).await.expect("record");
    assert_eq!(last, 0, "a cursor is no event");
}

/// Rule 10.
pub async fn rule_10_only_who_leads_sets_a_cursor(harness: &impl JournalHarness) {
    let JournalFixture { journal, guard: _guard } = harness.journal().await;
    let refused = async |holder: &str, now| {
        let error = journal.set_cursor(&id(holder), now, &name("x"), 9).await.expect_err("does not lead");
        assert!(matches!(error, StoreError::NotLeading), "{holder}: {error:?}");
    };
    refused("a", NOW).await;
    lead(&*journal, "a").await;
    set(&*journal, "x", 3).await;
    refused("b", NOW).await;
    refused("a", NOW + LEASE).await;
    assert_eq!(cursor(&*journal, "x").await, Some(3));
}

/// Rule 10.
pub async fn rule_10_a_cursor_outlives_a_change_of_the_leader(harness: &impl JournalHarness) {
    let JournalFixture { journal, guard: _guard } = harness.journal().await;
    lead(&*journal, "a").await;
    set(&*journal, "x", 3).await;
    journal.resign(&id("a")).await.expect("resign");
    assert_eq!(cursor(&*journal, "x").await, Some(3));
    lead(&*journal, "b").await;
    journal.set_cursor(&id("b"), NOW, &name("x"), 4).await.expect("set");
    assert_eq!(cursor(&*journal, "x").await, Some(4));
}

/// Rule 11.
pub async fn rule_11_a_cursor_never_moves_back(harness: &impl JournalHarness) {
    let JournalFixture { journal, guard: _guard } = harness.journal().await;
    lead(&*journal, "a").await;
    // As text 10 comes before 9.
    set(&*journal, "x", 10).await;
    set(&*journal, "x", 9).await;
    assert_eq!(cursor(&*journal, "x").await, Some(10));
}

/// Rule 12.
pub async fn rule_12_the_cursor_that_is_furthest_behind_makes_room(harness: &impl JournalHarness) {
    let JournalFixture { journal, guard: _guard } = harness.journal().await;
    lead(&*journal, "a").await;
    let name = |i: usize| format!("cursor-{i}");
    for i in 0..MAX_CURSORS {
        set(&*journal, &name(i), 100 + i as u64).await;
    }
    set(&*journal, &name(0), 1_000).await;
    assert_eq!(cursor(&*journal, &name(1)).await, Some(101), "one that is there needs no room");
    set(&*journal, &name(MAX_CURSORS), 5).await;
    assert_eq!(cursor(&*journal, &name(1)).await, None, "it was furthest behind");
    for i in (2..=MAX_CURSORS).chain([0]) {
        assert!(cursor(&*journal, &name(i)).await.is_some(), "{i}");
    }
}
