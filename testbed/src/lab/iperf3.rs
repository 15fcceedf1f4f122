//! What iperf3 measures between two hosts of a lab: a tool that others trust, to hold our own results beside.

use super::Host;
use serde::Deserialize;
use std::{
    io::{BufRead, BufReader},
    net::IpAddr,
    process::{Command, Stdio},
};

/// In a namespace that nobody else is in, every port is free.
const PORT: &str = "5201";

/// The payload bits a second that one TCP stream of iperf3 delivers from `server`, at its `address`, to `client`: the median
/// of `seconds` after the first `omitted` ones. Blocks this thread meanwhile, not the hosts.
///
/// # Panics
/// Where iperf3 is missing, or fails.
#[must_use]
pub fn iperf3_download(client: &Host, server: &Host, address: IpAddr, omitted: u32, seconds: u32) -> f64 {
    let mut command = Command::new("iperf3");
    command.args(["--server", "--one-off", "--forceflush", "--bind", &address.to_string(), "--port", PORT]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let serving = server.spawn_process(command);
    // It listens once it says so. What else it says is read as well, lest it wait for a reader.
    let mut lines = BufReader::new(serving.stdout().expect("a pipe")).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains("Server listening")), "iperf3 does not listen at {address}");

    let mut command = Command::new("iperf3");
    command.args(["--client", &address.to_string(), "--port", PORT, "--reverse", "--json"]);
    command.args(["--omit", &omitted.to_string(), "--time", &seconds.to_string()]);
    let output = client.output(command);
    let said = String::from_utf8_lossy(&output.stdout);
    let result: Output = serde_json::from_str(&said).unwrap_or_else(|error| panic!("iperf3: {error}: {said}"));
    // The client is the one that receives, so that its intervals are of what arrived.
    let counted = result.intervals.iter().map(|interval| &interval.sum).filter(|sum| !sum.omitted && sum.seconds > 0.0);
    let mut rates: Vec<_> = counted.map(|sum| sum.bytes * 8.0 / sum.seconds).collect();
    // Not their mean: now and then iperf3 lists an interval too many, in which nothing came.
    rates.sort_by(f64::total_cmp);
    *rates.get(rates.len() / 2).unwrap_or_else(|| panic!("iperf3 measured nothing: {said}"))
}

/// What is read of its output.
#[derive(Debug, Deserialize)]
struct Output {
    #[serde(default)]
    intervals: Vec<Interval>,
}

#[derive(Debug, Deserialize)]
struct Interval {
    sum: Sum,
}

#[derive(Debug, Deserialize)]
struct Sum {
    bytes: f64,
    seconds: f64,
    omitted: bool,
}
