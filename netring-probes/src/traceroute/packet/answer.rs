use netring_core::{
    TracerouteMeasurement,
    model::{MplsLabel, PathEnd},
};
use std::net::IpAddr;

/// Which packet of a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ProbeId {
    /// Of which flow, from 0 on.
    pub flow: u8,
    /// With which time to live.
    pub ttl: u8,
    /// The how manieth of this flow and time to live, from 0 on.
    pub attempt: u8,
}

/// Tries of one time to live that an index has room for.
const ATTEMPTS: u16 = 16;

impl ProbeId {
    /// Indices are below this number.
    pub const INDICES: u16 = (TracerouteMeasurement::MAX_HOPS as u16 + 1) * ATTEMPTS;

    /// A number that tells the packets of one flow apart.
    #[must_use]
    pub fn index(self) -> u16 {
        u16::from(self.ttl) * ATTEMPTS + u16::from(self.attempt)
    }

    /// The packet of `flow` with this index, where there can be one.
    #[must_use]
    pub fn from_index(flow: u8, index: u16) -> Option<Self> {
        let (ttl, attempt) = (u8::try_from(index / ATTEMPTS).ok()?, (index % ATTEMPTS) as u8);
        (index < Self::INDICES && ttl > 0).then_some(Self { flow, ttl, attempt })
    }
}

/// What an answer is to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// To this packet.
    Probe(ProbeId),
    /// To one of this flow, and it does not say to which.
    Flow(u8),
}

/// What an answer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A router: the time to live was over.
    TimeExceeded,
    /// The target: the packet arrived.
    Reached,
    /// The packet comes no further.
    Unreachable(Unreachable),
}

/// Why a packet comes no further, with the numbers that say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreachable {
    /// In words.
    pub end: PathEnd,
    /// The type of the ICMP message.
    pub icmp_type: u8,
    /// Its code.
    pub code: u8,
}

/// An answer to a packet of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// To which.
    pub to: Match,
    /// Who answered.
    pub from: IpAddr,
    /// What.
    pub kind: Kind,
    /// The time to live that the answer arrived with.
    pub answer_ttl: Option<u8>,
    /// The MPLS label stack that the packet had where it was answered.
    pub mpls: Vec<MplsLabel>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_leads_back_to_its_packet() {
        for ttl in 1..=TracerouteMeasurement::MAX_HOPS as u8 {
            for attempt in 0..=TracerouteMeasurement::MAX_TRIES as u8 {
                let probe = ProbeId { flow: 3, ttl, attempt };
                assert_eq!(ProbeId::from_index(3, probe.index()), Some(probe));
            }
        }
        for index in [0, 15, ProbeId::INDICES, u16::MAX] {
            assert_eq!(ProbeId::from_index(0, index), None, "{index}");
        }
    }
}
