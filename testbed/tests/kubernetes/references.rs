//! Whatever one object names, another one is.

use crate::{
    object::{list, selects, text, words},
    site::{Site, folder, sites},
};
use serde_json::{Value, json};
use std::fs;

/// Secrets that whoever installs netring makes, with their key, and the file that says how.
const SECRETS: [(&str, &str, &str); 2] =
    [("netring-redis", "password", "redis-deployment.yaml"), ("netring-ring", "key", "member-deployment.yaml")];

fn config_map<'a>(site: &'a Site, name: &str) -> &'a Value {
    &site.object("ConfigMap", name).unwrap_or_else(|| panic!("{}: no ConfigMap {name}", site.name)).0["data"]
}

#[test]
fn variables_come_from_what_is_there() {
    for site in sites() {
        for (_, template) in site.workloads() {
            let variables =
                list(template, "/spec/containers/0/env").iter().filter_map(|variable| variable.get("valueFrom"));
            for source in variables {
                if let Some(from) = source.get("configMapKeyRef") {
                    let data = config_map(site, text(from, "/name"));
                    assert!(data[text(from, "/key")].is_string(), "{}: {from}", site.name);
                } else if let Some(from) = source.get("secretKeyRef") {
                    let secret = SECRETS.iter().any(|(name, key, _)| from["name"] == *name && from["key"] == *key);
                    assert!(secret, "{}: {from}", site.name);
                } else {
                    assert!(source.get("fieldRef").is_some(), "{}: {source}", site.name);
                }
            }
            assert!(
                template.pointer("/spec/containers/0/envFrom").is_none()
                    && list(template, "/spec/containers").len() == 1
            );
        }
    }
}

#[test]
fn who_installs_it_is_told_how_to_make_each_secret() {
    for (name, key, file) in SECRETS {
        let said = fs::read_to_string(folder().join(file)).unwrap();
        let command = format!("# kubectl -n netring create secret generic {name} --from-literal={key}=");
        let lines = said.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
        assert!(lines.into_iter().any(|line| line.starts_with(&command)), "{file}: no {command}");
    }
}

#[test]
fn volumes_are_mounted_and_come_from_what_is_there() {
    for site in sites() {
        for (object, template) in site.workloads() {
            let mut volumes: Vec<_> =
                list(template, "/spec/volumes").iter().map(|volume| text(volume, "/name")).collect();
            for volume in list(template, "/spec/volumes") {
                if let Some(from) = volume.get("configMap") {
                    config_map(site, text(from, "/name"));
                }
            }
            let claims = list(&object.0, "/spec/volumeClaimTemplates");
            volumes.extend(claims.iter().map(|claim| text(claim, "/metadata/name")));
            let mut mounted: Vec<_> =
                list(template, "/spec/containers/0/volumeMounts").iter().map(|mount| text(mount, "/name")).collect();
            volumes.sort_unstable();
            mounted.sort_unstable();
            assert_eq!(volumes, mounted, "{}: {}", site.name, object.name());
        }
    }
}

#[test]
fn pods_run_as_accounts_that_are_there_and_get_no_token() {
    for site in sites() {
        for (_, template) in site.workloads() {
            let name = text(template, "/spec/serviceAccountName");
            let account = site.object("ServiceAccount", name).unwrap_or_else(|| panic!("{}: no {name}", site.name));
            assert_eq!(account.0["automountServiceAccountToken"], json!(false));
        }
        let accounts = site.of_kind("ServiceAccount").count();
        assert_eq!(accounts, site.workloads().count(), "{}: one for each workload", site.name);
    }
}

#[test]
fn selectors_take_their_own_pods_and_no_others() {
    for site in sites() {
        for (object, _) in site.workloads() {
            let selector = words(&object.0, "/spec/selector/matchLabels");
            let taken = site.workloads().filter(|(_, of)| selects(&selector, &words(of, "/metadata/labels")));
            let taken: Vec<_> = taken.map(|(taken, _)| taken.name()).collect();
            assert_eq!(taken, [object.name()], "{}", site.name);
        }
        for budget in site.of_kind("PodDisruptionBudget") {
            let (registry, _) = site.workload("netring-registry");
            assert_eq!(budget.0["spec"]["selector"], registry.0["spec"]["selector"]);
            // Otherwise no node with one of them could ever be drained.
            assert!(registry.0["spec"]["replicas"].as_u64() > budget.0["spec"]["maxUnavailable"].as_u64());
        }
        for (object, template) in site.workloads() {
            for pointer in [
                "/spec/topologySpreadConstraints",
                "/spec/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution",
            ] {
                for term in list(template, pointer) {
                    let selector = words(term, "/labelSelector/matchLabels");
                    assert!(
                        selects(&selector, &words(template, "/metadata/labels")),
                        "{}: {}",
                        site.name,
                        object.name()
                    );
                }
            }
        }
    }
}

/// A Deployment's selector cannot be changed: with another one, `kubectl apply` over a 1.x release fails.
#[test]
fn deployments_of_1_x_are_updated_in_place() {
    for site in sites() {
        for deployment in site.of_kind("Deployment") {
            let selector = json!({"matchLabels": {"app": deployment.name()}});
            assert_eq!(deployment.0["spec"]["selector"], selector);
        }
        for service in site.of_kind("Service") {
            assert!(service.0["spec"].get("clusterIP").is_none(), "that of a Service cannot be changed either");
        }
    }
}

#[test]
fn services_lead_to_ports_that_pods_have() {
    for site in sites() {
        for service in site.of_kind("Service") {
            let selector = words(&service.0, "/spec/selector");
            let pods: Vec<_> =
                site.workloads().filter(|(_, pod)| selects(&selector, &words(pod, "/metadata/labels"))).collect();
            assert_eq!(pods.len(), 1, "{}: {}", site.name, service.name());
            for port in list(&service.0, "/spec/ports") {
                let protocol = port.get("protocol").map_or("TCP", |protocol| protocol.as_str().unwrap());
                let target = list(pods[0].1, "/spec/containers/0/ports").iter().find(|of| {
                    of["name"] == port["targetPort"]
                        && of.get("protocol").map_or("TCP", |of| of.as_str().unwrap()) == protocol
                });
                let target = target.unwrap_or_else(|| panic!("{}: {port} of {}", site.name, service.name()));
                assert_eq!(target["containerPort"], port["port"]);
            }
        }
    }
}
