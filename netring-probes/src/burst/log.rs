use super::clock::{Reading, nanos};
use std::time::Duration;

/// What was seen of a burst, as it went. It is bounded by the number of packets sent, whatever comes back.
#[derive(Debug, Default)]
pub(crate) struct BurstLog {
    /// The packets sent, by sequence.
    pub(super) sent: Vec<Sent>,
    /// The first arrival of each packet, in the order of arrival.
    pub(super) arrivals: Vec<Arrival>,
    /// Arrivals after the first.
    pub(super) duplicates: u32,
}

/// A packet that was sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sent {
    /// Just before it was handed to the kernel.
    pub(super) at: Reading,
    /// When the kernel handed it to the network device, by the system's clock.
    pub(super) kernel: Option<u64>,
    pub(super) received: bool,
}

/// A packet that came back.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrival {
    pub(crate) sequence: u16,
    /// Just after it was taken from the kernel.
    pub(crate) at: Reading,
    /// When the kernel got it, by the system's clock.
    pub(crate) kernel: Option<u64>,
    /// What the target's echo wrote on it.
    pub(crate) echo: Option<EchoStamp>,
}

/// What a target's echo writes on a packet. The times are by its own clock, in nanoseconds, and may be anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EchoStamp {
    pub(crate) received_at: u64,
    pub(crate) sent_at: u64,
    /// How many different packets of this burst it had got by then.
    pub(crate) count: u32,
}

/// What an arrival is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Noted {
    /// The first of its packet.
    First,
    /// A packet that came back before.
    Duplicate,
    /// A packet that was never sent.
    NeverSent,
}

impl EchoStamp {
    /// `total` nanoseconds of a round trip without those for which the echo had the packet, its residence time: it stamps
    /// both ends of that, as a reflector of STAMP does (RFC 8762, section 4.3).
    ///
    /// The echo's clock may be stepped, and the echo may lie: a time that is negative or longer than all of it is not
    /// believed. So the result is from zero to `total`, whatever it says.
    fn without_residence(self, total: u64) -> u64 {
        let residence = self.sent_at.checked_sub(self.received_at);
        residence.and_then(|residence| total.checked_sub(residence)).unwrap_or(total)
    }
}

impl BurstLog {
    /// Notes that the next packet was sent, or would have been, had the kernel taken it.
    pub(crate) fn sent(&mut self, at: Reading) {
        self.sent.push(Sent { at, kernel: None, received: false });
    }

    /// Notes when the kernel sent the packet `sequence`.
    pub(crate) fn stamped(&mut self, sequence: u32, at: u64) {
        let sent = usize::try_from(sequence).ok().and_then(|index| self.sent.get_mut(index));
        if let Some(sent) = sent {
            sent.kernel.get_or_insert(at);
        }
    }

    /// Notes that a packet came back.
    pub(crate) fn arrived(&mut self, arrival: Arrival) -> Noted {
        let Some(sent) = self.sent.get_mut(usize::from(arrival.sequence)) else { return Noted::NeverSent };
        if std::mem::replace(&mut sent.received, true) {
            self.duplicates = self.duplicates.saturating_add(1);
            return Noted::Duplicate;
        }
        self.arrivals.push(arrival);
        Noted::First
    }

    /// How many packets were sent.
    pub(crate) fn packets_sent(&self) -> usize {
        self.sent.len()
    }

    /// How many of them came back.
    pub(crate) fn packets_received(&self) -> usize {
        self.arrivals.len()
    }

    /// The packets that have not come back.
    pub(crate) fn lost(&self) -> impl Iterator<Item = u16> {
        (0..).zip(&self.sent).filter(|(_, sent)| !sent.received).map(|(sequence, _)| sequence)
    }

    /// How long the packet took, by the best times that there are of it at this moment.
    pub(crate) fn round_trip(&self, arrival: &Arrival) -> Option<Duration> {
        let sent = self.sent.get(usize::from(arrival.sequence))?;
        let nanos = Level::ALL.iter().find_map(|level| level.round_trip(sent, arrival))?;
        Some(Duration::from_nanos(nanos))
    }
}

/// Whose times a round trip is told by, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Kernel,
    KernelReceive,
    Process,
}

impl Level {
    pub(super) const ALL: [Self; 3] = [Self::Kernel, Self::KernelReceive, Self::Process];

    /// When `sent` was sent, by the system's clock.
    pub(super) fn sent_at(self, sent: &Sent) -> Option<u64> {
        match self {
            Self::Kernel => sent.kernel,
            Self::KernelReceive | Self::Process => Some(sent.at.realtime),
        }
    }

    /// When `arrival` arrived, by the system's clock.
    pub(super) fn arrived_at(self, arrival: &Arrival) -> Option<u64> {
        match self {
            Self::Kernel | Self::KernelReceive => arrival.kernel,
            Self::Process => Some(arrival.at.realtime),
        }
    }

    /// The round trip in nanoseconds, where these times can tell it, without the time for which the echo had the packet.
    pub(super) fn round_trip(self, sent: &Sent, arrival: &Arrival) -> Option<u64> {
        let total = self.total(sent, arrival)?;
        Some(arrival.echo.map_or(total, |echo| echo.without_residence(total)))
    }

    /// From sending to arrival.
    ///
    /// The kernel's times are by a clock that may be stepped while the packet is under way. Where both clocks say that it
    /// was, or where the kernel's time is negative or longer than what the process saw, which encloses it, they tell
    /// nothing: the process's own times are by the monotonic clock, and always do.
    fn total(self, sent: &Sent, arrival: &Arrival) -> Option<u64> {
        let seen = nanos(arrival.at.since(&sent.at));
        if self == Self::Process {
            return Some(seen);
        }
        let nanos = self.arrived_at(arrival)?.checked_sub(self.sent_at(sent)?)?;
        let good = !arrival.at.stepped_since(&sent.at) && nanos <= seen.saturating_add(super::clock::slack(seen));
        good.then_some(nanos)
    }
}
