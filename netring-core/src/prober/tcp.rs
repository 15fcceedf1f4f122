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
            interval: None,
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
        Ok(stream) => {
            let connect = start.elapsed();
            Ok(if is_own(&stream) {
                Err(Outcome::failure(FailureReason::Refused, "connect: nothing listens there"))
            } else {
                Ok(TcpMeasurement { resolve, connect })
            })
        }
        Err(error) => connect_failure("connect", error).map(Err),
    }
}

/// Whether a connection is to itself. The kernel may give an outgoing connection the very port of a target on this host
/// on which nothing listens; by simultaneous open (RFC 9293, section 3.5) it then connects.
fn is_own(stream: &TcpStream) -> bool {
    matches!((stream.local_addr(), stream.peer_addr()), (Ok(local), Ok(peer)) if local == peer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use socket2::{Domain, Socket, Type};
    use std::net::Ipv4Addr;

    #[tokio::test]
    async fn a_connection_to_itself_is_seen() {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).unwrap();
        let own = socket.local_addr().unwrap();
        socket.connect(&own).unwrap();
        socket.set_nonblocking(true).unwrap();
        assert!(is_own(&TcpStream::from_std(socket.into()).unwrap()));
    }
}
