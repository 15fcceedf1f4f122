//! The keys that say when something is bad.

use super::{load_all, load_yaml};
use crate::config::RegistryConfig;
use netring_core::analysis::Sensitivity;
use std::time::Duration;

#[test]
fn the_defaults_are_those_of_the_library() {
    let config = RegistryConfig::default().analysis;
    assert_eq!(config.sensitivity().unwrap(), Sensitivity::default());
    assert_eq!((config.interval.get(), config.history_bytes()), (Duration::from_secs(1), 512 << 20));
}

#[test]
fn every_key_is_heard() {
    let config = load_yaml(
        "registry:\n  analysis: {interval: 500ms, bad_results: 5, of_results: 16, good_results: 1, latency_rise: 0.05, \
         latency_rise_ratio: 1, loss_ratio: 0, lost_packets: 1000, throughput_drop_ratio: 0.1, relapse_within: 1h, \
         history_max_mb: 65536}\n  topology: {latency_warning: 1ms, latency_critical: 2ms, loss_warning: 0.5, \
         loss_critical: 1}\n  metrics: {pairs: true}\n",
    );
    let wanted = Sensitivity {
        bad_results: 5,
        of_results: 16,
        good_results: 1,
        latency_rise: Duration::from_millis(50),
        latency_rise_ratio: 1.0,
        loss_ratio: 0.0,
        lost_packets: 1_000,
        throughput_drop_ratio: 0.1,
        relapse_within: Duration::from_secs(3_600),
        ..Sensitivity::default()
    };
    assert_eq!(config.analysis.sensitivity().unwrap(), wanted);
    assert_eq!(config.analysis.interval.get(), Duration::from_millis(500));
    assert_eq!(config.analysis.history_bytes(), 64 << 30);
    let topology = config.topology;
    let latencies = (topology.latency_warning.get(), topology.latency_critical.get());
    assert_eq!(latencies, (Duration::from_millis(1), Duration::from_millis(2)));
    assert_eq!((topology.loss_warning.get(), topology.loss_critical.get()), (0.5, 1.0));
    assert!(config.metrics.pairs);
}

#[test]
fn what_makes_no_sense_names_its_key_and_what_is_allowed() {
    for (yaml, said) in [
        ("analysis: {bad_results: 0}", "expected a whole number from 1 to 16\n --> "),
        ("analysis: {of_results: 17}", "expected a whole number from 1 to 16\n --> "),
        ("analysis: {bad_results: 4}", "registry.analysis.bad_results is \"4\" (file "),
        ("analysis: {bad_results: 4}", "expected at most registry.analysis.of_results, which is 3"),
        ("analysis: {of_results: 1}", "registry.analysis.bad_results is \"2\" (default): expected at most"),
        ("analysis: {interval: 50ms}", "registry.analysis.interval is \"50ms\" (file "),
        ("analysis: {interval: 61}", "expected from 100ms to 60s"),
        ("analysis: {loss_ratio: 5}", "expected a number from 0 to 1, such as 0.25\n --> "),
        ("analysis: {latency_rise_ratio: .nan}", "0.25\n --> "),
        ("analysis: {lost_packets: -1}", "expected a whole number from 1 to 1000\n --> "),
        ("analysis: {history_max_mb: 0}", "expected a whole number from 1 to 65536\n --> "),
        ("analysis: {latency_rise: 0}", "expected more than 0 and at most 1 day"),
        ("analysis: {sensitivity: high}", "there is no key `sensitivity` here, only interval, bad_results"),
        ("topology: {latency_warning: 200ms}", "expected at most registry.topology.latency_critical, which is 100ms"),
        ("topology: {loss_critical: 0.001}", "registry.topology.loss_warning is \"0.01\" (default): expected at most"),
        ("topology: {loss_warning: 1%}", "expected a number from 0 to 1, such as 0.25\n --> "),
        ("metrics: {pairs: yes please}", "expected true or false\n --> "),
    ] {
        let error = load_all(&format!("registry:\n  {yaml}\n"), &[], &[]).unwrap_err().to_string();
        assert!(error.contains(said), "{yaml}: {error}");
    }
}
