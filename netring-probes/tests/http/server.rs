//! Servers that do exactly what a test says, and shorthands for probing them.

use netring_core::{
    Endpoint, FailureReason, Host, HttpMeasurement, InstanceId, Location, Measurement, Outcome, ProbeReport, Prober,
    Target,
};
use netring_probes::{HttpProber, HttpProberBuilder};
use std::{
    future::Future,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::Instant,
};

/// Longer than any good answer on loopback takes, however busy the machine: it is never waited for.
pub(crate) const AMPLE: Duration = Duration::from_secs(30);

/// A server; it ends with this value.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    _task: JoinSet<()>,
}

impl Server {
    /// Does `serve` with every connection.
    pub(crate) async fn start<F>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self::start_on(Ipv4Addr::LOCALHOST.into(), serve).await
    }

    /// The same on another address.
    pub(crate) async fn start_on<F>(ip: IpAddr, serve: impl Fn(TcpStream) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind((ip, 0)).await.unwrap_or_else(|error| panic!("this test needs {ip}: {error}"));
        let address = listener.local_addr().unwrap();
        let mut task = JoinSet::new();
        task.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                connections.spawn(serve(stream));
            }
        });
        Self { address, _task: task }
    }

    /// Reads a request, answers with `bytes` to the letter, and closes.
    pub(crate) async fn answering(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::start(move |stream| answer(stream, bytes.clone())).await
    }

    pub(crate) fn target(&self) -> Target {
        self.target_by(Host::Ip(self.address.ip()))
    }

    pub(crate) fn target_by(&self, host: Host) -> Target {
        target(host, self.address.port())
    }
}

/// Reads a request, answers with `bytes` and closes. A client that has gone meanwhile is no fault.
pub(crate) async fn answer<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, bytes: Vec<u8>) {
    read_head(&mut stream).await;
    let _ = stream.write_all(&bytes).await;
    let _ = stream.shutdown().await;
}

/// Reads a request, which has no body, to its end.
pub(crate) async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_buf(&mut head).await {
            Ok(0) | Err(_) => break,
            Ok(_) => {}
        }
    }
    String::from_utf8(head).unwrap()
}

/// Waits until the other side has closed, in whatever way.
pub(crate) async fn until_closed(stream: &mut (impl AsyncRead + Unpin)) {
    let mut rest = [0; 1024];
    while matches!(stream.read(&mut rest).await, Ok(1..)) {}
}

pub(crate) fn target(host: Host, port: u16) -> Target {
    let instance_id = InstanceId::new("m1").unwrap();
    Target { instance_id, location: Location::new("us1").unwrap(), host, port }
}

pub(crate) fn builder() -> HttpProberBuilder {
    HttpProber::builder(Endpoint::new("/health").unwrap())
}

/// Probes with `prober`, and checks what holds of every report.
pub(crate) async fn probe_within(prober: &HttpProber, target: &Target, within: Duration) -> ProbeReport {
    let deadline = Instant::now() + within;
    let report = prober.probe(target, deadline).await.expect("the probe could be made");
    assert_eq!(report.target, *target);
    assert_eq!((report.kind.clone(), report.endpoint.clone()), (prober.kind(), prober.endpoint()));
    assert_eq!((report.lateness, report.tainted), (Duration::ZERO, false));
    if let Some(Measurement::Http(http)) = &report.measurement {
        let phases = [http.resolve, http.connect, http.tls, http.first_byte, http.body];
        let sum: Duration = phases.into_iter().flatten().sum();
        assert!(sum <= report.duration, "{sum:?} > {:?}", report.duration);
    }
    report
}

pub(crate) async fn probe(prober: &HttpProber, target: &Target) -> ProbeReport {
    probe_within(prober, target, AMPLE).await
}

/// What was measured, nothing where the report has none.
pub(crate) fn measured(report: &ProbeReport) -> HttpMeasurement {
    match &report.measurement {
        Some(Measurement::Http(http)) => http.clone(),
        Some(other) => panic!("not of an HTTP probe: {other:?}"),
        None => HttpMeasurement::default(),
    }
}

/// Which phases were measured, by their names.
pub(crate) fn phases(report: &ProbeReport) -> Vec<&'static str> {
    let http = measured(report);
    [
        ("resolve", http.resolve),
        ("connect", http.connect),
        ("tls", http.tls),
        ("first byte", http.first_byte),
        ("body", http.body),
    ]
    .into_iter()
    .filter_map(|(name, took)| took.map(|_| name))
    .collect()
}

#[track_caller]
pub(crate) fn assert_success(report: &ProbeReport) {
    assert_eq!(report.outcome, Outcome::Success);
}

/// Asserts the failure, and that its message starts with `said`.
#[track_caller]
pub(crate) fn assert_failure(report: &ProbeReport, expected: FailureReason, said: &str) {
    match &report.outcome {
        Outcome::Failure { reason, message } => {
            assert_eq!(*reason, expected, "{message}");
            assert!(message.starts_with(said), "{message:?} does not start with {said:?}");
        }
        Outcome::Success => panic!("a success, where {expected} was expected"),
    }
}
