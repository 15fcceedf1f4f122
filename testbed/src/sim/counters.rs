//! What a network remembers from packet to packet.

use super::{
    network::{Balanced, By, Limit, Pattern},
    packet::Packet,
};
use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    net::IpAddr,
    time::{Duration, Instant},
};

/// What is counted of all routers, targets and balancers.
#[derive(Debug, Default)]
pub(super) struct Counters {
    hosts: HashMap<IpAddr, Host>,
    balancers: HashMap<usize, u64>,
}

/// What is counted of one router or target.
#[derive(Debug, Default)]
struct Host {
    arrived: u64,
    asked: u64,
    answered: u64,
    last_answer: Option<Instant>,
}

impl Counters {
    /// Whether the packet that comes to this host now is dropped.
    pub(super) fn drops(&mut self, host: IpAddr, pattern: Option<&Pattern>) -> bool {
        let number = next(&mut self.hosts.entry(host).or_default().arrived);
        pattern.is_some_and(|pattern| pattern.holds(number))
    }

    /// Whether this host's limit lets it answer now.
    pub(super) fn allows(&mut self, host: IpAddr, limit: Option<Limit>, now: Instant) -> bool {
        let host = self.hosts.entry(host).or_default();
        match limit {
            None => true,
            Some(Limit::Every(nth)) => next(&mut host.asked).is_multiple_of(u64::from(nth.get())),
            Some(Limit::PerSecond(rate)) => {
                let due = host
                    .last_answer
                    .is_none_or(|last| now.saturating_duration_since(last) >= Duration::from_secs(1) / rate.get());
                if due {
                    host.last_answer = Some(now);
                }
                due
            }
        }
    }

    /// The number of the answer that this host gives now, counted from zero.
    pub(super) fn answer(&mut self, host: IpAddr) -> u64 {
        next(&mut self.hosts.entry(host).or_default().answered)
    }

    /// Which of its ways a balancer sends this packet, by its number.
    pub(super) fn way(&mut self, balanced: &Balanced, packet: &Packet<'_>) -> usize {
        // The same in every run: its keys are fixed. The number of the balancer makes two in a row decide apart.
        let mut hasher = DefaultHasher::new();
        (balanced.id, packet.source, packet.destination).hash(&mut hasher);
        let value = match balanced.by {
            By::Packet => next(self.balancers.entry(balanced.id).or_default()),
            By::Flow => {
                (packet.protocol, packet.flow_bytes()).hash(&mut hasher);
                hasher.finish()
            }
            By::FlowLabel => {
                packet.flow_label.hash(&mut hasher);
                hasher.finish()
            }
        };
        let ways = balanced.paths.len() as u64;
        usize::try_from(value.checked_rem(ways).unwrap_or(0)).unwrap_or(0)
    }
}

fn next(counter: &mut u64) -> u64 {
    let number = *counter;
    *counter = number.wrapping_add(1);
    number
}
