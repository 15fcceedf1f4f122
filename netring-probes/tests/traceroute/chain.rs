//! Hosts in a row: the first traces, the last is the target, those between are routers.

use super::namespace::Namespace;
use std::{
    io,
    net::{IpAddr, UdpSocket},
    time::Duration,
};

pub(crate) struct Chain {
    pub(crate) hosts: Vec<Namespace>,
}

impl Chain {
    /// So many routers between two hosts.
    pub(crate) fn with_routers(routers: usize) -> Self {
        let chain = Self { hosts: (0..routers + 2).map(|_| Namespace::new()).collect() };
        for host in &chain.hosts {
            host.set("ipv4/ip_forward", "1");
            host.set("ipv6/conf/all/forwarding", "1");
            // Linux limits what it says to a peer, and to all; the tests are not about that.
            host.set("ipv4/icmp_ratelimit", "0");
            host.set("ipv4/icmp_msgs_per_sec", "1000000");
            host.set("ipv4/icmp_msgs_burst", "100000");
            host.set("ipv6/icmp/ratelimit", "0");
            // Without it a new address is not used for a second.
            host.set("ipv6/conf/default/accept_dad", "0");
        }
        for (i, pair) in chain.hosts.windows(2).enumerate() {
            let [left, right] = pair else { unreachable!() };
            left.ip(&format!("link add right type veth peer name left netns {}", right.path()));
            for (host, device, end) in [(left, "right", 1), (right, "left", 2)] {
                host.ip(&format!("addr add 10.9.{i}.{end}/24 dev {device}"));
                host.ip(&format!("addr add fd09:0:0:{i}::{end}/64 dev {device} nodad"));
                host.ip(&format!("link set {device} up"));
            }
        }
        let last = chain.hosts.len() - 1;
        for (i, host) in chain.hosts.iter().enumerate() {
            // Link i is to the right of host i. Right of the own links all goes right, left of them all left.
            let (to_right, to_left) = (i + 1..last, 0..i.saturating_sub(1));
            let routes = to_right.map(|link| (link, i, 2)).chain(to_left.map(|link| (link, i - 1, 1)));
            for (link, via, end) in routes {
                host.ip(&format!("route add 10.9.{link}.0/24 via 10.9.{via}.{end}"));
                host.ip(&format!("route add fd09:0:0:{link}::/64 via fd09:0:0:{via}::{end}"));
            }
        }
        chain.settle();
        chain
    }

    /// Waits until packets come from one end to the other and back: neighbours have to be found first, for which IPv6 may
    /// take a second, and meanwhile the kernel drops most of what waits.
    fn settle(&self) {
        for v6 in [false, true] {
            let target = self.address(self.hosts.len() - 1, v6);
            self.client().run(move || {
                let socket = UdpSocket::bind(if v6 { "[::]:0" } else { "0.0.0.0:0" }).unwrap();
                socket.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
                socket.connect((target, 9)).unwrap();
                let refused = |error: io::Error| error.kind() == io::ErrorKind::ConnectionRefused;
                let arrived = (0..100).any(|_| {
                    let _ = socket.send(b"anybody?");
                    socket.recv(&mut [0; 64]).is_err_and(refused)
                });
                assert!(arrived, "the chain does not lead to {target}");
            });
        }
    }

    pub(crate) fn client(&self) -> &Namespace {
        &self.hosts[0]
    }

    /// The address that host `i`, from 1 on, answers the first one from.
    pub(crate) fn address(&self, i: usize, v6: bool) -> IpAddr {
        let link = i - 1;
        if v6 { format!("fd09:0:0:{link}::2") } else { format!("10.9.{link}.2") }.parse().unwrap()
    }

    /// The addresses of all hosts after the first.
    pub(crate) fn path(&self, v6: bool) -> Vec<Vec<IpAddr>> {
        (1..self.hosts.len()).map(|i| vec![self.address(i, v6)]).collect()
    }
}
