//! What a store costs as its ring grows: the time of each operation, and memory. A heartbeat should cost the same in a ring
//! of any size, and so should a sweep of as many members.
//!
//! Each store is measured in a process of its own, and Redis is another each time, so that the memory of one is not that of
//! the one before.

#![expect(clippy::print_stdout, reason = "the numbers are what this program is for")]

mod bench;
mod kind;
mod memory;
mod reports;
mod table;

use kind::Kind;
use std::{
    process::{Command, Stdio},
    str::from_utf8,
};
use table::Table;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How much is measured.
#[derive(Clone, Copy)]
struct Size {
    rings: [usize; 3],
    /// Processes for each ring.
    runs: usize,
    /// Rounds in each process, of what can be measured more than once. Both are odd, so that a median was measured.
    rounds: usize,
    /// Heartbeats in a round.
    heartbeats: usize,
    /// Members that a sweep of some removes, in rings of any size.
    swept: usize,
    /// Members that report, in rings of up to this many members.
    reporting: usize,
    largest_that_reports: usize,
}

impl Size {
    const WHOLE: Self = Self {
        rings: [1_000, 10_000, 100_000],
        runs: 3,
        rounds: 5,
        heartbeats: 20_000,
        swept: 1_000,
        reporting: 1_000,
        largest_that_reports: 10_000,
    };
    /// Under `cargo test --all-targets`, to see that the program still runs: the numbers say nothing.
    const TRIAL: Self = Self {
        rings: [20, 40, 80],
        runs: 1,
        rounds: 1,
        heartbeats: 100,
        swept: 10,
        reporting: 5,
        largest_that_reports: 40,
    };

    fn named(name: &str) -> Self {
        if name == "--bench" { Self::WHOLE } else { Self::TRIAL }
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["run", kind, members, size] => {
            let kind = Kind::ALL.into_iter().find(|it| it.name() == kind).expect("the name of a store");
            bench::run(kind, members.parse().expect("a number"), Size::named(size));
        }
        _ => compare(if arguments.contains(&"--bench") { "--bench" } else { "--trial" }),
    }
}

fn compare(size_name: &str) {
    let Size { rings, runs, rounds, heartbeats, swept, reporting, .. } = Size::named(size_name);
    println!(
        "Medians of {runs} processes, each with {rounds} rounds of {heartbeats} heartbeats; {} at once.",
        bench::AT_ONCE
    );
    println!(
        "A sweep of some removes {swept} members; {reporting} report, each {} results. Times are of one operation.",
        reports::RESULTS
    );
    for kind in Kind::ALL {
        let mut table = Table::new(&rings);
        for (column, members) in rings.into_iter().enumerate() {
            for _ in 0..runs {
                for line in process(kind, members, size_name).lines() {
                    let (value, name) = line.split_once(' ').expect("a number and what it is of");
                    table.add(name, column, value.parse().expect("a number"));
                }
            }
        }
        println!("\n{}\n\n{table}", kind.name());
    }
}

/// What a process of its own prints of a store with so many members.
fn process(kind: Kind, members: usize, size_name: &str) -> String {
    let program = std::env::current_exe().expect("the path of this program");
    let output = Command::new(program)
        .args(["run", kind.name(), &members.to_string(), size_name])
        .stderr(Stdio::inherit())
        .output()
        .expect("this program starts once more");
    assert!(output.status.success(), "{} with {members} members: {}", kind.name(), output.status);
    from_utf8(&output.stdout).expect("what it prints is text").to_owned()
}
