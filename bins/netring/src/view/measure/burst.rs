//! A burst, in words.

use super::units::{self, count};
use netring_core::BurstMeasurement;

/// Its round-trip times besides the median, and what was odd.
pub(super) fn details(burst: &BurstMeasurement) -> String {
    let mut parts = Vec::new();
    if let Some(times) = &burst.round_trip_time {
        let named = [("min", times.min), ("p95", times.p95), ("p99", times.p99), ("max", times.max)];
        parts.extend(named.map(|(name, time)| format!("{name} {}", units::time(time))));
    }
    // Nothing came back: then nobody knows where it was lost.
    if let (1.., Some(forward), Some(backward)) = (burst.received, &burst.forward, &burst.backward)
        && (forward.lost > 0 || backward.lost > 0)
    {
        parts.push(format!("lost {} there and {} back", forward.lost, backward.lost));
    }
    if burst.duplicates > 0 {
        parts.push(count(burst.duplicates, "duplicate"));
    }
    if burst.reordered > 0 {
        parts.push(format!("{} reordered", burst.reordered));
    }
    parts.join(", ")
}
