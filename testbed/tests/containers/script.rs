//! deploy/start.sh.

use crate::{
    Machine,
    machine::{ADDRESS, repository, said, states},
};
use netring_testbed::{eventually, lab};
use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
    process::{Command, Output},
};

fn script() -> std::path::PathBuf {
    repository().join("deploy/start.sh")
}

fn start(machine: &Machine, arguments: &[&str], environment: &[(&str, &str)]) -> String {
    let mut command = machine.command("sh");
    // Not Docker of this machine, if there is one.
    command.arg(script()).args(arguments).env("COMPOSE", "podman-compose").env_remove("HOST_IP");
    command.envs(environment.iter().copied());
    said(&machine.output(command))
}

#[test]
fn starts_and_starts_again_and_loses_nothing() {
    lab::test(async || {
        let machine = Machine::turn();
        let environment =
            [("NETRING_LOCATION", "US1"), ("NETRING_INSTANCE_ID", "us1-a"), ("NETRING_HEARTBEAT_INTERVAL", "2")];
        for again in [false, true] {
            let said = start(&machine, &[], &environment);
            for wanted in [
                format!("the address of this host is {ADDRESS} "),
                "netring-registry is healthy".to_owned(),
                "netring-member is healthy".to_owned(),
                format!("the page is at http://{ADDRESS}:8756"),
            ] {
                assert!(said.contains(&wanted), "{wanted:?} is not in {said}");
            }
            let members =
                machine.eventually(8756, "/members", |members| states(members).contains(&("us1-a", "online"))).await;
            let us1 = &members["members"].as_array().unwrap().iter().find(|member| member["instance_id"] == "us1-a");
            assert_eq!(us1.unwrap()["ip"], ADDRESS.to_string(), "{members}");
            assert_eq!(us1.unwrap()["port"], 8757, "{members}");
            assert_eq!(states(&members).len(), if again { 2 } else { 1 }, "{members}");
            if !again {
                // Another site's member, which only Redis can still know of when all of it is started anew.
                let mut curl = machine.command("podman");
                curl.args(["run", "-d", "--name", "elsewhere", "-e", "NETRING_INSTANCE_ID=eu1-a", "-e"]);
                curl.arg(format!("REGISTRY_URL=http://{ADDRESS}:8756")).arg("netring/member");
                crate::machine::said(&machine.output(curl));
                machine.eventually(8756, "/members", |members| states(members).len() == 2).await;
                machine.podman(&["kill", "elsewhere"]);
            }
        }
        // As it says itself, and as 1.x's users do.
        machine.podman(&["stop", "netring-member"]);
        let members = machine.get(8756, "/members").await.unwrap().json();
        assert!(states(&members).contains(&("us1-a", "deregistered")), "{members}");
        // The registry is unhealthy without its Redis.
        machine.podman(&["stop", "--time", "0", "netring-redis"]);
        let unhealthy =
            async || (!machine.try_podman(&["healthcheck", "run", "netring-registry"]).status.success()).then_some(());
        eventually("the registry says that its Redis is gone", unhealthy).await;
    });
}

#[test]
fn an_address_that_is_given_is_taken() {
    lab::test(async || {
        let machine = Machine::turn();
        let said = start(&machine, &["--test"], &[("HOST_IP", "10.1.0.145")]);
        assert!(said.contains("the address of this host is 10.1.0.145, as HOST_IP says"), "{said}");
        assert!(said.contains("netring-member-test2 is healthy"), "{said}");
        // The members reach each other by the ports of the host.
        let members = machine.eventually(8756, "/members", |members| states(members).len() == 2).await;
        let reached: Vec<_> =
            members["members"].as_array().unwrap().iter().map(|member| (&member["ip"], &member["port"])).collect();
        assert_eq!(reached, [(&"10.1.0.145".into(), &8757.into()), (&"10.1.0.145".into(), &8759.into())], "{members}");
        machine.eventually(8756, "/api/v1/matrix", |matrix| matrix["state"] == "healthy").await;
    });
}

/// A folder with programs that say what they are run with, beside those that the script needs.
fn stubs(programs: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["sh", "sed", "awk", "head", "tail", "dirname", "cat", "sleep"] {
        let found = Command::new("sh").args(["-c", &format!("command -v {name}")]).output().unwrap();
        symlink(String::from_utf8(found.stdout).unwrap().trim(), folder.path().join(name)).unwrap();
    }
    for name in programs {
        let path = folder.path().join(name);
        // The engine beside it knows of no containers.
        let text = format!("#!/bin/sh\n[ \"$1\" = ps ] || echo \"{name} $* HOST_IP=$HOST_IP\"\n");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    folder
}

fn with(programs: &[&str], arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let folder = stubs(programs);
    let mut command = Command::new(folder.path().join("sh"));
    command.arg(script()).args(arguments).env_clear().env("PATH", folder.path()).envs(environment.iter().copied());
    command.output().unwrap()
}

#[test]
fn the_compose_that_is_there_is_taken() {
    let address = [("HOST_IP", "192.0.2.7")];
    for (programs, wanted) in [
        (vec!["docker", "podman", "podman-compose"], "docker compose -f docker-compose.yml up -d HOST_IP=192.0.2.7"),
        (vec!["docker-compose", "podman"], "docker-compose -f docker-compose.yml up -d HOST_IP=192.0.2.7"),
        (vec!["podman-compose"], "podman-compose -f docker-compose.yml up -d --force-recreate HOST_IP=192.0.2.7"),
        (vec!["podman"], "podman compose -f docker-compose.yml up -d HOST_IP=192.0.2.7"),
    ] {
        let output = with(&programs, &[], &address);
        let said = said(&output);
        assert!(said.contains(wanted), "{programs:?}: {said}");
    }
    let output = with(&["docker"], &["member"], &address);
    assert!(said(&output).contains("docker compose -f docker-compose.yml up -d member HOST_IP="));
    let output = with(&["docker"], &["--test"], &address);
    assert!(said(&output).contains("docker compose -f test-docker-compose.yml up -d HOST_IP="));
    let output = with(&["docker", "x"], &[], &[("HOST_IP", "192.0.2.7"), ("COMPOSE", "x")]);
    assert!(said(&output).contains("x -f docker-compose.yml up -d"));
}

#[test]
fn what_it_cannot_do_it_says() {
    let said = |programs: &[&str], arguments: &[&str], environment: &[(&str, &str)]| {
        let output = with(programs, arguments, environment);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(said(&[], &[], &[("HOST_IP", "192.0.2.7")]).contains("neither docker compose nor podman-compose"));
    assert!(said(&["docker"], &[], &[]).contains("cannot find out the address of this host; say it: HOST_IP="));
    assert!(said(&["docker"], &["--tset"], &[]).contains("there is no option --tset"));
    let help = with(&[], &["--help"], &[]);
    let text = String::from_utf8(help.stdout).unwrap();
    assert!(help.status.success() && text.contains("HOST_IP") && text.contains("--test"), "{text}");
}

#[test]
fn it_is_a_clean_shell_script() {
    let output = Command::new("shellcheck").arg(Path::new(&script())).output().expect("run scripts/requirements");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
