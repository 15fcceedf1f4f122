//! What the daemons make of the manifests: each is started with the file, the variables and the arguments that Kubernetes
//! would give it, and says what would be in effect.

use crate::{
    object::{list, text, words},
    site::{Site, sites},
};
use netring_testbed::binary;
use serde_json::Value;
use std::{collections::BTreeMap, fs, path::Path, process::Command};
use tempfile::TempDir;

/// What is in every Secret.
pub(crate) const SECRET: &str = "0123456789abcdef";
pub(crate) const NODE: &str = "node-1";
const NODE_ADDRESS: &str = "192.0.2.7";
const POD_ADDRESS: &str = "198.51.100.9";

/// A container as its node would start it.
pub(crate) struct Started {
    /// `netring-member` or `netring-registry`.
    pub(crate) daemon: String,
    pub(crate) variables: BTreeMap<String, String>,
    pub(crate) arguments: Vec<String>,
    _files: TempDir,
}

/// That of the workload `name`, on a node whose zone is `zone`: empty where it has none.
pub(crate) fn started(site: &Site, name: &str, zone: &str) -> Started {
    let (_, template) = site.workload(name);
    let container = &template["spec"]["containers"][0];
    let files = tempfile::tempdir().unwrap();
    let volume = list(template, "/spec/volumes").iter().find(|volume| volume["name"] == "config").unwrap();
    let config_map = site.object("ConfigMap", text(volume, "/configMap/name")).unwrap();
    for (file, content) in config_map.0["data"].as_object().unwrap() {
        fs::write(files.path().join(file), content.as_str().unwrap()).unwrap();
    }
    let mount = list(container, "/volumeMounts").iter().find(|mount| mount["name"] == "config").unwrap();
    let (inside, outside) = (text(mount, "/mountPath"), files.path().to_str().unwrap());
    let arguments = list(container, "/args").iter().map(|argument| argument.as_str().unwrap().replace(inside, outside));

    let mut variables = BTreeMap::<String, String>::new();
    for variable in list(container, "/env") {
        let mut value = value_of(site, variable, zone);
        for (earlier, of) in &variables {
            value = value.replace(&format!("$({earlier})"), of);
        }
        assert!(!value.contains("$("), "{}: {value} names what is not set before", site.name);
        variables.insert(text(variable, "/name").to_owned(), value);
    }
    Started {
        daemon: words(template, "/metadata/labels")["app"].clone(),
        variables,
        arguments: arguments.collect(),
        _files: files,
    }
}

fn value_of(site: &Site, variable: &Value, zone: &str) -> String {
    if let Some(value) = variable.get("value") {
        return value.as_str().unwrap().to_owned();
    }
    let source = &variable["valueFrom"];
    if let Some(from) = source.get("configMapKeyRef") {
        let data = &site.object("ConfigMap", text(from, "/name")).unwrap().0["data"];
        return text(data, &format!("/{}", text(from, "/key"))).to_owned();
    }
    if source.get("secretKeyRef").is_some() {
        return SECRET.to_owned();
    }
    let value = match text(source, "/fieldRef/fieldPath") {
        "spec.nodeName" => NODE,
        "status.podIP" => POD_ADDRESS,
        "status.hostIP" => NODE_ADDRESS,
        "metadata.labels['topology.kubernetes.io/zone']" => zone,
        other => panic!("{other} is no field that a pod is told"),
    };
    value.to_owned()
}

