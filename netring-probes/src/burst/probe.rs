use super::{
    BurstSettings,
    failure::Stop,
    protocol::Protocol,
    run::{OnProgress, Run},
    socket::BurstSocket,
};
use netring_core::{
    BurstMeasurement, Clock, FailureReason, Measurement, Outcome, ProbeError, ProbeKind, ProbeReport, SystemClock,
    Target,
};
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};
use tokio::time::{Instant, timeout_at};

/// A probe by a burst, of whatever protocol.
pub(crate) struct BurstProbe<'a> {
    pub(crate) kind: ProbeKind,
    pub(crate) settings: &'a BurstSettings,
    pub(crate) target: &'a Target,
    pub(crate) deadline: Instant,
    pub(crate) progress: OnProgress<'a>,
}

impl BurstProbe<'_> {
    /// Makes it, over the socket that `open` opens.
    pub(crate) async fn make<P: Protocol>(
        self,
        open: impl FnOnce(SocketAddr) -> Result<(BurstSocket, P), Stop> + Send,
    ) -> Result<ProbeReport, ProbeError> {
        let started_at = SystemClock.now();
        let started = Instant::now();
        let (mut ip, mut measurement) = (None, None);
        let outcome = match self.burst(open, &mut ip, &mut measurement).await {
            Ok(()) => Outcome::Success,
            Err(Stop::Failed(outcome)) => outcome,
            Err(Stop::NotMade(error)) => return Err(error),
        };
        Ok(ProbeReport {
            target: self.target.clone(),
            ip,
            kind: self.kind,
            endpoint: None,
            started_at,
            duration: started.elapsed(),
            outcome,
            measurement: measurement.map(Measurement::Burst),
            lateness: Duration::ZERO,
            tainted: false,
            interval: None,
        })
    }

    async fn burst<P: Protocol>(
        &self,
        open: impl FnOnce(SocketAddr) -> Result<(BurstSocket, P), Stop> + Send,
        ip: &mut Option<IpAddr>,
        measurement: &mut Option<BurstMeasurement>,
    ) -> Result<(), Stop> {
        let failed = |reason, message: String| Stop::Failed(Outcome::failure(reason, message));
        let mut address = match timeout_at(self.deadline, self.target.resolve()).await {
            // `::ffff:192.0.2.1` is an address of IPv4, which alone has ICMP for it.
            Ok(Ok(address)) => match address.ip().to_canonical() {
                IpAddr::V4(ip) => SocketAddr::new(ip.into(), address.port()),
                IpAddr::V6(_) => address,
            },
            Ok(Err(error)) => return Err(failed(FailureReason::NameNotResolved, format!("resolve: {error}"))),
            Err(_) => return Err(failed(FailureReason::Timeout, "resolve: no answer before the deadline".to_owned())),
        };
        // The unspecified address is this host, which answers from its loopback address.
        match address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
            IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
            _ => {}
        }
        *ip = Some(address.ip());
        let (socket, protocol) = open(address)?;
        let mut run = Run::new(&socket, protocol, self.settings, self.deadline, self.progress);
        run.finish().await?;
        *measurement = run.log.measurement();
        if run.log.packets_received() > 0 {
            return Ok(());
        }
        Err(match (run.network_error(), run.log.packets_sent()) {
            (Some(error), _) => Stop::Failed(error.outcome(self.kind.as_str())),
            (None, 0) => failed(FailureReason::Timeout, "no time was left to send a packet".to_owned()),
            (None, sent) => {
                let noun = if sent == 1 { "packet" } else { "packets" };
                failed(FailureReason::Timeout, format!("none of {sent} {noun} came back before the deadline"))
            }
        })
    }
}
