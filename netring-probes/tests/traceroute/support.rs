//! What the tests have in common.

use netring_core::{
    Measurement, ProbeReport, Target, TracerouteMeasurement,
    model::{FlowPath, TracerouteMode},
    testing::net,
};
use netring_probes::TracerouteProberBuilder;
use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};
use tokio::time::Instant;

pub(crate) const MODES: [TracerouteMode; 3] = [TracerouteMode::Udp, TracerouteMode::Icmp, TracerouteMode::Tcp];

/// Those that need CAP_NET_RAW.
pub(crate) const RAW: [TracerouteMode; 2] = [TracerouteMode::Icmp, TracerouteMode::Tcp];

/// Long enough for a loaded machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) fn target(ip: impl Into<IpAddr>, port: u16) -> Target {
    net::target(SocketAddr::new(ip.into(), port))
}

pub(crate) async fn trace(builder: TracerouteProberBuilder, target: &Target) -> ProbeReport {
    use netring_core::Prober as _;
    builder.build().unwrap().probe(target, Instant::now() + PATIENCE).await.unwrap()
}

pub(crate) fn measured(report: &ProbeReport) -> &TracerouteMeasurement {
    match &report.measurement {
        Some(Measurement::Traceroute(measured)) => measured,
        other => panic!("{other:?} of {report:?}"),
    }
}

/// The only flow.
pub(crate) fn flow(report: &ProbeReport) -> &FlowPath {
    let [flow] = &*measured(report).flows else { panic!("{report:?}") };
    flow
}
