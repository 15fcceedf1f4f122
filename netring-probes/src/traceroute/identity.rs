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
    take_first(candidates(target, flow, unwanted), |port| socket.bind(&SockAddr::from(SocketAddr::new(any, port))))?;
    let port = socket.local_addr()?.as_socket().map_or(0, |address| address.port());
    Ok((socket, port))
}

/// The ports to try for a flow, the best first; 0 lets the system choose.
fn candidates(target: IpAddr, flow: u8, unwanted: u16) -> impl Iterator<Item = u16> {
    let start = (hash(target, flow) % u64::from(COUNT)) as u16;
    let ports = (0..CANDIDATES).map(move |step| FIRST + (start + step) % COUNT);
    ports.filter(move |port| *port != unwanted).chain([0])
}

/// Takes the first of `ports` that is free, and gives it.
fn take_first(ports: impl Iterator<Item = u16>, mut take: impl FnMut(u16) -> io::Result<()>) -> io::Result<u16> {
    for port in ports {
        match take(port) {
            Ok(()) => return Ok(port),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AddrInUse.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The port that the flow 0 gets where those in `taken` are; it is not tried with sockets, as others on this machine
    /// may have any port.
    fn port(taken: &[u16], unwanted: u16) -> io::Result<u16> {
        let in_use = |port: u16| if taken.contains(&port) { Err(io::ErrorKind::AddrInUse.into()) } else { Ok(()) };
        take_first(candidates(IpAddr::from([192, 0, 2, 77]), 0, unwanted), in_use)
    }

    #[test]
    fn a_flow_keeps_its_port_unless_it_is_taken() {
        let own = port(&[], 0).unwrap();
        // It must not change from one version to the next either.
        assert_eq!(own, 61_224);
        for (taken, unwanted, expected) in [
            (&[][..], 0, own),
            (&[own], 0, own + 1),
            (&[own, own + 1], 0, own + 2),
            (&[own + 1], 0, own),
            // The target's own port is left out.
            (&[], own, own + 1),
            (&[own + 1], own, own + 2),
        ] {
            assert_eq!(port(taken, unwanted).unwrap(), expected, "{taken:?} {unwanted}");
        }
        let all: Vec<u16> = (FIRST..=u16::MAX).collect();
        assert_eq!(port(&all, 0).unwrap(), 0, "the system chooses");
    }

    #[test]
    fn the_ports_to_try_are_above_those_of_the_system() {
        for flow in 0..=u8::MAX {
            let ports: Vec<u16> = candidates(IpAddr::from([192, 0, 2, 77]), flow, 0).collect();
            let (last, tried) = ports.split_last().unwrap();
            assert!(*last == 0 && tried.len() == usize::from(CANDIDATES));
            assert!(tried.iter().all(|port| *port >= FIRST), "{flow}: {tried:?}");
        }
    }

    #[test]
    fn an_error_of_another_kind_ends_the_search() {
        let error = take_first([1, 2].into_iter(), |_| Err(io::ErrorKind::PermissionDenied.into())).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
    }

    #[test]
    fn a_socket_has_the_port_that_is_told() {
        let (socket, port) = bind(Type::DGRAM, IpAddr::from([192, 0, 2, 77]), 0, 0).unwrap();
        assert_eq!(socket.local_addr().unwrap().as_socket().unwrap().port(), port);
        let (_other, second) = bind(Type::DGRAM, IpAddr::from([192, 0, 2, 77]), 0, 0).unwrap();
        assert_ne!(port, second, "no two sockets have one");
    }

    #[test]
    fn flows_and_targets_have_ports_of_their_own() {
        let target = IpAddr::from([192, 0, 2, 1]);
        assert_ne!(hash(target, 0), hash(target, 1));
        assert_ne!(hash(target, 0), hash(IpAddr::from([192, 0, 2, 2]), 0));
    }
}
