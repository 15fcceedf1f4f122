//! A process that may open no ICMP socket at all.

use crate::conformance::enter;
use netring_probes::{BurstSettings, IcmpProber, IcmpSocket};
use std::{
    fs,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    process::Command,
};

/// Somebody without any privilege.
const NOBODY: u32 = 65_534;

#[test]
fn without_privileges_it_says_what_to_do() {
    enter(IcmpSocket::Raw);
    // Where nobody may look into the folder of this program, it cannot be run from there.
    let program = std::env::temp_dir().join(format!("netring-icmp-{}", std::process::id()));
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let output = Command::new(&program)
        .args(["--ignored", "--exact", "privileges::nobody_may_open_a_socket"])
        .current_dir("/")
        .uid(NOBODY)
        .gid(NOBODY)
        .output();
    fs::remove_file(&program).unwrap();
    let output = output.unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

#[test]
#[ignore = "another test runs it, as somebody without privileges"]
fn nobody_may_open_a_socket() {
    let error = IcmpProber::open(BurstSettings::default()).unwrap_err().to_string();
    assert!(error.contains("net.ipv4.ping_group_range") && error.contains("CAP_NET_RAW"), "{error}");
    assert!(error.contains("Operation not permitted"), "{error}");
}
