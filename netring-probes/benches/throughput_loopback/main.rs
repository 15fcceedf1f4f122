//! The throughput prober on loopback beside one stream of iperf3, in the same run. Target: at least half of it.
//!
//! Both have a server and a client, each on a processor of its own where there are two. iperf3 sends for a second; the
//! prober moves a gigabyte, so that it takes about as long.

#![expect(clippy::print_stdout, reason = "the numbers are what this program is for")]

mod iperf3;

use netring_core::{
    FixedDiscovery, InstanceId, Location, Measurement, MemberEngine, Prober, Target, http::member_router,
    model::Throughput, testing::net,
};
use netring_probes::{BandwidthProber, Directions, TestMode};
use std::{net::Ipv4Addr, sync::Arc, thread, time::Duration};
use tokio::{runtime::Builder, time::Instant};

/// The ratio to reach.
const TARGET: f64 = 0.5;

fn main() {
    let whole = std::env::args().any(|argument| argument == "--bench");
    // Under `cargo test --all-targets`, to see that the program still runs: the numbers say nothing.
    let (rounds, size_mib) = if whole { (7, 1_024) } else { (1, 8) };
    let target = member();
    let (mut downloads, mut uploads, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        theirs.push(iperf3::megabits_per_second(if whole {
            Duration::from_secs(1)
        } else {
            Duration::from_millis(100)
        }));
        downloads.push(probe(&target, Directions::Download, size_mib).mbps());
        uploads.push(probe(&target, Directions::Upload, size_mib).mbps());
    }
    let iperf3 = median(theirs);
    println!("{rounds} rounds, median: iperf3, one stream: {iperf3:.0} Mbit/s");
    for (name, rates) in [("download", downloads), ("upload", uploads)] {
        let rate = median(rates);
        let ratio = rate / iperf3;
        let verdict = match ratio >= TARGET {
            _ if !whole => "a trial, which says nothing",
            true => "met",
            false => "MISSED",
        };
        println!("{name:>8}: {rate:.0} Mbit/s, ratio {ratio:.2} (target {TARGET}: {verdict})");
    }
}

/// A member on a thread of its own, which ends with the process.
fn member() -> Target {
    let (id, location) = (InstanceId::new("m1").expect("an id"), Location::new("us1").expect("a location"));
    let engine = MemberEngine::builder(id, location, 1, Arc::new(FixedDiscovery::default())).build().expect("a member");
    let router = member_router(engine.handle()).max_bandwidth_test_mib(1 << 20).build();
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let target = net::target(listener.local_addr().expect("a bound address"));
    listener.set_nonblocking(true).expect("a socket of tokio's");
    thread::spawn(move || {
        Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            axum::serve(listener, router).await
        })
    });
    target
}

fn probe(target: &Target, directions: Directions, size_mib: u64) -> Throughput {
    let prober = BandwidthProber::builder()
        .directions(directions)
        .mode(TestMode::Fixed { size_mib })
        .max_duration(Duration::from_secs(30))
        .build();
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let report = runtime
        .block_on(prober.probe(target, Instant::now() + Duration::from_secs(60)))
        .expect("the probe could be made");
    match report.measurement {
        Some(Measurement::Bandwidth(measured)) if report.outcome.is_success() => {
            measured.download.or(measured.upload).expect("one way was measured")
        }
        _ => panic!("{report:?}"),
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
