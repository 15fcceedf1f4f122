//! Containers that say how they are, and that end in order.

use crate::{Machine, machine::states};
use netring_testbed::{eventually, lab};

/// What the health check of the image comes to.
fn healthy(machine: &Machine, container: &str) -> bool {
    machine.try_podman(&["healthcheck", "run", container]).status.success()
}

#[test]
fn the_check_of_the_image_tells_healthy_from_unhealthy() {
    lab::test(async || {
        let machine = Machine::turn();
        let hardened = "--read-only --read-only-tmpfs=false --cap-drop ALL --security-opt no-new-privileges";
        machine.run(&format!("--name registry {hardened} netring/registry"));
        machine.run(&format!("--name member {hardened} netring/member"));
        machine.run(&format!("--name cut-off {hardened} -e NETRING_REDIS_URL=redis://127.0.0.1:1 netring/registry"));
        // Where the variable gives another port, the check asks there.
        machine.run(&format!("--name elsewhere {hardened} -e NETRING_SERVER_PORT=9000 netring/member"));
        for container in ["registry", "member", "elsewhere"] {
            eventually(container, async || healthy(&machine, container).then_some(())).await;
        }
        let said = eventually("the registry without its Redis is up", async || {
            let check = machine.try_podman(&["exec", "cut-off", "/netring-registry", "--healthcheck"]);
            let said = String::from_utf8_lossy(&check.stderr).into_owned();
            (check.status.code() == Some(1) && said.contains("is 503")).then_some(said)
        });
        assert!(said.await.starts_with("netring-registry: unhealthy, http://127.0.0.1:8756/health is 503: "));
        assert!(!healthy(&machine, "cut-off"));
        let port = machine.try_podman(&["exec", "member", "/netring-member", "--healthcheck", "--port", "1"]);
        assert_eq!(port.status.code(), Some(1));
    });
}

#[test]
fn a_container_that_is_stopped_deregisters() {
    lab::test(async || {
        let machine = Machine::turn();
        machine.run("--name netring-registry -p 8756:8756 netring/registry");
        let url = format!("http://{}:8756", crate::machine::ADDRESS);
        machine.run(&format!("--name netring-member -e REGISTRY_URL={url} -e NETRING_INSTANCE_ID=goes netring/member"));
        machine.run(&format!("--name stays -e REGISTRY_URL={url} -e NETRING_INSTANCE_ID=stays netring/member"));
        machine
            .eventually(8756, "/members", |members| states(members) == [("goes", "online"), ("stays", "online")])
            .await;

        machine.podman(&["stop", "netring-member"]);
        let state = &machine.inspect("netring-member")["State"];
        // Killed, it would be 137.
        assert_eq!(state["ExitCode"], 0, "{}", machine.logs("netring-member"));
        // At once: it is not that the registry has waited for it in vain.
        let members = machine.get(8756, "/members").await.unwrap().json();
        assert_eq!(states(&members), [("goes", "deregistered"), ("stays", "online")]);
        assert!(machine.logs("netring-member").contains("SIGTERM"), "{}", machine.logs("netring-member"));
    });
}
