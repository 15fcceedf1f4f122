//! `--healthcheck` of both daemons, as a container's engine runs it: a process of its own with the daemon's configuration.

use netring_testbed::{Daemon, PATIENCE, ReservedPort, hanging};
use std::{fs, net::SocketAddr, time::Duration};

const DAEMONS: [&str; 2] = ["netring-registry", "netring-member"];

/// The exit code, what was said, and how long it took.
fn asked(name: &str, arguments: &[&str], environment: &[(&str, &str)]) -> (Option<i32>, String, Duration) {
    let arguments = [arguments, &["--healthcheck"]].concat();
    let mut check = Daemon::start(name, &arguments, environment);
    let (status, took) = check.wait();
    if !status.success() {
        // The log is read to its end by a thread of its own: every message has the daemon's name in it.
        let _ = check.line(name);
    }
    (status.code(), check.log(), took)
}

fn started(name: &str) -> (Daemon, SocketAddr) {
    let daemon = Daemon::start(name, &["--host", "127.0.0.1", "--port", "0"], &[]);
    let address = daemon.address();
    (daemon, address)
}

#[test]
fn the_port_is_found_as_the_daemon_finds_it() {
    for name in DAEMONS {
        let (_daemon, address) = started(name);
        let port = address.port().to_string();
        let folder = tempfile::tempdir().unwrap();
        let root = name.trim_start_matches("netring-");
        let path = folder.path().join(format!("{root}.yaml"));
        fs::write(&path, format!("{root}: {{server: {{port: {port}}}}}")).unwrap();
        let (folder, path) = (folder.path().to_str().unwrap(), path.to_str().unwrap());
        let elsewhere = ReservedPort::new().unwrap().port().to_string();
        for (arguments, environment) in [
            (vec!["--port", &port], vec![]),
            (vec![], vec![("NETRING_SERVER_PORT", port.as_str())]),
            (vec![path], vec![]),
            (vec![], vec![("NETRING_CONFIG_DIR", folder)]),
            // A file that is named, a variable and a flag beat what the folder says.
            (vec!["--port", &port], vec![("NETRING_SERVER_PORT", elsewhere.as_str())]),
        ] {
            let (code, said, _) = asked(name, &arguments, &environment);
            assert_eq!((code, said.as_str()), (Some(0), ""), "{name} {arguments:?} {environment:?}");
        }
        let (code, said, _) = asked(name, &[path, "--port", &elsewhere], &[]);
        assert_eq!(code, Some(1), "{said}");
    }
}

#[test]
fn where_nobody_listens_the_line_says_so() {
    for name in DAEMONS {
        let port = ReservedPort::new().unwrap();
        let (code, said, _) = asked(name, &["--port", &port.port().to_string()], &[]);
        assert_eq!(code, Some(1), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        let wanted = format!("{name}: http://127.0.0.1:{}/health: Connection refused", port.port());
        assert!(said.starts_with(&wanted), "{said}");
    }
}

#[test]
fn a_registry_whose_store_is_away_is_unhealthy_and_says_why() {
    let nobody = ReservedPort::new().unwrap();
    let url = format!("redis://127.0.0.1:{}", nobody.port());
    let registry = Daemon::registry(&[("NETRING_REDIS_URL", &url)]);
    let port = registry.address().port().to_string();
    let (code, said, _) = asked("netring-registry", &["--port", &port], &[]);
    assert_eq!((code, said.lines().count()), (Some(1), 1), "{said}");
    let wanted = format!("netring-registry: unhealthy, http://127.0.0.1:{port}/health is 503: ");
    assert!(said.starts_with(&wanted) && said.contains("127.0.0.1:"), "{said}");
}

#[test]
fn what_hangs_is_given_up() {
    let (address, _listener) = hanging().unwrap();
    let (code, said, took) = asked("netring-member", &["--port", &address.port().to_string()], &[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.ends_with("/health: no answer within 3 s"), "{said}");
    // Not for ever; a busy machine may need longer than the 3 s.
    assert!(took < PATIENCE, "{took:?}");
}

#[test]
fn a_configuration_that_is_wrong_is_no_health() {
    for name in DAEMONS {
        let (code, said, _) = asked(name, &[], &[("NETRING_SERVER_PORT", "x")]);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.starts_with(&format!("{name}: NETRING_SERVER_PORT=\"x\": ")), "{said}");
    }
}
