use std::time::Duration;

/// How a burst is sent: how many packets, how far apart, how long. Its values are within bounds once and for all.
///
/// ```
/// use netring_probes::BurstSettings;
/// use std::time::Duration;
///
/// let settings = BurstSettings::default().with_packets(50)?.with_spacing(Duration::from_millis(10))?;
/// assert_eq!(settings.packets(), 50);
/// # Ok::<(), netring_probes::InvalidBurstSettings>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BurstSettings {
    packets: u16,
    spacing: Duration,
    payload_bytes: u16,
}

impl BurstSettings {
    /// Packets of a burst, where nothing else is said.
    pub const DEFAULT_PACKETS: u16 = 10;
    /// Most packets of a burst.
    pub const MAX_PACKETS: u16 = 1_000;
    /// From one packet to the next, where nothing else is said.
    pub const DEFAULT_SPACING: Duration = Duration::from_millis(20);
    /// The timer has no finer steps.
    pub const MIN_SPACING: Duration = Duration::from_millis(1);
    /// The longest time from one packet to the next.
    pub const MAX_SPACING: Duration = Duration::from_secs(1);
    /// Bytes of a payload, where nothing else is said.
    pub const DEFAULT_PAYLOAD_BYTES: u16 = 64;
    /// As many bytes as the header of the UDP echo takes.
    pub const MIN_PAYLOAD_BYTES: u16 = 64;
    /// What a packet of 1,500 bytes carries over IPv4. Over IPv6, or where less gets through, it goes in fragments.
    pub const MAX_PAYLOAD_BYTES: u16 = 1_472;

    /// These settings with `packets` to a burst, from 1 to [`Self::MAX_PACKETS`].
    ///
    /// # Errors
    /// Where it is none, or too many.
    pub fn with_packets(self, packets: u16) -> Result<Self, InvalidBurstSettings> {
        if !(1..=Self::MAX_PACKETS).contains(&packets) {
            return Err(InvalidBurstSettings::Packets(packets));
        }
        Ok(Self { packets, ..self })
    }

    /// These settings with `spacing` from one packet to the next, from [`Self::MIN_SPACING`] to [`Self::MAX_SPACING`].
    ///
    /// # Errors
    /// Where it is too short or too long.
    pub fn with_spacing(self, spacing: Duration) -> Result<Self, InvalidBurstSettings> {
        if !(Self::MIN_SPACING..=Self::MAX_SPACING).contains(&spacing) {
            return Err(InvalidBurstSettings::Spacing(spacing));
        }
        Ok(Self { spacing, ..self })
    }

    /// These settings with payloads of `bytes`, from [`Self::MIN_PAYLOAD_BYTES`] to [`Self::MAX_PAYLOAD_BYTES`]: what
    /// follows the UDP or ICMP header.
    ///
    /// # Errors
    /// Where it is too few or too many.
    pub fn with_payload_bytes(self, bytes: u16) -> Result<Self, InvalidBurstSettings> {
        if !(Self::MIN_PAYLOAD_BYTES..=Self::MAX_PAYLOAD_BYTES).contains(&bytes) {
            return Err(InvalidBurstSettings::PayloadBytes(bytes));
        }
        Ok(Self { payload_bytes: bytes, ..self })
    }

    /// Packets of a burst.
    #[must_use]
    pub const fn packets(&self) -> u16 {
        self.packets
    }

    /// From one packet to the next.
    #[must_use]
    pub const fn spacing(&self) -> Duration {
        self.spacing
    }

    /// Bytes that follow the UDP or ICMP header.
    #[must_use]
    pub const fn payload_bytes(&self) -> u16 {
        self.payload_bytes
    }

    /// How many packets a burst has that has to be over within `available`. Where the whole burst takes too long, a
    /// quarter of the time is kept for the last packet to come back: sent any later, it would count as lost.
    pub(crate) fn packets_within(&self, available: Duration) -> u16 {
        if available.is_zero() {
            return 0;
        }
        let sending = available * 3 / 4;
        let fit = 1 + sending.as_nanos() / self.spacing.as_nanos();
        u16::try_from(fit).map_or(self.packets, |fit| fit.min(self.packets))
    }
}

impl Default for BurstSettings {
    fn default() -> Self {
        Self {
            packets: Self::DEFAULT_PACKETS,
            spacing: Self::DEFAULT_SPACING,
            payload_bytes: Self::DEFAULT_PAYLOAD_BYTES,
        }
    }
}

/// A setting of a burst that is out of its bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidBurstSettings {
    /// The number of packets.
    #[error("a burst has from 1 to {} packets, not {_0}", BurstSettings::MAX_PACKETS)]
    Packets(u16),
    /// The time from one packet to the next.
    #[error(
        "the packets of a burst are from {:?} to {:?} apart, not {_0:?}",
        BurstSettings::MIN_SPACING,
        BurstSettings::MAX_SPACING
    )]
    Spacing(Duration),
    /// The bytes of a payload.
    #[error(
        "a packet of a burst carries from {} to {} bytes, not {_0}",
        BurstSettings::MIN_PAYLOAD_BYTES,
        BurstSettings::MAX_PAYLOAD_BYTES
    )]
    PayloadBytes(u16),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_within_bounds() {
        let settings = BurstSettings::default();
        assert_eq!(
            (settings.packets(), settings.spacing(), settings.payload_bytes()),
            (10, Duration::from_millis(20), 64)
        );
        for (packets, good) in [(0, false), (1, true), (1_000, true), (1_001, false)] {
            assert_eq!(settings.with_packets(packets).is_ok(), good, "{packets}");
        }
        for (micros, good) in [(0, false), (999, false), (1_000, true), (1_000_000, true), (1_000_001, false)] {
            assert_eq!(settings.with_spacing(Duration::from_micros(micros)).is_ok(), good, "{micros}");
        }
        for (bytes, good) in [(0, false), (63, false), (64, true), (1_472, true), (1_473, false)] {
            assert_eq!(settings.with_payload_bytes(bytes).is_ok(), good, "{bytes}");
        }
        let error = settings.with_spacing(Duration::ZERO).unwrap_err().to_string();
        assert_eq!(error, "the packets of a burst are from 1ms to 1s apart, not 0ns");
    }

    #[test]
    fn a_burst_that_does_not_fit_is_shorter() {
        let settings = BurstSettings::default();
        // 10 packets are sent within 180 ms.
        for (millis, packets) in [(0, 0), (1, 1), (26, 1), (27, 2), (200, 8), (239, 9), (240, 10), (5_000, 10)] {
            assert_eq!(settings.packets_within(Duration::from_millis(millis)), packets, "{millis} ms");
        }
    }
}
