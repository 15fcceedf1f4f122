//! A process that may open no ICMP socket at all.

use netring_probes::{BurstSettings, IcmpProber};
use netring_testbed::lab::{self, Lab};
use std::process::Command;

#[test]
fn without_privileges_it_says_what_to_do() {
    lab::test(async || {
        // A new namespace allows nobody a ping socket.
        let mut lab = Lab::new();
        let host = lab.host("host");
        // Not as another user: a user namespace need not have one. Root without capabilities has no more than others.
        let mut command = Command::new("setpriv");
        command.args(["--inh-caps=-all", "--bounding-set=-all"]).arg(std::env::current_exe().unwrap());
        command.args(["--ignored", "--exact", "privileges::nobody_may_open_a_socket"]);
        let output = host.output(command);
        let (said, warned) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success() && said.contains("1 passed"), "{said} {warned}");
    });
}

#[test]
#[ignore = "another test runs it, as somebody without privileges"]
fn nobody_may_open_a_socket() {
    let error = IcmpProber::open(BurstSettings::default()).unwrap_err().to_string();
    assert!(error.contains("net.ipv4.ping_group_range") && error.contains("CAP_NET_RAW"), "{error}");
    assert!(error.contains("Operation not permitted"), "{error}");
}
