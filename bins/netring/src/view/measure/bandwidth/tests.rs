use super::{
    super::sample::{micros, plain, report},
    *,
};
use netring_core::{FailureReason, ProbeKind, model::BandwidthMode};

const BOTH: &[Direction] = &[Direction::Download, Direction::Upload];

fn budget(directions: &'static [Direction]) -> Budget {
    Budget { mib: 64, time: Duration::from_secs(5), directions }
}

fn way(limited_by: Option<Limit>) -> Throughput {
    Throughput {
        bits_per_second: 94.14e6,
        bytes: 12 << 20,
        duration: micros(1_070_000),
        settled: limited_by.is_none(),
        limited_by,
        round_trip_time: Some(micros(20_300)),
        retransmits: Some(17),
    }
}

fn measured(outcome: Outcome, download: Option<Throughput>, upload: Option<Throughput>) -> ProbeReport {
    let measured = BandwidthMeasurement { mode: BandwidthMode::Adaptive, download, upload };
    report(ProbeKind::BANDWIDTH, outcome, Some(Measurement::Bandwidth(measured)))
}

#[test]
fn each_direction_has_a_line() {
    let upload = Throughput { retransmits: None, bits_per_second: 9.2e6, ..way(Some(Limit::Time)) };
    let report = measured(Outcome::Success, Some(way(None)), Some(upload));
    let expected = "\
\x20 direction          rate    bytes     time   round trip   retransmits
  download    94.1 Mbit/s   12 MiB   1.07 s      20.3 ms            17   settled
  upload      9.20 Mbit/s   12 MiB   1.07 s      20.3 ms                 not settled: the 5 s were over before the rate was steady
";
    let text = plain(&bandwidth(&report, &budget(BOTH), None));
    assert_eq!(text, expected, "\n{text}");
    let text = plain(&bandwidth(&report, &budget(BOTH), Some(80)));
    assert!(
        text.ends_with(
            "\n\n  download: settled\n  upload: not settled: the 5 s were over before the rate was steady\n"
        )
    );
    assert!(text.lines().all(|line| line.len() <= 80), "\n{text}");
}

#[test]
fn what_kept_a_rate_from_settling_is_said() {
    for (limit, said) in [
        (Limit::Bytes, "not settled: the 64 MiB were spent before the rate was steady"),
        (Limit::Target, "not settled: the target ended it before the rate was steady"),
        (Limit::Window, "not the path's: a TCP window kept the rate down"),
        (Limit::FixedSize, "a fixed size: the start-up of TCP is in the rate"),
        (Limit::Other, "not settled: the rate was not steady"),
    ] {
        let report = measured(Outcome::Success, Some(way(Some(limit))), None);
        let text = plain(&bandwidth(&report, &budget(&[Direction::Download]), None));
        assert!(text.trim_end().ends_with(said) && text.lines().count() == 2, "\n{text}");
    }
}

#[test]
fn a_member_of_1x_takes_no_uploads() {
    let report = measured(Outcome::Success, Some(way(Some(Limit::Target))), None);
    let text = plain(&bandwidth(&report, &budget(BOTH), None));
    assert!(
        text.contains("\n  upload ") && text.ends_with("takes no uploads, as members of netring 1.x\n"),
        "\n{text}"
    );
}

#[test]
fn a_failure_comes_after_what_was_measured() {
    let failure = || Outcome::failure(FailureReason::Reset, "upload: connection reset");
    let text = plain(&bandwidth(&measured(failure(), Some(way(None)), None), &budget(BOTH), None));
    assert!(text.contains("settled\n\n  FAILED   reset: upload: connection reset\n"), "\n{text}");
    let nothing = report(ProbeKind::BANDWIDTH, failure(), None);
    let text = plain(&bandwidth(&nothing, &budget(BOTH), None));
    assert_eq!(text, "  FAILED   reset: upload: connection reset\n");
}

#[test]
fn the_rate_is_seen_while_it_works() {
    let download = BandwidthProgress {
        direction: Direction::Download,
        elapsed: micros(1_540_000),
        bytes: 17 << 20,
        bits_per_second: 94.1e6,
    };
    let upload = BandwidthProgress { direction: Direction::Upload, bytes: 3 << 10, ..download };
    let text = plain(&bandwidth_so_far(&[download, upload]));
    let expected = "\
\x20 download     94.1 Mbit/s     17 MiB   1.5 s
  upload       94.1 Mbit/s      3 KiB   1.5 s
";
    assert_eq!(text, expected, "\n{text}");
}
