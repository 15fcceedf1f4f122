//! Configuration that is mounted at /app/config.

use crate::Machine;
use netring_testbed::{eventually, lab};
use std::fs;

#[test]
fn a_file_is_read_where_there_is_one() {
    lab::test(async || {
        let machine = Machine::turn();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap();
        // Without one, in a folder that is empty or not there, all is default.
        for mount in ["", &format!("-v {path}:/app/config:ro")] {
            machine.run(&format!("--name registry {mount} -p 8756:8756 netring/registry"));
            machine.eventually(8756, "/health", |health| health["status"] == "healthy").await;
            machine.podman(&["rm", "--force", "--time", "5", "registry"]);
        }
        let yaml = "registry:\n  server: {port: 9000}\n  expected_members: {enable_missing_detection: true}\n";
        fs::write(folder.path().join("registry.yaml"), yaml).unwrap();
        // The file beside it is found under the name that is the default, as it is in 1.x.
        let expected = "expected_members:\n  locations:\n    US1:\n      expected_count: 1\n";
        fs::write(folder.path().join("expected-members.yaml"), expected).unwrap();
        machine.run(&format!("--name registry --read-only -v {path}:/app/config:ro -p 8756:9000 netring/registry"));
        let expected = machine.eventually(8756, "/api/v1/expected", |expected| expected["locations"].is_object()).await;
        assert!(expected["locations"]["US1"].is_object(), "{expected}");
        // The health check reads it as well.
        assert!(machine.try_podman(&["healthcheck", "run", "registry"]).status.success());

        let shown = machine.podman(&["exec", "registry", "/netring-registry", "--check"]);
        assert!(shown.contains("port: 9000") && shown.contains("# file /app/config/registry.yaml"), "{shown}");
        // An argument names another one, as in 1.x.
        fs::write(folder.path().join("other.yaml"), "registry:\n  server: {port: 9001}\n").unwrap();
        let mount = format!("{path}:/app/config:ro");
        let shown = machine.podman(&["run", "--rm", "-v", &mount, "netring/registry", "config/other.yaml", "--check"]);
        assert!(shown.contains("port: 9001") && shown.contains("# file config/other.yaml"), "{shown}");
    });
}

#[test]
fn the_port_of_a_member_is_the_images_unless_the_file_is_to_decide() {
    lab::test(async || {
        let machine = Machine::turn();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("member.yaml"), "member:\n  server: {port: 9000}\n").unwrap();
        let mount = format!("{}:/app/config", folder.path().display());
        let shown = |variables: &[&str]| {
            machine.podman(&[&["run", "--rm", "-v", &mount], variables, &["netring/member", "--check"]].concat())
        };
        let port = |shown: &str| shown.lines().find(|line| line.trim().starts_with("port:")).unwrap().trim().to_owned();
        let by_image = port(&shown(&[]));
        assert!(by_image.starts_with("port: 8756") && by_image.ends_with("variable NETRING_SERVER_PORT"), "{by_image}");
        let by_file = port(&shown(&["-e", "NETRING_SERVER_PORT="]));
        assert!(by_file.starts_with("port: 9000") && by_file.ends_with("file /app/config/member.yaml"), "{by_file}");
    });
}

#[test]
fn a_file_that_is_wrong_keeps_it_from_starting() {
    lab::test(async || {
        let machine = Machine::turn();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("member.yaml"), "member:\n  place: eu1\n").unwrap();
        machine.run(&format!("--name member -v {}:/app/config netring/member", folder.path().display()));
        eventually("it ends", async || (machine.inspect("member")["State"]["Running"] == false).then_some(())).await;
        assert_eq!(machine.inspect("member")["State"]["ExitCode"], 1);
        let said = machine.logs("member");
        assert!(said.contains("there is no key `place` here") && said.contains("/app/config/member.yaml:2"), "{said}");
    });
}

#[test]
fn what_a_member_keeps_is_kept_in_a_volume() {
    lab::test(async || {
        let machine = Machine::turn();
        machine.run("--name registry -p 8756:8756 netring/registry");
        let url = format!("http://{}:8756", crate::machine::ADDRESS);
        let member = format!(
            "--read-only --read-only-tmpfs=false --cap-drop ALL -v kept:/var/lib/netring -e NETRING_STATE_DIR=/var/lib/netring \
             -e REGISTRY_URL={url} -e NETRING_INSTANCE_ID=keeps -p 8757:8756 netring/member"
        );
        machine.run(&format!("--name other -e REGISTRY_URL={url} netring/member"));
        machine.run(&format!("--name member {member}"));
        machine.eventually(8757, "/health", |health| health["members_count"] == 1).await;
        machine.podman(&["rm", "--force", "--time", "5", "member"]);
        machine.podman(&["rm", "--force", "--time", "0", "registry"]);
        // Started anew, and the registry is away.
        machine.run(&format!("--name member {member}"));
        let health = machine.eventually(8757, "/health", |health| health["members_count"] == 1).await;
        assert_eq!(health["list"]["source"], "state_dir", "{health}");
    });
}
