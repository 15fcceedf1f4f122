use super::{Network, Passage, counters::Counters, packet::Packet, walk::Walk};
use std::time::{Duration, Instant};

/// A packet that the network sends to the host under test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// How long after the packet that it answers.
    pub after: Duration,
    /// All of it, from the IP header on.
    pub packet: Vec<u8>,
}

/// A network without sockets and without a clock: packets in, packets out. It remembers what became of each.
#[derive(Debug)]
pub struct Simulator {
    network: Network,
    phase: Option<String>,
    counters: Counters,
    passages: Vec<Passage>,
}

impl Simulator {
    /// The network in its first phase; nothing has been sent through it.
    #[must_use]
    pub fn new(network: Network) -> Self {
        Self { network, phase: None, counters: Counters::default(), passages: Vec::new() }
    }

    /// The network.
    #[must_use]
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Goes into another phase: the one of that name, or the first one.
    ///
    /// # Panics
    /// Where the network has no phase of that name.
    pub fn set_phase(&mut self, phase: Option<&str>) {
        if let Some(name) = phase {
            let phases = self.network.phases();
            assert!(phases.contains(name), "the network has no phase `{name}`, only {phases:?}");
        }
        self.phase = phase.map(str::to_owned);
    }

    /// Takes a packet that the host under test sent at `now`, and gives what comes back. What is for no target of the
    /// network is neither answered nor remembered.
    pub fn step(&mut self, now: Instant, packet: &[u8]) -> Vec<Reply> {
        let Some(packet) = Packet::parse(packet) else { return Vec::new() };
        let Some(destination) = self.network.destination(packet.destination) else { return Vec::new() };
        let mut walk = Walk::new(&packet, &mut self.counters, now);
        let end = walk.to(destination, self.phase.as_deref());
        self.passages.push(Passage {
            at: now,
            source: packet.source,
            destination: packet.destination,
            protocol: packet.protocol,
            flow: packet.flow(),
            ttl: packet.ttl,
            routers: walk.routers,
            fate: end.fate,
            answered_by: end.answered_by,
            answered_after: end.replies.first().map(|reply| reply.after),
        });
        end.replies
    }

    /// What became of every packet since the start, or since [`take_passages`](Self::take_passages); in the order in which
    /// they were sent.
    #[must_use]
    pub fn passages(&self) -> &[Passage] {
        &self.passages
    }

    /// The same, to be forgotten by the network.
    pub fn take_passages(&mut self) -> Vec<Passage> {
        std::mem::take(&mut self.passages)
    }
}
