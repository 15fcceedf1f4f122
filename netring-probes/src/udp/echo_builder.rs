use super::{RingKey, UdpEcho};
use std::{
    io,
    net::{SocketAddr, UdpSocket},
    num::{NonZeroU32, NonZeroUsize},
};

/// Makes a [`UdpEcho`]; every setting has a default.
///
/// ```no_run
/// use netring_probes::UdpEcho;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let echo = UdpEcho::builder().key("correct horse battery staple".parse()?).bind("[::]:8757".parse()?)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until it is bound"]
pub struct UdpEchoBuilder {
    pub(super) key: Option<RingKey>,
    pub(super) packets_per_second: NonZeroU32,
    pub(super) burst: NonZeroU32,
    pub(super) addresses: NonZeroUsize,
    pub(super) sessions: NonZeroUsize,
    pub(super) sessions_per_address: NonZeroUsize,
    pub(super) packets_per_second_overall: NonZeroU32,
}

impl UdpEchoBuilder {
    /// Packets that one address may send in a second, where nothing else is said: many members may share an address.
    pub const DEFAULT_PACKETS_PER_SECOND: NonZeroU32 = NonZeroU32::new(2_000).expect("it is not 0");
    /// Packets that one address may send at once, where nothing else is said.
    pub const DEFAULT_BURST: NonZeroU32 = NonZeroU32::new(4_000).expect("it is not 0");
    /// Addresses that are remembered, where nothing else is said.
    pub const DEFAULT_ADDRESSES: NonZeroUsize = NonZeroUsize::new(4_096).expect("it is not 0");
    /// Bursts that are remembered, where nothing else is said.
    pub const DEFAULT_SESSIONS: NonZeroUsize = NonZeroUsize::new(4_096).expect("it is not 0");
    /// Bursts of one address that are remembered, where nothing else is said.
    pub const DEFAULT_SESSIONS_PER_ADDRESS: NonZeroUsize = NonZeroUsize::new(256).expect("it is not 0");
    /// Packets that all addresses together may send in a second, where nothing else is said.
    pub const DEFAULT_PACKETS_PER_SECOND_OVERALL: NonZeroU32 = NonZeroU32::new(50_000).expect("it is not 0");

    pub(super) const fn new() -> Self {
        Self {
            key: None,
            packets_per_second: Self::DEFAULT_PACKETS_PER_SECOND,
            burst: Self::DEFAULT_BURST,
            addresses: Self::DEFAULT_ADDRESSES,
            sessions: Self::DEFAULT_SESSIONS,
            sessions_per_address: Self::DEFAULT_SESSIONS_PER_ADDRESS,
            packets_per_second_overall: Self::DEFAULT_PACKETS_PER_SECOND_OVERALL,
        }
    }

    /// The key of the ring: who has it not gets no answer of their own, as [`UdpEcho`] has it. By default there is none,
    /// and everybody gets one.
    ///
    /// The clocks of all members then have to agree within ten minutes.
    pub fn key(mut self, key: RingKey) -> Self {
        self.key = Some(key);
        self
    }

    /// Packets that one address, or one /64 of IPv6, may send in a second; by default
    /// [`Self::DEFAULT_PACKETS_PER_SECOND`].
    pub fn packets_per_second(mut self, packets: NonZeroU32) -> Self {
        self.packets_per_second = packets;
        self
    }

    /// Packets that one address may send at once, after a time of silence; by default [`Self::DEFAULT_BURST`].
    pub fn burst(mut self, packets: NonZeroU32) -> Self {
        self.burst = packets;
        self
    }

    /// Addresses whose use is remembered; by default [`Self::DEFAULT_ADDRESSES`]. Beyond them the one that asked least
    /// recently is forgotten.
    pub fn addresses(mut self, addresses: NonZeroUsize) -> Self {
        self.addresses = addresses;
        self
    }

    /// Bursts whose packets are counted; by default [`Self::DEFAULT_SESSIONS`]. One that is forgotten too early shows
    /// losses on the way back as such on the way there; and, with a key, its packets can be replayed while they are not
    /// older than ten minutes.
    pub fn sessions(mut self, sessions: NonZeroUsize) -> Self {
        self.sessions = sessions;
        self
    }

    /// Bursts of one address, or one /64 of IPv6, whose packets are counted; by default
    /// [`Self::DEFAULT_SESSIONS_PER_ADDRESS`]. Beyond them its own oldest is forgotten, and nobody else's. With a key there
    /// is no such bound: only members make bursts then.
    pub fn sessions_per_address(mut self, sessions: NonZeroUsize) -> Self {
        self.sessions_per_address = sessions;
        self
    }

    /// Packets that all addresses together may send in a second, and at once; by default
    /// [`Self::DEFAULT_PACKETS_PER_SECOND_OVERALL`]. A sender's address can be forged, and a flood from many gets no more
    /// answers than this.
    pub fn packets_per_second_overall(mut self, packets: NonZeroU32) -> Self {
        self.packets_per_second_overall = packets;
        self
    }

    /// An echo on `address`; at `[::]` it answers IPv4 too, where the system does so by default.
    ///
    /// # Errors
    /// Where the address cannot be bound to.
    ///
    /// # Panics
    /// Outside a tokio runtime with I/O enabled.
    pub fn bind(self, address: SocketAddr) -> io::Result<UdpEcho> {
        self.from_std(UdpSocket::bind(address)?)
    }

    /// An echo on a socket that was bound before.
    ///
    /// # Errors
    /// Where the system does not take its options, or cannot wait for it.
    ///
    /// # Panics
    /// Outside a tokio runtime with I/O enabled.
    pub fn from_std(self, socket: UdpSocket) -> io::Result<UdpEcho> {
        UdpEcho::new(self, socket)
    }
}
