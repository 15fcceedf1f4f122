//! A lab: hosts and routers in network namespaces of this machine, and links between them with a rate, a delay and loss.
//!
//! Everything is real but the cables: probers run through their sockets and the kernel's TCP/IP. A link without delay and
//! loss is a pair of veth devices; any other is a pair of TUN devices with a program between them, which can be changed
//! while it is in use and counts what it carries, which is unicast alone. Dropping the [`Lab`] ends everything in it.
//!
//! ```no_run
//! use netring_testbed::lab::{self, Lab, LinkSpec, Loss};
//! use std::time::Duration;
//!
//! // The body of a test; it finds out whether it may have namespaces, and fails where not.
//! lab::test(async || {
//!     let mut lab = Lab::new();
//!     let (here, router, there) = (lab.host("here"), lab.router("router"), lab.host("there"));
//!     lab.link(&here, &router, &LinkSpec::default());
//!     let slow = lab.link(&router, &there, &LinkSpec::delayed(Duration::from_millis(20)));
//!     lab.route_all();
//!
//!     slow.set_loss_towards(&there, Loss::EveryNth(10));
//!     let target = slow.addresses(&there).v4;
//!     here.run(async move || { /* probe the target */ }).await;
//!     assert_eq!(slow.counts_towards(&there).lost, 0);
//! });
//! ```

mod command;
mod direction;
mod door;
mod holds;
mod host;
mod iperf3;
mod link;
mod loss;
mod process;
mod rights;
mod route;
mod sites;
mod spec;
mod wire;

pub use direction::Counts;
pub use holds::Holds;
pub use host::Host;
pub use iperf3::iperf3_download;
pub use link::{Addresses, Link};
pub use loss::Loss;
pub use process::Process;
pub use rights::{program, test, test_in_process, test_in_user_namespace, test_on_host};
pub use sites::{Sites, name_of};
pub use spec::LinkSpec;

use std::net::IpAddr;

/// Hosts, and the links between them. All of it is gone when this is dropped: processes, threads, devices, namespaces.
#[derive(Debug, Default)]
pub struct Lab {
    hosts: Vec<Host>,
    links: Vec<Link>,
}

impl Lab {
    /// One without any host.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A host, which does not forward packets.
    ///
    /// # Panics
    /// Where this process may not make a network namespace: see [`test()`].
    #[must_use]
    pub fn host(&mut self, name: &str) -> Host {
        self.add(name, false)
    }

    /// A host that forwards packets. Its ICMP errors are not limited; [`Host::sysctl`] limits them.
    ///
    /// # Panics
    /// Where this process may not make a network namespace: see [`test()`].
    #[must_use]
    pub fn router(&mut self, name: &str) -> Host {
        self.add(name, true)
    }

    /// A cable between `a` and `b`. Each has an IPv4 and an IPv6 address at it.
    ///
    /// # Panics
    /// Where the devices cannot be made; where there are 60,000 links.
    pub fn link(&mut self, a: &Host, b: &Host, spec: &LinkSpec) -> Link {
        let index = u16::try_from(self.links.len()).ok().filter(|index| *index < 60_000).expect("fewer links");
        let link = Link::lay(index, [a, b], spec);
        self.links.push(link.clone());
        link
    }

    /// Gives every host routes to every address of every other, over as few links as there may be.
    ///
    /// # Panics
    /// Where a route cannot be set.
    pub fn route_all(&self) {
        let ends: Vec<_> = self.links.iter().map(|link| link.ends().map(|(host, _)| host.index())).collect();
        let pairs: Vec<_> = ends.iter().map(|[a, b]| (*a, *b)).collect();
        for host in &self.hosts {
            let forwards = |index: usize| self.hosts.get(index).is_some_and(Host::forwards);
            let first = route::first_links(self.hosts.len(), &pairs, forwards, host.index());
            let mut lines = String::new();
            for link in &self.links {
                let [(a, at_a), (b, at_b)] = link.ends();
                if a.index() == host.index() || b.index() == host.index() {
                    continue;
                }
                for (end, addresses) in [(a, at_a), (b, at_b)] {
                    // The link of an address, and not its prefix: the two ends of a link may be reached over two ways.
                    let Some(via) = first.get(end.index()).copied().flatten().and_then(|via| self.links.get(via))
                    else {
                        continue;
                    };
                    for address in addresses.all() {
                        lines += &route_line(host, (address, if address.is_ipv4() { 32 } else { 128 }), via);
                    }
                }
            }
            host.call(move || command::ip_batch(&lines));
        }
    }

    /// Lets `host` send what goes to the network `to`, an address and the length of its prefix, over `via`, which ends at
    /// it. It takes the place of what [`route_all`](Self::route_all) has set where the prefix is the same, and goes before
    /// where it is longer.
    ///
    /// # Panics
    /// Where `via` does not end at `host`, or the route cannot be set.
    pub fn route(&self, host: &Host, to: (IpAddr, u8), via: &Link) {
        let line = route_line(host, to, via);
        host.call(move || command::ip_batch(&line));
    }

    fn add(&mut self, name: &str, forwards: bool) -> Host {
        let host = Host::start(name, self.hosts.len(), forwards);
        self.hosts.push(host.clone());
        host
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.hosts.iter().for_each(Host::kill_processes);
        self.links.iter().for_each(Link::stop);
        self.hosts.iter().for_each(Host::stop);
    }
}

/// A line for `ip -batch`.
fn route_line(host: &Host, (to, prefix): (IpAddr, u8), via: &Link) -> String {
    let other = via.ends().into_iter().find(|(end, _)| end.index() != host.index());
    let gateway = match (other, to) {
        (Some((_, addresses)), IpAddr::V4(_)) => IpAddr::V4(addresses.v4),
        (Some((_, addresses)), IpAddr::V6(_)) => IpAddr::V6(addresses.v6),
        (None, _) => panic!("{via:?} has two ends"),
    };
    let _ends_here = via.addresses(host);
    format!("route replace {to}/{prefix} via {gateway} dev {}\n", via.device())
}
