use crate::PATIENCE;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use std::{
    env,
    ffi::OsStr,
    io::{self, BufRead, BufReader, Write},
    net::SocketAddr,
    os::{fd::OwnedFd, unix::net::UnixStream},
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
    _unread: Option<UnixStream>,
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
        let mut child = spawn(name, arguments, environment, Stdio::piped());
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
        Self { child, log, _unread: None }
    }

    /// The same with a standard error that takes nothing: whoever writes to it blocks. The log stays empty, so the
    /// caller has to choose the port.
    ///
    /// # Panics
    /// Where the binary is not there, or cannot be started.
    #[must_use]
    pub fn start_unread<S: AsRef<OsStr>>(name: &str, arguments: &[S], environment: &[(&str, &str)]) -> Self {
        let (stderr, unread) = full().expect("the system has a pair of sockets");
        let child = spawn(name, arguments, environment, OwnedFd::from(stderr).into());
        Self { child, log: Arc::default(), _unread: Some(unread) }
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
    #[expect(clippy::print_stderr, reason = "where a test fails, its output is the place for this")]
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing to do then.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("the log of process {}:\n{}", self.child.id(), self.log());
        }
    }
}

fn spawn<S: AsRef<OsStr>>(name: &str, arguments: &[S], environment: &[(&str, &str)], stderr: Stdio) -> Child {
    let mut command = Command::new(binary(name));
    command.args(arguments).env_clear().envs(environment.iter().copied());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(stderr);
    command.spawn().unwrap_or_else(|error| panic!("cannot start {name}: {error}"))
}

/// Two ends of a connection, of which the first takes not one byte more.
fn full() -> io::Result<(UnixStream, UnixStream)> {
    let (mut full, unread) = UnixStream::pair()?;
    full.set_nonblocking(true)?;
    for size in [4096, 1] {
        let error = loop {
            if let Err(error) = full.write_all(&vec![b'.'; size]) {
                break error;
            }
        };
        if error.kind() != io::ErrorKind::WouldBlock {
            return Err(error);
        }
    }
    full.set_nonblocking(false)?;
    Ok((full, unread))
}

/// The binary that was built together with this test.
///
/// # Panics
/// Where it is not there.
#[must_use]
pub fn binary(name: &str) -> PathBuf {
    let test = env::current_exe().expect("a test has a path");
    let folder = test.ancestors().nth(2).expect("tests are in target/<profile>/deps");
    let binary = folder.join(name);
    assert!(binary.exists(), "{} is not there: build it with `cargo build --workspace --bins`", binary.display());
    binary
}
