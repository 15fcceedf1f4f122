//! The throughput prober beside iperf3, on links of known rate and round trip, in the same run. Target: what has settled is
//! within 10 % of the steady rate of one stream of iperf3.
//!
//! Each link lies between two hosts of a lab of its own. A member serves on the one, and the other tests: with iperf3, with
//! the prober and its defaults, and with iperf3 once more. The two of iperf3 are to agree, but where other work on the machine
//! took its share. The kernel's TCP is told to be CUBIC, as most are; `-- bbr` takes another one, and
//! `-- 500/20` the links of 500 Mbit/s and 20 ms alone.

#![expect(clippy::print_stdout, reason = "the numbers are what this program is for")]

#[path = "../shared/member.rs"]
mod member;
#[path = "../shared/tcp.rs"]
mod tcp;

use netring_core::{BandwidthMeasurement, Measurement, Prober, model::Throughput};
use netring_probes::BandwidthProber;
use netring_testbed::lab::{self, Lab, LinkSpec};
use std::time::Duration;
use tokio::time::Instant;

/// How far a rate that has settled may be from that of iperf3, as a part of it.
const TOLERANCE: f64 = 0.1;
const RATES: [u64; 3] = [10, 100, 500];
const ROUND_TRIPS: [u64; 3] = [1, 20, 100];

/// How much is measured.
#[derive(Debug, Clone, Copy)]
struct Size {
    rates: &'static [u64],
    round_trips: &'static [u64],
    /// Seconds of iperf3 that do not count.
    omitted: u32,
    /// Those that do.
    seconds: u32,
}

impl Size {
    const WHOLE: Self = Self { rates: &RATES, round_trips: &ROUND_TRIPS, omitted: 3, seconds: 3 };
    /// Under `cargo test --all-targets`, to see that the program still runs: the numbers say nothing.
    const TRIAL: Self = Self { rates: &[10], round_trips: &[1], omitted: 0, seconds: 1 };

    fn links(self) -> Vec<(u64, u64)> {
        self.rates.iter().flat_map(|&rate| self.round_trips.iter().map(move |&time| (rate, time))).collect()
    }
}

fn main() {
    lab::program(async || {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let whole = arguments.iter().any(|argument| argument == "--bench");
        let (mut congestion_control, mut links) = ("cubic", Vec::new());
        for argument in arguments.iter().filter(|argument| !argument.starts_with('-')) {
            match argument.split_once('/') {
                Some((rate, round_trip)) => links.push((number(rate), number(round_trip))),
                None => congestion_control = argument,
            }
        }
        let size = if whole { Size::WHOLE } else { Size::TRIAL };
        if links.is_empty() {
            links = size.links();
        }
        println!(
            "TCP {congestion_control}. iperf3: one stream for {} s after {} s, before the prober and after it; error against the larger. \
             Load {}",
            size.seconds,
            size.omitted,
            load_average()
        );
        println!("| link | round trip | iperf3, Mbit/s | | Mbit/s | error | settled | MiB | s | sent again |");
        println!("|--:|--:|--:|---|--:|--:|---|--:|--:|--:|");
        let (mut settled, mut worst) = (0, 0.0_f64);
        for &(rate, round_trip) in &links {
            let ([before, after], both) =
                compare(rate, Duration::from_millis(round_trip), congestion_control, size).await;
            for (name, way) in [("download", both.download), ("upload", both.upload)] {
                let way = way.expect("a member measures both ways");
                let error = way.mbps() / before.max(after) - 1.0;
                if way.settled {
                    settled += 1;
                    worst = if error.abs() > worst.abs() { error } else { worst };
                }
                println!(
                    "| {rate} Mbit/s | {round_trip} ms | {before:.1}, {after:.1} | {name} | {} |",
                    columns(&way, error)
                );
            }
        }
        let of = 2 * links.len();
        let verdict = match worst.abs() <= TOLERANCE {
            _ if !whole => "a trial, which says nothing",
            true => "met",
            false => "MISSED",
        };
        println!(
            "{settled} of {of} settled; the furthest of them is off by {:+.1} % (target {:.0} %: {verdict}). Load {}",
            100.0 * worst,
            100.0 * TOLERANCE,
            load_average()
        );
    });
}

fn number(word: &str) -> u64 {
    word.parse().unwrap_or_else(|error| panic!("{word} is no number of Mbit/s or ms: {error}"))
}

/// What iperf3 measures on such a link, in 10^6 bits a second, before the prober and after it, and what the prober does.
async fn compare(
    rate: u64,
    round_trip: Duration,
    congestion_control: &str,
    size: Size,
) -> ([f64; 2], BandwidthMeasurement) {
    let mut lab = Lab::new();
    let (here, there) = (lab.host("here"), lab.host("there"));
    let spec = LinkSpec { rate: Some(rate * 1_000_000), ..LinkSpec::delayed(round_trip / 2) };
    let link = lab.link(&here, &there, &spec);
    for host in [&here, &there] {
        tcp::set_congestion_control(host, &link, congestion_control);
    }
    let address = link.addresses(&there).v4.into();
    let iperf3 = || lab::iperf3_download(&here, &there, address, size.omitted, size.seconds) / 1e6;
    let before = iperf3();
    let target = member::member(&there, address, |router| router).await;
    let report = here
        .run(async move || BandwidthProber::default().probe(&target, Instant::now() + Duration::from_secs(30)).await)
        .await
        .expect("the probe could be made");
    match report.measurement {
        Some(Measurement::Bandwidth(both)) if report.outcome.is_success() => ([before, iperf3()], both),
        _ => panic!("{report:?}"),
    }
}

fn columns(way: &Throughput, error: f64) -> String {
    let settled = way.limited_by.map_or_else(|| "yes".to_owned(), |limit| format!("no: {limit}"));
    format!(
        "{:.1} | {:+.1} % | {settled} | {:.1} | {:.2} | {}",
        way.mbps(),
        100.0 * error,
        way.bytes as f64 / f64::from(1 << 20),
        way.duration.as_secs_f64(),
        way.retransmits.map_or_else(|| "–".to_owned(), |segments| segments.to_string())
    )
}

/// Of the machine, over the last minute.
fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or_default().to_owned()
}
