//! A daemon that does not stop by itself. This test is that daemon, too: as a child process of itself.

use netring_daemon::{
    config::LogFormat,
    program::{Common, Program, Task},
};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use sample::Shop;
use std::{
    io::{BufRead, BufReader},
    net::Ipv4Addr,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

mod sample;

const NAME: &str = "a_daemon_that_hangs_is_ended_in_time";
const CHILD: &str = "STOP_TEST_CHILD";

/// Blocks the only thread that runs the daemon, whatever it is told.
#[expect(clippy::print_stdout, reason = "the parent process reads it")]
fn hang() -> ! {
    let filter = Box::leak(Box::default());
    Program { name: "hanging", file: None, flags: Vec::new(), task: Task::Run }.run(
        |_: &Shop| Common {
            log_filter: filter,
            log_format: LogFormat::Text,
            listening: (Ipv4Addr::LOCALHOST, 0).into(),
        },
        |_, _| async {
            println!("\nhanging");
            loop {
                thread::park();
            }
        },
    );
    unreachable!("the daemon does not end");
}

#[test]
fn a_daemon_that_hangs_is_ended_in_time() {
    if std::env::var_os(CHILD).is_some() {
        hang();
    }
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", NAME, "--nocapture"])
        .env(CHILD, "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line == "hanging"));
    let told = Instant::now();
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGTERM).unwrap();
    // The end of its output is the end of the process.
    assert_eq!(lines.count(), 0);
    let took = told.elapsed();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    // It is ended after 1.9 s; the rest is for a machine that is busy with other tests.
    assert!(took < Duration::from_secs(5), "{took:?}");
}
