//! What a probe costs in CPU time, against a floor that is measured in the same run: a loop of blocking calls that
//! does the same on the wire and nothing else. Targets: 2.0 times the floor for TCP, 2.5 times for HTTP.
//!
//! Only the thread that probes is counted, user and system time together. The server answers on another thread.

#![expect(clippy::print_stdout, reason = "the numbers are what this program is for")]

mod floor;
mod server;

use netring_core::{Endpoint, Host, InstanceId, Location, Prober, Target, TcpProber};
use netring_probes::HttpProber;
use nix::sys::{
    resource::{UsageWho, getrusage},
    time::TimeValLike,
};
use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};
use tokio::{runtime::Runtime, time::Instant};

/// How much is measured.
#[derive(Clone, Copy, PartialEq)]
struct Size {
    /// Odd, so that a median is a round that was measured.
    rounds: usize,
    /// Probes of each kind in a round.
    probes: u32,
}

impl Size {
    const WHOLE: Self = Self { rounds: 15, probes: 2_000 };
    /// Under `cargo test --all-targets`, to see that the program still runs: the numbers say nothing.
    const TRIAL: Self = Self { rounds: 1, probes: 10 };
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let endpoint = Endpoint::new("/health").expect("a path");
    let tcp = Contest { name: "tcp", target: 2.0, port: server::closing(), floor: floor::tcp, prober: &TcpProber };
    let http = Contest {
        name: "http",
        target: 2.5,
        port: server::answering(),
        floor: floor::http,
        prober: &HttpProber::new(endpoint),
    };
    let size = if std::env::args().any(|argument| argument == "--bench") { Size::WHOLE } else { Size::TRIAL };
    let Size { rounds, probes } = size;
    println!("{rounds} rounds of {probes} probes each; CPU time of the probing thread per probe, median of the rounds");
    for contest in [tcp, http] {
        contest.run(&runtime, size);
    }
}

struct Contest<'a> {
    name: &'static str,
    /// The ratio not to be exceeded.
    target: f64,
    port: u16,
    floor: fn(SocketAddr),
    prober: &'a dyn Prober,
}

impl Contest<'_> {
    fn run(&self, runtime: &Runtime, size: Size) {
        let count = size.probes as usize;
        let mut addresses = addresses(self.port);
        let (mut floors, mut probes, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        // One round of each before any is counted.
        for round in 0..=size.rounds {
            let floor = cpu_time(size.probes, || addresses.by_ref().take(count).for_each(self.floor));
            let targets: Vec<Target> = addresses.by_ref().take(count).map(target).collect();
            let probe = cpu_time(size.probes, || runtime.block_on(probe_all(self.prober, &targets)));
            if round > 0 {
                floors.push(floor);
                probes.push(probe);
                ratios.push(probe / floor);
            }
        }
        let (floor, probe, ratio) = (median(floors), median(probes), median(ratios));
        let verdict = match ratio <= self.target {
            _ if size == Size::TRIAL => "a trial, which says nothing",
            true => "met",
            false => "MISSED",
        };
        println!(
            "{:>5}: floor {floor:6.2} µs, prober {probe:6.2} µs, ratio {ratio:.2} (target {:.1}: {verdict})",
            self.name, self.target
        );
    }
}

async fn probe_all(prober: &dyn Prober, targets: &[Target]) {
    for target in targets {
        let report = prober.probe(target, Instant::now() + Duration::from_secs(5)).await.expect("the probe was made");
        assert!(report.outcome.is_success(), "{report:?}");
    }
}

/// Addresses of the server, round and round: many, or the closed connections that the kernel still remembers would
/// take up the ports that there are towards one.
fn addresses(port: u16) -> impl Iterator<Item = SocketAddr> {
    (1..=250).cycle().map(move |last| SocketAddr::from((Ipv4Addr::new(127, 0, 1, last), port)))
}

fn target(address: SocketAddr) -> Target {
    Target {
        instance_id: InstanceId::new("m1").expect("an id"),
        location: Location::new("us1").expect("a location"),
        host: Host::Ip(address.ip()),
        port: address.port(),
    }
}

/// Microseconds of CPU time that this thread takes for `work`, per probe.
fn cpu_time(probes: u32, work: impl FnOnce()) -> f64 {
    let now = || {
        let usage = getrusage(UsageWho::RUSAGE_THREAD).expect("Linux counts by thread");
        usage.user_time().num_microseconds() + usage.system_time().num_microseconds()
    };
    let start = now();
    work();
    (now() - start) as f64 / f64::from(probes)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
