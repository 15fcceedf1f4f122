//! The two servers, each this program once more: it prints its port, and for each line that it reads the CPU time that it
//! has taken so far.

use crate::MEMBERS;
use axum::{Router, body::Bytes, http::header, routing::post};
use netring_core::{
    AdvertisedAddress, Location, MemoryStore, Registration, RegistryEngine, Timestamp, http::registry_router,
    store::MemberStore, wire::path,
};
use netring_daemon::serve::{listen, serve};
use nix::sys::{
    resource::{UsageWho, getrusage},
    time::TimeValLike,
};
use std::{
    io::{BufRead, BufReader, Write, stdin},
    net::Ipv4Addr,
    process::{Child, ChildStdout, Command, Stdio},
    sync::Arc,
};
use tokio_util::sync::CancellationToken;

/// What both answer.
pub(crate) const ANSWER: &str = r#"{"status":"ok"}"#;

/// The id of one of the members, as long as a random one.
pub(crate) fn instance_id(member: usize) -> String {
    format!("{member:08x}-0000-4000-8000-000000000000")
}

/// A registry that knows all members.
pub(crate) async fn registry() -> Router {
    let store = MemoryStore::new();
    for member in 0..MEMBERS {
        let registration = Registration {
            instance_id: instance_id(member).parse().expect("an id"),
            location: Location::new("eu1").expect("a location"),
            address: AdvertisedAddress::new(Ipv4Addr::new(10, 0, 0, 1).into(), 8757).expect("an address"),
            heartbeat_interval: None,
        };
        store.register(registration, Timestamp::default()).await.expect("there is room");
    }
    registry_router(RegistryEngine::builder(Arc::new(store)).build())
}

/// A handler that does nothing.
pub(crate) async fn empty() -> Router {
    let answer = |_: Bytes| async { ([(header::CONTENT_TYPE, "application/json")], ANSWER) };
    Router::new().route(path::HEARTBEAT, post(answer))
}

/// Serves until whoever started this process is gone.
pub(crate) fn run(router: impl Future<Output = Router>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let listener = listen(Ipv4Addr::LOCALHOST.into(), 0).expect("a free port");
    println!("{}", listener.local_addr().expect("a bound address").port());
    runtime.spawn(serve(listener, runtime.block_on(router), CancellationToken::new()));
    for _ in stdin().lines() {
        let usage = getrusage(UsageWho::RUSAGE_SELF).expect("every system counts by process");
        println!("{}", usage.user_time().num_microseconds() + usage.system_time().num_microseconds());
    }
}

/// A server in a process of its own, which ends with this value.
pub(crate) struct Server {
    pub(crate) port: u16,
    process: Child,
    output: BufReader<ChildStdout>,
}

impl Server {
    pub(crate) fn start(part: &str) -> Self {
        let program = std::env::current_exe().expect("the path of this program");
        let mut process = Command::new(program)
            .arg(part)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program starts once more");
        let output = BufReader::new(process.stdout.take().expect("a pipe"));
        let mut server = Self { port: 0, process, output };
        server.port = server.line().parse().expect("a port");
        server
    }

    /// Microseconds of CPU time that it has taken so far.
    pub(crate) fn cpu_micros(&mut self) -> f64 {
        let mut input = self.process.stdin.as_ref().expect("a pipe");
        input.write_all(b"\n").expect("it reads");
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
