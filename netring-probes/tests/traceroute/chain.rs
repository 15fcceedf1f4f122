//! Hosts in a row: the first traces, the last is the target, those between are routers.

use netring_testbed::lab::{Host, Lab, Link, LinkSpec};
use std::{
    io,
    net::{IpAddr, UdpSocket},
    time::Duration,
};

pub(crate) struct Chain {
    pub(crate) hosts: Vec<Host>,
    /// Each leads from the host of the same number to the next.
    links: Vec<Link>,
    lab: Lab,
}

impl Chain {
    /// So many routers between two hosts.
    pub(crate) fn with_routers(routers: usize) -> Self {
        let mut lab = Lab::new();
        let hosts: Vec<_> = (0..routers + 2).map(|i| lab.router(&format!("host{i}"))).collect();
        let pairs = hosts.iter().zip(hosts.iter().skip(1));
        let links = pairs.map(|(left, right)| lab.link(left, right, &LinkSpec::default())).collect();
        lab.route_all();
        let chain = Self { hosts, links, lab };
        chain.settle();
        chain
    }

    /// Waits until packets come from one end to the other and back: neighbours have to be found first, for which IPv6 may
    /// take a second, and meanwhile the kernel drops most of what waits.
    fn settle(&self) {
        for v6 in [false, true] {
            let target = self.address(self.hosts.len() - 1, v6);
            self.client().call(move || {
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

    pub(crate) fn client(&self) -> &Host {
        &self.hosts[0]
    }

    /// The address that host `i`, from 1 on, answers the first one from.
    pub(crate) fn address(&self, i: usize, v6: bool) -> IpAddr {
        let [v4, v6_address] = self.links[i - 1].addresses(&self.hosts[i]).all();
        if v6 { v6_address } else { v4 }
    }

    /// Lets host `i` send what is for the last one back to where it came from.
    pub(crate) fn send_back(&self, i: usize) {
        let target = self.address(self.hosts.len() - 1, false);
        self.lab.route(&self.hosts[i], (target, 32), &self.links[i - 1]);
    }

    /// The addresses of all hosts after the first.
    pub(crate) fn path(&self, v6: bool) -> Vec<Vec<IpAddr>> {
        (1..self.hosts.len()).map(|i| vec![self.address(i, v6)]).collect()
    }
}
