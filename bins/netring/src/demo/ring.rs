//! A ring as a program of your own would build it, only that all of it is in one process: a registry that is served over HTTP,
//! and members that reach it, and each other, over sockets.

use super::{places, ports::Port, relay::Relay};
use netring_core::{
    Cadence, Endpoint, InstanceId, Lifetimes, Location, MemberEngine, MemoryStore, PrometheusSink, RegistryClient,
    RegistryEngine, TcpProber,
    http::{member_router, not_found_as_json, registry_router},
};
use netring_probes::{BandwidthProber, BurstSettings, HttpProber, TracerouteProber, UdpEcho, UdpProber};
use std::{error::Error, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// A member that was not heard of for this many intervals is offline.
pub(crate) const TTL_INTERVALS: u32 = 8;
/// A burst takes as long as one with the defaults, and tells the part that is lost twice as exactly.
const BURST_PACKETS: u16 = 20;
const BURST_SPACING: Duration = Duration::from_millis(10);
/// Throughput is measured, and the path looked for, once in this many intervals.
const TEST_INTERVALS: u32 = 8;
/// How long each of these may take.
const TEST_TIMEOUT: Duration = Duration::from_secs(5);
/// Most bytes and the longest time of a test, each way: enough for the rate of a line to settle, and little where only the
/// processor limits it.
const TEST_BYTES: u64 = 16 << 20;
const TEST_DURATION: Duration = Duration::from_millis(1_800);
/// Tests that a member serves at once: a line holds each to its rate, and so they do not disturb each other.
const TESTS_AT_ONCE: usize = 4;
/// A member that is away for so many intervals is missing.
const GRACE_INTERVALS: u32 = 3;
/// How often a registry judges what it knows, at the longest.
const JUDGED_WITHIN: Duration = Duration::from_secs(1);
/// How long a probe waits.
const PROBE_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a burst waits for packets that are lost: it is to be over before the next one is due.
const BURST_TIMEOUT: Duration = Duration::from_millis(900);

/// A registry that answers over HTTP.
#[derive(Debug)]
pub(crate) struct Registry {
    address: SocketAddr,
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl Registry {
    /// Serves at `listener`. What it knows of its members is in memory.
    pub(crate) fn start(listener: TcpListener, interval: Duration) -> Result<Self> {
        let address = listener.local_addr()?;
        let lifetimes =
            Lifetimes { heartbeat_interval: interval, ttl: interval * TTL_INTERVALS, ..Lifetimes::default() };
        let engine = RegistryEngine::builder(Arc::new(MemoryStore::new()))
            .lifetimes(lifetimes)
            .analysis_interval(interval.min(JUDGED_WITHIN))
            .expected_members(places::expected(interval, interval * GRACE_INTERVALS)?)
            .build();
        let router = registry_router(engine.clone()).merge(netring_dashboard::router());
        let server = serve(listener, not_found_as_json(router));
        let stop = CancellationToken::new();
        let told = stop.clone();
        let sweeping = tokio::spawn(async move { engine.run(told).await });
        Ok(Self { address, stop, tasks: vec![server, sweeping] })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) async fn stop(self) {
        self.stop.cancel();
        for task in self.tasks {
            end(task).await;
        }
    }
}

/// A member, while it is there and while it is away.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) id: &'static str,
    pub(crate) location: &'static str,
    /// Where it listens.
    port: Port,
    /// What the others reach it through, unless they reach it without.
    relay: Option<Relay>,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    stop: CancellationToken,
    engine: JoinHandle<()>,
    server: JoinHandle<()>,
    echo: Option<JoinHandle<()>>,
}

impl Member {
    /// A member that has joined no ring yet.
    pub(crate) fn new(id: &'static str, location: &'static str, port: Port, relay: Option<Relay>) -> Self {
        Self { id, location, port, relay, running: None }
    }

    pub(crate) fn relay(&mut self) -> Option<&mut Relay> {
        self.relay.as_mut()
    }

    /// Where the others find it.
    fn address(&self) -> SocketAddr {
        self.relay.as_ref().map_or(self.port.address(), Relay::address)
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// Joins the ring of the registry at `registry_url`, and answers the others at `listener`.
    pub(crate) fn start(&mut self, listener: TcpListener, registry_url: &str, interval: Duration) -> Result<()> {
        let registry = Arc::new(RegistryClient::new(registry_url)?);
        let metrics = Arc::new(PrometheusSink::new());
        let cadence = Cadence::new(interval, PROBE_TIMEOUT);
        let port = self.address().port();
        let stop = CancellationToken::new();
        // Another program may have the port by UDP: then this member measures no loss, and the others none to it.
        let echo = UdpEcho::bind(self.port.address()).ok();
        let burst = BurstSettings::default().with_packets(BURST_PACKETS)?.with_spacing(BURST_SPACING)?;
        let test = interval * TEST_INTERVALS;
        let throughput = BandwidthProber::builder().max_bytes(TEST_BYTES).max_duration(TEST_DURATION).build();
        let engine = MemberEngine::builder(InstanceId::new(self.id)?, Location::new(self.location)?, port, registry)
            .prober(TcpProber, cadence)
            .prober(HttpProber::new(Endpoint::new("/health")?), cadence)
            .prober(HttpProber::new(Endpoint::new("/metrics")?), cadence)
            .prober(UdpProber::builder().settings(burst).build(), Cadence::new(interval, BURST_TIMEOUT))
            .prober(throughput, Cadence::new(test, TEST_TIMEOUT).one_at_a_time())
            .prober(TracerouteProber::new()?, Cadence::new(test, TEST_TIMEOUT).after_failure(test))
            .udp_echo(echo.is_some() && self.relay.as_ref().is_none_or(Relay::has_udp))
            .sink(metrics.clone())
            .heartbeat_interval(interval)
            .poll_interval(interval)
            .report_interval(interval)
            .build()?;
        let echo = echo.map(|echo| {
            let stop = stop.clone();
            tokio::spawn(async move { echo.run(stop).await })
        });
        let router =
            member_router(engine.handle()).metrics(move || metrics.render()).max_bandwidth_tests(TESTS_AT_ONCE);
        let server = serve(listener, not_found_as_json(router.build()));
        let engine = tokio::spawn(engine.run(stop.clone()));
        self.running = Some(Running { stop, engine, server, echo });
        Ok(())
    }

    /// Joins the ring again, at the same port.
    pub(crate) fn come_back(&mut self, registry_url: &str, interval: Duration) -> Result<()> {
        let listener = self.port.listen()?;
        self.start(listener, registry_url, interval)
    }

    /// Leaves as a member should: it says goodbye to the registry, and answers the others until it has.
    pub(crate) async fn leave(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop.cancel();
            // It was told to end, and does so by itself within 1.5 s, whatever hangs.
            let _ = running.engine.await;
            end(running.server).await;
            if let Some(echo) = running.echo {
                end(echo).await;
            }
            self.port.keep();
        }
    }

    /// Is gone without a word, as after a crash: an engine that is dropped says nothing to anybody.
    pub(crate) async fn crash(&mut self) {
        if let Some(running) = self.running.take() {
            end(running.engine).await;
            end(running.server).await;
            if let Some(echo) = running.echo {
                end(echo).await;
            }
            self.port.keep();
        }
    }
}

fn serve(listener: TcpListener, router: axum::Router) -> JoinHandle<()> {
    tokio::spawn(async move {
        // It serves until it is ended, and goes on after every error of a connection.
        let _ = axum::serve(listener, router).await;
    })
}

/// Ends a task and waits until everything that it held is gone.
pub(crate) async fn end(task: JoinHandle<()>) {
    task.abort();
    let _ = task.await;
}
