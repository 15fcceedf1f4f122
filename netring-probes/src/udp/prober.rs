use super::{
    RingKey,
    packet::{Request, read_reply, write_request},
};
use crate::burst::{
    BurstProbe, BurstProgress, BurstSettings, BurstSocket, Datagram, OnProgress, Protocol, Reply, StampsOn, Stop,
    unpredictable,
};
use async_trait::async_trait;
use netring_core::{ProbeError, ProbeKind, ProbeReport, Prober, Target};
use socket2::{Domain, Socket, Type};
use tokio::time::Instant;

/// Sends a burst of packets to the target's [`UdpEcho`](super::UdpEcho), and takes what comes back: loss, duplicates,
/// reordering, round-trip times and jitter, of the way there and the way back apart where they can be told.
///
/// A probe is over once all packets are back, and 20 ms later at most, for copies of the last. What is missing is waited
/// for until the deadline. Where the burst does not fit before the deadline it has fewer packets, and the report says how
/// many.
///
/// # How a probe fails
/// It is a success if one packet came back. If none did:
///
/// | reason | when |
/// |---|---|
/// | [`Timeout`](netring_core::FailureReason::Timeout) | nothing came: the packets or the echo are gone, or it has another key |
/// | [`Refused`](netring_core::FailureReason::Refused) | the target's host answered that no echo listens there |
/// | [`Unreachable`](netring_core::FailureReason::Unreachable) | a router, or this system, knows no way there |
/// | [`NameNotResolved`](netring_core::FailureReason::NameNotResolved) | the target's name has no address |
///
/// Where packets were sent there is a measurement in any case, with a loss ratio of 1 if none came back.
///
/// # Panics
/// [`Prober::probe`] panics outside a tokio runtime with I/O and time enabled.
#[derive(Debug)]
pub struct UdpProber {
    settings: BurstSettings,
    key: Option<RingKey>,
    _stamps: StampsOn,
}

/// Makes a [`UdpProber`]; every setting has a default.
///
/// ```
/// use netring_probes::{BurstSettings, UdpProber};
///
/// let prober = UdpProber::builder()
///     .settings(BurstSettings::default().with_packets(50)?)
///     .key("correct horse battery staple".parse()?)
///     .build();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "a builder does nothing until it is built"]
pub struct UdpProberBuilder {
    settings: BurstSettings,
    key: Option<RingKey>,
}

impl UdpProberBuilder {
    /// How a burst is sent; by default 10 packets, 20 ms apart.
    pub fn settings(mut self, settings: BurstSettings) -> Self {
        self.settings = settings;
        self
    }

    /// The key of the ring, which the target's echo has as well; by default there is none.
    pub fn key(mut self, key: RingKey) -> Self {
        self.key = Some(key);
        self
    }

    /// The prober.
    #[must_use]
    pub fn build(self) -> UdpProber {
        UdpProber { settings: self.settings, key: self.key, _stamps: StampsOn::new() }
    }
}

impl UdpProber {
    /// Settings for a prober.
    pub fn builder() -> UdpProberBuilder {
        UdpProberBuilder::default()
    }

    /// Probes as [`Prober::probe`] does, and tells `progress` of each packet at once.
    ///
    /// # Errors
    /// Where the probe could not be made.
    pub async fn probe_with(
        &self,
        target: &Target,
        deadline: Instant,
        progress: &(dyn Fn(BurstProgress) + Send + Sync),
    ) -> Result<ProbeReport, ProbeError> {
        let progress: OnProgress<'_> = progress;
        let probe = BurstProbe { kind: ProbeKind::UDP, settings: &self.settings, target, deadline, progress };
        probe
            .make(|address| {
                let socket = Socket::new(Domain::for_address(address), Type::DGRAM, None)
                    .map_err(|error| Stop::io("open a socket", error))?;
                let socket = BurstSocket::connect(socket, address).map_err(|error| Stop::io("connect", error))?;
                Ok((socket, EchoProtocol::new(&self.settings, self.key.as_ref())))
            })
            .await
    }
}

#[async_trait]
impl Prober for UdpProber {
    fn kind(&self) -> ProbeKind {
        ProbeKind::UDP
    }

    async fn probe(&self, target: &Target, deadline: Instant) -> Result<ProbeReport, ProbeError> {
        self.probe_with(target, deadline, &|_| {}).await
    }
}

/// The packets of one burst. Its socket is connected: all that arrives comes from the target's address and port.
struct EchoProtocol<'a> {
    session: u64,
    packet: Vec<u8>,
    key: Option<&'a RingKey>,
}

impl<'a> EchoProtocol<'a> {
    fn new(settings: &BurstSettings, key: Option<&'a RingKey>) -> Self {
        Self { session: unpredictable(), packet: vec![0; usize::from(settings.payload_bytes())], key }
    }
}

impl Protocol for EchoProtocol<'_> {
    fn request(&mut self, sequence: u16, realtime: u64) -> &[u8] {
        let request = Request { session: self.session, sequence, sent_at: realtime };
        write_request(&mut self.packet, &request, self.key);
        &self.packet
    }

    fn reply(&self, _: &Datagram, bytes: &[u8]) -> Reply {
        match read_reply(bytes, self.key) {
            Ok(reply) if reply.session == self.session && bytes.len() == self.packet.len() => {
                Reply::Ours { sequence: reply.sequence, echo: Some(reply.echo) }
            }
            _ => Reply::Foreign,
        }
    }

    fn sent(&self, _: &[u8]) -> bool {
        // The kernel looked at both addresses and ports, and a router need not quote any more.
        true
    }
}
