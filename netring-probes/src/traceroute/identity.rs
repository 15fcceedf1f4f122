use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

/// The ports that flows come from: above those that Linux gives to connections by itself.
const FIRST: u16 = 61_000;
const COUNT: u16 = u16::MAX - FIRST + 1;
/// Ports that are tried before the system chooses one.
const CANDIDATES: u16 = 256;

/// A hash that is the same in every process and version (FNV-1a, 64 bits): a flow is to be the same from trace to trace, or
/// a path that is balanced by flows looks as if it changed.
pub(super) fn hash(target: IpAddr, flow: u8) -> u64 {
    let octets = match target {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    };
    octets
        .into_iter()
        .chain([flow])
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A socket that is bound to the port of a flow, or to the next one that is free: another trace may have it. `unwanted` is
/// the target's port: on this host a datagram from it to itself would come back and look like an answer.
pub(super) fn bind(kind: Type, target: IpAddr, flow: u8, unwanted: u16) -> io::Result<(Socket, u16)> {
    let (domain, any, protocol) = match target {
        IpAddr::V4(_) => (Domain::IPV4, IpAddr::from(Ipv4Addr::UNSPECIFIED), Protocol::UDP),
        IpAddr::V6(_) => (Domain::IPV6, IpAddr::from(Ipv6Addr::UNSPECIFIED), Protocol::UDP),
    };
    let protocol = if kind == Type::STREAM { Protocol::TCP } else { protocol };
    let socket = Socket::new(domain, kind, Some(protocol))?;
    socket.set_nonblocking(true)?;
    if domain == Domain::IPV6 {
        socket.set_only_v6(true)?;
    }
    let start = (hash(target, flow) % u64::from(COUNT)) as u16;
    let candidates = (0..CANDIDATES).map(|step| FIRST + (start + step) % COUNT).chain([0]);
    let mut result = Err(io::ErrorKind::AddrInUse.into());
    for port in candidates.filter(|port| *port != unwanted) {
        result = socket.bind(&SockAddr::from(SocketAddr::new(any, port)));
        match &result {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            _ => break,
        }
    }
    result?;
    let port = socket.local_addr()?.as_socket().map_or(0, |address| address.port());
    Ok((socket, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flow_keeps_its_port_unless_it_is_taken() {
        let target = IpAddr::from([192, 0, 2, 77]);
        let (first, port) = bind(Type::DGRAM, target, 0, 0).unwrap();
        let (_second, other) = bind(Type::DGRAM, target, 0, 0).unwrap();
        assert!(port >= FIRST && other >= FIRST && port != other, "{port} {other}");
        drop(first);
        assert_eq!(bind(Type::DGRAM, target, 0, 0).unwrap().1, port);
        assert_ne!(bind(Type::DGRAM, target, 0, port).unwrap().1, port, "the target's own port is left out");
    }

    #[test]
    fn flows_and_targets_have_ports_of_their_own() {
        let target = IpAddr::from([192, 0, 2, 1]);
        assert_ne!(hash(target, 0), hash(target, 1));
        assert_ne!(hash(target, 0), hash(IpAddr::from([192, 0, 2, 2]), 0));
    }
}
