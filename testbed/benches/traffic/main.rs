//! What a probe of each kind moves over the path, both ways, and how large and how costly `/metrics` of a member is: what the
//! load of a ring is counted from.
//!
//! A member serves at the one end of a link between two hosts of a lab, and the other end probes it. The bytes are those of the
//! device: with the headers of Ethernet and IP, and with what TCP needs to open, to acknowledge and to close.

#![expect(clippy::print_stdout, reason = "the numbers are what this program is for")]

mod known;
#[path = "../shared/member.rs"]
mod member;

use known::sink_that_knows;
use netring_core::{Endpoint, Prober, Target, TcpProber, prometheus::PrometheusSink};
use netring_probes::{BurstSettings, HttpProber, IcmpProber, TracerouteProber, UdpEcho, UdpProber};
use netring_testbed::lab::{self, Host, Lab, Link, LinkSpec};
use std::{
    fs,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

/// Rings of so many members: all but one are in the metrics of that one.
const RINGS: [usize; 4] = [10, 50, 200, 1_000];
const TIMEOUT: Duration = Duration::from_secs(5);
/// The last packets of a connection are gone by then.
const QUIET: Duration = Duration::from_millis(50);

fn main() {
    lab::program(async || {
        let whole = std::env::args().any(|argument| argument == "--bench");
        // Under `cargo test --all-targets`, to see that the program still runs: the numbers say nothing.
        let (times, rings) = if whole { (50, &RINGS[..]) } else { (2, &RINGS[..1]) };
        metrics(rings);
        traffic(times, rings).await;
    });
}

/// How large the metrics are that a member has of its ring.
fn metrics(rings: &[usize]) {
    println!("| members | series | bytes of /metrics | written in, ms |");
    println!("|--:|--:|--:|--:|");
    for &ring in rings {
        let sink = sink_that_knows(ring - 1);
        let begun = Instant::now();
        let text = sink.render();
        let took = begun.elapsed().as_secs_f64() * 1e3;
        let series = text.lines().filter(|line| !line.starts_with('#')).count();
        println!("| {ring} | {series} | {} | {took:.1} |", text.len());
    }
}

async fn traffic(times: u32, rings: &[usize]) {
    println!("\n| probe | bytes there | bytes back | packets there | packets back |");
    println!("|---|--:|--:|--:|--:|");
    let path = Path::new();
    let sink = Arc::new(sink_that_knows(1));
    let target = path.member(&sink).await;
    path.row("TCP", || TcpProber, &target, times).await;
    path.row("HTTP /health", || http("/health"), &target, times).await;
    path.row("burst by UDP", || UdpProber::builder().build(), &target, times).await;
    path.row("burst by ICMP", || IcmpProber::open(BurstSettings::default()).expect("root may"), &target, times).await;
    path.row("traceroute, 1 hop", || TracerouteProber::new().expect("a prober"), &target, times).await;
    for &ring in rings {
        let sink = Arc::new(sink_that_knows(ring - 1));
        let target = path.member(&sink).await;
        path.row(&format!("HTTP /metrics, ring of {ring}"), || http("/metrics"), &target, times).await;
    }
}

fn http(endpoint: &str) -> HttpProber {
    HttpProber::new(Endpoint::new(endpoint).expect("an endpoint"))
}

/// Two hosts and the link between them.
struct Path {
    here: Host,
    there: Host,
    link: Link,
    _lab: Lab,
}

impl Path {
    fn new() -> Self {
        let mut lab = Lab::new();
        let (here, there) = (lab.host("here"), lab.host("there"));
        let link = lab.link(&here, &there, &LinkSpec::default());
        Self { here, there, link, _lab: lab }
    }

    /// A member that answers by HTTP, with these metrics, and that has an echo.
    async fn member(&self, sink: &Arc<PrometheusSink>) -> Target {
        let (address, sink) = (IpAddr::V4(self.link.addresses(&self.there).v4), Arc::clone(sink));
        let target = member::member(&self.there, address, move |router| router.metrics(move || sink.render())).await;
        let at = SocketAddr::new(address, target.port);
        self.there
            .run(async move || {
                let echo = UdpEcho::bind(at).expect("a free port");
                tokio::spawn(async move { echo.run(CancellationToken::new()).await });
            })
            .await;
        target
    }

    /// What one of `times` probes moves.
    async fn row<P: Prober>(
        &self,
        name: &str,
        prober: impl FnOnce() -> P + Send + 'static,
        target: &Target,
        times: u32,
    ) {
        let (target, device) = (target.clone(), self.link.device().to_owned());
        let moved = self.here.run(async move || {
            let prober = prober();
            // The first one has to find out where the other end is.
            probe(&prober, &target).await;
            tokio::time::sleep(QUIET).await;
            let before = counters(&device);
            for _ in 0..times {
                probe(&prober, &target).await;
            }
            tokio::time::sleep(QUIET).await;
            let after = counters(&device);
            [0, 1, 2, 3].map(|which| (after[which] - before[which]) / u64::from(times))
        });
        let [bytes_back, packets_back, bytes_there, packets_there] = moved.await;
        println!("| {name} | {bytes_there} | {bytes_back} | {packets_there} | {packets_back} |");
    }
}

async fn probe<P: Prober>(prober: &P, target: &Target) {
    let report = prober.probe(target, tokio::time::Instant::now() + TIMEOUT).await.expect("a probe that can be made");
    assert!(report.outcome.is_success(), "{report:?}");
}

/// Bytes and packets that the device has received, and those that it has sent.
fn counters(device: &str) -> [u64; 4] {
    let table = fs::read_to_string("/proc/thread-self/net/dev").expect("what the kernel counts");
    let line = table.lines().find_map(|line| line.trim_start().strip_prefix(device)?.strip_prefix(':'));
    let numbers: Vec<u64> =
        line.expect("the device").split_whitespace().map(|word| word.parse().expect("a number")).collect();
    [numbers[0], numbers[1], numbers[8], numbers[9]]
}
