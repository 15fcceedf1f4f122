//! The Pod Security Standards: what each pod breaks, and that its namespace admits it all the same.

use crate::{
    object::{list, text},
    site::sites,
};
use serde_json::{Value, json};

/// Sysctls that `baseline` allows, of those that there are from Kubernetes 1.30 on.
const SAFE: [&str; 5] = [
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.ping_group_range",
];
/// Capabilities that `baseline` allows to add. NET_RAW is none of them.
const ADDED: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];
/// Kinds of volumes that `restricted` allows.
const VOLUMES: [&str; 8] =
    ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"];

fn containers(pod: &Value) -> impl Iterator<Item = &Value> {
    ["/containers", "/initContainers", "/ephemeralContainers"].into_iter().flat_map(|of| list(pod, of))
}

/// What of the pod the standard `baseline` forbids.
fn beyond_baseline(pod: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for field in ["hostNetwork", "hostPID", "hostIPC"] {
        if pod.get(field) == Some(&json!(true)) {
            found.push(field.to_owned());
        }
    }
    found.extend(
        list(pod, "/volumes").iter().filter(|volume| volume.get("hostPath").is_some()).map(|_| "hostPath".into()),
    );
    let sysctls = list(pod, "/securityContext/sysctls").iter().map(|sysctl| text(sysctl, "/name"));
    found.extend(sysctls.filter(|name| !SAFE.contains(name)).map(str::to_owned));
    for container in containers(pod) {
        let ports = list(container, "/ports").iter().filter_map(|port| port.get("hostPort"));
        found.extend(ports.filter(|port| **port != json!(0)).map(|port| format!("hostPort {port}")));
        let added = list(container, "/securityContext/capabilities/add").iter().filter_map(Value::as_str);
        found.extend(added.filter(|name| !ADDED.contains(name)).map(str::to_owned));
        for field in ["privileged", "procMount", "windowsOptions", "seLinuxOptions", "appArmorProfile"] {
            if container["securityContext"].get(field).is_some() {
                found.push(field.to_owned());
            }
        }
    }
    found
}

/// What of the pod the standard `restricted` forbids.
fn beyond_restricted(pod: &Value) -> Vec<String> {
    let mut found = beyond_baseline(pod);
    for volume in list(pod, "/volumes") {
        let kinds = volume.as_object().unwrap().keys().filter(|key| *key != "name");
        found.extend(kinds.filter(|kind| !VOLUMES.contains(&kind.as_str())).cloned());
    }
    for container in containers(pod) {
        // What the container does not say, the pod says for it.
        let says = |field: &str| container["securityContext"].get(field).or_else(|| pod["securityContext"].get(field));
        if says("runAsNonRoot") != Some(&json!(true)) || says("runAsUser") == Some(&json!(0)) {
            found.push("may be root".to_owned());
        }
        let profile = says("seccompProfile").and_then(|profile| profile["type"].as_str());
        if !matches!(profile, Some("RuntimeDefault" | "Localhost")) {
            found.push("no seccompProfile".to_owned());
        }
        if says("allowPrivilegeEscalation") != Some(&json!(false)) {
            found.push("allowPrivilegeEscalation".to_owned());
        }
        let capabilities = &container["securityContext"]["capabilities"];
        if capabilities["drop"] != json!(["ALL"]) {
            found.push("capabilities are kept".to_owned());
        }
        let added = list(capabilities, "/add").iter().filter_map(Value::as_str);
        found.extend(added.filter(|name| ADDED.contains(name) && *name != "NET_BIND_SERVICE").map(str::to_owned));
    }
    found
}

#[test]
fn every_pod_is_restricted_but_for_what_was_asked_for() {
    for site in sites() {
        for (object, template) in site.workloads() {
            let mut allowed: Vec<&str> = Vec::new();
            if object.name() == "netring-member" {
                if site.has("host-network") {
                    allowed.extend(["hostNetwork", "hostPort 8757", "hostPort 8757"]);
                }
                if site.has("net-raw") {
                    allowed.push("NET_RAW");
                }
            }
            assert_eq!(beyond_restricted(&template["spec"]), allowed, "{}: {}", site.name, object.name());
        }
    }
}

/// And no pod of less than it has to: what the namespace enforces is the strictest level that admits all pods in it.
#[test]
fn the_namespace_admits_its_pods() {
    for site in sites() {
        let pods: Vec<_> = site.workloads().map(|(_, template)| &template["spec"]).collect();
        let strictest = if pods.iter().all(|pod| beyond_restricted(pod).is_empty()) {
            "restricted"
        } else if pods.iter().all(|pod| beyond_baseline(pod).is_empty()) {
            "baseline"
        } else {
            "privileged"
        };
        let labels = site.object("Namespace", "netring").unwrap().labels();
        assert_eq!(labels["pod-security.kubernetes.io/enforce"], strictest, "{}", site.name);
        for mode in ["warn", "audit"] {
            assert_eq!(labels[&format!("pod-security.kubernetes.io/{mode}")], "restricted");
        }
    }
}

/// Kubernetes does not start a pod in its node's network with these.
#[test]
fn a_sysctl_of_the_network_is_not_set_on_the_node() {
    for site in sites() {
        let (_, template) = site.workload("netring-member");
        let sysctls = list(template, "/spec/securityContext/sysctls");
        assert_eq!(sysctls.is_empty(), site.has("host-network"), "{}", site.name);
    }
}

#[test]
fn what_no_standard_asks_for_is_so_too() {
    let version = env!("CARGO_PKG_VERSION");
    for site in sites() {
        for (object, template) in site.workloads() {
            let pod = &template["spec"];
            let what = format!("{}: {}", site.name, object.name());
            assert_eq!(pod["automountServiceAccountToken"], json!(false), "{what}");
            assert_eq!(pod["enableServiceLinks"], json!(false), "{what}: NETRING_… of a Service");
            for container in containers(pod) {
                assert_eq!(container["securityContext"]["readOnlyRootFilesystem"], json!(true), "{what}");
                let resources = &container["resources"];
                for asked in ["/requests/cpu", "/requests/memory", "/limits/memory"] {
                    assert!(resources.pointer(asked).is_some(), "{what}: {asked}");
                }
                let image = text(container, "/image");
                let own = image.strip_prefix("netring/").and_then(|image| image.split_once(':'));
                assert!(own.map_or(image == "redis:7-alpine", |(_, tag)| tag == version), "{what}: {image}");
            }
        }
        for object in &site.objects {
            assert!(!object.kind().contains("Role"), "{}: nobody asks the API for anything", site.name);
        }
    }
}
