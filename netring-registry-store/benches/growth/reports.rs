//! Reports: as many in rings of any size.

use crate::{
    Size,
    bench::{MIB, at_once, micros, name, print},
    kind::Place,
    memory,
};
use netring_core::{
    MemberStore, Outcome, ReceivedReport,
    testing::sample::{NOW, report, result},
};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

/// In each report.
pub(crate) const RESULTS: usize = 50;

pub(crate) async fn run(place: &Place, size: Size) {
    let count = size.reporting;
    let before = (memory::resident(), place.redis_memory());
    let store = place.open().await;
    print(put(&store, count).await, "put a report, µs");
    if let (Some(before), Some(after)) = (before.1, place.redis_memory()) {
        print((after - before) / count as f64, "memory of Redis, bytes a report");
    }
    print(read(&*store, count).await, "first read of the reports, ms");
    print((memory::resident() - before.0) / MIB, "memory of this process after that, MiB");
    print(read(&*store, count).await, "read of the reports with none new, ms");
}

async fn put(store: &Arc<dyn MemberStore>, count: usize) -> f64 {
    // Made before, so that it is not measured how long that takes.
    let reports: Vec<_> = (0..count).map(made).collect();
    let (store, reports) = (Arc::clone(store), Arc::new(Mutex::new(reports)));
    let put = move |_| {
        let store = Arc::clone(&store);
        let report = reports.lock().unwrap_or_else(PoisonError::into_inner).pop().expect("one for each");
        async move { store.put_report(report).await.expect("its member is known") }
    };
    at_once(0..count, put).await
}

fn made(member: usize) -> ReceivedReport {
    let results = (0..RESULTS).map(|target| result(&name(target), Outcome::Success)).collect();
    ReceivedReport { received_at: NOW, report: report(&name(member), results) }
}

/// Milliseconds.
async fn read(store: &dyn MemberStore, count: usize) -> f64 {
    let start = Instant::now();
    let reports = store.reports().await.expect("it is there");
    let time = micros(start.elapsed(), 1_000);
    assert_eq!(reports.len(), count);
    time
}
