//! The contract of [`Journal`], rule by rule.

mod cursors;
mod leases;
mod occurrences;
mod reading;

pub use self::cursors::{
    rule_10_a_cursor_is_as_it_was_set, rule_10_a_cursor_outlives_a_change_of_the_leader,
    rule_10_only_who_leads_sets_a_cursor, rule_11_a_cursor_never_moves_back,
    rule_12_the_cursor_that_is_furthest_behind_makes_room,
};
pub use self::leases::{
    rule_01_a_lease_is_over_at_its_end, rule_01_of_many_at_the_same_time_one_leads,
    rule_01_who_asks_first_leads_and_nobody_else, rule_01_who_does_not_get_a_lease_changes_nothing,
    rule_01_who_leads_renews_its_lease, rule_02_nobody_ends_the_lease_of_another, rule_02_who_resigns_leads_no_more,
};
pub use self::reading::{
    rule_06_a_reader_sees_what_was_recorded_since, rule_06_events_come_in_pages,
    rule_07_more_events_at_once_than_are_kept, rule_07_the_newest_events_are_kept,
};

use self::occurrences::occurrences;
use super::{
    Guard,
    sample::{NOW, id},
};
use crate::{
    analysis::{Occurrence, RingEvent, Whose},
    model::{Location, Timestamp},
    store::{Journal, StoreError},
};
use async_trait::async_trait;
use std::{fmt, sync::Arc, time::Duration};

/// Runs every rule of [`Journal`] against the journals that a [`JournalHarness`] makes.
#[macro_export]
macro_rules! journal_conformance {
    ($harness:expr) => {
        $crate::__conformance_cases!(
            journal,
            $harness,
            [
                rule_01_who_asks_first_leads_and_nobody_else,
                rule_01_a_lease_is_over_at_its_end,
                rule_01_who_leads_renews_its_lease,
                rule_01_who_does_not_get_a_lease_changes_nothing,
                rule_01_of_many_at_the_same_time_one_leads,
                rule_02_who_resigns_leads_no_more,
                rule_02_nobody_ends_the_lease_of_another,
                rule_03_events_get_ids_that_count_up,
                rule_03_an_event_comes_back_as_it_was,
                rule_03_without_events_there_is_the_last_id,
                rule_03_ids_go_on_with_the_next_leader,
                rule_04_who_does_not_lead_records_nothing,
                rule_05_without_a_memory_the_one_before_stays,
                rule_06_events_come_in_pages,
                rule_06_a_reader_sees_what_was_recorded_since,
                rule_07_the_newest_events_are_kept,
                rule_07_more_events_at_once_than_are_kept,
                rule_08_a_memory_comes_back_as_it_was,
                rule_09_operations_at_the_same_time_lose_nothing,
                rule_10_a_cursor_is_as_it_was_set,
                rule_10_only_who_leads_sets_a_cursor,
                rule_10_a_cursor_outlives_a_change_of_the_leader,
                rule_11_a_cursor_never_moves_back,
                rule_12_the_cursor_that_is_furthest_behind_makes_room,
            ]
        );
    };
}

/// Makes journals to test.
#[async_trait]
pub trait JournalHarness: Sync {
    /// An empty journal that nobody else uses.
    async fn journal(&self) -> JournalFixture;
}

/// A journal to test, and what it needs for as long.
pub struct JournalFixture {
    /// The journal.
    pub journal: Arc<dyn Journal>,
    /// What it needs.
    pub guard: Guard,
}

impl fmt::Debug for JournalFixture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JournalFixture").field("journal", &self.journal).finish_non_exhaustive()
    }
}

impl JournalFixture {
    /// A journal that needs nothing else.
    #[must_use]
    pub fn new(journal: impl Journal) -> Self {
        Self { journal: Arc::new(journal), guard: Box::new(()) }
    }
}

const LEASE: Duration = Duration::from_secs(10);
const INSTANT: Duration = Duration::from_micros(1);

async fn lead(journal: &dyn Journal, holder: &str, now: Timestamp) -> bool {
    journal.lead(&id(holder), now, LEASE).await.expect("lead")
}

