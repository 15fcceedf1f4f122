//! What `redis-benchmark` reaches on a Redis: a client in C that does nothing but send a command and read the answer.

use std::process::Command;

/// Requests per second of `command`, `requests` of them on `connections`, none before the one before it is answered.
/// `__rand_int__` in it is a number of twelve digits below `below`, another each time.
pub(crate) fn run(port: u16, connections: usize, requests: usize, below: usize, command: &[&str]) -> f64 {
    let numbers = [port.into(), connections, requests, 1, below].map(|number| number.to_string());
    let options = ["-p", "-c", "-n", "-P", "-r"].into_iter().zip(&numbers);
    let output = Command::new("redis-benchmark")
        .args(["-h", "127.0.0.1", "--csv"])
        .args(options.flat_map(|(name, value)| [name, value]))
        .args(command)
        .output()
        .expect("redis-benchmark starts: Debian has it in the package redis-tools");
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "redis-benchmark {command:?}: {text}{errors}");
    per_second(&text).unwrap_or_else(|| panic!("redis-benchmark {command:?} gave no number: {text}{errors}"))
}

/// The last line has the command, and then numbers of which this is the first, each in quotation marks.
fn per_second(csv: &str) -> Option<f64> {
    csv.trim().lines().last()?.split("\",\"").nth(1)?.parse().ok()
}
