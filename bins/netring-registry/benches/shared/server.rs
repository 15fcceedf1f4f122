//! A server in a process of its own, which is this program once more: it prints its port, and for each line that it reads the
//! number that is asked for there.

use axum::Router;
use netring_daemon::serve::{listen, serve};
use nix::sys::{
    resource::{UsageWho, getrusage},
    time::TimeValLike,
};
use std::{
    io::{BufRead, BufReader, Write, stdin},
    net::Ipv4Addr,
    process::{Child, ChildStdout, Command, Stdio},
};
use tokio_util::sync::CancellationToken;

/// Microseconds of CPU time that this process has taken so far.
pub(crate) fn cpu_micros() -> i64 {
    let usage = getrusage(UsageWho::RUSAGE_SELF).expect("every system counts by process");
    usage.user_time().num_microseconds() + usage.system_time().num_microseconds()
}

/// Serves, and gives the number that is asked for, until whoever started this process is gone.
pub(crate) fn run(router: impl Future<Output = Router>, number: impl Fn(&str) -> i64) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let listener = listen(Ipv4Addr::LOCALHOST.into(), 0).expect("a free port");
    println!("{}", listener.local_addr().expect("a bound address").port());
    runtime.spawn(serve(listener, runtime.block_on(router), CancellationToken::new()));
    for asked in stdin().lines() {
        println!("{}", number(&asked.expect("what is asked is text")));
    }
}

/// A server in a process of its own, which ends with this value.
pub(crate) struct Server {
    pub(crate) port: u16,
    process: Child,
    output: BufReader<ChildStdout>,
}

impl Server {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let program = std::env::current_exe().expect("the path of this program");
        let mut process = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program starts once more");
        let output = BufReader::new(process.stdout.take().expect("a pipe"));
        let mut server = Self { port: 0, process, output };
        server.port = server.line().parse().expect("a port");
        server
    }

    /// The number of this name, such as it is now.
    pub(crate) fn ask(&mut self, name: &str) -> f64 {
        let mut input = self.process.stdin.as_ref().expect("a pipe");
        writeln!(input, "{name}").expect("it reads");
        self.line().parse().expect("a number")
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("what it prints is text");
        line.trim().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Where it has ended already there is nothing to kill.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
