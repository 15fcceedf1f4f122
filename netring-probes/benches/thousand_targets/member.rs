//! The member, set up as the daemon sets up its own.

use crate::{Size, lateness::Lateness, tally::Tally};
use netring_core::{
    AdvertisedAddress, Cadence, Endpoint, FixedDiscovery, InstanceId, Location, Member, MemberEngine, PrometheusSink,
    TcpProber, Timestamp,
};
use netring_probes::HttpProber;
use nix::sys::{
    resource::{UsageWho, getrusage},
    time::TimeValLike,
};
use std::{net::Ipv4Addr, sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

const INTERVAL: Duration = Duration::from_secs(1);
const TIMEOUT: Duration = Duration::from_secs(5);

/// Probes with `checks` and prints what came of it: columns of a table, and after a `#` the rest of them.
pub(crate) fn run(checks: &str, port: u16, size: Size) {
    let http = checks == "tcp+http";
    let probes = usize::from(size.targets) * if http { 2 } else { 1 } * (size.time.as_secs() as usize + 1);
    let tally = Arc::new(Tally::default());
    let mut builder = MemberEngine::builder(
        InstanceId::random(),
        Location::new("here").expect("a location"),
        port,
        Arc::new(FixedDiscovery::new((0..size.targets).map(|number| target(number, port)))),
    )
    .sink(Arc::new(PrometheusSink::new()))
    .sink(Arc::clone(&tally) as _)
    .prober(TcpProber, Cadence::new(INTERVAL, TIMEOUT));
    if http {
        let endpoint = Endpoint::new("/health").expect("a path");
        builder = builder.prober(HttpProber::new(endpoint), Cadence::new(INTERVAL, TIMEOUT));
    }
    let member = builder.build().expect("a member");

    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.spawn(member.run(CancellationToken::new()));
    std::thread::sleep(size.warm_up);
    tally.take(probes);
    let start = cpu_seconds();
    std::thread::sleep(size.time);
    let (cpu, counts) = (cpu_seconds() - start, tally.take(0));

    if let Some(problem) = &counts.first_problem {
        eprintln!("the first problem: {problem}");
    }
    let made = counts.lateness.len();
    let (share, each) = (cpu / size.time.as_secs_f64(), cpu * 1e6 / made as f64);
    let lateness = Lateness::new(counts.lateness);
    let (failed, not_made, rss) = (counts.failed, counts.not_made, resident_mib());
    println!("{made} | {failed} | {not_made} | {lateness} # {share:.3} | {each:.1} | {rss:.1}");
}

/// Each has an address of its own, or the closed connections that the kernel still remembers would take up the ports
/// that there are towards one.
fn target(number: u16, port: u16) -> Member {
    let [high, low] = number.to_be_bytes();
    Member {
        instance_id: InstanceId::new(format!("target-{number}")).expect("an id"),
        location: Location::new(format!("site-{}", number % 50)).expect("a location"),
        address: AdvertisedAddress::new(Ipv4Addr::new(127, 2, high, low).into(), port).expect("an address"),
        heartbeat_interval: None,
        udp_echo: false,
        registered_at: Timestamp::default(),
        last_seen: Timestamp::default(),
        deregistered_at: None,
    }
}

/// CPU time of all threads of this process.
fn cpu_seconds() -> f64 {
    let usage = getrusage(UsageWho::RUSAGE_SELF).expect("every system counts by process");
    (usage.user_time().num_microseconds() + usage.system_time().num_microseconds()) as f64 / 1e6
}

fn resident_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells the memory of a process");
    let kib = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse().ok());
    kib.unwrap_or(f64::NAN) / 1024.0
}
