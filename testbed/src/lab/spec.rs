use super::Loss;
use std::time::Duration;

/// What a link is like, in both directions. The default is a plain cable: no limit, no delay, no loss.
#[derive(Debug, Clone)]
pub struct LinkSpec {
    /// Bits a second that a direction carries, counted over IP packets with their headers. `None`: what the machine can.
    pub rate: Option<u64>,
    /// How long a packet takes one way. The round trip is twice this.
    pub delay: Duration,
    /// Up to this much more delay, at random for each packet. The order of packets is kept, so that a packet may wait for
    /// the one before it.
    pub jitter: Duration,
    /// Which packets are dropped.
    pub loss: Loss,
    /// How many bytes wait before a direction with a `rate`; more are dropped. `None`: what the rate carries in one round
    /// trip of this link, and in 20 ms at least.
    pub queue: Option<u64>,
    /// The largest IP packet, in bytes.
    pub mtu: u16,
    /// What random choices begin with.
    pub seed: u64,
    /// A program carries the packets even where neither delay nor loss asks for one, so that they can be counted, and the
    /// link be changed while it is in use.
    pub by_program: bool,
}

impl Default for LinkSpec {
    fn default() -> Self {
        Self {
            rate: None,
            delay: Duration::ZERO,
            jitter: Duration::ZERO,
            loss: Loss::None,
            queue: None,
            mtu: 1500,
            seed: 1,
            by_program: false,
        }
    }
}

impl LinkSpec {
    /// A link with this delay one way.
    #[must_use]
    pub fn delayed(delay: Duration) -> Self {
        Self { delay, ..Self::default() }
    }

    /// A link through the program without any delay or loss as yet.
    #[must_use]
    pub fn programmed() -> Self {
        Self { by_program: true, ..Self::default() }
    }

    /// Whether a pair of veth devices is all it takes.
    pub(super) fn is_plain(&self) -> bool {
        !self.by_program && self.delay.is_zero() && self.jitter.is_zero() && self.loss.is_none()
    }

    /// The bytes that may wait before a direction of `rate`.
    pub(super) fn queue_of(&self, rate: u64) -> u64 {
        let waits = (2 * self.delay).max(Duration::from_millis(20));
        let bytes = waits.as_nanos() * u128::from(rate) / 8_000_000_000;
        // At a low rate, some packets have to find place.
        self.queue.unwrap_or(u64::try_from(bytes).unwrap_or(u64::MAX).max(10 * u64::from(self.mtu)))
    }
}
