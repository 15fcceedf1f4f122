//! What a simulated network promises, through the sockets of the kernel.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use netring_testbed::{
    PATIENCE,
    lab::{self, Host, Lab},
    sim::{Fate, SimulatedNetwork},
};
use nix::{
    cmsg_space,
    libc::{sock_extended_err, sockaddr_in6},
    poll::{PollFd, PollFlags, PollTimeout, poll},
    sys::socket::{ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt, sockopt},
};
use socket2::{Domain, Protocol, Socket, Type};
use std::{
    collections::BTreeSet,
    io::{ErrorKind, IoSliceMut, Read},
    net::{IpAddr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket},
    os::fd::{AsFd, AsRawFd},
    time::{Duration, Instant},
};

const TARGET: &str = "198.51.100.1";
const TARGET_V6: &str = "2001:db8:ffff::1";

/// A host with the network `name`.
fn start(lab: &mut Lab, name: &'static str) -> (Host, SimulatedNetwork) {
    let host = lab.host(name);
    let network = host.call(move || SimulatedNetwork::named(name));
    (host, network)
}

fn router(v4: bool, number: u8) -> IpAddr {
    if v4 { format!("10.0.{number}.1").parse().unwrap() } else { format!("2001:db8:0:{number:x}::1").parse().unwrap() }
}

/// A UDP socket that sends to `target`, and keeps ICMP errors.
fn udp(target: IpAddr, ttl: u8) -> UdpSocket {
    let unspecified = if target.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(unspecified).unwrap();
    if target.is_ipv4() {
        setsockopt(&socket, sockopt::Ipv4RecvErr, &true).unwrap();
        setsockopt(&socket, sockopt::Ipv4Ttl, &i32::from(ttl)).unwrap();
    } else {
        setsockopt(&socket, sockopt::Ipv6RecvErr, &true).unwrap();
        setsockopt(&socket, sockopt::Ipv6Ttl, &i32::from(ttl)).unwrap();
    }
    socket.connect(SocketAddr::new(target, 33434)).unwrap();
    socket.set_nonblocking(true).unwrap();
    socket.send(b"probe").unwrap();
    socket
}

/// The error that came to `socket`: from whom, its type and its code. Nothing where none came for `patience`.
fn error(socket: &UdpSocket, patience: Duration) -> Option<(IpAddr, u8, u8)> {
    let mut waiting = [PollFd::new(socket.as_fd(), PollFlags::POLLERR)];
    if poll(&mut waiting, PollTimeout::try_from(patience).unwrap()).unwrap() == 0 {
        return None;
    }
    let mut buffer = [0; 2000];
    let mut parts = [IoSliceMut::new(&mut buffer)];
    let mut space = cmsg_space!(sock_extended_err, sockaddr_in6);
    let message =
        recvmsg::<SockaddrStorage>(socket.as_raw_fd(), &mut parts, Some(&mut space), MsgFlags::MSG_ERRQUEUE).unwrap();
    message.cmsgs().unwrap().find_map(|control| match control {
        ControlMessageOwned::Ipv4RecvErr(error, Some(from)) => {
            let from = u32::from_be(from.sin_addr.s_addr).to_be_bytes();
            Some((IpAddr::from(from), error.ee_type, error.ee_code))
        }
        ControlMessageOwned::Ipv6RecvErr(error, Some(from)) => {
            Some((Ipv6Addr::from(from.sin6_addr.s6_addr).into(), error.ee_type, error.ee_code))
        }
        _ => None,
    })
}

#[test]
fn the_error_queue_names_each_router() {
    lab::test(async || {
        let mut lab = Lab::new();
        for (name, v4) in [("chain_v4", true), ("chain_v6", false)] {
            let (host, network) = start(&mut lab, name);
            let target: IpAddr = if v4 { TARGET } else { TARGET_V6 }.parse().unwrap();
            let answers = host.call(move || {
                let sockets: Vec<_> = (1..=16).map(|ttl| udp(target, ttl)).collect();
                sockets.iter().map(|socket| error(socket, PATIENCE).unwrap()).collect::<Vec<_>>()
            });
            let (exceeded, unreachable) = if v4 { ((11, 0), (3, 3)) } else { ((3, 0), (1, 4)) };
            let mut expected: Vec<_> = (1..=15).map(|ttl| (router(v4, ttl), exceeded.0, exceeded.1)).collect();
            expected.push((target, unreachable.0, unreachable.1));
            assert_eq!(answers, expected);

            let passages = network.passages();
            assert_eq!(passages.iter().map(|passage| passage.ttl).collect::<Vec<_>>(), (1..=16).collect::<Vec<_>>());
            assert!(passages.iter().zip(&answers).all(|(passage, answer)| passage.answered_by == Some(answer.0)));
        }
    });
}

#[test]
fn the_error_queue_names_each_code() {
    lab::test(async || {
        let mut lab = Lab::new();
        for name in ["unreachable_v4", "unreachable_v6"] {
            let (host, network) = start(&mut lab, name);
            let targets: Vec<_> = network.network().targets().collect();
            let to = targets.clone();
            let answers = host.call(move || {
                let sockets: Vec<_> = to.iter().map(|target| udp(*target, 20)).collect();
                sockets.iter().map(|socket| error(socket, PATIENCE).unwrap()).collect::<Vec<_>>()
            });
            assert!(targets.len() >= 10);
            for (target, (_, kind, code)) in targets.into_iter().zip(answers) {
                let expected = match target {
                    IpAddr::V4(target) => (3, target.octets()[3]),
                    IpAddr::V6(target) => (target.octets()[13], target.octets()[15]),
                };
                assert_eq!((kind, code), expected, "{target}");
            }
            assert!(network.passages().iter().all(|passage| passage.fate == Fate::Unreachable));
        }
    });
}

