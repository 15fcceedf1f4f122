use crate::PATIENCE;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use std::{
    env,
    ffi::OsStr,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Condvar, Mutex},
    thread,
    time::{Duration, Instant},
};

/// A daemon of netring as a process of its own. It is killed when this is dropped, also by a panic.
#[derive(Debug)]
pub struct Daemon {
    child: Child,
    log: Arc<(Mutex<Log>, Condvar)>,
}

#[derive(Debug, Default)]
struct Log {
    lines: Vec<String>,
    ended: bool,
}

impl Daemon {
    /// Starts the binary `name` with `arguments` and the variables `environment`, and no other variable of netring's.
    ///
    /// # Panics
    /// Where the binary is not there, or cannot be started.
    #[must_use]
    pub fn start<S: AsRef<OsStr>>(name: &str, arguments: &[S], environment: &[(&str, &str)]) -> Self {
        let mut command = Command::new(binary(name));
        command.args(arguments).env_clear().envs(environment.iter().copied());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("cannot start {name}: {error}"));
        let log = Arc::new((Mutex::new(Log::default()), Condvar::new()));
        let (writer, stderr) = (Arc::clone(&log), child.stderr.take().expect("it is piped"));
        thread::spawn(move || {
            let (log, changed) = &*writer;
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                log.lock().expect("no reader panics").lines.push(line);
                changed.notify_all();
            }
            log.lock().expect("no reader panics").ended = true;
            changed.notify_all();
        });
        Self { child, log }
    }

    /// Starts a registry on loopback, on a free port, and waits until it listens.
    #[must_use]
    pub fn registry(environment: &[(&str, &str)]) -> Self {
        Self::start("netring-registry", &["--host", "127.0.0.1", "--port", "0"], environment)
    }

    /// Starts a member on loopback, on a free port, of the registry at `registry`.
    #[must_use]
    pub fn member(registry: SocketAddr, environment: &[(&str, &str)]) -> Self {
        let url = format!("http://{registry}");
        let arguments = ["--host", "127.0.0.1", "--port", "0", "--registry-url", &url];
        Self::start("netring-member", &arguments, environment)
    }

    /// The first line of its log that has `part` in it, once it is there.
    ///
    /// # Panics
    /// Where the log ends without it, or it does not come within [`PATIENCE`].
    #[must_use]
    pub fn line(&self, part: &str) -> String {
        let (log, changed) = &*self.log;
        let mut log = log.lock().expect("no reader panics");
        let begun = Instant::now();
        loop {
            if let Some(line) = log.lines.iter().find(|line| line.contains(part)) {
                return line.clone();
            }
            let left = PATIENCE.saturating_sub(begun.elapsed());
            assert!(!log.ended && !left.is_zero(), "no line with {part:?} in the log:\n{}", log.lines.join("\n"));
            log = changed.wait_timeout(log, left).expect("no reader panics").0;
        }
    }

    /// Everything that it has logged up to now.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.0.lock().expect("no reader panics").lines.join("\n")
    }

    /// The address on which it listens, once it does.
    ///
    /// # Panics
    /// Where it does not come to listen.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        let line = self.line("listening");
        let address = line.split(' ').find_map(|word| word.strip_prefix("address="));
        address.and_then(|address| address.parse().ok()).unwrap_or_else(|| panic!("no address in {line:?}"))
    }

    /// Sends it `signal`.
    ///
    /// # Panics
    /// Where it is gone already.
    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).expect("a process id"));
        kill(pid, signal).expect("the process is there");
    }

    /// Waits until it ends, and tells how, and how long that took.
    ///
    /// # Panics
    /// Where it does not end within [`PATIENCE`].
    #[must_use]
    pub fn wait(&mut self) -> (ExitStatus, Duration) {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("it can be waited for") {
                return (status, begun.elapsed());
            }
            assert!(begun.elapsed() < PATIENCE, "it does not end:\n{}", self.log());
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing to do then.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("the log of process {}:\n{}", self.child.id(), self.log());
        }
    }
}

/// The binary that was built together with this test.
fn binary(name: &str) -> PathBuf {
    let test = env::current_exe().expect("a test has a path");
    let folder = test.ancestors().nth(2).expect("tests are in target/<profile>/deps");
    let binary = folder.join(name);
    assert!(binary.exists(), "{} is not there: build it with `cargo build --workspace --bins`", binary.display());
    binary
}
