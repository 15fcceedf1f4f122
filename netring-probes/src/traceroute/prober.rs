use super::{
    DestinationPort, TracerouteProberBuilder, TracerouteProgress, TracerouteUnavailable, memory::Memory,
    outcome::outcome_of, run::run, schedule::Plan,
};
use async_trait::async_trait;
use netring_core::{
    Clock, FailureReason, Measurement, Outcome, ProbeError, ProbeKind, ProbeReport, Prober, SystemClock, Target,
    model::TracerouteMode,
};
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};
use tokio::time::{Instant, timeout_at};

/// Traces the routers on the way to a target: who answers packets whose time to live (hop limit) is over after 1, 2, 3 …
/// hops. Over IPv4 and IPv6.
///
/// # What is sent
/// | mode | needs | reached when | packets are told apart by |
/// |---|---|---|---|
/// | [`Udp`](TracerouteMode::Udp) | nothing | "port unreachable" from the target, or a datagram from it | a cookie in the payload |
/// | [`Icmp`](TracerouteMode::Icmp) | CAP_NET_RAW | echo reply | the sequence number |
/// | [`Tcp`](TracerouteMode::Tcp) | CAP_NET_RAW | SYN-ACK or RST | the TCP sequence number |
///
/// The packets of a flow have everything in common that routers balance by: ports, or identifier and checksum. A flow to a
/// target is also the same in every trace, unless another trace runs at the same time and has its port. So a path that is
/// balanced looks like one that does not change.
///
/// All times to live are on their way at once, one packet every [pace](TracerouteProberBuilder::pace); a trace ends within the
/// time that takes (flows × hops × tries × pace: 90 ms by default where the target is not reached, 1.4 s for 16 flows), one
/// timeout and the longest round trip, and as soon as nothing is open below the target. Nothing is sent beyond the target,
/// once it has answered; the next trace of the same prober knows how far away it is, and asks what is farther only if it does
/// not answer there.
///
/// # Routers that quote little
/// In UDP mode the kernel gives of a quoted packet what stands behind the UDP header. Some routers quote nothing of that
/// (RFC 792 asks for 8 bytes). Their answers do not say to which time to live they are; so what is not answered then is asked
/// again, one packet at a time, where an answer can be to nothing else, for one timeout more in all.
///
/// # How a trace fails
/// | reason | when |
/// |---|---|
/// | [`Unreachable`](FailureReason::Unreachable) | a router, or this system, says that it goes no further, or packets go in a circle |
/// | [`Timeout`](FailureReason::Timeout) | nobody says anything after some hop |
/// | [`NameNotResolved`](FailureReason::NameNotResolved) | the target's name has no address |
///
/// The hops that were seen are in the report all the same. With several flows one that reaches the target makes a success.
///
/// # Panics
/// [`Prober::probe`] panics outside a tokio runtime with I/O and time enabled.
#[derive(Debug)]
pub struct TracerouteProber {
    pub(super) mode: TracerouteMode,
    pub(super) destination_port: DestinationPort,
    pub(super) plan: Plan,
    pub(super) memory: Memory,
}

impl TracerouteProber {
    /// A prober with every default of [`TracerouteProberBuilder`], in the mode that the process may use.
    ///
    /// # Errors
    /// None today: UDP needs no privilege.
    pub fn new() -> Result<Self, TracerouteUnavailable> {
        Self::builder().build()
    }

    /// Settings for a prober.
    pub fn builder() -> TracerouteProberBuilder {
        TracerouteProberBuilder::default()
    }

    /// What it sends.
    #[must_use]
    pub fn mode(&self) -> TracerouteMode {
        self.mode
    }

    /// As [`Prober::probe`], and calls `progress` for each answer as it comes.
    ///
    /// # Errors
    /// As [`Prober::probe`].
    pub async fn probe_with(
        &self,
        target: &Target,
        deadline: Instant,
        progress: &(dyn Fn(TracerouteProgress) + Send + Sync),
    ) -> Result<ProbeReport, ProbeError> {
        let started_at = SystemClock.now();
        let started = Instant::now();
        let mut report = ProbeReport {
            target: target.clone(),
            ip: None,
            kind: ProbeKind::TRACEROUTE,
            endpoint: None,
            started_at,
            duration: Duration::ZERO,
            outcome: Outcome::Success,
            measurement: None,
            lateness: Duration::ZERO,
            tainted: false,
            interval: None,
        };
        report.outcome = match timeout_at(deadline, target.resolve()).await {
            Err(_) => Outcome::failure(FailureReason::Timeout, "resolve: no answer before the deadline"),
            Ok(Err(error)) => Outcome::failure(FailureReason::NameNotResolved, format!("resolve: {error}")),
            Ok(Ok(address)) => {
                report.ip = Some(address.ip());
                let address = self.address(address);
                let distance = self.memory.get(address);
                let trace = run(self.mode, address, self.plan, distance, deadline, progress).await?;
                let outcome = outcome_of(&trace);
                let measured = trace.into_measurement(self.mode);
                self.memory.put(address, &measured);
                report.measurement = Some(Measurement::Traceroute(measured));
                outcome
            }
        };
        report.duration = started.elapsed();
        Ok(report)
    }

    /// Where the packets go.
    fn address(&self, target: SocketAddr) -> SocketAddr {
        let mut address = target;
        if let (TracerouteMode::Udp, DestinationPort::Fixed(port)) = (self.mode, self.destination_port) {
            address.set_port(port);
        }
        // The zone of a link-local address stays. The answers to a packet to no address come from loopback.
        match target.ip().to_canonical() {
            IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
            IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
            // An IPv4 address in the form of an IPv6 address is reached by IPv4.
            ip => address.set_ip(ip),
        }
        address
    }
}

#[async_trait]
impl Prober for TracerouteProber {
    fn kind(&self) -> ProbeKind {
        ProbeKind::TRACEROUTE
    }

    fn mode(&self) -> Option<String> {
        Some(self.mode().to_string())
    }

    async fn probe(&self, target: &Target, deadline: Instant) -> Result<ProbeReport, ProbeError> {
        self.probe_with(target, deadline, &|_| {}).await
    }
}
