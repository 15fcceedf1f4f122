//! Where a lab can be, and that nothing is left of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod udp;

use netring_testbed::lab::{self, Lab, LinkSpec};
use nix::{sys::signal::kill, unistd::Pid};
use std::{
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};
use udp::{echo, round_trips};

#[test]
fn nothing_is_left_of_a_lab() {
    lab::test(async || {
        let mut lab = Lab::new();
        let (a, b) = (lab.host("a"), lab.host("b"));
        lab.link(&a, &b, &LinkSpec::programmed());
        let mut command = Command::new("sleep");
        command.arg("1000").stdout(Stdio::null());
        let process = a.spawn_process(command);
        let [id, thread_id] = [process.id().cast_signed(), a.call(|| nix::unistd::gettid().as_raw())];
        assert!(kill(Pid::from_raw(id), None).is_ok());
        let names = a.output(command_line("ip -brief link"));
        let names = String::from_utf8(names.stdout).unwrap();
        assert!(names.contains("lo ") && names.contains("link0 ") && names.lines().count() == 2, "{names}");
        drop(lab);
        assert!(kill(Pid::from_raw(id), None).is_err(), "the process {id} is still there");
        assert!(!Path::new(&format!("/proc/self/task/{thread_id}")).exists(), "the thread {thread_id} is still there");
    });
}

fn command_line(line: &str) -> Command {
    let mut words = line.split(' ');
    let mut command = Command::new(words.next().unwrap());
    command.args(words);
    command
}

#[test]
fn a_user_namespace_is_enough() {
    lab::test_in_user_namespace(async || {
        let mut lab = Lab::new();
        let (a, r, b) = (lab.host("a"), lab.router("r"), lab.host("b"));
        lab.link(&a, &r, &LinkSpec { rate: Some(100_000_000), ..LinkSpec::default() });
        let link = lab.link(&r, &b, &LinkSpec::delayed(Duration::from_millis(1)));
        lab.route_all();
        for address in link.addresses(&b).all() {
            round_trips(&a, echo(&b, address).await, 3).await;
        }
    });
}

#[test]
fn a_test_that_fails_in_a_user_namespace_has_failed() {
    let run = std::panic::catch_unwind(|| lab::test_in_user_namespace(async || std::process::exit(3)));
    let left_out = std::env::var_os("NETRING_TEST_UNPRIVILEGED").is_some();
    assert_eq!(run.is_ok(), left_out);
}
