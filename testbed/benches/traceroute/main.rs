//! How long a trace of 15 routers takes, beside Debian's `traceroute` and `mtr` in the same run, and how many traces a member
//! could make a second.
//!
//! The path is `testbed/networks/chain_v4.yaml`: a simulated network, in which each link takes a millisecond one way. Every
//! trace is checked: it has to reach the target at the 16th hop, and ours to hear of every hop.

#![expect(clippy::print_stdout, reason = "the numbers are what this program is for")]

mod tool;

use futures_util::{StreamExt, stream};
use netring_core::{Measurement, Prober, Target, model::TracerouteMode, testing::net};
use netring_probes::{TracerouteProber, TracerouteProberBuilder};
use netring_testbed::{
    PATIENCE,
    lab::{self, Host, Lab},
    sim::SimulatedNetwork,
};
use nix::sys::{
    resource::{UsageWho, getrusage},
    time::TimeValLike,
};
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

const MODES: [TracerouteMode; 3] = [TracerouteMode::Udp, TracerouteMode::Icmp, TracerouteMode::Tcp];
/// What the prober does, where nothing else is said.
const PACE: Duration = TracerouteProberBuilder::DEFAULT_PACE;
/// How many traces run at once.
const CONCURRENT: [usize; 3] = [1, 16, 64];

/// What it is compared with: packets for each hop, and the line.
const TOOLS: [(u8, &str); 8] = [
    (3, "traceroute -n"),
    (3, "traceroute -n -I"),
    (3, "traceroute -n -T"),
    (3, "traceroute -n -N 90"),
    (3, "traceroute -n -I -N 90"),
    (1, "traceroute -n -q 1 -N 30"),
    (1, "mtr -n -r -c 1"),
    // As fast as it goes: 0.1 s between two packets, and no longer than that for the last answers.
    (1, "mtr -n -r -c 1 -i 0.1 -G 0.1"),
];

/// How much is measured.
#[derive(Debug, Clone, Copy)]
struct Size {
    /// Odd, so that a median is a round that was measured.
    rounds: usize,
    /// Traces for each that runs at the same time.
    traces: usize,
}

impl Size {
    const WHOLE: Self = Self { rounds: 5, traces: 10 };
    /// Under `cargo test --all-targets`, to see that the program still runs: the numbers say nothing.
    const TRIAL: Self = Self { rounds: 1, traces: 1 };
}

fn main() {
    lab::program(async || {
        let whole = std::env::args().any(|argument| argument == "--bench");
        let size = if whole { Size::WHOLE } else { Size::TRIAL };
        let mut lab = Lab::new();
        let host = lab.host("here");
        let network = host.call(|| SimulatedNetwork::named("chain_v4"));
        let ip = network.network().targets().next().expect("a target");
        // The chain closes its ports: SYN segments are answered too, by a refusal.
        let target = net::target((ip, 80).into());

        println!("{} rounds, each of all in turn; medians. Load {}", size.rounds, load_average());
        println!("| | packets a hop | ms | × ours by UDP, as many packets |");
        println!("|---|--:|--:|--:|");
        let ours: Vec<_> = [(3, PACE), (1, PACE), (3, Duration::ZERO)]
            .into_iter()
            .flat_map(|(tries, pace)| MODES.map(|mode| (tries, pace, mode)))
            .collect();
        let mut times = vec![Vec::new(); ours.len() + TOOLS.len()];
        for _ in 0..size.rounds {
            let mut columns = times.iter_mut();
            for (&(tries, pace, mode), column) in ours.iter().zip(&mut columns) {
                column.push(ours_takes(&host, &target, mode, tries, pace).await);
            }
            for ((_, line), column) in TOOLS.iter().zip(columns) {
                let begun = Instant::now();
                tool::run(&host, &format!("{line} {ip}"), &ip.to_string());
                column.push(begun.elapsed());
            }
            drop(network.take_passages());
        }
        let names = ours
            .iter()
            .map(|(tries, pace, mode)| (*tries, format!("`TracerouteProber`, {mode}, a packet every {pace:?}")));
        let names: Vec<_> = names.chain(TOOLS.map(|(tries, line)| (tries, format!("`{line}`")))).collect();
        let times: Vec<_> = times.into_iter().map(median).collect();
        for ((tries, name), time) in names.iter().zip(&times) {
            let udp = names.iter().position(|(other, _)| other == tries).and_then(|at| times.get(at));
            let ratio = time.as_secs_f64() / udp.expect("ours is there").as_secs_f64();
            println!("| {name} | {tries} | {:.1} | {ratio:.2} |", time.as_secs_f64() * 1e3);
        }

        println!();
        println!("| mode | at once | traces | traces a second | all hops seen | µs of CPU a trace |");
        println!("|---|--:|--:|--:|--:|--:|");
        for mode in MODES {
            for concurrent in CONCURRENT {
                many(&host, &target, mode, concurrent, size.traces * concurrent).await;
                drop(network.take_passages());
            }
        }
        println!("Load {}", load_average());
    });
}

/// Whether a trace saw each of the 16 hops.
async fn trace(prober: &TracerouteProber, target: &Target) -> bool {
    let report = prober.probe(target, Instant::now() + PATIENCE).await.expect("the probe could be made");
    let Some(Measurement::Traceroute(measured)) = report.measurement else { panic!("{:?}", report.outcome) };
    let seen = measured.flows.iter().flat_map(|flow| &flow.hops).filter(|hop| !hop.answers.is_empty());
    seen.count() == 16 && measured.hops() == Some(16)
}

async fn ours_takes(host: &Host, target: &Target, mode: TracerouteMode, tries: u8, pace: Duration) -> Duration {
    let prober = TracerouteProber::builder().mode(Some(mode)).tries(tries).pace(pace).build().expect("root may trace");
    let (target, begun) = (target.clone(), Instant::now());
    let all = host.run(async move || trace(&prober, &target).await).await;
    let took = begun.elapsed();
    assert!(all, "{mode}: not every hop answered");
    took
}

/// Traces `count` times, so many at once, and prints what came of it.
async fn many(host: &Host, target: &Target, mode: TracerouteMode, concurrent: usize, count: usize) {
    let prober = Arc::new(TracerouteProber::builder().mode(Some(mode)).build().expect("root may trace"));
    let target = target.clone();
    let (took, complete, cpu) = host
        .run(async move || {
            // The host has one thread, which is the one that traces and does nothing else.
            let (begun, cpu) = (Instant::now(), cpu_time());
            let traces = stream::iter(0..count).map(|_| trace(&prober, &target)).buffer_unordered(concurrent);
            let complete = traces.filter(|&all| async move { all }).count().await;
            (begun.elapsed(), complete, cpu_time() - cpu)
        })
        .await;
    let (rate, each) = (count as f64 / took.as_secs_f64(), cpu as f64 / count as f64);
    println!("| {mode} | {concurrent} | {count} | {rate:.0} | {complete} | {each:.0} |");
}

/// Microseconds of this thread.
fn cpu_time() -> i64 {
    let usage = getrusage(UsageWho::RUSAGE_THREAD).expect("Linux counts by thread");
    usage.user_time().num_microseconds() + usage.system_time().num_microseconds()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Of the machine, over the last minute.
fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or_default().to_owned()
}
