//! A standard error that nobody reads: a container's log driver that hangs, a pipe whose reader is stopped.

use netring_testbed::{Daemon, PATIENCE, ReservedPort, eventually, get};
use nix::sys::signal::Signal;
use std::{net::SocketAddr, time::Duration};
use tokio::time::timeout;

#[tokio::test]
async fn a_blocked_log_holds_up_neither_requests_nor_the_end() {
    for name in ["netring-registry", "netring-member"] {
        let port = ReservedPort::new().unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], port.port()));
        let arguments = ["--host", "127.0.0.1", "--port", &port.port().to_string()];
        let mut daemon = Daemon::start_unread(name, &arguments, &[("LOG_LEVEL", "trace")]);

        let health = eventually("health", || async { get(address, "/health").await.ok() });
        let health = timeout(PATIENCE, health).await.unwrap_or_else(|_| panic!("{name} does not answer"));
        assert_eq!(health.status, 200, "{name}");

        daemon.signal(Signal::SIGTERM);
        let (status, took) = daemon.wait();
        assert_eq!(status.code(), Some(0), "{name}");
        assert!(took < Duration::from_secs(2), "{name} took {took:?}");
    }
}
