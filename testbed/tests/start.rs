//! How the daemons start, and what they say when they cannot.

use netring_testbed::{Daemon, ReservedPort, get};
use std::{io::Write, net::TcpListener};

fn refused(name: &str, arguments: &[&str], environment: &[(&str, &str)]) -> String {
    let mut daemon = Daemon::start(name, arguments, environment);
    let (status, _) = daemon.wait();
    assert_eq!(status.code(), Some(1), "{}", daemon.log());
    // The log is read to its end by a thread of its own: every message has the daemon's name in it.
    let _ = daemon.line(name);
    daemon.log()
}

#[test]
fn a_taken_port_names_the_port_and_the_flag() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for name in ["netring-registry", "netring-member"] {
        let said = refused(name, &["--host", "127.0.0.1", "--port", &port], &[]);
        assert!(said.contains(&format!("127.0.0.1:{port}")) && said.contains("--port"), "{said}");
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    for name in ["netring-registry", "netring-member"] {
        let said = refused(name, &["/nowhere/config.yaml"], &[]);
        assert!(said.contains("/nowhere/config.yaml"), "{said}");
    }
}

#[test]
fn a_variable_that_does_not_parse_is_named_with_its_value() {
    for (name, variable, value) in [
        ("netring-registry", "NETRING_MEMBER_TTL", "soon"),
        ("netring-registry", "NETRING_SERVER_PORT", "65536"),
        ("netring-member", "NETRING_CHECK_INTERVAL", "-1"),
        ("netring-member", "NETRING_REGISTRY_URL", "registry:8756:1"),
        ("netring-member", "HOST_IP", "0.0.0.0"),
    ] {
        let said = refused(name, &["--host", "127.0.0.1"], &[(variable, value)]);
        assert!(said.contains(variable) && said.contains(value), "{variable}: {said}");
    }
}

#[test]
fn an_unknown_key_is_shown_in_its_line() {
    let mut file = tempfile::NamedTempFile::with_suffix(".yaml").unwrap();
    writeln!(file, "registry:\n  member_ttl: 300\n  cleanup_intervall: 60").unwrap();
    let path = file.path().to_str().unwrap();
    let said = refused("netring-registry", &[path], &[]);
    assert!(said.contains(path) && said.contains("cleanup_intervall") && said.contains(":3:"), "{said}");
}

#[test]
fn a_mistake_in_the_file_of_expected_members_is_shown_in_its_line() {
    let locations = "expected_members:\n  locations:\n    US1:\n      expected_count: 1\n";
    for (line, said, place) in [
        ("criticality: urgent", "expected high, medium or low", ":5:20"),
        ("expected_count: 2", "duplicate mapping key `expected_count`", ":5:7"),
        ("grace_period: -1", "expected 0 to 30 days", ":5:21"),
        ("colour: red", "there is no key `colour` here", ":5:7"),
    ] {
        let mut file = tempfile::NamedTempFile::with_suffix(".yaml").unwrap();
        writeln!(file, "{locations}      {line}").unwrap();
        let path = file.path().to_str().unwrap();
        let variables = [("NETRING_EXPECTED_MEMBERS_FILE", path), ("NETRING_ENABLE_MISSING_DETECTION", "true")];
        let said_all = refused("netring-registry", &["--host", "127.0.0.1", "--port", "0"], &variables);
        for wanted in ["registry.expected_members.config_file", said, &format!("{path}{place}")] {
            assert!(said_all.contains(wanted), "{line}: no {wanted:?} in {said_all}");
        }
    }
    let variables =
        [("NETRING_EXPECTED_MEMBERS_FILE", "no-such-file.yaml"), ("NETRING_ENABLE_MISSING_DETECTION", "true")];
    let said = refused("netring-registry", &["--host", "127.0.0.1", "--port", "0"], &variables);
    let full = std::env::current_dir().unwrap().join("no-such-file.yaml");
    assert!(said.contains(full.to_str().unwrap()), "{said}");
}

#[test]
fn a_webhook_is_refused_without_its_url() {
    for (url, said) in [
        ("ftp://hooks.example/hush", "expected a URL that starts with http:// or https://"),
        ("http://hooks.example:0/hush", "expected a URL with a port from 1 to 65535"),
        ("hooks.example/hush", "expected a URL such as"),
    ] {
        let said_all = refused("netring-registry", &["--host", "127.0.0.1"], &[("NETRING_ALERT_WEBHOOK_URL", url)]);
        assert!(said_all.contains("NETRING_ALERT_WEBHOOK_URL") && said_all.contains(said), "{url}: {said_all}");
        assert!(!said_all.contains("hush"), "{said_all}");
    }
}

#[test]
fn what_is_judged_by_has_to_fit_together() {
    let mut file = tempfile::NamedTempFile::with_suffix(".yaml").unwrap();
    writeln!(file, "registry:\n  analysis:\n    bad_results: 5\n    of_results: 4").unwrap();
    let said = refused("netring-registry", &[file.path().to_str().unwrap()], &[]);
    for wanted in ["registry.analysis.bad_results is \"5\"", "at most registry.analysis.of_results, which is 4"] {
        assert!(said.contains(wanted), "{said}");
    }
}

#[tokio::test]
async fn the_examples_start_a_registry_and_tell_nobody_a_secret() {
    let example = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/config");
    let (config, expected) = (example.join("registry.yaml"), example.join("expected-members.yaml"));
    let variables = [
        ("NETRING_EXPECTED_MEMBERS_FILE", expected.to_str().unwrap()),
        ("NETRING_ENABLE_MISSING_DETECTION", "true"),
        ("NETRING_ALERT_WEBHOOK_URL", "http://me:hush@127.0.0.1:1/hush?key=hush"),
        ("NETRING_LOG_LEVEL", "trace"),
    ];
    let arguments = [config.to_str().unwrap(), "--host", "127.0.0.1", "--port", "0"];
    let registry = Daemon::start("netring-registry", &arguments, &variables);
    let answer = get(registry.address(), "/api/v1/sd").await.unwrap();
    assert_eq!((answer.status, answer.body.as_str()), (200, "[]"));
    let _ = registry.line("expecting members");
    assert!(!registry.log().contains("hush"), "{}", registry.log());
}

#[tokio::test]
async fn the_environment_beats_the_file_and_a_flag_beats_both() {
    let (by_file, by_variable, by_flag) =
        (ReservedPort::new().unwrap(), ReservedPort::new().unwrap(), ReservedPort::new().unwrap());
    let mut file = tempfile::NamedTempFile::with_suffix(".yaml").unwrap();
    writeln!(file, "registry:\n  server:\n    host: 127.0.0.1\n    port: {}", by_file.port()).unwrap();
    let path = file.path().to_str().unwrap();
    let variable = by_variable.port().to_string();
    let flag = by_flag.port().to_string();
    for (arguments, environment, port) in [
        (vec![path], vec![], &by_file),
        (vec![path], vec![("NETRING_SERVER_PORT", variable.as_str())], &by_variable),
        (vec![path, "--port", &flag], vec![("NETRING_SERVER_PORT", variable.as_str())], &by_flag),
    ] {
        let registry = Daemon::start("netring-registry", &arguments, &environment);
        assert_eq!(registry.address().port(), port.port());
        assert_eq!(get(registry.address(), "/health").await.unwrap().status, 200);
    }
}
