//! What a burst of 10 UDP packets costs in CPU time, against a floor that is measured in the same run: blocking calls
//! that send the same packets, send them back and receive them, and nothing else: no time stamps, no timer, no HMAC.
//!
//! The whole process is counted, user and system time together: the prober, and the echo beside it.

#![expect(clippy::print_stdout, reason = "the numbers are what this program is for")]

use netring_core::{CancellationToken, Host, InstanceId, Location, Prober, Target};
use netring_probes::{BurstSettings, RingKey, UdpEcho, UdpProber};
use nix::sys::{
    resource::{UsageWho, getrusage},
    time::TimeValLike,
};
use std::{
    net::{Ipv4Addr, SocketAddr, UdpSocket},
    time::Duration,
};
use tokio::{runtime::Runtime, time::Instant};

/// Rounds, and bursts in each. As a trial, under `cargo test --all-targets`, the numbers say nothing.
const WHOLE: (usize, u32) = (9, 100);
const TRIAL: (usize, u32) = (1, 2);

fn main() {
    let (rounds, bursts) = if std::env::args().any(|argument| argument == "--bench") { WHOLE } else { TRIAL };
    println!("{rounds} rounds of {bursts} bursts each; CPU time of the process per burst, median of the rounds");
    let key: RingKey = "correct horse battery staple".parse().expect("a key");
    for (name, key) in [("no key", None), ("with a key", Some(key))] {
        contest(name, key, rounds, bursts);
    }
}

fn contest(name: &str, key: Option<RingKey>, rounds: usize, bursts: u32) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    // 1 ms apart: the CPU time is the same, and the bench is over soon.
    let settings = BurstSettings::default().with_spacing(BurstSettings::MIN_SPACING).expect("valid settings");
    let (mut echo, mut prober) = (UdpEcho::builder(), UdpProber::builder().settings(settings));
    if let Some(key) = key {
        (echo, prober) = (echo.key(key.clone()), prober.key(key));
    }
    let prober = prober.build();
    let (floor_prober, floor_echo) = (loopback(), loopback());
    let target = runtime.block_on(async {
        let echo = echo.bind((Ipv4Addr::LOCALHOST, 0).into()).expect("a free port");
        let target = target(echo.local_addr());
        tokio::spawn(async move { echo.run(CancellationToken::new()).await });
        target
    });
    let (mut floors, mut probes, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    // One round of each before any is counted.
    for round in 0..=rounds {
        let floor = cpu_time(bursts, || floor(&floor_prober, &floor_echo, &settings));
        let probe = cpu_time(bursts, || probe(&runtime, &prober, &target));
        if round > 0 {
            floors.push(floor);
            probes.push(probe);
            ratios.push(probe / floor);
        }
    }
    let (floor, probe, ratio) = (median(floors), median(probes), median(ratios));
    println!("{name:>10}: floor {floor:6.1} µs, prober and echo {probe:6.1} µs, ratio {ratio:.2}");
}

fn probe(runtime: &Runtime, prober: &UdpProber, target: &Target) {
    let report = runtime.block_on(prober.probe(target, Instant::now() + Duration::from_secs(5))).expect("it was made");
    assert!(report.outcome.is_success(), "{report:?}");
}

/// As many packets of the same length there and back, on sockets that are open already.
fn floor(prober: &UdpSocket, echo: &UdpSocket, settings: &BurstSettings) {
    let (to, mut packet) = (echo.local_addr().expect("bound"), [0; 2_048]);
    for _ in 0..settings.packets() {
        prober.send_to(&packet[..settings.payload_bytes().into()], to).expect("loopback takes it");
        let (length, from) = echo.recv_from(&mut packet).expect("it arrives");
        echo.send_to(&packet[..length], from).expect("loopback takes it");
        prober.recv_from(&mut packet).expect("it is back");
    }
}

fn loopback() -> UdpSocket {
    UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port")
}

fn target(address: SocketAddr) -> Target {
    Target {
        instance_id: InstanceId::new("m1").expect("an id"),
        location: Location::new("us1").expect("a location"),
        host: Host::Ip(address.ip()),
        port: address.port(),
    }
}

/// Microseconds of CPU time that this process takes for `burst`, on average of `bursts`.
fn cpu_time(bursts: u32, burst: impl Fn()) -> f64 {
    let now = || {
        let usage = getrusage(UsageWho::RUSAGE_SELF).expect("every system counts");
        usage.user_time().num_microseconds() + usage.system_time().num_microseconds()
    };
    let start = now();
    (0..bursts).for_each(|_| burst());
    (now() - start) as f64 / f64::from(bursts)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
