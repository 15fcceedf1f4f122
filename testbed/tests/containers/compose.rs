//! The compose files, brought up.

use crate::{
    Machine,
    machine::{repository, said, states},
};
use netring_testbed::lab;
use serde_json::Value;
use std::{fs, process::Command};

/// `podman-compose` on a file in deploy/, from there.
fn compose(machine: &Machine, file: &str, arguments: &[&str]) -> Command {
    let mut command = machine.command_in(&repository().join("deploy"), "podman-compose");
    command.args(["-f", file]).args(arguments);
    command
}

/// The kinds of checks of the pair from `source` to `target` that have succeeded last.
fn good<'m>(matrix: &'m Value, source: &str, target: &str) -> Vec<&'m str> {
    let pairs = matrix["pairs"].as_array().map_or(&[][..], Vec::as_slice);
    let pair = pairs.iter().find(|pair| pair["source"] == source && pair["target"] == target);
    let checks = pair.and_then(|pair| pair["checks"].as_array()).map_or(&[][..], Vec::as_slice);
    checks.iter().filter(|check| check["state"] == "up").filter_map(|check| check["kind"].as_str()).collect()
}

#[test]
fn the_quick_demo_shows_two_members_that_see_each_other() {
    lab::test(async || {
        let machine = Machine::turn();
        let begun = std::time::Instant::now();
        said(&machine.output(compose(&machine, "test-docker-compose.yml", &["up", "-d"])));
        // The names of services are found: the members' registry is called `registry`.
        machine
            .eventually(8756, "/members", |members| states(members) == [("test1", "online"), ("test2", "online")])
            .await;
        let all = ["tcp", "http", "udp", "icmp", "bandwidth", "traceroute"];
        let complete = |matrix: &Value| {
            let both = [("test1", "test2"), ("test2", "test1")];
            matrix["state"] == "healthy"
                && both.iter().all(|(source, target)| {
                    let good = good(matrix, source, target);
                    all.iter().all(|kind| good.contains(kind))
                })
        };
        let matrix = machine.eventually(8756, "/api/v1/matrix", complete).await;
        println!("all of it is seen after {:.0} s", begun.elapsed().as_secs_f64());
        let locations: Vec<_> =
            matrix["members"].as_array().unwrap().iter().map(|member| &member["location"]).collect();
        assert_eq!(locations, ["Test1", "Test2"], "{matrix}");
        let faults = machine.get(8756, "/api/v1/faults").await.unwrap().json();
        assert_eq!(faults["open"].as_array().map(Vec::len), Some(0), "{faults}");
        // What the seeds' users look for.
        for (port, metric) in [(8757, "netring_bandwidth_mbps{"), (8759, "netring_traceroute_hops_total{")] {
            let metrics = machine.get(port, "/metrics").await.unwrap().body;
            assert!(metrics.lines().any(|line| line.starts_with(metric)), "no {metric} on {port}");
        }
        let page = machine.get(8756, "/").await.unwrap();
        assert!(page.status == 200 && page.body.contains("<html"), "{}", page.head);
        for container in ["netring-test-registry", "netring-member-test1", "netring-member-test2"] {
            assert!(machine.try_podman(&["healthcheck", "run", container]).status.success(), "{container}");
            assert_eq!(machine.inspect(container)["HostConfig"]["ReadonlyRootfs"], true, "{container}");
        }
        said(&machine.output(compose(&machine, "test-docker-compose.yml", &["down"])));
        assert_eq!(machine.podman(&["ps", "--all", "--quiet"]).trim(), "");
    });
}

/// What a file says, beside what it does.
#[test]
fn every_service_is_held_tight() {
    for file in ["docker-compose.yml", "test-docker-compose.yml"] {
        let text = fs::read_to_string(repository().join("deploy").join(file)).unwrap();
        let file: Value = serde_saphyr::from_str(&text).unwrap();
        for (name, service) in file["services"].as_object().unwrap() {
            assert_eq!(service["read_only"], true, "{name}");
            assert_eq!(service["cap_drop"], serde_json::json!(["ALL"]), "{name}");
            assert_eq!(service["restart"], "unless-stopped", "{name}");
            let is_member = name.starts_with("member");
            // What a file brings is forbidden by no-new-privileges: a member has one of the two.
            let (adds, forbids) = (serde_json::json!(["NET_RAW"]), serde_json::json!(["no-new-privileges:true"]));
            let wanted = if is_member { (adds, Value::Null) } else { (Value::Null, forbids) };
            assert_eq!((&service["cap_add"], &service["security_opt"]), (&wanted.0, &wanted.1), "{name}");
            for wanted in ["stop_grace_period", "mem_limit", "container_name"] {
                assert!(!service[wanted].is_null(), "{name} has no {wanted}");
            }
            // Our images bring a check of their own; some engines run another one by a shell, which is not in them.
            assert_eq!(service["healthcheck"].is_object(), service["build"].is_null(), "{name}");
            if let Some(build) = service["build"].as_object() {
                let context = repository().join("deploy").join(build["context"].as_str().unwrap());
                assert!(context.join(build["dockerfile"].as_str().unwrap()).is_file(), "{build:?}");
                // The port inside is the one outside: it is announced.
                for port in service["ports"].as_array().unwrap() {
                    let (outside, inside) = port.as_str().unwrap().trim_end_matches("/udp").split_once(':').unwrap();
                    assert_eq!(outside, inside, "{name}");
                }
            }
        }
    }
}
