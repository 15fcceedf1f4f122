//! The metrics on a Prometheus registry of a host's own.

use crate::text::{assert_sample, list, member, parse, samples};
use netring_core::PrometheusSink;
use prometheus::{IntCounter, Registry, TextEncoder};
use std::collections::HashMap;

#[test]
fn they_stand_beside_the_hosts_own() {
    let registry = Registry::new();
    let own = IntCounter::new("host_requests_total", "Requests.").unwrap();
    registry.register(Box::new(own.clone())).unwrap();
    own.inc_by(7);
    let sink = PrometheusSink::register_on(registry.clone()).unwrap();
    list(&sink, &[member("b", "us1", "10.0.0.2")]);
    let text = TextEncoder::new().encode_to_string(&registry.gather()).unwrap();
    let by_host = parse(&text);
    assert_sample(&by_host, "host_requests_total", 7.0);
    assert_sample(&by_host, "netring_members_total", 1.0);
    assert_eq!(samples(&sink), by_host, "the sink writes the whole registry");
    assert_eq!(sink.registry().gather().len(), registry.gather().len());
}

#[test]
fn twice_on_one_registry_is_an_error() {
    let registry = Registry::new();
    let first = PrometheusSink::register_on(registry.clone()).unwrap();
    let error = PrometheusSink::register_on(registry).unwrap_err();
    assert!(matches!(error, prometheus::Error::AlreadyReg), "{error:?}");
    list(&first, &[member("b", "us1", "10.0.0.2")]);
    assert_sample(&samples(&first), "netring_members_total", 1.0);
}

#[test]
fn two_sinks_on_registries_of_their_own_know_nothing_of_each_other() {
    let (one, other) = (PrometheusSink::new(), PrometheusSink::default());
    list(&one, &[member("b", "us1", "10.0.0.2")]);
    assert_sample(&samples(&other), "netring_members_total", 0.0);
}

#[test]
fn a_registry_may_give_every_metric_a_prefix_and_labels() {
    let labels = HashMap::from([("ring".to_owned(), "x".to_owned())]);
    let registry = Registry::new_custom(Some("host".into()), Some(labels)).unwrap();
    let sink = PrometheusSink::register_on(registry).unwrap();
    let text = sink.render();
    assert!(text.contains("\nhost_netring_members_total{ring=\"x\"} 0\n"), "{text}");
}
