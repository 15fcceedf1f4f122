//! Which TCP the hosts of a lab have.

use netring_testbed::lab::{Host, Link};
use std::{net::Ipv4Addr, process::Command};

/// Lets `host` send over `link`, by IPv4, with the congestion control of this name: `cubic`, `bbr` …
///
/// # Panics
/// Where the kernel does not have it.
pub(crate) fn set_congestion_control(host: &Host, link: &Link, name: &str) {
    let address = link.addresses(host).v4;
    // A link has a network of four addresses. By its route, and not by sysctl: a namespace may set by that only what the
    // whole machine has allowed to everybody.
    let network = Ipv4Addr::from_bits(address.to_bits() & !3);
    let mut command = Command::new("ip");
    let line = format!("route replace {network}/30 dev {} scope link src {address} congctl {name}", link.device());
    command.args(line.split(' '));
    let output = host.output(command);
    assert!(output.status.success(), "ip {line}: {}", String::from_utf8_lossy(&output.stderr));
}
