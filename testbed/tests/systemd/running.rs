//! The daemons under a real systemd, with all that the units forbid them.

use crate::booted::{Booted, folder};
use netring_testbed::{binary, eventually};
use nix::unistd::geteuid;
use serde_json::{Value, json};
use std::{
    env,
    io::{self, Write as _},
    process::{Child, Stdio},
};

const MEMBER: &str = "netring-member.service";
const REGISTRY: &str = "netring-registry.service";
/// CAP_NET_RAW and no other.
const NET_RAW: &str = "0000000000002000";
const NOTHING: &str = "0000000000000000";
/// Everything at once rather than after minutes.
const VARIABLES: &str = "NETRING_CHECK_INTERVAL=1s\nNETRING_POLL_INTERVAL=1s\nNETRING_BANDWIDTH_TEST_INTERVAL=1s\n\
                         NETRING_TRACEROUTE_INTERVAL=1s\nNETRING_LOCATION=here\n";

/// A systemd of its own needs root. Where the tests that need no rights are asked for, these say that they are left out.
fn may_boot() -> bool {
    let asked = env::var_os("NETRING_TEST_UNPRIVILEGED").is_some_and(|value| value == "1");
    if asked {
        let _ = io::stderr().write_all(b"left out: NETRING_TEST_UNPRIVILEGED=1 asks so\n");
    }
    assert!(asked || geteuid().is_root(), "this starts a systemd: run it as root, or set NETRING_TEST_UNPRIVILEGED=1");
    !asked
}

async fn booted(drop_ins: &[&str]) -> Booted {
    let booted = Booted::start(drop_ins, VARIABLES);
    eventually("a member that has registered", || async {
        let health = booted.get(8757, "/health")?;
        (health.json()["registry"]["registered"] == true).then_some(())
    })
    .await;
    booted
}

/// Another member, without systemd.
struct Other(Child);

impl Other {
    fn start(booted: &Booted) -> Self {
        let mut command = booted.command(binary("netring-member"));
        command.args(["--port", "8758", "--location", "there", "--instance-id", "other", "--poll-interval", "1s"]);
        Self(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// How the member makes probes of this kind, where it does.
fn mode(booted: &Booted, kind: &str) -> Value {
    let health = booted.get(8757, "/health").unwrap().json();
    let probers = health["probers"].as_array().unwrap();
    probers.iter().find(|prober| prober["kind"] == kind).unwrap_or_else(|| panic!("no {kind} in {health}"))["mode"]
        .clone()
}

/// Waits until each of these probes of the other member is known to be good.
async fn good(booted: &Booted, kinds: &[&str]) {
    eventually("a good result of each probe", || async {
        let matrix = booted.get(8756, "/api/v1/matrix")?.json();
        let pair = matrix["pairs"].as_array()?.iter().find(|pair| pair["target"] == "other")?;
        let checks = pair["checks"].as_array()?;
        kinds.iter().all(|kind| checks.iter().any(|of| of["kind"] == *kind && of["state"] == "up")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn with_what_the_units_allow_every_probe_is_made() {
    if !may_boot() {
        return;
    }
    let booted = booted(&[]).await;
    let verified = booted.run(&format!("systemd-analyze verify {MEMBER} {REGISTRY}"));
    assert!(verified.status.success() && verified.stderr.is_empty(), "{}", String::from_utf8_lossy(&verified.stderr));

    let _other = Other::start(&booted);
    assert_eq!((mode(&booted, "icmp"), mode(&booted, "traceroute")), (json!("raw socket"), json!("tcp")));
    good(&booted, &["tcp", "http", "udp", "icmp", "bandwidth", "traceroute"]).await;

    for (unit, capabilities) in [(MEMBER, NET_RAW), (REGISTRY, NOTHING)] {
        for set in ["CapEff", "CapPrm", "CapBnd", "CapAmb"] {
            assert_eq!(booted.status(unit, set), capabilities, "{unit}: {set}");
        }
        // A filter of system calls, and no way to more rights.
        assert_eq!((booted.status(unit, "Seccomp").as_str(), booted.status(unit, "NoNewPrivs").as_str()), ("2", "1"));
        assert_ne!(booted.status(unit, "Uid").split_whitespace().next(), Some("0"), "{unit} is root");
    }

    let health = booted.get(8757, "/health").unwrap().json();
    assert_eq!(health["instance_id"], booted.said("uname -n"));
    let metrics = booted.get(8757, "/metrics").unwrap().body;
    let started = metrics.lines().find_map(|line| line.strip_prefix("process_start_time_seconds ")).unwrap();
    assert!(started.parse::<f64>().unwrap() > 1e9, "started at {started}");

    // What it keeps is there for the next start, and for no other user.
    eventually("the list on the disk", || async {
        booted.said("cat /var/lib/netring/members.json").contains("\"other\"").then_some(())
    })
    .await;
    assert_eq!(booted.said("stat --dereference --format=%a /var/lib/netring"), "700");

    assert!(booted.run(&format!("systemctl stop {MEMBER}")).status.success());
    assert_eq!(
        (booted.property(MEMBER, "Result"), booted.property(MEMBER, "ExecMainStatus")),
        ("success".into(), "0".into())
    );
    let list = booted.get(8756, "/members").unwrap().json();
    let member = list["members"].as_array().unwrap().iter().find(|member| member["location"] == "here").unwrap();
    assert_eq!(member["state"], "deregistered", "it said goodbye");
}

#[tokio::test]
async fn without_the_capability_it_does_what_needs_none() {
    if !may_boot() {
        return;
    }
    let booted = booted(&["without-net-raw.conf"]).await;
    let verified = booted.run(&format!("systemd-analyze verify {MEMBER}"));
    assert!(verified.status.success() && verified.stderr.is_empty(), "{}", String::from_utf8_lossy(&verified.stderr));
    let _other = Other::start(&booted);
    assert_eq!(mode(&booted, "traceroute"), "udp");
    good(&booted, &["tcp", "http", "udp", "bandwidth", "traceroute"]).await;
    for set in ["CapEff", "CapPrm", "CapBnd", "CapAmb"] {
        assert_eq!(booted.status(MEMBER, set), NOTHING, "{set}");
    }
}

/// `verify` says nothing of a unit that is right; it does of one that is not.
#[tokio::test]
async fn a_line_that_systemd_does_not_know_is_told() {
    if !may_boot() {
        return;
    }
    let stage = tempfile::tempdir().unwrap();
    let unit = stage.path().join(MEMBER);
    let text = std::fs::read_to_string(folder().join(MEMBER)).unwrap();
    std::fs::write(&unit, text.replace("DynamicUser=", "DynamicUsers=")).unwrap();
    let booted = booted(&[]).await;
    let told = booted.run(&format!("systemd-analyze verify {}", unit.display()));
    assert!(String::from_utf8_lossy(&told.stderr).contains("DynamicUsers"), "{told:?}");
}
