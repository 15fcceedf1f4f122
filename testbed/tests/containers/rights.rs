//! What a member does with CAP_NET_RAW, and without.

use crate::Machine;
use netring_testbed::lab;
use serde_json::Value;

/// How a member that is run with these options sends ICMP and traceroutes: how, or why not.
async fn modes(machine: &Machine, options: &[&str]) -> [String; 2] {
    let all = ["run", "-d", "--name=member", "--read-only", "--read-only-tmpfs=false", "--publish=8757:8756"];
    machine.podman(&[&all, options, &["netring/member"]].concat());
    let health = machine.eventually(8757, "/health", |health| health["probers"].is_array()).await;
    let of = |kind: &str| {
        let probers = health["probers"].as_array().unwrap();
        let prober: &Value = probers.iter().find(|prober| prober["kind"] == kind).unwrap();
        prober["mode"].as_str().or(prober["unavailable"].as_str()).unwrap().to_owned()
    };
    let modes = [of("icmp"), of("traceroute")];
    assert!(machine.try_podman(&["healthcheck", "run", "member"]).status.success(), "{options:?}");
    modes
}

/// The line `name` of the kernel's status of a container's first process, a set of capabilities.
fn capabilities(machine: &Machine, name: &str) -> u64 {
    let pid = machine.inspect("member")["State"]["Pid"].to_string();
    let mut command = machine.command("cat");
    command.arg(format!("/proc/{pid}/status"));
    let status = crate::machine::said(&machine.output(command));
    let set = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).unwrap();
    u64::from_str_radix(set.trim(), 16).unwrap()
}

const NET_RAW: u64 = 1 << 13;

#[test]
fn with_the_capability_and_without() {
    lab::test(async || {
        let machine = Machine::turn();
        const STRICT: [&str; 2] = ["--cap-drop=ALL", "--security-opt=no-new-privileges"];
        // Engines differ in whether they give every group the right to ping sockets, as Docker does.
        let (nobody, everybody) =
            ("--sysctl=net.ipv4.ping_group_range=1 0", "--sysctl=net.ipv4.ping_group_range=0 2147483647");
        let table = [
            (vec![STRICT[0], STRICT[1], nobody], "cannot open an ICMP socket", "udp", 0),
            (vec![STRICT[0], STRICT[1], everybody], "ping socket", "udp", 0),
            (vec![STRICT[0], "--cap-add=NET_RAW", nobody], "raw socket", "tcp", NET_RAW),
            // By the file alone, as with Docker: later versions of podman give what is added by name to users who are not root.
            (vec![nobody], "raw socket", "tcp", NET_RAW),
            // What the file brings is what no-new-privileges forbids.
            (vec![STRICT[1], nobody], "cannot open an ICMP socket", "udp", 0),
        ];
        for (options, icmp, traceroute, capability) in table {
            let [by_icmp, by_traceroute] = modes(&machine, &options).await;
            println!("{options:?}: icmp: {by_icmp}; traceroute: {by_traceroute}");
            assert!(by_icmp.starts_with(icmp), "{options:?}: {by_icmp}");
            assert_eq!(by_traceroute, traceroute, "{options:?}");
            assert_eq!(capabilities(&machine, "CapEff"), capability, "{options:?}");
            machine.podman(&["rm", "--force", "--time", "5", "member"]);
        }
    });
}
