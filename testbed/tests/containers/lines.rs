//! The lines that 1.x's users start containers with, as they stand, but for the place that the images come from.

use crate::{
    Machine,
    machine::{ADDRESS, states},
};
use netring_testbed::lab;
use std::fs;

/// A folder `config` with what a site of 1.x has in it: inside a container both listen on 8756.
fn config(registry: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config");
    fs::create_dir(&config).unwrap();
    fs::write(config.join("registry.yaml"), "registry:\n  member_ttl: 120\n").unwrap();
    let member = format!(
        "member:\n  location: us1-docker\n  instance_id: us1-a\n  registry:\n    url: {registry}\n  server:\n    port: 8757\n"
    );
    fs::write(config.join("member.yaml"), member).unwrap();
    folder
}

#[test]
fn a_site_with_a_registry() {
    lab::test(async || {
        let machine = Machine::turn();
        let folder = config(&format!("http://{ADDRESS}:8756"));
        let run = |line: &str| {
            let mut run = machine.command_in(folder.path(), "podman");
            run.args(line.split_whitespace());
            crate::machine::said(&machine.output(run));
        };
        run("run -d --name netring-registry -p 8756:8756 -v ./config:/app/config netring/registry:latest");
        run("run -d --name netring-member -p 8757:8756 -v ./config:/app/config netring/member:latest");

        // The member is where the line says, whatever port stands in its file; and it is who its file says.
        let health = machine.eventually(8757, "/health", |health| health["registry"]["registered"] == true).await;
        assert_eq!((&health["component"], &health["location"]), (&"member".into(), &"us1-docker".into()), "{health}");
        let members = machine.eventually(8756, "/members", |members| !states(members).is_empty()).await;
        assert_eq!(states(&members), [("us1-a", "online")]);
        // It is announced as others in the network of the containers reach it.
        let announced = &members["members"][0];
        assert_eq!(announced["ip"], machine.address_of("netring-member"), "{members}");
        assert_eq!(announced["port"], 8756, "{members}");
        let announced = format!("{}:8756", machine.address_of("netring-member")).parse().unwrap();
        assert_eq!(machine.get_from(announced, "/health").await.unwrap().json()["instance_id"], "us1-a");
        assert_eq!(machine.get(8757, "/metrics").await.unwrap().status, 200);
    });
}

#[test]
fn a_site_with_a_member_only() {
    lab::test(async || {
        let machine = Machine::turn();
        machine.run("--name registry -p 18756:8756 netring/registry");
        // For the sake of this machine, which is the other site as well, the registry has another port.
        let url = format!("http://{ADDRESS}:18756");
        let line = format!("-p 8756:8756 -e MEMBER_LOCATION=eu1-docker -e REGISTRY_URL={url}");
        machine.run(&format!("--name netring-member {line} netring/member:latest"));
        let health = machine.eventually(8756, "/health", |health| health["registry"]["registered"] == true).await;
        assert_eq!((&health["component"], &health["location"]), (&"member".into(), &"eu1-docker".into()), "{health}");
        machine.podman(&["rm", "--force", "--time", "5", "netring-member"]);

        // With the host's address added, as other sites need it, what is announced is what the line publishes.
        machine.run(&format!("--name netring-member {line} -e HOST_IP={ADDRESS} netring/member:latest"));
        let there = |members: &serde_json::Value| states(members).iter().any(|(_, state)| *state == "online");
        let members = machine.eventually(18756, "/members", there).await;
        let list = members["members"].as_array().unwrap();
        let announced = list.iter().find(|member| member["state"] == "online").unwrap();
        assert_eq!(announced["ip"], ADDRESS.to_string(), "{members}");
        assert_eq!(announced["port"], 8756, "{members}");
        let seen = machine.get(8756, "/health").await.unwrap().json();
        assert_eq!(seen["instance_id"], announced["instance_id"]);
    });
}

#[test]
fn a_port_that_is_published_under_another_number_can_be_announced() {
    lab::test(async || {
        let machine = Machine::turn();
        machine.run("--name registry -p 8756:8756 netring/registry");
        let all = format!("-e REGISTRY_URL=http://{ADDRESS}:8756 -e HOST_IP={ADDRESS} -e NETRING_CHECK_INTERVAL=1");
        machine.run(&format!(
            "--name one {all} -e NETRING_INSTANCE_ID=one -p 8757:8756 -p 8757:8756/udp -e NETRING_ADVERTISE_PORT=8757 netring/member"
        ));
        machine.run(&format!(
            "--name two {all} -e NETRING_INSTANCE_ID=two -p 8758:8758 -p 8758:8758/udp -e NETRING_SERVER_PORT=8758 netring/member"
        ));
        let members = machine.eventually(8756, "/members", |members| states(members).len() == 2).await;
        let ports: Vec<_> = members["members"].as_array().unwrap().iter().map(|member| &member["port"]).collect();
        assert_eq!(ports, [8757, 8758], "{members}");
        // They reach each other there, by TCP, by HTTP and by UDP.
        let healthy = |matrix: &serde_json::Value| {
            let pairs = matrix["pairs"].as_array().map_or(&[][..], Vec::as_slice);
            let has = |pair: &serde_json::Value, kind: &str| {
                pair["checks"].as_array().is_some_and(|checks| checks.iter().any(|check| check["kind"] == kind))
            };
            matrix["state"] == "healthy"
                && pairs.len() == 2
                && pairs.iter().all(|pair| ["tcp", "http", "udp"].iter().all(|kind| has(pair, kind)))
        };
        machine.eventually(8756, "/api/v1/matrix", healthy).await;
    });
}
