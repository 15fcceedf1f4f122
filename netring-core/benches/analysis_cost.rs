//! What a round of observing and judging costs a registry, and what it remembers of a pair: rings of 50, 200 and 1,000 members,
//! a full mesh with a TCP, an HTTP and a UDP check of each pair.

#![expect(clippy::print_stdout, reason = "the numbers are what this program is for")]

#[path = "analysis_cost/verdicts.rs"]
mod verdicts;

use netring_core::{
    AdvertisedAddress, Endpoint, HttpMeasurement, InstanceId, Location, Measurement, Member, MemberReport,
    MemberStatus, Outcome, ProbeKind, ProbeReport, ReceivedReport, TcpMeasurement, Timestamp,
    analysis::{Observatory, Sensitivity},
    registry::MembersSnapshot,
    testing::sample,
};
use std::{
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant},
};

/// How often members probe and report.
const INTERVAL: Duration = Duration::from_secs(30);
const CHECKS: usize = 3;

/// Members, rounds, and the bytes for all histories. So many rounds are an hour; the largest ring is not given room for that.
const WHOLE: [(usize, u64, usize); 3] = [(50, 121, 1 << 30), (200, 121, 1 << 30), (1_000, 4, 512 << 20)];
const TRIAL: [(usize, u64, usize); 1] = [(10, 3, 1 << 30)];

fn main() {
    let whole = std::env::args().any(|argument| argument == "--bench");
    verdicts::measure(if whole { &[50, 200, 1_000] } else { &[20] });
    let cases = if whole { &WHOLE[..] } else { &TRIAL[..] };
    println!("{CHECKS} checks of each pair, every {} s; times in ms, the median of the rounds", INTERVAL.as_secs());
    println!(
        "members     pairs  first round  all new  nothing new  evidence  \
         quantiles  again  B/pair without history  \
         B/check set aside  B/check resident  checks refused"
    );
    for &(members, rounds, max_history_bytes) in cases {
        let mut ring = Ring::new(members);
        // Without histories first: that memory is not given back to the system when it is free.
        let mut bare = Observatory::new(Sensitivity::default(), 0);
        let before = resident();
        let first = ms(|| bare.observe(&ring.snapshot, &ring.reports));
        let bare_bytes = resident().saturating_sub(before);
        let mut observatory = Observatory::new(Sensitivity::default(), max_history_bytes);
        let before = resident();
        let (mut new, mut nothing, mut evidence) = (Vec::new(), Vec::new(), Vec::new());
        observatory.observe(&ring.snapshot, &ring.reports);
        for _ in 1..rounds {
            ring.next();
            new.push(ms(|| observatory.observe(&ring.snapshot, &ring.reports)));
            nothing.push(ms(|| observatory.observe(&ring.snapshot, &ring.reports)));
            evidence.push(ms(|| observatory.evidence(&ring.snapshot)));
        }
        let quantiles = ms(|| ring.round_trip_times(&observatory));
        let again = ms(|| ring.round_trip_times(&observatory));
        let resident = resident().saturating_sub(before).saturating_sub(bare_bytes);
        let health = observatory.history_health();
        drop(bare);
        let with_history = (health.checks - health.refused_checks).max(1);
        println!(
            "{members:>7} {:>9} {first:>12.1} {:>8.1} {:>12.3} {:>9.1} {quantiles:>10.1} {again:>6.1} {:>23} {:>18} {:>17} {:>15}",
            health.pairs,
            median(new),
            median(nothing),
            median(evidence),
            bare_bytes / health.pairs,
            health.bytes / with_history,
            resident / with_history,
            health.refused_checks,
        );
    }
}

/// How long `work` takes.
fn ms<T>(work: impl FnOnce() -> T) -> f64 {
    let started = Instant::now();
    let result = black_box(work());
    let elapsed = started.elapsed();
    // To drop what it gave is not a part of it.
    drop(result);
    elapsed.as_secs_f64() * 1e3
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_unstable_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// Bytes of memory that this process has now, by the kernel; 0 where it does not tell.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<usize>().ok());
    kib.unwrap_or_default() * 1_024
}