/// What `--check` says, where the daemon takes it all.
fn check(daemon: &str, arguments: &[String], variables: &BTreeMap<String, String>) -> String {
    let mut command = Command::new(binary(daemon));
    let output = command.args(arguments).arg("--check").env_clear().envs(variables).current_dir("/").output().unwrap();
    assert!(output.status.success(), "{daemon}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// What would be in effect.
pub(crate) fn in_effect(started: &Started) -> Value {
    let mut variables = started.variables.clone();
    // The image of a member has this one, for what ran with 1.x. The manifest has to say otherwise.
    variables.entry("NETRING_SERVER_PORT".to_owned()).or_insert_with(|| "8756".to_owned());
    serde_saphyr::from_str(&check(&started.daemon, &started.arguments, &variables)).unwrap()
}

#[test]
fn a_member_is_what_its_site_makes_it() {
    for site in sites() {
        let (location, registry) = if site.is_primary() {
            ("us1-k8s", "http://netring-registry:8756")
        } else {
            ("eu1-k8s", "http://registry.us1.example.com:8756")
        };
        for zone in ["", "zone-b"] {
            let member = &in_effect(&started(site, "netring-member", zone))["member"];
            let zoned = site.has("zone-as-location") && !zone.is_empty();
            assert_eq!(member["location"], if zoned { zone } else { location }, "{}", site.name);
            assert_eq!(text(member, "/registry/url").trim_end_matches('/'), registry, "{}", site.name);
            assert_eq!(member["instance_id"], format!("{location}-{NODE}"), "{}", site.name);
            let address = if site.has("host-network") { NODE_ADDRESS } else { POD_ADDRESS };
            assert_eq!(member["advertise_ip"], address, "{}", site.name);
        }
    }
}

#[test]
fn daemons_listen_where_their_containers_have_ports() {
    for site in sites() {
        for (object, template) in site.workloads().filter(|(object, _)| object.name() != "redis") {
            let effect = in_effect(&started(site, object.name(), ""));
            let (what, port) = if object.name() == "netring-member" { ("member", 8757) } else { ("registry", 8756) };
            assert_eq!(
                (&effect[what]["server"]["port"], &effect[what]["server"]["host"]),
                (&port.into(), &"0.0.0.0".into())
            );
            for container in list(template, "/spec/containers/0/ports") {
                assert_eq!(container["containerPort"], port);
                assert!(container.get("hostPort").is_none_or(|host| *host == port));
            }
            let annotations = &template["metadata"]["annotations"];
            assert_eq!(annotations["prometheus.io/port"], port.to_string(), "{}", site.name);
        }
    }
}

#[test]
fn members_find_the_registry_of_their_own_site_by_its_service() {
    for site in sites().iter().filter(|site| site.is_primary()) {
        let member = in_effect(&started(site, "netring-member", ""));
        let service = site.object("Service", "netring-registry").unwrap();
        let url = format!("http://{}:{}", service.name(), service.0["spec"]["ports"][0]["port"]);
        assert_eq!(text(&member, "/member/registry/url").trim_end_matches('/'), url);
        let registry = in_effect(&started(site, "netring-registry", ""));
        let service = site.object("Service", "redis").unwrap();
        let redis = &registry["registry"]["redis"];
        assert_eq!((&redis["host"], &redis["port"]), (&service.name().into(), &service.0["spec"]["ports"][0]["port"]));
        assert_eq!(redis["password"], "********");
    }
}

#[test]
fn every_variable_is_one_that_the_daemon_knows() {
    for site in sites() {
        for (object, template) in site.workloads().filter(|(object, _)| object.name() != "redis") {
            let started = started(site, object.name(), "zone-b");
            for (name, value) in &started.variables {
                let alone = BTreeMap::from([(name.clone(), value.clone())]);
                let known = check(&started.daemon, &[], &alone).contains(&format!("environment variable {name}"));
                let texts = list(template, "/spec/containers/0/env").iter().filter_map(|of| of["value"].as_str());
                let helps = texts.into_iter().any(|text| text.contains(&format!("$({name})")));
                assert!(known || helps, "{}: {} does nothing with {name}", site.name, started.daemon);
            }
        }
    }
}

/// The root of the file system is read-only, so what is written goes to a volume.
#[test]
fn the_list_of_members_goes_to_a_volume() {
    for site in sites() {
        let member = in_effect(&started(site, "netring-member", ""));
        let folder = Path::new(text(&member, "/member/state_dir"));
        let (_, template) = site.workload("netring-member");
        let mounts = list(template, "/spec/containers/0/volumeMounts").iter();
        let mut writable = mounts.filter(|mount| mount["readOnly"] != true).map(|mount| text(mount, "/mountPath"));
        assert!(writable.any(|path| folder == Path::new(path)), "{}: {}", site.name, folder.display());
    }
}