fn joined(instance_id: &str) -> Occurrence {
    let location = Location::new("eu1").expect("a location");
    Occurrence::Joined(Whose { instance_id: id(instance_id), location })
}

/// So many events, each of another member and another time.
fn some(count: usize) -> Vec<(Timestamp, Occurrence)> {
    (0..count).map(|i| (NOW + INSTANT * u32::try_from(i).expect("few"), joined(&format!("m{i}")))).collect()
}

async fn record(
    journal: &dyn Journal,
    holder: &str,
    events: Vec<(Timestamp, Occurrence)>,
    memory: Option<&str>,
) -> Result<u64, StoreError> {
    journal.record(&id(holder), NOW, events, memory.map(str::to_owned)).await
}

async fn events(journal: &dyn Journal, after: u64, limit: usize) -> Vec<Arc<RingEvent>> {
    journal.events(after, limit).await.expect("events")
}

async fn ids(journal: &dyn Journal, after: u64, limit: usize) -> Vec<u64> {
    events(journal, after, limit).await.iter().map(|event| event.id).collect()
}

async fn memory(journal: &dyn Journal) -> Option<String> {
    journal.memory().await.expect("memory").map(|memory| memory.to_string())
}

/// Rule 3.
pub async fn rule_03_events_get_ids_that_count_up(harness: &impl JournalHarness) {
    let fixture = harness.journal().await;
    let journal = &*fixture.journal;
    assert!(lead(journal, "a", NOW).await);
    assert_eq!(record(journal, "a", some(3), None).await.expect("record"), 3);
    // The very same again are other events.
    assert_eq!(record(journal, "a", some(3), None).await.expect("record"), 6);
    let wanted: Vec<_> = (1..).zip(some(3).into_iter().chain(some(3))).collect();
    let got = events(journal, 0, 100).await.iter().map(|e| (e.id, (e.at, e.what.clone()))).collect::<Vec<_>>();
    assert_eq!(got, wanted);
}

