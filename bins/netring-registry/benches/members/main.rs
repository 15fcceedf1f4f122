//! What the list of members costs the registry, against a floor that is measured in the same run: an axum handler that answers
//! the same bytes. Both are served as the daemon serves, each in a process of its own. Clients ask for it as it is, by gzip,
//! and with the tag of what they have already, while all members send their heartbeats.

#![expect(clippy::print_stdout, reason = "the numbers are what this program is for")]

mod allocator;
mod client;
mod floor;
mod kind;
mod load;
#[path = "../shared/ring.rs"]
mod ring;
#[path = "../shared/rounds.rs"]
mod rounds;
#[path = "../shared/server.rs"]
mod server;

use kind::Kind;
use load::Heartbeats;
use netring_core::{MemberStore, MemoryStore};
use netring_registry_store::RedisStore;
use netring_testbed::{RedisOptions, RedisServer};
use rounds::{median, ratio};
use server::Server;
use std::{sync::Arc, time::Duration};
use tokio::runtime::{self, Runtime};

#[global_allocator]
static ALLOCATOR: allocator::Counting = allocator::Counting;

/// Where a registry is told to keep its members in its memory.
const MEMORY: &str = "memory";

/// How much is measured.
#[derive(Clone, Copy)]
struct Size {
    rings: [usize; 2],
    /// Odd, so that a median is a round that was measured.
    rounds: usize,
    connections: usize,
    /// Of a round.
    time: Duration,
}

impl Size {
    const WHOLE: Self = Self { rings: [1_000, 10_000], rounds: 5, connections: 32, time: Duration::from_secs(1) };
    /// Under `cargo test --all-targets`, to see that the program still runs: the numbers say nothing. The larger ring is
    /// one whose list the registry writes on another thread.
    const TRIAL: Self = Self { rings: [20, 300], rounds: 1, connections: 2, time: Duration::from_millis(50) };
}

/// The rounds of one server; but for the first, each value is of one answer.
#[derive(Default)]
struct Rounds {
    per_second: Vec<f64>,
    /// On the wire.
    bytes: Vec<f64>,
    /// Microseconds of the server's CPU time.
    cpu: Vec<f64>,
    /// Bytes that the server asked its allocator for.
    allocated: Vec<f64>,
}

impl Rounds {
    fn medians(&self) -> [f64; 4] {
        [&self.per_second, &self.bytes, &self.cpu, &self.allocated].map(|values| median(values.clone()))
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["registry", store, members] => {
            serve(ring::registry(open(store), members.parse().expect("a number")));
        }
        ["floor", port, kind] => {
            let kind = Kind::ALL.into_iter().find(|it| it.name() == kind).expect("a way to ask");
            serve(floor::router(port.parse().expect("a port"), kind));
        }
        _ => compare(if arguments.contains(&"--bench") { Size::WHOLE } else { Size::TRIAL }),
    }
}

fn open(store: &str) -> Arc<dyn MemberStore> {
    if store == MEMORY {
        return Arc::new(MemoryStore::new());
    }
    Arc::new(RedisStore::builder(store.parse().expect("the address of a Redis")).build().expect("a store"))
}

fn serve(router: impl Future<Output = axum::Router>) {
    server::run(router, |asked| if asked == "cpu" { server::cpu_micros() } else { allocator::allocated() });
}

fn compare(size: Size) {
    let runtime = runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let Size { rounds, connections, time, .. } = size;
    println!(
        "{rounds} rounds of {time:?}, on {connections} connections; medians of the rounds, all but the first of one answer"
    );
    println!(
        "| store | members | asked for | server | answers a second | bytes on the wire | CPU µs | bytes allocated |"
    );
    println!("|---|--:|---|---|--:|--:|--:|--:|");
    for store in ["MemoryStore", "RedisStore"] {
        for members in size.rings {
            let redis = (store == "RedisStore").then(|| RedisServer::start(&RedisOptions::new()));
            let place = redis.as_ref().map_or_else(|| MEMORY.to_owned(), RedisServer::url);
            let mut registry = Server::start(&["registry", &place, &members.to_string()]);
            let mut heartbeats = Heartbeats::of(members);
            for kind in Kind::ALL {
                let row = format!("| {store} | {members} | {}", kind.name());
                let mut floor = Server::start(&["floor", &registry.port.to_string(), kind.name()]);
                measure(&runtime, size, kind, [&mut floor, &mut registry], &mut heartbeats, &row);
            }
        }
    }
}

/// Prints the rows of one way to ask.
fn measure(
    runtime: &Runtime,
    size: Size,
    kind: Kind,
    servers: [&mut Server; 2],
    heartbeats: &mut Heartbeats,
    row: &str,
) {
    let mut all = servers.map(|server| (server, Rounds::default()));
    // One round of each before any is counted.
    for round in 0..=size.rounds {
        for (server, results) in &mut all {
            let (cpu, allocated) = (server.ask("cpu"), server.ask("allocated"));
            let tally = runtime.block_on(load::run(server.port, kind, size.connections, size.time, heartbeats));
            if round > 0 {
                let answers = tally.answers as f64;
                results.per_second.push(answers / tally.time.as_secs_f64());
                results.bytes.push(tally.bytes as f64 / answers);
                results.cpu.push((server.ask("cpu") - cpu) / answers);
                results.allocated.push((server.ask("allocated") - allocated) / answers);
            }
        }
    }
    let [(_, floor), (_, registry)] = &all;
    for (name, results) in [("floor", floor), ("registry", registry)] {
        let [per_second, bytes, cpu, allocated] = results.medians();
        println!("{row} | {name} | {per_second:.0} | {bytes:.0} | {cpu:.2} | {allocated:.0} |");
    }
    let per_second = ratio(&registry.per_second, &floor.per_second);
    let cpu = ratio(&registry.cpu, &floor.cpu);
    let more = registry.medians()[3] - floor.medians()[3];
    println!("{row} | registry ÷ floor | {per_second:.2} | | {cpu:.2} | {more:+.0} |");
}
