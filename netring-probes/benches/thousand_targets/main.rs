//! What a member costs that probes 1,000 targets every second, and how late its probes are. Targets: p99 of the
//! lateness under 5 ms, and no probe that fails, for every target answers.
//!
//! The member is a process of its own, and so are the targets, so that the CPU time of each is told apart. This process
//! starts them, and meanwhile measures how late a thread wakes up that does nothing but sleep: no member on this machine
//! is less late than that, and on a busy machine that is much.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the numbers are what this program is for")]

mod child;
mod lateness;
mod member;
#[path = "../probe_cost/server.rs"]
mod server;
mod tally;

use child::Child;
use lateness::Lateness;
use std::{
    io::{Read, stdin},
    time::Duration,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How much is measured.
#[derive(Debug, Clone, Copy)]
struct Size {
    targets: u16,
    runs: u32,
    /// The time before anything is counted.
    warm_up: Duration,
    time: Duration,
}

impl Size {
    const WHOLE: Self =
        Self { targets: 1_000, runs: 3, warm_up: Duration::from_secs(5), time: Duration::from_secs(30) };
    /// Under `cargo test --all-targets`, to see that the program still runs: the numbers say nothing.
    const TRIAL: Self =
        Self { targets: 20, runs: 1, warm_up: Duration::from_millis(1_100), time: Duration::from_secs(1) };

    fn named(name: &str) -> Self {
        if name == "--bench" { Self::WHOLE } else { Self::TRIAL }
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["targets"] => targets(),
        ["member", checks, port, size] => {
            member::run(checks, port.parse().expect("a port"), Size::named(size));
        }
        _ => compare(if arguments.contains(&"--bench") { "--bench" } else { "--trial" }),
    }
}

/// Listens, until whoever started this process is gone: on the first port that it prints it accepts and closes, on the
/// second it answers HTTP.
fn targets() {
    println!("{}\n{}", server::closing(), server::answering());
    // An error ends it just as well.
    let _ = stdin().read_to_end(&mut Vec::new());
}

fn compare(size_name: &str) {
    let size = Size::named(size_name);
    let mut targets = Child::start(&["targets"]);
    let [closing, answering] = [targets.line(), targets.line()];
    println!("{} targets, each probed every second, for {:?} after {:?}", size.targets, size.time, size.warm_up);
    println!("Lateness in ms; of a member, and of a thread that only sleeps. CPU of the member alone.");
    println!(
        "| checks | probes | failed | not made | late p50 | p99 | max | sleep p50 | p99 | max | CPU s/s | µs a probe | RSS MiB | load |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
    for (checks, port) in [("tcp", &closing), ("tcp+http", &answering)] {
        for _ in 0..size.runs {
            let mut member = Child::start(&["member", checks, port.trim(), size_name]);
            std::thread::sleep(size.warm_up);
            let sleep = Lateness::of_sleeping(size.time);
            let measured = member.line();
            let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
            let load = load.split(' ').next().unwrap_or_default();
            let (before, after) = measured.trim().split_once(" # ").expect("two parts of a row");
            println!("| {checks} | {before} | {sleep} | {after} | {load} |");
        }
    }
}
