//! What a heartbeat costs the registry, against a floor that is measured in the same run: an axum handler that takes the
//! body and does nothing with it. Both are served as the daemon serves, each in a process of its own.

#![expect(clippy::print_stdout, reason = "the numbers are what this program is for")]

mod load;
mod server;

use server::Server;
use std::time::Instant;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const MEMBERS: usize = 1_000;

/// How much is measured.
#[derive(Clone, Copy)]
struct Size {
    /// Odd, so that a median is a round that was measured.
    rounds: usize,
    connections: usize,
    /// Heartbeats in a round, on each connection.
    heartbeats: usize,
}

impl Size {
    const WHOLE: Self = Self { rounds: 15, connections: 32, heartbeats: 1_250 };
    /// Under `cargo test --all-targets`, to see that the program still runs: the numbers say nothing.
    const TRIAL: Self = Self { rounds: 1, connections: 2, heartbeats: 10 };
}

/// One server's rounds.
#[derive(Default)]
struct Rounds {
    per_second: Vec<f64>,
    /// Microseconds of the server's CPU time.
    cpu: Vec<f64>,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("registry") => server::run(server::registry()),
        Some("empty") => server::run(server::empty()),
        _ => compare(if arguments.iter().any(|argument| argument == "--bench") { Size::WHOLE } else { Size::TRIAL }),
    }
}

fn compare(size: Size) {
    let Size { rounds, connections, heartbeats } = size;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut contestants = ["empty", "registry"].map(|part| (part, Server::start(part), Rounds::default()));
    println!(
        "{rounds} rounds of {} heartbeats of {MEMBERS} members, on {connections} connections; medians of the rounds",
        connections * heartbeats
    );
    // One round of each before any is counted.
    for round in 0..=rounds {
        for (_, server, results) in &mut contestants {
            let (start, cpu) = (Instant::now(), server.cpu_micros());
            runtime.block_on(load::run(server.port, connections, heartbeats));
            let (time, cpu) = (start.elapsed(), server.cpu_micros() - cpu);
            if round > 0 {
                let requests = (connections * heartbeats) as f64;
                results.per_second.push(requests / time.as_secs_f64());
                results.cpu.push(cpu / requests);
            }
        }
    }
    let [(_, _, empty), (_, _, registry)] = &contestants;
    let ratio = |of: fn(&Rounds) -> &Vec<f64>| {
        median(of(registry).iter().zip(of(empty)).map(|(registry, empty)| registry / empty).collect())
    };
    for (part, _, results) in &contestants {
        let (per_second, cpu) = (median(results.per_second.clone()), median(results.cpu.clone()));
        println!("{part:>9}: {per_second:7.0} heartbeats a second, {cpu:5.2} µs of the server's CPU time each");
    }
    let (per_second, cpu) = (ratio(|rounds| &rounds.per_second), ratio(|rounds| &rounds.cpu));
    println!("    ratio: {per_second:7.2} of the heartbeats a second, {cpu:5.2} times the CPU time");
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
