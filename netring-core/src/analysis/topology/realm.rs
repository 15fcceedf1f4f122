use std::{
    collections::{HashMap, HashSet},
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// Which locations share one plan of private addresses.
///
/// Two sites may both have a router `192.168.1.1`. They are one and the same only where the two share one plan: where a trace
/// from the one reached a member of the other by a private address of the same block, that address means the same at both.
/// To show one router as two is a lesser error than to show two as one, which would join sites that have nothing in common.
#[derive(Debug)]
pub(super) struct Realms {
    /// For each block the locations that share a plan, as a forest whose roots are the first locations.
    parents: [Vec<u32>; BLOCKS],
    /// Who is the first hop of which location.
    first_hops: HashSet<(IpAddr, u32)>,
    /// First hops that several locations of a plan have.
    everywhere: HashSet<(IpAddr, u32)>,
}

const BLOCKS: usize = 5;

/// What is known of where an address is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// Everywhere.
    Public,
    /// Within a plan of private addresses, of the block of this number.
    Block(usize),
    /// On one link, or one host: two sites never share it.
    Link,
}

impl Scope {
    fn of(ip: IpAddr) -> Self {
        match ip {
            IpAddr::V4(ip) => Self::of_v4(ip),
            IpAddr::V6(ip) => Self::of_v6(ip),
        }
    }

    fn of_v4(ip: Ipv4Addr) -> Self {
        match ip.octets() {
            [10, ..] => Self::Block(0),
            [172, 16..=31, ..] => Self::Block(1),
            [192, 168, ..] => Self::Block(2),
            [100, 64..=127, ..] => Self::Block(3),
            [0 | 127, ..] | [169, 254, ..] => Self::Link,
            _ => Self::Public,
        }
    }

    fn of_v6(ip: Ipv6Addr) -> Self {
        if ip.is_unique_local() {
            Self::Block(4)
        } else if ip.is_unicast_link_local() || ip.is_loopback() || ip.is_unspecified() {
            Self::Link
        } else {
            Self::Public
        }
    }
}

impl Realms {
    /// Each of so many locations has a plan of its own.
    pub(super) fn new(locations: usize) -> Self {
        let own: Vec<u32> = (0..u32::try_from(locations).unwrap_or(u32::MAX)).collect();
        Self { parents: std::array::from_fn(|_| own.clone()), first_hops: HashSet::new(), everywhere: HashSet::new() }
    }

    /// Somebody at `source` has reached somebody at `target` by the address `ip`.
    pub(super) fn reached(&mut self, source: u32, target: u32, ip: IpAddr) {
        if let Scope::Block(block) = Scope::of(ip) {
            let (a, b) = (self.root(block, source), self.root(block, target));
            if let Some(parent) = self.parents.get_mut(block).and_then(|parents| parents.get_mut(a.max(b) as usize)) {
                *parent = a.min(b);
            }
        }
    }

    /// Somebody at `source` has `ip` as the first hop.
    pub(super) fn first_hop(&mut self, source: u32, ip: IpAddr) {
        if matches!(Scope::of(ip), Scope::Block(_)) {
            self.first_hops.insert((ip, source));
        }
    }

    /// To be called when all has been told, before [`Self::of`].
    pub(super) fn settle(&mut self) {
        let mut known: HashMap<(IpAddr, u32), u32> = HashMap::new();
        for (ip, source) in std::mem::take(&mut self.first_hops) {
            let Scope::Block(block) = Scope::of(ip) else { continue };
            let plan = (ip, self.root(block, source));
            if *known.entry(plan).or_insert(source) != source {
                self.everywhere.insert(plan);
            }
        }
    }

    /// Whose the address `ip` is where somebody at `source` sees it: none where it is public.
    pub(super) fn of(&self, source: u32, ip: IpAddr) -> Option<u32> {
        match Scope::of(ip) {
            Scope::Public => None,
            Scope::Link => Some(source),
            Scope::Block(block) => {
                let plan = self.root(block, source);
                Some(if self.everywhere.contains(&(ip, plan)) { source } else { plan })
            }
        }
    }

    fn root(&self, block: usize, location: u32) -> u32 {
        let parent = |at: u32| self.parents.get(block).and_then(|parents| parents.get(at as usize)).copied();
        let mut at = location;
        // A parent comes before its children, so that this ends.
        while let Some(parent) = parent(at).filter(|&parent| parent < at) {
            at = parent;
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_an_address_is() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        // 1 reaches 2 by an address of 10.0.0.0/8, and both have the gateway 10.9.9.9; 0 and 3 are apart.
        let mut realms = Realms::new(4);
        realms.reached(2, 1, ip("10.0.0.7"));
        realms.reached(3, 0, ip("192.0.2.1"));
        realms.first_hop(1, ip("10.9.9.9"));
        realms.first_hop(2, ip("10.9.9.9"));
        realms.first_hop(2, ip("10.8.8.8"));
        realms.first_hop(3, ip("10.8.8.8"));
        realms.settle();
        for (source, address, owner) in [
            (0, "192.0.2.1", None),
            (0, "2001:db8::1", None),
            (2, "10.1.1.1", Some(1)),
            (2, "10.8.8.8", Some(1)),
            (3, "10.8.8.8", Some(3)),
            (2, "10.9.9.9", Some(2)),
            (1, "10.9.9.9", Some(1)),
            (2, "192.168.1.1", Some(2)),
            (2, "172.16.0.1", Some(2)),
            (2, "172.32.0.1", None),
            (0, "100.64.0.1", Some(0)),
            (3, "fd00::1", Some(3)),
            (3, "fe80::1", Some(3)),
            (3, "169.254.1.1", Some(3)),
        ] {
            assert_eq!(realms.of(source, ip(address)), owner, "{address} seen from {source}");
        }
    }
}
