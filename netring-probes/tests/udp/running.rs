//! An echo that runs for as long as a test, and probes.

use netring_core::{
    BurstMeasurement, CancellationToken, FailureReason, Measurement, Outcome, ProbeReport, Target, testing::net,
};
use netring_probes::{BurstProgress, BurstSettings, RingKey, UdpEcho, UdpEchoBuilder, UdpProber};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    task::JoinSet,
    time::{Instant, timeout},
};

/// For what is to succeed, on a machine however busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
/// For what waits to the deadline.
pub(crate) const SHORT: Duration = Duration::from_secs(1);

pub(crate) fn key(text: &str) -> RingKey {
    text.repeat(16).parse().unwrap()
}

/// Packets 2 ms apart, so that the tests are quick.
pub(crate) fn settings(packets: u16) -> BurstSettings {
    BurstSettings::default().with_packets(packets).unwrap().with_spacing(Duration::from_millis(2)).unwrap()
}

pub(crate) fn prober(packets: u16) -> UdpProber {
    UdpProber::builder().settings(settings(packets)).build()
}

pub(crate) struct Running {
    pub(crate) echo: Arc<UdpEcho>,
    _task: JoinSet<()>,
}

impl Running {
    pub(crate) fn start(builder: UdpEchoBuilder, address: &str) -> Self {
        let echo = Arc::new(builder.bind(address.parse().unwrap()).unwrap());
        let mut task = JoinSet::new();
        let running = Arc::clone(&echo);
        task.spawn(async move { running.run(CancellationToken::new()).await });
        Self { echo, _task: task }
    }

    pub(crate) fn at(&self, ip: &str) -> Target {
        net::target(SocketAddr::new(ip.parse().unwrap(), self.echo.local_addr().port()))
    }

    pub(crate) fn target(&self) -> Target {
        net::target(self.echo.local_addr())
    }
}

/// A probe and all that was told of it meanwhile.
pub(crate) async fn probe(prober: &UdpProber, target: &Target, within: Duration) -> (ProbeReport, Vec<BurstProgress>) {
    let told = Mutex::new(Vec::new());
    let tell = |progress| told.lock().unwrap().push(progress);
    let probe = prober.probe_with(target, Instant::now() + within, &tell);
    let report = timeout(within + PATIENCE, probe).await.expect("it is back by its deadline").unwrap();
    (report, told.into_inner().unwrap())
}

pub(crate) fn burst(report: &ProbeReport) -> &BurstMeasurement {
    let Some(Measurement::Burst(burst)) = &report.measurement else { panic!("no burst: {report:?}") };
    burst
}

/// The reason of a failure.
pub(crate) fn reason(report: &ProbeReport) -> FailureReason {
    let Outcome::Failure { reason, .. } = report.outcome else { panic!("no failure: {report:?}") };
    reason
}
