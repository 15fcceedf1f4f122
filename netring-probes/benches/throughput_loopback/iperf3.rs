//! One stream of iperf3 on loopback.

use std::{
    io::{BufRead, BufReader},
    net::{Ipv4Addr, TcpListener},
    process::{Child, Command, Stdio},
    time::Duration,
};

/// A server, which ends with this value.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start() -> Self {
        // iperf3 takes no port 0. One that was free a moment ago is another one's for good only by bad luck, and then this
        // program says so.
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = free.local_addr().expect("a bound address").port();
        drop(free);
        let mut child = Command::new("iperf3")
            .args(["--server", "--one-off", "--forceflush", "--bind", "127.0.0.1", "--port", &port.to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("this benchmark needs iperf3 (Debian: apt-get install iperf3): {error}"));
        // It listens once it says so.
        let output = BufReader::new(child.stdout.take().expect("a pipe"));
        let says = output.lines().map_while(Result::ok).any(|line| line.contains("Server listening"));
        assert!(says, "iperf3 does not listen on port {port}");
        Self { child, port }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself, after its one client.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What one stream receives.
pub(crate) fn megabits_per_second(time: Duration) -> f64 {
    let server = Server::start();
    let output = Command::new("iperf3")
        .args(["--client", "127.0.0.1", "--port", &server.port.to_string(), "--format", "m"])
        // In whole seconds; the rest of a trial is short anyway.
        .args(["--time", &time.as_secs().max(1).to_string()])
        .output()
        .expect("iperf3 can be run, as its server was");
    let text = String::from_utf8_lossy(&output.stdout);
    let received = text.lines().find(|line| line.trim_end().ends_with("receiver"));
    let words: Vec<_> = received.unwrap_or_default().split_whitespace().collect();
    let rate =
        words.iter().position(|&word| word == "Mbits/sec").and_then(|at| words.get(at.checked_sub(1)?)?.parse().ok());
    rate.unwrap_or_else(|| panic!("iperf3 tells no rate: {text}{}", String::from_utf8_lossy(&output.stderr)))
}
