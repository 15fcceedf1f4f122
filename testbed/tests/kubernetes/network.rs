//! Who may talk to whom: the policies, read as Kubernetes reads them.

use crate::{
    object::{list, selects, words},
    site::{Site, sites},
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

type Labels = BTreeMap<String, String>;

/// One end of a connection.
enum Peer<'a> {
    /// A pod of ours.
    Pod(&'a Labels),
    /// A pod in a namespace with this name.
    Namespace(&'a str),
    /// An address, as it stands in a range of a policy.
    Range(&'a str),
    /// Any other address.
    Anywhere,
}

fn labels(site: &Site, workload: &str) -> Labels {
    words(site.workload(workload).1, "/metadata/labels")
}

/// Whether the policies let the pod with `labels` talk to `peer` at the port, in the `direction` ingress or egress. The port
/// is given as its protocol, its number and its name, for policies may have either.
fn allowed(site: &Site, labels: &Labels, direction: &str, peer: &Peer<'_>, port: (&str, u64, &str)) -> bool {
    let kind = if direction == "ingress" { "Ingress" } else { "Egress" };
    let of_pod = site.of_kind("NetworkPolicy").map(|policy| &policy.0["spec"]).filter(|policy| {
        list(policy, "/policyTypes").contains(&json!(kind))
            && selects(&words(policy, "/podSelector/matchLabels"), labels)
    });
    let field = if direction == "ingress" { "/from" } else { "/to" };
    let policies: Vec<_> = of_pod.collect();
    assert!(!policies.is_empty(), "{}: {labels:?} is open to everybody", site.name);
    let rules = policies.into_iter().flat_map(|policy| list(policy, &format!("/{direction}")));
    rules.into_iter().any(|rule| {
        let (peers, ports) = (list(rule, field), list(rule, "/ports"));
        let peer = peers.is_empty() || peers.iter().any(|of| is(of, peer));
        let port = ports.is_empty()
            || ports.iter().any(|of| of["protocol"] == port.0 && (of["port"] == port.1 || of["port"] == port.2));
        peer && port
    })
}

fn is(rule: &Value, peer: &Peer<'_>) -> bool {
    match peer {
        Peer::Pod(labels) => {
            rule.get("namespaceSelector").is_none()
                && rule.get("podSelector").is_some()
                && selects(&words(rule, "/podSelector/matchLabels"), labels)
        }
        Peer::Namespace(name) => rule["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"] == **name,
        Peer::Range(range) => rule["ipBlock"]["cidr"] == **range,
        Peer::Anywhere => false,
    }
}

const REGISTRY: (&str, u64, &str) = ("TCP", 8756, "http");
const REDIS: (&str, u64, &str) = ("TCP", 6379, "redis");

#[test]
fn a_registry_hears_members_prometheus_and_other_sites() {
    for site in sites().iter().filter(|site| site.is_primary()) {
        let (registry, member, redis) =
            (labels(site, "netring-registry"), labels(site, "netring-member"), labels(site, "redis"));
        let hears = |peer: Peer<'_>| allowed(site, &registry, "ingress", &peer, REGISTRY);
        assert!(hears(Peer::Pod(&member)) && hears(Peer::Namespace("monitoring")) && hears(Peer::Range("10.0.0.0/8")));
        assert!(!hears(Peer::Pod(&redis)) && !hears(Peer::Namespace("default")) && !hears(Peer::Anywhere));
        let asks = |peer: Peer<'_>, port| allowed(site, &registry, "egress", &peer, port);
        assert!(asks(Peer::Pod(&redis), REDIS) && asks(Peer::Namespace("kube-system"), ("UDP", 53, "dns")));
        assert!(asks(Peer::Anywhere, ("TCP", 443, "https")), "a webhook");
        assert!(!asks(Peer::Anywhere, REDIS) && !asks(Peer::Pod(&member), ("TCP", 8757, "http")));
    }
}

#[test]
fn redis_hears_registries_and_nobody_else() {
    for site in sites().iter().filter(|site| site.is_primary()) {
        let (registry, member, redis) =
            (labels(site, "netring-registry"), labels(site, "netring-member"), labels(site, "redis"));
        let hears = |peer: Peer<'_>| allowed(site, &redis, "ingress", &peer, REDIS);
        assert!(hears(Peer::Pod(&registry)));
        for other in [Peer::Pod(&member), Peer::Pod(&redis), Peer::Namespace("monitoring"), Peer::Range("10.0.0.0/8")] {
            assert!(!hears(other), "{}", site.name);
        }
        assert!(!allowed(site, &redis, "egress", &Peer::Anywhere, ("TCP", 443, "https")));
    }
}

#[test]
fn a_member_hears_and_asks_everybody() {
    for site in sites() {
        let member = labels(site, "netring-member");
        for port in [("TCP", 8757, "http"), ("UDP", 8757, "echo"), ("UDP", 33434, "")] {
            assert!(allowed(site, &member, "ingress", &Peer::Anywhere, port), "{}", site.name);
            assert!(allowed(site, &member, "egress", &Peer::Anywhere, port), "{}", site.name);
        }
    }
}

/// The way in from outside is for the ranges that the policy lets through, and keeps the address of who comes.
#[test]
fn other_sites_come_in_by_the_ranges_that_are_named() {
    for site in sites().iter().filter(|site| site.is_primary()) {
        let service = &site.object("Service", "netring-registry-sites").unwrap().0["spec"];
        let policy = &site.object("NetworkPolicy", "netring-registry-sites").unwrap().0["spec"];
        let from: Vec<_> = list(policy, "/ingress/0/from").iter().map(|from| from["ipBlock"]["cidr"].clone()).collect();
        assert!(!from.is_empty() && service["loadBalancerSourceRanges"] == json!(from));
        assert!(!from.contains(&json!("0.0.0.0/0")));
        assert_eq!(service["externalTrafficPolicy"], "Local");
    }
}

#[test]
fn every_policy_is_for_a_pod_that_is_there() {
    for site in sites() {
        for policy in site.of_kind("NetworkPolicy") {
            let selector = words(&policy.0, "/spec/podSelector/matchLabels");
            let takes =
                |selector: &Labels| site.workloads().any(|(_, pod)| selects(selector, &words(pod, "/metadata/labels")));
            assert!(takes(&selector), "{}: {}", site.name, policy.name());
            for (rules, peers) in [("/spec/ingress", "/from"), ("/spec/egress", "/to")] {
                let peers = list(&policy.0, rules).iter().flat_map(|rule| list(rule, peers));
                for peer in peers.filter(|peer| peer.get("podSelector").is_some()) {
                    assert!(takes(&words(peer, "/podSelector/matchLabels")), "{}: {peer}", site.name);
                }
            }
        }
    }
}
