//! The server's port, by TCP and by UDP.

use crate::config::MemberConfig;
use netring_daemon::serve::listen;
use netring_probes::UdpEcho;
use std::{
    io,
    net::{SocketAddr, TcpListener},
};

/// How often a free port is looked for that is free by UDP too.
const TRIES: usize = 100;

/// Listens on the server's port, and binds an echo to the same port by UDP where one is wanted. Where any port will do, it is
/// one that is free by both.
pub(crate) fn listen_with_echo(config: &MemberConfig) -> Result<(TcpListener, Option<UdpEcho>), String> {
    let server = &config.server;
    let mut tries = if server.port == 0 { TRIES } else { 1 };
    loop {
        let listener = listen(server.host, server.port)?;
        if !server.udp_echo {
            return Ok((listener, None));
        }
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        tries -= 1;
        match bind(address, config) {
            Ok(echo) => return Ok((listener, Some(echo))),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && tries > 0 => {}
            Err(error) => {
                return Err(format!(
                    "cannot answer bursts on {address} by UDP: {error}: free that port, choose another with --port or \
                     NETRING_SERVER_PORT, or run no echo with member.server.udp_echo: false"
                ));
            }
        }
    }
}

fn bind(address: SocketAddr, config: &MemberConfig) -> io::Result<UdpEcho> {
    let echo = UdpEcho::builder();
    match config.ring_key() {
        Some(key) => echo.key(key),
        None => echo,
    }
    .bind(address)
}
