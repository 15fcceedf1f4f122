//! Real Redis to test with: one server, a primary with replicas under sentinels, a cluster. Everything listens on
//! loopback, on ports of its own, and is gone once it is dropped.
//!
//! All of this blocks the thread that calls it. A test whose own tasks have to go on meanwhile takes a runtime with
//! more than one thread.

mod cluster;
mod options;
mod process;
mod replicated;
mod resp;
mod server;

pub use cluster::RedisCluster;
pub use options::RedisOptions;
pub use replicated::ReplicatedRedis;
pub use resp::{RespConnection, RespValue};
pub use server::RedisServer;

use std::{io, net::SocketAddr};

/// `scheme://[:password@]host:port[,host:port]…`, as netring and most clients read it.
fn url(scheme: &str, password: Option<&str>, addresses: impl IntoIterator<Item = SocketAddr>) -> String {
    let password = password.map(|password| format!(":{password}@")).unwrap_or_default();
    let addresses: Vec<_> = addresses.into_iter().map(|address| address.to_string()).collect();
    format!("{scheme}://{password}{}", addresses.join(","))
}

/// The address that Redis gave as a host and a port.
fn address(host: &RespValue, port: &RespValue) -> io::Result<SocketAddr> {
    let text = format!("{host}:{port}");
    text.parse().map_err(|error| io::Error::other(format!("{text:?}: {error}")))
}