/// Rule 3.
pub async fn rule_03_an_event_comes_back_as_it_was(harness: &impl JournalHarness) {
    let fixture = harness.journal().await;
    let journal = &*fixture.journal;
    assert!(lead(journal, "a", NOW).await);
    let mut kinds: Vec<_> = occurrences().iter().map(Occurrence::kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(kinds.len(), Occurrence::KINDS.len(), "this test knows of all kinds");
    // Neither in the order of their times, nor in whole seconds.
    let at = |i: usize| NOW - INSTANT * u32::try_from(i).expect("few");
    let recorded: Vec<_> = occurrences().into_iter().enumerate().map(|(i, what)| (at(i), what)).collect();
    record(journal, "a", recorded.clone(), None).await.expect("record");
    let got: Vec<_> = events(journal, 0, 100).await.iter().map(|event| (event.at, event.what.clone())).collect();
    assert_eq!(got, recorded);
}

/// Rule 3.
pub async fn rule_03_without_events_there_is_the_last_id(harness: &impl JournalHarness) {
    let fixture = harness.journal().await;
    let journal = &*fixture.journal;
    assert!(lead(journal, "a", NOW).await);
    assert_eq!(record(journal, "a", Vec::new(), None).await.expect("record"), 0);
    assert!(events(journal, 0, 100).await.is_empty());
    assert_eq!(record(journal, "a", some(2), None).await.expect("record"), 2);
    assert_eq!(record(journal, "a", Vec::new(), Some("memory")).await.expect("record"), 2);
    assert_eq!(ids(journal, 0, 100).await, [1, 2]);
}

/// Rule 3.
pub async fn rule_03_ids_go_on_with_the_next_leader(harness: &impl JournalHarness) {
    let fixture = harness.journal().await;
    let journal = &*fixture.journal;
    for (turn, holder) in (0..).zip(["a", "b", "a"]) {
        assert!(lead(journal, holder, NOW).await);
        assert_eq!(record(journal, holder, some(2), None).await.expect("record"), 2 * turn + 2);
        journal.resign(&id(holder)).await.expect("resign");
    }
    assert_eq!(ids(journal, 0, 100).await, [1, 2, 3, 4, 5, 6]);
}

/// Rule 4.
pub async fn rule_04_who_does_not_lead_records_nothing(harness: &impl JournalHarness) {
    let fixture = harness.journal().await;
    let journal = &*fixture.journal;
    let refused = async |holder: &str, now| {
        let refused = journal.record(&id(holder), now, some(2), Some("mine".to_owned())).await;
        assert!(matches!(refused, Err(StoreError::NotLeading)), "{holder}: {refused:?}");
    };
    refused("a", NOW).await;
    assert_eq!((ids(journal, 0, 100).await, memory(journal).await), (vec![], None));
    assert!(lead(journal, "a", NOW).await);
    record(journal, "a", some(1), Some("a's")).await.expect("record");
    refused("b", NOW).await;
    refused("a", NOW + LEASE).await;
    assert!(lead(journal, "b", NOW + LEASE).await);
    refused("a", NOW + LEASE).await;
    assert_eq!((ids(journal, 0, 100).await, memory(journal).await), (vec![1], Some("a's".to_owned())));
    assert_eq!(journal.record(&id("b"), NOW + LEASE, some(1), None).await.expect("record"), 2, "no id is lost");
}

/// Rule 5.
pub async fn rule_05_without_a_memory_the_one_before_stays(harness: &impl JournalHarness) {
    let fixture = harness.journal().await;
    let journal = &*fixture.journal;
    assert!(lead(journal, "a", NOW).await);
    for (given, wanted) in [
        (None, None),
        (Some("first"), Some("first")),
        (None, Some("first")),
        (Some("second"), Some("second")),
        (Some(""), Some("")),
        (None, Some("")),
    ] {
        record(journal, "a", some(1), given).await.expect("record");
        assert_eq!(memory(journal).await.as_deref(), wanted, "after {given:?}");
    }
}

/// Rule 8.
pub async fn rule_08_a_memory_comes_back_as_it_was(harness: &impl JournalHarness) {
    let fixture = harness.journal().await;
    let journal = &*fixture.journal;
    assert_eq!(memory(journal).await, None);
    let long = "{\"faults\": [\"Zürich\"]}\n\0".repeat(50_000);
    for (holder, written) in [("a", "{}"), ("b", &*long), ("a", "{}")] {
        assert!(lead(journal, holder, NOW).await);
        record(journal, holder, Vec::new(), Some(written)).await.expect("record");
        assert!(memory(journal).await.as_deref() == Some(written), "{} bytes of {holder}", written.len());
        journal.resign(&id(holder)).await.expect("resign");
        assert!(memory(journal).await.as_deref() == Some(written), "it stays when {holder} resigns");
    }
}

/// Rule 9.
pub async fn rule_09_operations_at_the_same_time_lose_nothing(harness: &impl JournalHarness) {
    let fixture = harness.journal().await;
    assert!(lead(&*fixture.journal, "a", NOW).await);
    let mut tasks = tokio::task::JoinSet::new();
    for i in 0..50 {
        let journal = Arc::clone(&fixture.journal);
        tasks.spawn(async move {
            let events = vec![(NOW, joined(&format!("m{i}"))), (NOW, joined(&format!("m{i}")))];
            let last = record(&*journal, "a", events, Some(&format!("m{i}"))).await.expect("record");
            // What was recorded is seen by whoever asks after that.
            let seen = journal.events(last - 2, 2).await.expect("events");
            assert!(seen.len() == 2 && seen.iter().all(|event| event.what == joined(&format!("m{i}"))), "{seen:?}");
            (last, format!("m{i}"))
        });
    }
    let recorded = tasks.join_all().await;
    let newest = recorded.into_iter().max().map(|(_, memory)| memory);
    assert_eq!(memory(&*fixture.journal).await, newest, "the memory is that of who came last");
    assert_eq!(ids(&*fixture.journal, 0, 1_000).await, (1..=100).collect::<Vec<_>>());
}
