use super::{ProbeError, Prober, connect_failure};
use crate::model::{
    Clock, FailureReason, Host, Measurement, Outcome, ProbeKind, ProbeReport, SystemClock, Target, TcpMeasurement,
};
use async_trait::async_trait;
use std::{net::SocketAddr, time::Duration};
use tokio::{
    net::TcpStream,
    time::{Instant, timeout_at},
};

/// Opens a TCP connection and closes it again. The time from SYN to SYN-ACK is one round trip of the path (RFC 9293,
/// section 3.5): the target's kernel answers, not its program.
#[derive(Debug, Clone, Copy, Default)]
pub struct TcpProber;

#[async_trait]
impl Prober for TcpProber {
    fn kind(&self) -> ProbeKind {
        ProbeKind::TCP
    }

    async fn probe(&self, target: &Target, deadline: Instant) -> Result<ProbeReport, ProbeError> {
        let started_at = SystemClock.now();
        let started = Instant::now();
        let mut address = None;
        let result = match timeout_at(deadline, connect(target, &mut address)).await {
            Ok(result) => result?,
            Err(_) => Err(Outcome::failure(FailureReason::Timeout, "connect: no answer before the deadline")),
        };
        let duration = started.elapsed();
        let (outcome, measurement) = match result {
            Ok(measurement) => (Outcome::Success, Some(Measurement::Tcp(measurement))),
            Err(failure) => (failure, None),
        };
        Ok(ProbeReport {
            target: target.clone(),
            ip: address.map(|address| address.ip()),
            kind: ProbeKind::TCP,
            endpoint: None,
            started_at,
            duration,
            outcome,
            measurement,
            lateness: Duration::ZERO,
            tainted: false,
        })
    }
}

async fn connect(
    target: &Target,
    address: &mut Option<SocketAddr>,
) -> Result<Result<TcpMeasurement, Outcome>, ProbeError> {
    let start = Instant::now();
    let resolved = match target.resolve().await {
        Ok(resolved) => *address.insert(resolved),
        Err(error) => return Ok(Err(Outcome::failure(FailureReason::NameNotResolved, format!("resolve: {error}")))),
    };
    let resolve = matches!(target.host, Host::Name(_)).then(|| start.elapsed());
    let start = Instant::now();
    match TcpStream::connect(resolved).await {
        Ok(_closed_when_dropped) => Ok(Ok(TcpMeasurement { resolve, connect: start.elapsed() })),
        Err(error) => connect_failure("connect", error).map(Err),
    }
}
