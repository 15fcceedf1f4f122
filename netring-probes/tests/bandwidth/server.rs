//! Members, servers that do exactly what a test says, and shorthands for probing them.

use netring_core::{
    BandwidthMeasurement, FailureReason, FixedDiscovery, Location, Measurement, MemberEngine, Outcome, ProbeError,
    ProbeReport, Prober, Target,
    http::{MemberRouter, member_router},
    testing::{net, sample},
};
use netring_probes::{BandwidthProber, BandwidthProberBuilder, Directions};
use std::{future::Future, net::Ipv4Addr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::Instant,
};

/// Longer than any good answer on loopback takes, however busy the machine: it is never waited for.
pub(crate) const AMPLE: Duration = Duration::from_secs(60);
pub(crate) const MIB: u64 = 1024 * 1024;

/// A server; it ends with this value.
pub(crate) struct Server {
    pub(crate) target: Target,
    _task: JoinSet<()>,
}

impl Server {
    /// A member, as `with` sets it.
    pub(crate) async fn member(with: impl FnOnce(MemberRouter) -> MemberRouter) -> Self {
        let discovery = Arc::new(FixedDiscovery::default());
        let engine =
            MemberEngine::builder(sample::id("target"), Location::new("us1").unwrap(), 1, discovery).build().unwrap();
        let router = with(member_router(engine.handle())).build();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let target = net::target(listener.local_addr().unwrap());
        let mut task = JoinSet::new();
        task.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { target, _task: task }
    }

    /// Reads the head of each request, and does `serve` with it and the connection.
    pub(crate) async fn start<F>(serve: impl Fn(String, TcpStream) -> F + Clone + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let target = net::target(listener.local_addr().unwrap());
        let mut task = JoinSet::new();
        task.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let serve = serve.clone();
                connections.spawn(async move {
                    let head = read_head(&mut stream).await;
                    serve(head, stream).await;
                });
            }
        });
        Self { target, _task: task }
    }
}

/// Reads the head of a request, and nothing of its body.
async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8(head).unwrap()
}

/// Reads what comes until the other side closes, in whatever way.
pub(crate) async fn until_closed(stream: &mut (impl AsyncRead + Unpin)) {
    let mut rest = vec![0; 64 * 1024];
    while matches!(stream.read(&mut rest).await, Ok(1..)) {}
}

/// Writes all of `bytes`. A client that has gone meanwhile is no fault.
pub(crate) async fn say(stream: &mut TcpStream, bytes: impl AsRef<[u8]>) {
    let _ = stream.write_all(bytes.as_ref()).await;
}

pub(crate) fn only(directions: Directions) -> BandwidthProberBuilder {
    BandwidthProber::builder().directions(directions)
}

pub(crate) async fn try_probe(prober: &BandwidthProber, target: &Target) -> Result<ProbeReport, ProbeError> {
    prober.probe(target, Instant::now() + AMPLE).await
}

pub(crate) async fn probe(prober: &BandwidthProber, target: &Target) -> ProbeReport {
    try_probe(prober, target).await.expect("the probe could be made")
}

/// What was measured; the outcome has to be a success.
#[track_caller]
pub(crate) fn success(report: &ProbeReport) -> BandwidthMeasurement {
    assert_eq!(report.outcome, Outcome::Success);
    measured(report).unwrap_or_else(|| panic!("nothing was measured: {report:?}"))
}

pub(crate) fn measured(report: &ProbeReport) -> Option<BandwidthMeasurement> {
    match &report.measurement {
        Some(Measurement::Bandwidth(bandwidth)) => Some(bandwidth.clone()),
        None => None,
        other => panic!("not of a throughput test: {other:?}"),
    }
}

/// Asserts the failure, and that its message starts with `said`.
#[track_caller]
pub(crate) fn assert_failure(report: &ProbeReport, expected: FailureReason, said: &str) {
    match &report.outcome {
        Outcome::Failure { reason, message } => {
            assert_eq!(*reason, expected, "{message}");
            assert!(message.starts_with(said), "{message:?} does not start with {said:?}");
        }
        Outcome::Success => panic!("a success, where {expected} was expected: {report:?}"),
    }
}
