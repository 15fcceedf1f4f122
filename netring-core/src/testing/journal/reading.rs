//! What events there are to be read.

use super::{JournalHarness, NOW, events, ids, joined, lead, memory, record, some};
use crate::store::MAX_EVENTS;

/// Rule 6.
pub async fn rule_06_events_come_in_pages(harness: &impl JournalHarness) {
    let fixture = harness.journal().await;
    let journal = &*fixture.journal;
    assert!(ids(journal, 0, 10).await.is_empty());
    assert!(lead(journal, "a", NOW).await);
    record(journal, "a", some(5), None).await.expect("record");
    for (after, limit, wanted) in [
        (0, 2, &[1, 2][..]),
        (2, 2, &[3, 4]),
        (4, 2, &[5]),
        (5, 2, &[]),
        (3, usize::MAX, &[4, 5]),
        (0, 0, &[]),
        (u64::MAX, 10, &[]),
    ] {
        assert_eq!(ids(journal, after, limit).await, wanted, "after {after}, at most {limit}");
    }
}

/// Rule 6.
pub async fn rule_06_a_reader_sees_what_was_recorded_since(harness: &impl JournalHarness) {
    let fixture = harness.journal().await;
    let journal = &*fixture.journal;
    assert!(lead(journal, "a", NOW).await);
    for last in 1..=20 {
        record(journal, "a", some(1), None).await.expect("record");
        assert_eq!(ids(journal, last - 1, 10).await, [last]);
        assert_eq!(ids(journal, 0, 100).await, (1..=last).collect::<Vec<_>>());
    }
}

/// Rule 7.
pub async fn rule_07_the_newest_events_are_kept(harness: &impl JournalHarness) {
    let fixture = harness.journal().await;
    let journal = &*fixture.journal;
    assert!(lead(journal, "a", NOW).await);
    let (step, mut last) = (1_500, 0);
    while last < 2 * MAX_EVENTS + step {
        last += step;
        let given = record(journal, "a", some(step), None).await.expect("record");
        assert_eq!(given, last as u64);
    }
    let kept = ids(journal, 0, usize::MAX).await;
    assert!((MAX_EVENTS..=2 * MAX_EVENTS).contains(&kept.len()), "{}", kept.len());
    let oldest = last - kept.len() + 1;
    assert_eq!(kept, (oldest as u64..=last as u64).collect::<Vec<_>>(), "the newest, and each of them");
    assert_eq!(ids(journal, 0, 2).await, kept[..2], "what is kept begins there");
    assert_eq!(ids(journal, last as u64 - 2, 10).await, kept[kept.len() - 2..]);
}

/// Rule 7.
pub async fn rule_07_more_events_at_once_than_are_kept(harness: &impl JournalHarness) {
    let fixture = harness.journal().await;
    let journal = &*fixture.journal;
    assert!(lead(journal, "a", NOW).await);
    record(journal, "a", some(1), None).await.expect("record");
    let count = 2 * MAX_EVENTS + 1;
    let last = count as u64 + 1;
    assert_eq!(record(journal, "a", some(count), Some("memory")).await.expect("record"), last);
    let kept = events(journal, 0, usize::MAX).await;
    assert!((MAX_EVENTS..=2 * MAX_EVENTS).contains(&kept.len()), "{}", kept.len());
    let newest = kept.last().expect("there are some");
    assert_eq!(
        (newest.id, &newest.what),
        (last, &joined(&format!("m{}", count - 1))),
        "ids count what was dropped too"
    );
    assert_eq!(memory(journal).await.as_deref(), Some("memory"));
}
