//! TCP targets on loopback that answer, refuse, and are silent.

use super::{prober::TargetFixture, sample::id};
use crate::model::{Host, Location, Target};
use socket2::{Domain, Protocol, Socket, Type};
use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    time::Duration,
};

/// The target at `address`.
///
/// # Panics
/// Never.
#[must_use]
pub fn target(address: SocketAddr) -> Target {
    Target {
        instance_id: id("target"),
        location: Location::new("loopback").expect("a valid location"),
        host: Host::Ip(address.ip()),
        port: address.port(),
    }
}

/// A target that takes connections. Nobody accepts them: to open one the kernel is enough.
///
/// # Errors
/// Where loopback cannot be listened on.
pub fn listening() -> io::Result<TargetFixture> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(TargetFixture { target: target(listener.local_addr()?), guard: Box::new(listener) })
}

/// A target that refuses connections: its port is taken, so that nobody else comes to listen there, but not listened on.
///
/// # Errors
/// Where loopback cannot be bound to.
pub fn refusing() -> io::Result<TargetFixture> {
    let socket = bound()?;
    Ok(TargetFixture { target: target(local(&socket)?), guard: Box::new(socket) })
}

/// A target that does not answer: its queue of connections is full, so that the kernel drops every further SYN.
///
/// # Errors
/// Where loopback cannot be listened on, or the queue does not get full.
pub fn silent() -> io::Result<TargetFixture> {
    let socket = bound()?;
    socket.listen(0)?;
    let address = local(&socket)?;
    let mut queued = Vec::new();
    while queued.len() < 64 {
        match TcpStream::connect_timeout(&address, Duration::from_millis(200)) {
            Ok(stream) => queued.push(stream),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                return Ok(TargetFixture { target: target(address), guard: Box::new((socket, queued)) });
            }
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("a queue for no connection took 64 of them"))
}

fn bound() -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
    Ok(socket)
}

fn local(socket: &Socket) -> io::Result<SocketAddr> {
    socket.local_addr()?.as_socket().ok_or_else(|| io::Error::other("the socket has no IP address"))
}
