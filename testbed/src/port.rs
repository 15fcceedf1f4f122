use socket2::{Domain, Protocol, Socket, Type};
use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
};

/// A port on loopback that is free now and that the kernel gives to nobody else for as long as this lives: a daemon can
/// be started on it later, or again. Nothing listens on it meanwhile, so that a connection to it is refused.
#[derive(Debug)]
pub struct ReservedPort {
    port: u16,
    _socket: Socket,
}

impl ReservedPort {
    /// Takes a free port.
    ///
    /// # Errors
    /// Where the system gives none.
    pub fn new() -> io::Result<Self> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
        // With this on both sides a second socket may bind the port as long as nobody listens on it yet.
        socket.set_reuse_address(true)?;
        socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
        let address = socket.local_addr()?.as_socket().ok_or_else(|| io::Error::other("no IP address"))?;
        Ok(Self { port: address.port(), _socket: socket })
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }
}

/// A server that takes connections and never answers. It lives as long as the listener that comes with it.
///
/// # Errors
/// Where loopback cannot be listened on.
pub fn hanging() -> io::Result<(SocketAddr, TcpListener)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok((listener.local_addr()?, listener))
}
