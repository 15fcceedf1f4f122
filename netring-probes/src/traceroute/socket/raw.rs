//! Raw sockets, which need CAP_NET_RAW.

use super::message::tell_ttl_and_time;
use socket2::{Domain, Protocol, SockAddr, SockFilter, Socket, Type};
use std::{
    io,
    net::{IpAddr, SocketAddr},
};
use tokio::net::UdpSocket;

/// Whether this process may open raw sockets.
pub(in super::super) fn may_open_raw() -> io::Result<()> {
    Socket::new(Domain::IPV4, Type::RAW, Some(Protocol::ICMPV4)).map(drop)
}

/// ICMP of the version of `target`.
pub(super) fn icmp_of(target: IpAddr) -> Protocol {
    if target.is_ipv4() { Protocol::ICMPV4 } else { Protocol::ICMPV6 }
}

/// A raw socket that hears what `filter` lets through.
pub(super) fn listener(target: IpAddr, protocol: Protocol, filter: &[SockFilter]) -> io::Result<UdpSocket> {
    let socket = open(target, protocol, filter)?;
    tell_ttl_and_time(&socket, target)?;
    UdpSocket::from_std(socket.into())
}

/// A raw socket that sends to `target` alone, what `filter` lets through is heard, and the address that it sends from.
pub(super) fn sender(target: IpAddr, protocol: Protocol, filter: &[SockFilter]) -> io::Result<(UdpSocket, IpAddr)> {
    let socket = open(target, protocol, filter)?;
    tell_ttl_and_time(&socket, target)?;
    socket.connect(&SockAddr::from(SocketAddr::new(target, 0)))?;
    let source = socket.local_addr()?.as_socket().ok_or(io::ErrorKind::AddrNotAvailable)?.ip();
    Ok((UdpSocket::from_std(socket.into())?, source))
}

fn open(target: IpAddr, protocol: Protocol, filter: &[SockFilter]) -> io::Result<Socket> {
    let domain = if target.is_ipv4() { Domain::IPV4 } else { Domain::IPV6 };
    let socket = Socket::new(domain, Type::RAW, Some(protocol))?;
    socket.set_nonblocking(true)?;
    socket.attach_filter(filter)?;
    Ok(socket)
}
