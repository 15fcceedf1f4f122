//! The command of the Redis pod, with its configuration, run by a real shell and a real Redis.

use crate::{
    object::{list, text},
    site::{Site, sites},
};
use netring_testbed::{PATIENCE, ReservedPort};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use std::{
    fs,
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

const PASSWORD: &str = "4f1d0a55e2d94b7f6c3e";

/// What runs until this is dropped.
struct Running {
    child: Child,
    port: ReservedPort,
    folder: TempDir,
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn site() -> &'static Site {
    sites().iter().find(|site| site.is_primary()).unwrap()
}

/// Its own command and file, but for the folders, the port and the addresses that a test may have.
fn start() -> Running {
    let (_, template) = site().workload("redis");
    let container = &template["spec"]["containers"][0];
    let (folder, port) = (tempfile::tempdir().unwrap(), ReservedPort::new().unwrap());
    let path = folder.path().to_str().unwrap();
    let config = text(&site().object("ConfigMap", "netring-redis-config").unwrap().0, "/data/redis.conf");
    assert!(config.contains("dir /data\n") && config.contains("bind * -::*\n"));
    let config = config.replace("dir /data\n", &format!("dir {path}\n")).replace("bind * -::*\n", "bind 127.0.0.1\n");
    fs::write(folder.path().join("redis.conf"), format!("port {}\n{config}", port.port())).unwrap();
    let command: Vec<_> = list(container, "/command").iter().map(|word| word.as_str().unwrap()).collect();
    let script = command[2].replace("/etc/redis/", &format!("{path}/"));
    assert_ne!(script, command[2]);
    let log = fs::File::create(folder.path().join("log")).unwrap();
    let child = Command::new(command[0])
        .args([command[1], &script])
        .env("REDISCLI_AUTH", PASSWORD)
        .stdin(Stdio::null())
        .stdout(log)
        .spawn()
        .unwrap();
    let running = Running { child, port, folder };
    let begun = Instant::now();
    while !ask(&running, PASSWORD, &["-e", "ping"]).status.success() {
        let log = || fs::read_to_string(running.folder.path().join("log")).unwrap();
        assert!(begun.elapsed() < PATIENCE, "Redis does not answer:\n{}", log());
        thread::sleep(Duration::from_millis(20));
    }
    running
}

fn ask(running: &Running, password: &str, words: &[&str]) -> Output {
    let port = running.port.port().to_string();
    let mut command = Command::new("redis-cli");
    command.args(["-p", &port]).args(words).env("REDISCLI_AUTH", password);
    command.output().expect("redis-cli is there: run scripts/requirements")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[test]
fn it_starts_with_its_configuration_and_asks_for_the_password() {
    let mut running = start();
    for (key, value) in [("maxmemory-policy", "noeviction"), ("appendonly", "yes"), ("maxmemory", "268435456")] {
        assert_eq!(said(&ask(&running, PASSWORD, &["config", "get", key])), format!("{key}\n{value}"));
    }
    let refused = ask(&running, "wrong", &["-e", "get", "x"]);
    assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("NOAUTH"), "{refused:?}");
    // The shell is gone, so it is Redis itself that is asked to end, and the password is in no list of processes.
    let id = running.child.id();
    let line = fs::read_to_string(format!("/proc/{id}/cmdline")).unwrap();
    assert!(line.contains("redis-server") && !line.contains("sh") && !line.contains(PASSWORD), "{line}");
    kill(Pid::from_raw(id.cast_signed()), Signal::SIGTERM).unwrap();
    assert!(running.child.wait().unwrap().success());
}

#[test]
fn its_probes_tell_whether_it_is_there_and_whether_it_takes_commands() {
    let (_, template) = site().workload("redis");
    let container = &template["spec"]["containers"][0];
    let probe = |name: &str| {
        let words = list(container, &format!("/{name}/exec/command")).iter().map(|word| word.as_str().unwrap());
        let words: Vec<_> = words.collect();
        assert_eq!(words[0], "redis-cli");
        words[1..].to_vec()
    };
    let mut running = start();
    for name in ["startupProbe", "livenessProbe", "readinessProbe"] {
        assert!(ask(&running, PASSWORD, &probe(name)).status.success(), "{name}");
    }
    // An answer that is an error is a sign of life, and no more than that. While it loads, it gives one as well.
    assert!(ask(&running, "wrong", &probe("livenessProbe")).status.success());
    assert!(!ask(&running, "wrong", &probe("readinessProbe")).status.success());
    running.child.kill().unwrap();
    running.child.wait().unwrap();
    for name in ["startupProbe", "livenessProbe", "readinessProbe"] {
        assert!(!ask(&running, PASSWORD, &probe(name)).status.success(), "{name}");
    }
}
