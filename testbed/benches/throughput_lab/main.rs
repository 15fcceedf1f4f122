//! The throughput prober beside iperf3, on links of known rate and round trip, in the same run. Target: what has settled is
//! within 10 % of the steady rate of one stream of iperf3.
//!
//! Each link lies between two hosts of a lab of its own. A member serves on the one, and the other tests, first with iperf3
//! and then with the prober and its defaults. The kernel's TCP is told to be CUBIC, as most are; `-- bbr` takes another one.

#![expect(clippy::print_stdout, reason = "the numbers are what this program is for")]

#[path = "../shared/member.rs"]
mod member;

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
    const WHOLE: Self = Self { rates: &RATES, round_trips: &ROUND_TRIPS, omitted: 4, seconds: 4 };
    /// Under `cargo test --all-targets`, to see that the program still runs: the numbers say nothing.
    const TRIAL: Self = Self { rates: &[10], round_trips: &[1], omitted: 0, seconds: 1 };
}

fn main() {
    lab::program(async || {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let whole = arguments.iter().any(|argument| argument == "--bench");
        let tcp = arguments.iter().find(|argument| !argument.starts_with('-')).map_or("cubic", String::as_str);
        let size = if whole { Size::WHOLE } else { Size::TRIAL };
        println!(
            "TCP {tcp}. iperf3: one stream for {} s after {} s. Load {}",
            size.seconds,
            size.omitted,
            load_average()
        );
        println!("| link | round trip | iperf3, Mbit/s | | Mbit/s | error | settled | MiB | s | sent again |");
        println!("|--:|--:|--:|---|--:|--:|---|--:|--:|--:|");
        let (mut settled, mut worst) = (0, 0.0_f64);
        for &rate in size.rates {
            for &round_trip in size.round_trips {
                let (iperf3, both) = compare(rate, Duration::from_millis(round_trip), tcp, size).await;
                for (name, way) in [("download", both.download), ("upload", both.upload)] {
                    let way = way.expect("a member measures both ways");
                    let error = way.mbps() / iperf3 - 1.0;
                    if way.settled {
                        settled += 1;
                        worst = if error.abs() > worst.abs() { error } else { worst };
                    }
                    println!("| {rate} Mbit/s | {round_trip} ms | {iperf3:.1} | {name} | {} |", columns(&way, error));
                }
            }
        }
        let of = 2 * size.rates.len() * size.round_trips.len();
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

/// What iperf3 measures on such a link, in 10^6 bits a second, and what the prober does.
async fn compare(rate: u64, round_trip: Duration, tcp: &str, size: Size) -> (f64, BandwidthMeasurement) {
    let mut lab = Lab::new();
    let (here, there) = (lab.host("here"), lab.host("there"));
    for host in [&here, &there] {
        host.sysctl("net.ipv4.tcp_congestion_control", tcp);
    }
    let spec = LinkSpec { rate: Some(rate * 1_000_000), ..LinkSpec::delayed(round_trip / 2) };
    let link = lab.link(&here, &there, &spec);
    let address = link.addresses(&there).v4.into();
    let iperf3 = lab::iperf3_download(&here, &there, address, size.omitted, size.seconds) / 1e6;
    let target = member::member(&there, address, |router| router).await;
    let report = here
        .run(async move || {
            BandwidthProber::default().probe(&target, Instant::now() + Duration::from_secs(30)).await
        })
        .await
        .expect("the probe could be made");
    match report.measurement {
        Some(Measurement::Bandwidth(both)) if report.outcome.is_success() => (iperf3, both),
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
