//! How far the round-trip times that probes report are from what the path really took, and what disturbs them: 500 other
//! targets that are probed each second, and throughput tests, by the same process on the same threads.
//!
//! A member's host has three links of 10 ms one way to another host, one each for UDP, ICMP and TCP. The links tell how long
//! they held each packet. What a probe reports beyond that is its error: all that it takes in the kernels of both ends, to
//! wake up, in the echo, and until the link's own program wakes up.

#![expect(clippy::print_stdout, reason = "the numbers are what this program is for")]

mod crowd;
mod errors;
#[path = "../shared/member.rs"]
mod member;

use errors::Times;
use netring_core::{Measurement, Prober, Target, TcpProber, testing::net};
use netring_probes::{BandwidthProber, BurstSettings, IcmpProber, UdpEcho, UdpProber};
use netring_testbed::{
    PATIENCE,
    lab::{self, Host, Lab, Link, LinkSpec},
};
use std::{sync::Arc, time::Duration};
use tokio::{
    runtime::{Builder, Runtime},
    time::{Instant, MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

const DELAY: Duration = Duration::from_millis(10);
/// From one probe of a kind to the next: the last packets of a connection are gone by then.
const INTERVAL: Duration = Duration::from_millis(100);
const TARGETS: u16 = 500;

/// What goes on besides.
#[derive(Debug, Clone, Copy)]
enum Besides {
    Nothing,
    /// Others are probed.
    Crowd,
    /// Throughput is tested, again and again, over a link of this many 10^6 bits a second to a third host.
    Throughput(u64),
}

/// What was seen of one kind of probe.
#[derive(Debug, Default)]
struct Seen {
    errors: Vec<Duration>,
    /// How late probes began.
    lateness: Vec<Duration>,
    failed: u32,
}

fn main() {
    lab::program(async || {
        let whole = std::env::args().any(|argument| argument == "--bench");
        // Under `cargo test --all-targets`, to see that the program still runs: the numbers say nothing.
        let time = if whole { Duration::from_secs(15) } else { Duration::from_millis(500) };
        println!("{time:?} of each, a probe of each kind every {INTERVAL:?}; in ms. Load {}", load_average());
        println!("| besides | probe | probes | failed | error p50 | p99 | max | late p50 | p99 | max |");
        println!("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|");
        for besides in
            [Besides::Nothing, Besides::Crowd, Besides::Throughput(100), Besides::Throughput(1_000), Besides::Nothing]
        {
            measure(besides, time).await;
        }
        println!("Load {}", load_average());
    });
}

async fn measure(besides: Besides, time: Duration) {
    let mut lab = Lab::new();
    let (here, there, third) = (lab.host("here"), lab.host("there"), lab.host("third"));
    let [udp, icmp, tcp] = [(); 3].map(|()| lab.link(&here, &there, &LinkSpec::delayed(DELAY)));
    // As the daemon has it: a thread for each processor. They are in the host in which they are started.
    let runtime = here.call(|| Builder::new_multi_thread().enable_all().build().expect("a runtime"));
    let end = CancellationToken::new();
    let name = match besides {
        Besides::Nothing => "nothing".to_owned(),
        Besides::Crowd => {
            let port = here.call(crowd::listen);
            runtime.spawn(crowd::probe(TARGETS, port, end.clone()));
            format!("{TARGETS} targets a second")
        }
        Besides::Throughput(rate) => {
            let link = lab.link(&here, &third, &LinkSpec { rate: Some(rate * 1_000_000), ..LinkSpec::default() });
            let target = member::member(&third, link.addresses(&third).v4.into(), |router| router).await;
            runtime.spawn(end.clone().run_until_cancelled_owned(test_throughput(target)));
            format!("throughput at {rate} Mbit/s")
        }
    };
    let single = BurstSettings::default().with_packets(1).expect("one packet is a burst");
    let echo = echo(&there, &udp).await;
    let address = |link: &Link| net::target((link.addresses(&there).v4, 9).into());
    let listening = there.call({
        let at = tcp.addresses(&there).v4;
        move || std::net::TcpListener::bind((at, 0)).expect("a free port")
    });
    let listening_at = net::target(listening.local_addr().expect("a bound address"));
    std::thread::spawn(move || listening.incoming().flatten().for_each(drop));
    // Of what socket there is for ICMP the kernel decides by the thread's host.
    let pinger = here.call(move || IcmpProber::open(single).expect("root may ping"));
    let prober = UdpProber::builder().settings(single).build();

    // The first of everything is slower, and tells nothing of what follows.
    tokio::time::sleep(time / 10).await;
    let ends = [&here, &there];
    let probes = [
        start(&runtime, prober, echo, &udp, ends, time),
        start(&runtime, pinger, address(&icmp), &icmp, ends, time),
        start(&runtime, TcpProber, listening_at, &tcp, ends, time),
    ];
    for (kind, probes) in ["UDP", "ICMP", "TCP"].into_iter().zip(probes) {
        let Seen { errors, lateness, failed } = probes.await.expect("it does not panic");
        let probes = errors.len();
        let (errors, lateness) = (Times::new(errors), Times::new(lateness));
        println!("| {name} | {kind} | {probes} | {failed} | {errors} | {lateness} |");
    }
    end.cancel();
    runtime.shutdown_background();
}

/// An echo at the other end of `link`.
async fn echo(there: &Host, link: &Link) -> Target {
    let address = (link.addresses(there).v4, 0).into();
    there
        .run(async move || {
            let echo = UdpEcho::bind(address).expect("a free port");
            let target = net::target(echo.local_addr());
            tokio::spawn(async move { echo.run(CancellationToken::new()).await });
            target
        })
        .await
}

/// Probes `target` for `time` on the member's threads, over `link`, which nobody else uses.
fn start(
    runtime: &Runtime,
    prober: impl Prober,
    target: Target,
    link: &Link,
    [here, there]: [&Host; 2],
    time: Duration,
) -> tokio::task::JoinHandle<Seen> {
    let (prober, link, here, there) = (Arc::new(prober), link.clone(), here.clone(), there.clone());
    runtime.spawn(async move {
        let mut seen = Seen::default();
        let mut ticks = interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let until = Instant::now() + time;
        while Instant::now() < until {
            let due = ticks.tick().await;
            link.forget();
            seen.lateness.push(due.elapsed());
            let report = prober.probe(&target, Instant::now() + PATIENCE).await.expect("the probe could be made");
            // The first packet each way is the one that was asked, and its answer.
            let held = [&there, &here].map(|end| link.holds_towards(end).latest().first().copied());
            let took = match report.measurement {
                Some(Measurement::Burst(burst)) => burst.round_trip_time.map(|times| times.min),
                Some(Measurement::Tcp(tcp)) => Some(tcp.connect),
                _ => None,
            };
            match (took, held) {
                (Some(took), [Some(forth), Some(back)]) => seen.errors.push(took.saturating_sub(forth + back)),
                _ => seen.failed += 1,
            }
        }
        seen
    })
}

/// Tests both ways, with every default, without a pause.
async fn test_throughput(target: Target) {
    loop {
        let report = BandwidthProber::default().probe(&target, Instant::now() + PATIENCE).await;
        assert!(report.as_ref().is_ok_and(|report| report.outcome.is_success()), "{report:?}");
    }
}

/// Of the machine, over the last minute.
fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or_default().to_owned()
}
