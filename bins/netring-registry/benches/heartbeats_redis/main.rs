//! Heartbeats through a registry that keeps its members in Redis, beside what `redis-benchmark` reaches on the same Redis
//! with as many connections and no pipelining: with its own test of SET, and with the script that a heartbeat runs. Target:
//! at least a third.

#![expect(clippy::print_stdout, reason = "the numbers are what this program is for")]

#[path = "../shared/load.rs"]
mod load;
mod redis_benchmark;
#[path = "../shared/ring.rs"]
mod ring;
#[path = "../shared/rounds.rs"]
mod rounds;
mod script;
#[path = "../shared/server.rs"]
mod server;

use netring_registry_store::RedisStore;
use netring_testbed::{RedisOptions, RedisServer};
use rounds::{median, ratio};
use script::Script;
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
    const TRIAL: Self = Self { rounds: 1, connections: 2, heartbeats: 50 };
}

/// What sends.
#[derive(Clone, Copy, PartialEq)]
enum Sender {
    Set,
    Script,
    Registry,
}

/// The rounds of one sender.
#[derive(Default)]
struct Rounds {
    per_second: Vec<f64>,
    /// Microseconds of the registry's CPU time.
    cpu: Vec<f64>,
    /// Microseconds of Redis' CPU time.
    redis_cpu: Vec<f64>,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments[..] {
        [part, url] if part == "registry" => {
            let store = store(url, "netring");
            server::run(ring::registry(Arc::new(store), MEMBERS), |_| server::cpu_micros());
        }
        _ => compare(if arguments.iter().any(|argument| argument == "--bench") { Size::WHOLE } else { Size::TRIAL }),
    }
}

fn store(url: &str, prefix: &str) -> RedisStore {
    let address = url.parse().expect("the address of a Redis");
    RedisStore::builder(address).prefix(prefix).build().expect("a store")
}

fn compare(size: Size) {
    let Size { rounds, connections, heartbeats } = size;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let redis = RedisServer::start(&RedisOptions::new());
    let mut registry = Server::start(&["registry", &redis.url()]);
    // A ring of its own: its times are not those of the registry's heartbeats.
    runtime.block_on(ring::fill(&store(&redis.url(), script::PREFIX), MEMBERS));
    let script = Script::load(&redis);
    let requests = connections * heartbeats;
    println!(
        "{rounds} rounds of {requests} heartbeats of {MEMBERS} members, on {connections} connections; medians of the rounds"
    );

    let benchmark = |command: &[&str]| redis_benchmark::run(redis.port(), connections, requests, MEMBERS, command);
    let mut all = [Sender::Set, Sender::Script, Sender::Registry].map(|sender| (sender, Rounds::default()));
    // One round of each before any is counted.
    for round in 0..=rounds {
        for (sender, results) in &mut all {
            let before = (registry.ask("cpu"), redis_cpu(&redis));
            let per_second = match sender {
                Sender::Set => benchmark(&["-t", "set"]),
                Sender::Script => benchmark(&script.call()),
                Sender::Registry => {
                    let start = Instant::now();
                    runtime.block_on(load::run(registry.port, connections, heartbeats, MEMBERS));
                    requests as f64 / start.elapsed().as_secs_f64()
                }
            };
            if round > 0 {
                results.per_second.push(per_second);
                results.cpu.push((registry.ask("cpu") - before.0) / requests as f64);
                results.redis_cpu.push((redis_cpu(&redis) - before.1) / requests as f64);
            }
        }
    }
    print(&all);
}

fn print(all: &[(Sender, Rounds); 3]) {
    println!("| | a second | CPU of Redis, µs each | CPU of the registry, µs each |");
    println!("|---|--:|--:|--:|");
    for (sender, results) in all {
        let name = match sender {
            Sender::Set => "redis-benchmark, SET",
            Sender::Script => "redis-benchmark, the script of a heartbeat",
            Sender::Registry => "heartbeats through the registry",
        };
        let cpu = match sender {
            Sender::Registry => format!("{:.2}", median(results.cpu.clone())),
            Sender::Set | Sender::Script => "–".to_owned(),
        };
        let (per_second, redis_cpu) = (median(results.per_second.clone()), median(results.redis_cpu.clone()));
        println!("| {name} | {per_second:.0} | {redis_cpu:.2} | {cpu} |");
    }
    let [(_, set), (_, script), (_, registry)] = all;
    for (name, base) in [("SET", set), ("the script", script)] {
        let ratio = ratio(&registry.per_second, &base.per_second);
        println!("registry ÷ redis-benchmark with {name}: {ratio:.2} of the requests a second; target: at least 0.33");
    }
}

/// Microseconds of CPU time that it has taken so far.
fn redis_cpu(redis: &RedisServer) -> f64 {
    let seconds = |field| redis.info(field).expect("it answers").parse::<f64>().expect("seconds");
    (seconds("used_cpu_user") + seconds("used_cpu_sys")) * 1e6
}
