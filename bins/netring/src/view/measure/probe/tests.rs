use super::{
    super::sample::{micros, plain, report},
    *,
};
use netring_core::{
    BurstMeasurement, FailureReason, ProbeKind, TcpMeasurement,
    model::{OneWay, PacketTimestamps, RoundTripTimes},
};

fn line(name: &str, result: Result<ProbeReport, String>) -> Line {
    Line { name: name.to_owned(), packets: None, seen: Vec::new(), result: Some(result) }
}

fn burst(received: u32) -> BurstMeasurement {
    let way = |lost| OneWay { lost, interarrival_jitter: None };
    BurstMeasurement {
        sent: 10,
        received,
        duplicates: 1,
        reordered: 0,
        loss_ratio: f64::from(10 - received) / 10.0,
        round_trip_time: (received > 0).then(|| RoundTripTimes {
            min: micros(900),
            mean: micros(1_000),
            max: micros(21_000),
            standard_deviation: micros(10),
            p50: micros(1_000),
            p95: micros(2_000),
            p99: micros(21_000),
        }),
        interarrival_jitter: (received > 1).then(|| micros(130)),
        forward: Some(way(9 - received.min(9))),
        backward: Some(way(1)),
        timestamps: PacketTimestamps::Kernel,
    }
}

fn lines() -> Vec<Line> {
    let tcp = Measurement::Tcp(TcpMeasurement { resolve: None, connect: micros(980) });
    let http = HttpMeasurement {
        connect: Some(micros(1_010)),
        tls: Some(micros(3_000)),
        first_byte: Some(micros(2_400)),
        body: Some(micros(190)),
        status: Some(200),
        body_bytes: 1_536,
        ..HttpMeasurement::default()
    };
    let bad = HttpMeasurement { connect: Some(micros(1_010)), status: Some(503), ..HttpMeasurement::default() };
    let status = Outcome::failure(FailureReason::UnexpectedStatus, "status 503 is not one of 2xx, 3xx");
    let udp = report(ProbeKind::UDP, Outcome::Success, Some(Measurement::Burst(burst(8))));
    vec![
        line("tcp", Ok(report(ProbeKind::TCP, Outcome::Success, Some(tcp)))),
        line("http /health", Ok(report(ProbeKind::HTTP, Outcome::Success, Some(Measurement::Http(http))))),
        line("http /x", Ok(report(ProbeKind::HTTP, status, Some(Measurement::Http(bad))))),
        Line { packets: Some(10), ..line("udp", Ok(udp)) },
        line("icmp", Err("no permission \u{1b}[2J".to_owned())),
    ]
}

#[test]
fn each_probe_has_a_line() {
    let expected = "\
\x20 probe          result     round trip   lost    jitter
  tcp            good          0.98 ms
  http /health   good          1.01 ms                    status 200, TLS 3.00 ms, first byte 2.40 ms, 1.5 KiB in 0.19 ms
  http /x        FAILED        1.01 ms                    unexpected status: status 503 is not one of 2xx, 3xx
  udp            good          1.00 ms   20 %   0.13 ms   min 0.90 ms, p95 2.00 ms, p99 21.0 ms, max 21.0 ms, lost 1 there and 1 back, 1 duplicate
  icmp           not made                                 no permission \u{FFFD}[2J
";
    let text = plain(&probes(&lines(), None));
    assert_eq!(text, expected, "\n{text}");
}

#[test]
fn a_narrow_terminal_has_the_details_below() {
    let text = plain(&probes(&lines(), Some(80)));
    let expected = "\
\x20 probe          result     round trip   lost    jitter
  tcp            good          0.98 ms
  http /health   good          1.01 ms
";
    assert!(text.starts_with(expected), "\n{text}");
    assert!(text.contains("\n  icmp           not made\n\n  http /health: status 200, TLS"), "\n{text}");
    assert!(text.ends_with("\n  icmp: no permission \u{FFFD}[2J\n"), "\n{text}");
}

#[test]
fn what_only_bursts_have_needs_a_burst() {
    let mut lines = lines();
    lines.truncate(1);
    let text = plain(&probes(&lines, None));
    assert_eq!(text, "  probe   result   round trip\n  tcp     good        0.98 ms\n");
}

#[test]
fn a_burst_that_is_lost_says_no_more_than_that() {
    let failure = Outcome::failure(FailureReason::Timeout, "none of 10 packets came back before the deadline");
    let udp = report(ProbeKind::UDP, failure, Some(Measurement::Burst(burst(0))));
    let text = plain(&probes(&[Line { packets: Some(10), ..line("udp", Ok(udp)) }], None));
    let expected =
        "  udp     FAILED                100 %            timeout: none of 10 packets came back before the deadline";
    assert_eq!(text.lines().nth(1), Some(expected), "\n{text}");
}

#[test]
fn packets_are_drawn_as_they_come() {
    let seen = vec![
        BurstProgress::Received { sequence: 0, round_trip_time: micros(1) },
        BurstProgress::Duplicate { sequence: 0 },
        BurstProgress::Lost { sequence: 1 },
    ];
    let waiting = |name: &str, packets, seen| Line { name: name.to_owned(), packets, seen, result: None };
    let mut all = lines();
    all.truncate(1);
    all.push(waiting("http /", None, vec![]));
    all.push(waiting("udp", Some(10), seen.clone()));
    assert_eq!(plain(&probes_so_far(&all)), "  tcp      good\n  http /   …\n  udp      3/10   .+x\n");
    let many = vec![waiting("udp", Some(1_000), seen.repeat(100))];
    let drawn = plain(&probes_so_far(&many));
    assert_eq!(drawn.trim_end().rsplit(' ').next().map(str::len), Some(50), "{drawn}");
}
