//! The sockets of the demonstration. Each is there before anything starts, so that a port that is taken is found at once.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
};
use tokio::net::{TcpListener, TcpSocket};

const BACKLOG: u32 = 1024;

/// A port of 127.0.0.1 that is ours, whether anybody listens there or not. While nobody does, the kernel refuses
/// connections, as it does for a process that has died; and no other process can take it meanwhile.
#[derive(Debug)]
pub(crate) struct Port {
    address: SocketAddr,
    idle: Option<TcpSocket>,
}

impl Port {
    /// Takes `port`, or where it is 0 any free one, and listens there.
    pub(crate) fn take(port: u16) -> io::Result<(Self, TcpListener)> {
        let listener = bind((Ipv4Addr::LOCALHOST, port).into())?.listen(BACKLOG)?;
        Ok((Self { address: listener.local_addr()?, idle: None }, listener))
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Listens again.
    ///
    /// # Errors
    /// Where the port was lost in spite of [`Self::keep`].
    pub(crate) fn listen(&mut self) -> io::Result<TcpListener> {
        let socket = match self.idle.take() {
            Some(socket) => socket,
            None => bind(self.address)?,
        };
        socket.listen(BACKLOG)
    }

    /// Keeps the port for later, once the listener is gone.
    pub(crate) fn keep(&mut self) {
        // Where that fails, the port may be lost to another process; listening again will say so.
        self.idle = bind(self.address).ok();
    }
}

fn bind(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    // Or the port could not be had again for a minute after a connection to it.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}