struct Ring {
    snapshot: MembersSnapshot,
    reports: Vec<Arc<ReceivedReport>>,
}

impl Ring {
    fn new(members: usize) -> Self {
        let location = |i: usize| Location::new(format!("site-{:02}", i / 10)).expect("a location");
        let address = AdvertisedAddress::new([10, 0, 0, 1].into(), 8757).expect("an address");
        let member = |i: usize| Member {
            instance_id: InstanceId::new(format!("member-{i:04}-of-a-large-ring")).expect("an id"),
            location: location(i),
            address,
            heartbeat_interval: None,
            udp_echo: true,
            registered_at: sample::NOW,
            last_seen: sample::NOW,
            deregistered_at: None,
        };
        let members: Vec<_> = (0..members).map(|i| (member(i), MemberStatus::Online)).collect();
        let endpoint = Endpoint::new("/health").expect("a path");
        let reports = members.iter().map(|(source, _)| {
            let others = members.iter().map(|(target, _)| target).filter(|target| *target != source);
            let results = others.flat_map(|target| checks(target, &endpoint)).collect();
            let report = MemberReport {
                instance_id: source.instance_id.clone(),
                location: source.location.clone(),
                sent_at: sample::NOW,
                check_interval: INTERVAL,
                results,
            };
            Arc::new(ReceivedReport { received_at: sample::NOW, report })
        });
        let reports = reports.collect();
        Self { snapshot: MembersSnapshot { at: sample::NOW, revision: 1, members }, reports }
    }

    /// Asks for the quantiles of each check, as the matrix does.
    fn round_trip_times(&self, observatory: &Observatory) -> usize {
        let now = self.snapshot.at;
        let of_report = |received: &Arc<ReceivedReport>| {
            let report = &received.report;
            let known = |result: &&ProbeReport| {
                let (source, target) = (&report.instance_id, &result.target.instance_id);
                let times = observatory.round_trip_times(source, target, &result.kind, result.endpoint.as_ref(), now);
                times.is_some()
            };
            report.results.iter().filter(known).count()
        };
        self.reports.iter().map(of_report).sum()
    }

    /// Everybody has probed everybody again.
    fn next(&mut self) {
        let now: Timestamp = self.snapshot.at + INTERVAL;
        self.snapshot.at = now;
        for report in &mut self.reports {
            // Nobody else has it: only then it is not copied.
            let taken = std::mem::replace(report, Arc::new(ReceivedReport { received_at: now, report: nothing() }));
            let mut received = Arc::try_unwrap(taken).expect("nobody else has it");
            (received.received_at, received.report.sent_at) = (now, now);
            for result in &mut received.report.results {
                result.started_at = now - Duration::from_millis(500);
            }
            *report = Arc::new(received);
        }
    }
}

fn nothing() -> MemberReport {
    sample::report("nobody", Vec::new())
}

fn checks(target: &Member, endpoint: &Endpoint) -> [ProbeReport; CHECKS] {
    let connect = Duration::from_micros(12_345);
    let result = |kind, measurement| ProbeReport {
        target: target.into(),
        kind,
        measurement: Some(measurement),
        started_at: sample::NOW - Duration::from_millis(500),
        interval: Some(INTERVAL),
        ..sample::result("anybody", Outcome::Success)
    };
    let http = HttpMeasurement { connect: Some(connect), ..HttpMeasurement::default() };
    let burst = sample::burst("anybody").measurement.expect("it has one");
    [
        result(ProbeKind::TCP, Measurement::Tcp(TcpMeasurement { resolve: None, connect })),
        ProbeReport { endpoint: Some(endpoint.clone()), ..result(ProbeKind::HTTP, Measurement::Http(http)) },
        result(ProbeKind::UDP, burst),
    ]
}
