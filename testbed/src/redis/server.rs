use super::{RedisOptions, RespConnection, RespValue, process::Process, url};
use crate::{ReservedPort, wait::wait_until};
use nix::unistd::Pid;
use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

/// How long an answer may take where a test says nothing else.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A Redis server on loopback, on a port and in a folder of its own. It is killed when this is dropped, also by a panic,
/// which shows the end of its log.
#[derive(Debug)]
pub struct RedisServer {
    process: Process,
    password: Option<String>,
}

impl RedisServer {
    /// Starts a server on a free port, and waits until it answers.
    ///
    /// # Panics
    /// Where `redis-server` is not there, or does not come to answer.
    #[must_use]
    pub fn start(options: &RedisOptions) -> Self {
        Self::on(reserve(), options, "")
    }

    /// The same on `port`, with further lines of configuration that the test may overrule.
    pub(super) fn on(port: ReservedPort, options: &RedisOptions, config: &str) -> Self {
        Self::launch(port, false, &format!("{config}\n{}", options.config()), options.secret())
    }

    /// A sentinel: the same program, which takes most commands of its own.
    pub(super) fn sentinel(config: &str) -> Self {
        Self::launch(reserve(), true, config, None)
    }

    fn launch(port: ReservedPort, sentinel: bool, config: &str, password: Option<&str>) -> Self {
        let process = Process::new(port, sentinel, config).expect("a folder can be made");
        let mut server = Self { process, password: password.map(str::to_owned) };
        server.restart();
        server
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port()).into()
    }

    /// The port on which it listens, also after a restart.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.process.port()
    }

    /// `redis://127.0.0.1:port`, with the password where there is one.
    #[must_use]
    pub fn url(&self) -> String {
        url("redis", self.password.as_deref(), [self.address()])
    }

    /// Its process, while there is one.
    #[must_use]
    pub fn pid(&self) -> Option<Pid> {
        self.process.pid()
    }

    /// Whether it has been started, and neither killed nor stopped since.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.process.is_up()
    }

    /// Kills it (SIGKILL), where it runs, and waits until it is gone. Connections to it are refused from here on.
    ///
    /// # Panics
    /// Where the system does not let it.
    pub fn kill(&mut self) {
        self.process.kill().expect("a process of ours can be killed");
    }

    /// Kills it where it runs, starts it again on its port and in its folder, and waits until it answers.
    ///
    /// # Panics
    /// Where it does not come to answer.
    pub fn restart(&mut self) {
        self.kill();
        self.process.start().unwrap_or_else(|error| panic!("cannot start Redis: {error}"));
        let what = format!("an answer of Redis on port {}", self.port());
        wait_until(&what, || {
            assert!(!self.process.has_ended().expect("it can be waited for"), "Redis has ended:\n{}", self.log());
            // It refuses at first, and then may be loading its data.
            self.command(&["PING"]).ok()
        });
    }

    /// The same without the data of before, as after the loss of a disk. A node of a cluster keeps its place in it.
    ///
    /// # Panics
    /// Where it does not come to answer.
    pub fn restart_empty(&mut self) {
        self.kill();
        self.process.wipe().expect("a folder of ours can be emptied");
        self.restart();
    }

    /// Stops it (SIGSTOP): it takes connections and does not answer.
    ///
    /// # Panics
    /// Where it does not run.
    pub fn stop(&mut self) {
        self.process.stop().expect("it runs");
    }

    /// Lets it go on after [`stop`](Self::stop).
    ///
    /// # Panics
    /// Where it does not run.
    pub fn cont(&mut self) {
        self.process.cont().expect("it is there");
    }

    /// What it has logged up to now.
    #[must_use]
    pub fn log(&self) -> String {
        self.process.log()
    }

    /// A connection that has shown the password, on which whatever is asked has to be answered within `timeout`.
    ///
    /// # Errors
    /// Where it cannot be reached, or does not answer.
    pub fn connect(&self, timeout: Duration) -> io::Result<RespConnection> {
        let mut connection = RespConnection::open(self.address(), timeout)?;
        if let Some(password) = &self.password {
            connection.command(&["AUTH", password])?;
        }
        Ok(connection)
    }

    /// Asks it on a connection of its own, and waits for 10 seconds at most.
    ///
    /// # Errors
    /// Those of [`RespConnection::command`].
    pub fn command(&self, words: &[&str]) -> io::Result<RespValue> {
        self.connect(TIMEOUT)?.command(words)
    }

    /// What it tells under `field` of INFO, such as `used_memory` (bytes) or `role`.
    ///
    /// # Errors
    /// Where it does not answer, or knows no such field.
    pub fn info(&self, field: &str) -> io::Result<String> {
        self.field(&["INFO", "everything"], field)
    }

    /// The value in the line `name:value` of an answer.
    pub(super) fn field(&self, words: &[&str], name: &str) -> io::Result<String> {
        let answer = self.command(words)?.to_string();
        let value = answer.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        value.map(str::to_owned).ok_or_else(|| io::Error::other(format!("{words:?} has no {name}")))
    }
}

pub(super) fn reserve() -> ReservedPort {
    ReservedPort::new().expect("the system has a free port")
}
