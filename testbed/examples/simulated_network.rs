//! Runs a command in a namespace with a simulated network, and then says what became of each packet:
//!
//! ```text
//! cargo run -p netring-testbed --example simulated_network -- chain_v4 traceroute -n 198.51.100.1
//! ```
//!
//! It needs root, or CAP_SYS_ADMIN and CAP_NET_ADMIN.

use netring_testbed::sim::SimulatedNetwork;
use nix::sched::{CloneFlags, unshare};
use std::{
    env,
    io::{self, Write},
    process::Command,
};

fn main() -> io::Result<()> {
    let mut arguments = env::args_os().skip(1);
    let (Some(network), Some(command)) = (arguments.next(), arguments.next()) else {
        return Err(io::Error::other("give the name of a network of testbed/networks, and a command"));
    };
    unshare(CloneFlags::CLONE_NEWNET)?;
    let network = SimulatedNetwork::named(&network.to_string_lossy());
    let status = Command::new(command).args(arguments).status()?;
    let mut out = io::stdout().lock();
    for passage in network.passages() {
        writeln!(
            out,
            "{} ttl {:>2} {:?}: {:?} at {:?}",
            passage.destination,
            passage.ttl,
            passage.flow,
            passage.fate,
            passage.routers.last()
        )?;
    }
    writeln!(out, "{status}")
}
