//! What a heartbeat costs the registry, against a floor that is measured in the same run: an axum handler that takes the
//! body and does nothing with it. Both are served as the daemon serves, each in a process of its own.

#![expect(clippy::print_stdout, reason = "the numbers are what this program is for")]

#[path = "../shared/load.rs"]
mod load;
#[path = "../shared/ring.rs"]
mod ring;
#[path = "../shared/rounds.rs"]
mod rounds;
#[path = "../shared/server.rs"]
mod server;

use axum::{Router, body::Bytes, http::header, routing::post};
use netring_core::{MemoryStore, wire::path};
use rounds::{median, ratio};
use server::Server;
use std::{sync::Arc, time::Instant};

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
        Some("registry") => serve(ring::registry(Arc::new(MemoryStore::new()), MEMBERS)),
        Some("empty") => serve(empty()),
        _ => compare(if arguments.iter().any(|argument| argument == "--bench") { Size::WHOLE } else { Size::TRIAL }),
    }
}

fn serve(router: impl Future<Output = Router>) {
    server::run(router, |_| server::cpu_micros());
}

/// A handler that does nothing.
async fn empty() -> Router {
    let answer = |_: Bytes| async { ([(header::CONTENT_TYPE, "application/json")], ring::HEARTBEAT_ANSWER) };
    Router::new().route(path::HEARTBEAT, post(answer))
}

fn compare(size: Size) {
    let Size { rounds, connections, heartbeats } = size;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut contestants = ["empty", "registry"].map(|part| (part, Server::start(&[part]), Rounds::default()));
    println!(
        "{rounds} rounds of {} heartbeats of {MEMBERS} members, on {connections} connections; medians of the rounds",
        connections * heartbeats
    );
    // One round of each before any is counted.
    for round in 0..=rounds {
        for (_, server, results) in &mut contestants {
            let (start, cpu) = (Instant::now(), server.ask("cpu"));
            runtime.block_on(load::run(server.port, connections, heartbeats, MEMBERS));
            let (time, cpu) = (start.elapsed(), server.ask("cpu") - cpu);
            if round > 0 {
                let requests = (connections * heartbeats) as f64;
                results.per_second.push(requests / time.as_secs_f64());
                results.cpu.push(cpu / requests);
            }
        }
    }
    let [(_, _, empty), (_, _, registry)] = &contestants;
    for (part, _, results) in &contestants {
        let (per_second, cpu) = (median(results.per_second.clone()), median(results.cpu.clone()));
        println!("{part:>9}: {per_second:7.0} heartbeats a second, {cpu:5.2} µs of the server's CPU time each");
    }
    let (per_second, cpu) = (ratio(&registry.per_second, &empty.per_second), ratio(&registry.cpu, &empty.cpu));
    println!("    ratio: {per_second:7.2} of the heartbeats a second, {cpu:5.2} times the CPU time");
}