#[test]
fn an_open_target_answers_udp_tcp_and_echo_requests() {
    lab::test(async || {
        let mut lab = Lab::new();
        let (host, network) = start(&mut lab, "open_target");
        for target in [TARGET, TARGET_V6] {
            let target: IpAddr = target.parse().unwrap();
            host.call(move || {
                let (sent, udp) = (Instant::now(), udp(target, 64));
                udp.set_nonblocking(false).unwrap();
                udp.set_read_timeout(Some(PATIENCE)).unwrap();
                let mut buffer = [0; 100];
                assert_eq!(udp.recv(&mut buffer).unwrap(), 5);
                // Eight milliseconds there, eight back.
                assert!(sent.elapsed() >= Duration::from_millis(16));

                TcpStream::connect_timeout(&SocketAddr::new(target, 4000), PATIENCE).unwrap();

                let (domain, protocol, kinds) = match target {
                    IpAddr::V4(_) => (Domain::IPV4, Protocol::ICMPV4, [8, 0]),
                    IpAddr::V6(_) => (Domain::IPV6, Protocol::ICMPV6, [128, 129]),
                };
                let icmp = Socket::new(domain, Type::RAW, Some(protocol)).unwrap();
                icmp.set_read_timeout(Some(PATIENCE)).unwrap();
                let mut request = [kinds[0], 0, 0, 0, 0x12, 0x34, 0, 7];
                if target.is_ipv4() {
                    // The kernel works out the checksum of ICMPv6 alone: of these words it is this.
                    let sum = 0x0800u16 + 0x1234 + 7;
                    request[2..4].copy_from_slice(&(!sum).to_be_bytes());
                }
                icmp.send_to(&request, &SocketAddr::new(target, 0).into()).unwrap();
                let mut buffer = [0; 100];
                loop {
                    let length = (&icmp).read(&mut buffer).unwrap();
                    let message = if target.is_ipv4() { &buffer[20..length] } else { &buffer[..length] };
                    if message[0] == kinds[1] {
                        assert_eq!(message[4..8], request[4..8]);
                        break;
                    }
                }
            });
        }
        assert!(network.passages().iter().any(|passage| passage.protocol == 6));
    });
}

#[test]
fn a_closed_target_refuses() {
    lab::test(async || {
        let mut lab = Lab::new();
        let (host, _network) = start(&mut lab, "mpls");
        for target in [TARGET, TARGET_V6] {
            let to = SocketAddr::new(target.parse().unwrap(), 4000);
            let refused = host.call(move || TcpStream::connect_timeout(&to, PATIENCE).unwrap_err());
            assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        }
    });
}

#[test]
fn a_phase_changes_who_answers() {
    lab::test(async || {
        let mut lab = Lab::new();
        let (host, network) = start(&mut lab, "changing");
        let target: IpAddr = TARGET.parse().unwrap();
        for (phase, second) in [(None, 2), (Some("after"), 4), (Some("cut"), 2), (None, 2)] {
            network.set_phase(phase);
            let answer = host.call(move || error(&udp(target, 2), PATIENCE).unwrap());
            let error = if phase == Some("cut") { (3, 1) } else { (11, 0) };
            assert_eq!(answer, (router(true, second), error.0, error.1), "{phase:?}");
        }
        assert_eq!((network.take_passages().len(), network.passages().len()), (4, 0));
    });
}

/// What is silent on purpose is told by the passages, and not by waiting.
#[test]
fn the_silent_are_silent() {
    lab::test(async || {
        let mut lab = Lab::new();
        let (host, network) = start(&mut lab, "silent_middle");
        let target: IpAddr = TARGET.parse().unwrap();
        let none = host.call(move || {
            let silent = udp(target, 2);
            // Its answer comes behind the one that the silent router would have sent.
            error(&udp(target, 3), PATIENCE).unwrap();
            error(&silent, Duration::ZERO)
        });
        assert_eq!(none, None);
        let fates: Vec<_> = network.passages().iter().map(|passage| passage.fate).collect();
        assert_eq!(fates, [Fate::Silent, Fate::TimeExceeded]);
    });
}

#[test]
fn two_networks_do_not_meet_and_leave_nothing_behind() {
    lab::test(async || {
        let mut lab = Lab::new();
        let (one, first) = start(&mut lab, "chain_v4");
        let (_other, second) = start(&mut lab, "mpls");
        let target: IpAddr = TARGET.parse().unwrap();
        one.call(move || error(&udp(target, 1), PATIENCE).unwrap());
        assert_eq!((first.passages().len(), second.passages().len()), (1, 0));

        let devices = |host: &Host| {
            host.call(|| {
                nix::net::if_::if_nameindex().unwrap().iter().map(|device| device.index()).collect::<BTreeSet<_>>()
            })
        };
        let before = devices(&one);
        drop(first);
        assert_eq!(devices(&one).len(), before.len() - 1);
        // The same addresses and routes are free again.
        let again = one.call(|| SimulatedNetwork::named("chain_v4"));
        one.call(move || error(&udp(target, 1), PATIENCE).unwrap());
        assert_eq!(again.passages().len(), 1);
    });
}
