use crate::ReservedPort;
use nix::{
    sys::{
        signal::{Signal, kill},
        wait::{WaitPidFlag, WaitStatus, waitpid},
    },
    unistd::Pid,
};
use std::{
    fs::{self, File},
    io,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
};
use tempfile::TempDir;

/// How much of the log goes with a panic.
const TAIL: usize = 40;

/// A process of `redis-server` with its port, its configuration, its data and its log. It is killed when this is
/// dropped, also by a panic.
#[derive(Debug)]
pub(super) struct Process {
    port: ReservedPort,
    folder: TempDir,
    sentinel: bool,
    child: Option<Child>,
    stopped: bool,
}

impl Process {
    /// Makes a folder with the configuration, in which Redis writes down what becomes of it. Nothing runs yet.
    pub(super) fn new(port: ReservedPort, sentinel: bool, config: &str) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("netring-redis-").tempdir()?;
        let process = Self { port, folder, sentinel, child: None, stopped: false };
        fs::create_dir(process.data())?;
        let (port, data) = (process.port.port(), process.data());
        let own = format!("port {port}\nbind 127.0.0.1\ndaemonize no\nlogfile \"\"\ndir {}\n", data.display());
        fs::write(process.path("redis.conf"), own + config + "\n")?;
        Ok(process)
    }

    pub(super) fn port(&self) -> u16 {
        self.port.port()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn data(&self) -> PathBuf {
        self.path("data")
    }

    pub(super) fn start(&mut self) -> io::Result<()> {
        let log = File::options().create(true).append(true).open(self.path("log"))?;
        let mut command = Command::new("redis-server");
        command.arg(self.path("redis.conf")).args(self.sentinel.then_some("--sentinel"));
        command.stdin(Stdio::null()).stderr(log.try_clone()?).stdout(log);
        self.child = Some(command.spawn().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                io::Error::new(error.kind(), "redis-server is not there: Debian has it in the package redis-server")
            }
            _ => error,
        })?);
        Ok(())
    }

    /// Forgets the data, but not the configuration.
    pub(super) fn wipe(&self) -> io::Result<()> {
        fs::remove_dir_all(self.data())?;
        fs::create_dir(self.data())
    }

    pub(super) fn pid(&self) -> Option<Pid> {
        let child = self.child.as_ref()?;
        Some(Pid::from_raw(i32::try_from(child.id()).expect("a process id")))
    }

    /// Whether it has been started, and neither killed nor stopped since.
    pub(super) fn is_up(&self) -> bool {
        self.child.is_some() && !self.stopped
    }

    /// Whether it has ended by itself.
    pub(super) fn has_ended(&mut self) -> io::Result<bool> {
        self.child.as_mut().map_or(Ok(true), |child| Ok(child.try_wait()?.is_some()))
    }

    /// Kills it where it runs, and waits until it is gone.
    pub(super) fn kill(&mut self) -> io::Result<()> {
        let Some(mut child) = self.child.take() else { return Ok(()) };
        self.stopped = false;
        child.kill()?;
        child.wait().map(drop)
    }

    /// Stops it, and waits until it does nothing more: the signal alone only asks for that.
    pub(super) fn stop(&mut self) -> io::Result<()> {
        if self.stopped {
            return Ok(());
        }
        let pid = self.pid().ok_or(io::ErrorKind::NotFound)?;
        kill(pid, Signal::SIGSTOP)?;
        match waitpid(pid, Some(WaitPidFlag::WUNTRACED))? {
            WaitStatus::Stopped(..) => self.stopped = true,
            other => return Err(io::Error::other(format!("it should have stopped: {other:?}"))),
        }
        Ok(())
    }

    pub(super) fn cont(&mut self) -> io::Result<()> {
        self.stopped = false;
        Ok(kill(self.pid().ok_or(io::ErrorKind::NotFound)?, Signal::SIGCONT)?)
    }

    pub(super) fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }
}

impl Drop for Process {
    #[expect(clippy::print_stderr, reason = "where a test fails, its output is the place for this")]
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing to do then.
        let _ = self.kill();
        if thread::panicking() {
            let log = self.log();
            let lines: Vec<_> = log.lines().collect();
            let tail = &lines[lines.len().saturating_sub(TAIL)..];
            eprintln!("the end of the log of Redis on port {}:\n{}", self.port(), tail.join("\n"));
        }
    }
}
