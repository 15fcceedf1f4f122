//! A `Prober` of your own: does a Redis answer to PING? Its kind, `redis_ping`, is the label `check_type` of its metrics.
//!
//! ```text
//! cargo run -p netring-examples --example write_prober              # ends by itself; needs no Redis
//! cargo run -p netring-examples --example write_prober -- 127.0.0.1:6379
//! cargo test -p netring-examples --example write_prober             # the contract of a prober, rule by rule
//! ```

#![expect(clippy::print_stdout, reason = "it is a program that talks to a person")]

use async_trait::async_trait;
use netring_core::{
    AdvertisedAddress, Cadence, Clock, FailureReason, FixedDiscovery, InstanceId, Location, Member, MemberEngine,
    Outcome, ProbeError, ProbeKind, ProbeReport, Prober, SystemClock, Target, prober::connect_failure,
};
use std::{
    error::Error,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{Instant, timeout_at},
};
use tokio_util::sync::CancellationToken;

const PONG: &[u8] = b"+PONG\r\n";

/// Opens a connection, says PING, and expects PONG.
#[derive(Debug)]
struct RedisPing {
    kind: ProbeKind,
}

impl RedisPing {
    fn new() -> Self {
        Self { kind: ProbeKind::new("redis_ping").expect("it is a word of lower-case letters") }
    }
}

#[async_trait]
impl Prober for RedisPing {
    fn kind(&self) -> ProbeKind {
        self.kind.clone()
    }

    async fn probe(&self, target: &Target, deadline: Instant) -> Result<ProbeReport, ProbeError> {
        let (started_at, started) = (SystemClock.now(), Instant::now());
        let mut ip = None;
        // One deadline around everything. Dropping the future closes the connection: nothing is left behind.
        let outcome = match timeout_at(deadline, ping(target, &mut ip)).await {
            Ok(outcome) => outcome?,
            Err(_) => Outcome::failure(FailureReason::Timeout, "no answer before the deadline"),
        };
        Ok(ProbeReport {
            target: target.clone(),
            ip,
            kind: self.kind(),
            endpoint: None,
            started_at,
            duration: started.elapsed(),
            outcome,
            // What is measured beyond the duration is known for TCP and HTTP alone.
            measurement: None,
            // These two are the engine's to fill in.
            lateness: Duration::ZERO,
            tainted: false,
            interval: None,
        })
    }
}

/// A target that fails is an outcome. An `Err` is for what kept the probe from being made: `connect_failure` tells the two
/// apart, so that a member that is out of file descriptors does not blame its peers.
async fn ping(target: &Target, ip: &mut Option<IpAddr>) -> Result<Outcome, ProbeError> {
    let address = match target.resolve().await {
        Ok(address) => address,
        Err(error) => return Ok(Outcome::failure(FailureReason::NameNotResolved, format!("resolve: {error}"))),
    };
    *ip = Some(address.ip());
    let mut stream = match TcpStream::connect(address).await {
        Ok(stream) => stream,
        Err(error) => return connect_failure("connect", error),
    };
    let mut answer = [0; PONG.len()];
    if let Err(error) = stream.write_all(b"PING\r\n").await {
        return connect_failure("send", error);
    }
    // As many bytes as the good answer has and no more, whatever a stranger sends.
    if let Err(error) = stream.read_exact(&mut answer).await {
        return connect_failure("receive", error);
    }
    if answer == PONG {
        Ok(Outcome::Success)
    } else {
        let said = String::from_utf8_lossy(&answer);
        Ok(Outcome::failure(FailureReason::Protocol, format!("expected PONG, got {said:?}")))
    }
}

/// Probes a Redis, or something that says PONG like one, for a second.
#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = match std::env::args().nth(1) {
        Some(address) => address.parse()?,
        None => something_like_redis().await?,
    };
    // A fixed list: no registry is needed to probe what one knows.
    let redis = Member {
        instance_id: InstanceId::new("cache")?,
        location: Location::new("eu1")?,
        address: AdvertisedAddress::new(address.ip(), address.port())?,
        heartbeat_interval: None,
        udp_echo: false,
        registered_at: SystemClock.now(),
        last_seen: SystemClock.now(),
        deregistered_at: None,
    };
    let ring = Arc::new(FixedDiscovery::new([redis]));
    let cadence = Cadence::new(Duration::from_millis(200), Duration::from_secs(1));
    // It is no target itself, so that its port, which only others would use, may be any.
    let member = MemberEngine::builder(InstanceId::random(), Location::new("here")?, 1, ring)
        .prober(RedisPing::new(), cadence)
        .build()?;
    let handle = member.handle();
    let shutdown = CancellationToken::new();
    let running = tokio::spawn(member.run(shutdown.clone()));
    for _ in 0..5 {
        tokio::time::sleep(cadence.interval).await;
        for report in handle.newest() {
            println!("{} {}: {:?} after {:?}", report.kind, report.target, report.outcome, report.duration);
        }
    }
    shutdown.cancel();
    Ok(running.await?)
}

/// Listens on loopback and answers to every line that it knows nothing better than PONG.
async fn something_like_redis() -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 6];
                while stream.read_exact(&mut request).await.is_ok() && stream.write_all(PONG).await.is_ok() {}
            });
        }
    });
    Ok(address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use netring_core::testing::{
        ProberHarness, TargetFixture,
        net::{listening, refusing, target},
    };

    #[derive(Debug)]
    struct Redis;

    #[async_trait]
    impl ProberHarness for Redis {
        fn prober(&self) -> Arc<dyn Prober> {
            Arc::new(RedisPing::new())
        }

        async fn good(&self) -> TargetFixture {
            TargetFixture { target: target(something_like_redis().await.unwrap()), guard: Box::new(()) }
        }

        async fn bad(&self) -> TargetFixture {
            refusing().unwrap()
        }

        /// The kernel takes the connection, and nobody ever answers: the deadline has to hold after the connect too.
        async fn silent(&self) -> TargetFixture {
            listening().unwrap()
        }
    }

    // Every rule of the contract, each as a test of its own name.
    netring_core::prober_conformance!(Redis);

    #[tokio::test]
    async fn another_answer_is_a_failure_of_the_protocol() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let target = target(listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(b"-NOAUTH Authentication required.\r\n").await.unwrap();
            // Kept open, so that it is the answer that is seen and not the end of the connection.
            std::future::pending::<()>().await;
        });
        let report = RedisPing::new().probe(&target, Instant::now() + Duration::from_secs(10)).await.unwrap();
        let Outcome::Failure { reason, message } = report.outcome else { panic!("{report:?}") };
        assert_eq!((reason, message.as_str()), (FailureReason::Protocol, r#"expected PONG, got "-NOAUTH""#));
    }
}
