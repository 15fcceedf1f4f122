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
