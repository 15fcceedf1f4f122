use super::{
    jitter::Jitter,
    log::{Arrival, BurstLog, EchoStamp, Level, Sent},
    round_trips::round_trip_times,
};
use netring_core::{
    BurstMeasurement,
    model::{OneWay, PacketTimestamps},
};

/// What the two clocks of a way may drift apart by between two packets, in nanoseconds: more is a step.
const DRIFT: u64 = 1_000_000;

impl BurstLog {
    /// What the burst measured; nothing where no packet was sent.
    ///
    /// All round trips are told by the same times, the best that there are of every packet that came back: a burst with
    /// some times by the kernel and some by the process would show a jitter that the path does not have.
    pub(crate) fn measurement(&self) -> Option<BurstMeasurement> {
        let sent = u32::try_from(self.sent.len()).ok().filter(|&sent| sent > 0)?;
        let received = u32::try_from(self.arrivals.len()).unwrap_or(sent).min(sent);
        let pairs = || self.arrivals.iter().filter_map(|a| Some((self.sent.get(usize::from(a.sequence))?, a)));
        let told = |level: Level| pairs().map(|(sent, a)| level.round_trip(sent, a)).collect::<Option<Vec<u64>>>();
        let (level, round_trips) = Level::ALL
            .into_iter()
            .find_map(|level| Some((level, told(level)?)))
            .unwrap_or((Level::Process, Vec::new()));

        let mut jitter = Jitter::default();
        round_trips.iter().for_each(|&nanos| jitter.add(i128::from(nanos), u64::MAX));
        let (forward, backward) = self.ways(level, &round_trips).unzip();
        Some(BurstMeasurement {
            sent,
            received,
            duplicates: self.duplicates,
            reordered: reordered(self.arrivals.iter().map(|arrival| arrival.sequence)),
            loss_ratio: f64::from(sent - received) / f64::from(sent),
            round_trip_time: round_trip_times(round_trips),
            interarrival_jitter: jitter.get(),
            forward,
            backward,
            timestamps: self.timestamps(level),
        })
    }

    fn timestamps(&self, level: Level) -> PacketTimestamps {
        match level {
            // With nothing back there are no times of arrival to tell of.
            Level::Kernel if self.sent.iter().all(|sent| sent.kernel.is_some()) || !self.arrivals.is_empty() => {
                PacketTimestamps::Kernel
            }
            Level::KernelReceive => PacketTimestamps::KernelReceive,
            Level::Kernel | Level::Process => PacketTimestamps::Process,
        }
    }

    /// The way there and the way back, where the target's echo told of them with every packet.
    fn ways(&self, level: Level, round_trips: &[u64]) -> Option<(OneWay, OneWay)> {
        let stamps: Vec<EchoStamp> = self.arrivals.iter().map(|arrival| arrival.echo).collect::<Option<_>>()?;
        let lost = u32::try_from(self.sent.len() - self.arrivals.len()).unwrap_or(u32::MAX);
        let lost_forward = self.lost_forward(&stamps)?.min(lost);
        let (mut forward, mut backward) = (Jitter::default(), Jitter::default());
        let mut last = None;
        for ((arrival, stamp), &round_trip) in self.arrivals.iter().zip(&stamps).zip(round_trips) {
            // Each way takes from none to all of a round trip, so that two packets differ by no more than the longer one.
            let most = round_trip.max(last.replace(round_trip).unwrap_or(0)).saturating_add(DRIFT);
            let Some((there, back)) = self.transits(level, arrival, stamp) else { continue };
            forward.add(there, most);
            backward.add(back, most);
        }
        Some((
            OneWay { lost: lost_forward, interarrival_jitter: forward.get() },
            OneWay { lost: lost - lost_forward, interarrival_jitter: backward.get() },
        ))
    }

    /// How long a packet was on the way there and back, each with an offset that is the same for all packets.
    fn transits(&self, level: Level, arrival: &Arrival, stamp: &EchoStamp) -> Option<(i128, i128)> {
        let sent: &Sent = self.sent.get(usize::from(arrival.sequence))?;
        let there = i128::from(stamp.received_at) - i128::from(level.sent_at(sent)?);
        let back = i128::from(level.arrived_at(arrival)?) - i128::from(stamp.sent_at);
        Some((there, back))
    }

    /// Packets that were lost on the way there: of those up to the latest that came back, what the echo had not got when
    /// it had got the most. (An idea of STAMP's, RFC 8762, whose stateful reflector numbers what it sends.)
    fn lost_forward(&self, stamps: &[EchoStamp]) -> Option<u32> {
        let latest = self.arrivals.iter().map(|arrival| u32::from(arrival.sequence)).max()?;
        let got = stamps.iter().map(|stamp| stamp.count).max()?;
        Some((latest + 1).saturating_sub(got))
    }
}

/// Packets that arrived after one that was sent later (RFC 4737, section 3.3): NextExp is what the next in order has at least.
fn reordered(sequences: impl Iterator<Item = u16>) -> u32 {
    let mut next_expected = 0;
    let mut reordered = 0;
    for sequence in sequences.map(u32::from) {
        if sequence >= next_expected {
            next_expected = sequence + 1;
        } else {
            reordered += 1;
        }
    }
    reordered
}

#[cfg(test)]
mod tests;
