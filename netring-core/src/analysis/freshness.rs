//! How old a result is, and for how long it is held for true.

use crate::{
    model::{MemberReport, ProbeReport, Timestamp},
    store::ReceivedReport,
};
use std::time::Duration;

/// A result is held for true for this many of its intervals, and as long again as the probe took; then nobody knows.
const INTERVALS: u32 = 3;
/// However often a member probes, a result is held for true for at least this long.
const AT_LEAST: Duration = Duration::from_secs(5);
/// However rarely a member says that it probes, a result is held for true for no longer than this: nobody can be told to probe
/// more rarely than once a day.
const AT_MOST: Duration = Duration::from_secs(3 * 86_400);

/// For how long after its end a result is held for true.
pub(super) fn fresh_for(result: &ProbeReport, report: &MemberReport) -> Duration {
    made_every(result, report).saturating_mul(INTERVALS).saturating_add(result.duration).clamp(AT_LEAST, AT_MOST)
}

/// For how long after it came in a report is held for the newest of its member.
pub(super) fn reports_for(report: &MemberReport) -> Duration {
    report.check_interval.saturating_mul(INTERVALS).clamp(AT_LEAST, AT_MOST)
}

/// How often a registry sees such a result anew: no more often than it is made, nor than the member reports.
pub(super) fn made_every(result: &ProbeReport, report: &MemberReport) -> Duration {
    result.interval.unwrap_or_default().max(report.check_interval)
}

/// When a result was made, by the registry's clock. The member's clock is asked for differences alone, so that it may be
/// wrong; a result that it puts after the report was made as the report came in.
pub(super) fn ended_at(result: &ProbeReport, received: &ReceivedReport) -> Timestamp {
    received.received_at - received.report.sent_at.since(result.started_at + result.duration)
}

/// How long ago that was.
pub(super) fn age(result: &ProbeReport, received: &ReceivedReport, now: Timestamp) -> Duration {
    now.since(received.received_at) + received.report.sent_at.since(result.started_at + result.duration)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Outcome;
    use crate::testing::sample::{NOW, report, result};

    fn received(sent_at: Timestamp, started_at: Timestamp, duration: Duration) -> ReceivedReport {
        let result = ProbeReport { started_at, duration, ..result("b", Outcome::Success) };
        ReceivedReport { received_at: NOW, report: MemberReport { sent_at, ..report("a", vec![result]) } }
    }

    #[test]
    fn a_result_has_the_time_of_the_registry() {
        let s = Duration::from_secs;
        let far = NOW + s(1_000_000_000);
        for (sent_at, started_at, duration, age_now) in [
            (NOW, NOW - s(10), s(1), s(9)),
            // A clock that is wrong by years is wrong at both times.
            (far, far - s(10), s(1), s(9)),
            (NOW, NOW + s(10), s(1), s(0)),
            (NOW, NOW - s(10), s(100), s(0)),
            (NOW, NOW, Duration::MAX, s(0)),
        ] {
            let received = received(sent_at, started_at, duration);
            let result = &received.report.results[0];
            assert_eq!(ended_at(result, &received), NOW - age_now, "{result:?}");
            assert_eq!(age(result, &received, NOW + s(5)), age_now + s(5), "{result:?}");
        }
    }

    #[test]
    fn it_is_true_for_three_intervals_and_from_five_seconds_to_three_days() {
        let s = Duration::from_secs;
        for (interval, check_interval, duration, fresh) in [
            (None, s(60), s(1), s(181)),
            (Some(s(300)), s(60), s(1), s(901)),
            (Some(s(1)), s(60), s(1), s(181)),
            (Some(s(1)), s(1), s(0), s(5)),
            (None, s(0), s(0), s(5)),
            (Some(Duration::MAX), s(1), Duration::MAX, s(3 * 86_400)),
            (None, s(1), Duration::MAX, s(3 * 86_400)),
            (None, Duration::MAX, s(1), s(3 * 86_400)),
        ] {
            let result = ProbeReport { interval, duration, ..result("b", Outcome::Success) };
            let report = MemberReport { check_interval, ..report("a", vec![]) };
            assert_eq!(fresh_for(&result, &report), fresh, "{interval:?} {check_interval:?}");
        }
    }
}
