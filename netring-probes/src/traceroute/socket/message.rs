//! Sending and receiving with what the kernel tells beside the bytes.

use crate::traceroute::{packet::udp::ExtensionHint, stamp::Stamp};
use nix::{
    errno::Errno,
    sys::socket::{
        ControlMessage, ControlMessageOwned, MsgFlags, SockaddrIn, SockaddrIn6, SockaddrStorage, recvmsg, sendmsg,
        setsockopt, sockopt,
    },
};
use std::{
    io::{self, IoSlice, IoSliceMut},
    net::{IpAddr, SocketAddr, SocketAddrV4, SocketAddrV6},
    os::fd::{AsFd, AsRawFd},
    time::{Duration, SystemTime},
};
use tokio::{io::Interest, net::UdpSocket};

/// Longer than any ICMP message that quotes a packet of ours. What is longer is cut.
const BUFFER_BYTES: usize = 2048;
/// Room for every control message that is asked for.
const CONTROL_BYTES: usize = 512;
/// Errors of earlier packets that are taken from a socket before one of its own is believed.
const PENDING_ERRORS: usize = 16;

/// What arrived.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) bytes: Vec<u8>,
    /// Where it came from; of an error, where the packet was sent to that it is about.
    pub(super) address: Option<SocketAddr>,
    pub(super) ttl: Option<u8>,
    pub(super) arrived: Stamp,
    pub(super) error: Option<QueuedError>,
}

/// An error from the kernel's queue (`IP_RECVERR`, see ip(7)).
#[derive(Debug, Clone, Copy)]
pub(super) struct QueuedError {
    /// Who sent the ICMP message. None where it is this system's own.
    pub(super) offender: Option<IpAddr>,
    pub(super) icmp_type: u8,
    pub(super) code: u8,
    pub(super) hint: ExtensionHint,
}

/// Asks the kernel for the time to live and the time of what arrives.
pub(super) fn tell_ttl_and_time(socket: &impl AsFd, target: IpAddr) -> io::Result<()> {
    match target {
        IpAddr::V4(_) => setsockopt(socket, sockopt::Ipv4RecvTtl, &true)?,
        IpAddr::V6(_) => setsockopt(socket, sockopt::Ipv6RecvHopLimit, &true)?,
    }
    // Without them the process's own times are as good as it gets.
    let _ = setsockopt(socket, sockopt::ReceiveTimestampns, &true);
    Ok(())
}

/// Sends `bytes` with a time to live. An error that an earlier packet has left at the socket does not count.
pub(super) fn send(socket: &UdpSocket, bytes: &[u8], to: Option<SocketAddr>, v4: bool, ttl: u8) -> io::Result<()> {
    let ttl = i32::from(ttl);
    let control = if v4 { ControlMessage::Ipv4Ttl(&ttl) } else { ControlMessage::Ipv6HopLimit(&ttl) };
    let to = to.map(SockaddrStorage::from);
    let mut left = PENDING_ERRORS;
    loop {
        let sent = sendmsg(socket.as_raw_fd(), &[IoSlice::new(bytes)], &[control], MsgFlags::MSG_DONTWAIT, to.as_ref());
        match sent {
            Ok(_) => return Ok(()),
            // Neither is ever left by an earlier packet.
            Err(error @ (Errno::EAGAIN | Errno::ENOBUFS)) => return Err(error.into()),
            Err(_) if left > 0 => left -= 1,
            Err(error) => return Err(error.into()),
        }
    }
}

/// The next message in the socket's queue of errors.
pub(super) async fn receive_error(socket: &UdpSocket) -> io::Result<Message> {
    socket.async_io(Interest::ERROR, || read(socket, MsgFlags::MSG_ERRQUEUE)).await
}

/// The next packet.
pub(super) async fn receive(socket: &UdpSocket) -> io::Result<Message> {
    socket.async_io(Interest::READABLE, || read(socket, MsgFlags::empty())).await
}

fn read(socket: &UdpSocket, flags: MsgFlags) -> io::Result<Message> {
    let mut buffer = [0; BUFFER_BYTES];
    let mut control = [0; CONTROL_BYTES];
    let mut left = PENDING_ERRORS;
    loop {
        let mut parts = [IoSliceMut::new(&mut buffer)];
        let flags = flags | MsgFlags::MSG_DONTWAIT;
        let received = match recvmsg::<SockaddrStorage>(socket.as_raw_fd(), &mut parts, Some(&mut control), flags) {
            Ok(received) => received,
            // The error of a packet that was sent; it is in the queue of errors too.
            Err(error) if error != Errno::EAGAIN && left > 0 => {
                left -= 1;
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let (mut ttl, mut clock, mut error) = (None, None, None);
        for message in received.cmsgs().into_iter().flatten() {
            match message {
                ControlMessageOwned::Ipv4Ttl(value) | ControlMessageOwned::Ipv6HopLimit(value) => {
                    ttl = u8::try_from(value).ok();
                }
                ControlMessageOwned::ScmTimestampns(time) => {
                    let since = u64::try_from(time.tv_sec()).ok().zip(u32::try_from(time.tv_nsec()).ok());
                    let since = since.filter(|(_, nanoseconds)| *nanoseconds < 1_000_000_000);
                    clock = since.and_then(|(s, ns)| SystemTime::UNIX_EPOCH.checked_add(Duration::new(s, ns)));
                }
                ControlMessageOwned::Ipv4RecvErr(said, from) => {
                    let from = from.filter(|from| from.sin_family == libc::AF_INET as libc::sa_family_t);
                    let from = from.map(|from| IpAddr::V4(SocketAddrV4::from(SockaddrIn::from(from)).ip().to_owned()));
                    error = Some(queued(said, from));
                }
                ControlMessageOwned::Ipv6RecvErr(said, from) => {
                    let from = from.filter(|from| from.sin6_family == libc::AF_INET6 as libc::sa_family_t);
                    let from = from.map(|from| IpAddr::V6(SocketAddrV6::from(SockaddrIn6::from(from)).ip().to_owned()));
                    error = Some(queued(said, from));
                }
                _ => {}
            }
        }
        let (length, address) = (received.bytes, received.address.as_ref().and_then(address));
        let bytes = buffer.get(..length).unwrap_or(&buffer).to_vec();
        return Ok(Message { bytes, address, ttl, arrived: Stamp::arrived(clock), error });
    }
}

fn queued(said: libc::sock_extended_err, offender: Option<IpAddr>) -> QueuedError {
    let from_network = matches!(said.ee_origin, libc::SO_EE_ORIGIN_ICMP | libc::SO_EE_ORIGIN_ICMP6);
    // `struct sock_ee_data_rfc4884` of linux/errqueue.h, in the place of `ee_data`: an offset, then flags.
    let [offset_0, offset_1, flags, _] = said.ee_data.to_ne_bytes();
    let hint = ExtensionHint { offset: u16::from_ne_bytes([offset_0, offset_1]), invalid: flags & 1 == 1 };
    QueuedError { offender: offender.filter(|_| from_network), icmp_type: said.ee_type, code: said.ee_code, hint }
}

fn address(address: &SockaddrStorage) -> Option<SocketAddr> {
    let v4 = address.as_sockaddr_in().map(|address| SocketAddr::V4(SocketAddrV4::from(*address)));
    v4.or_else(|| address.as_sockaddr_in6().map(|address| SocketAddr::V6(SocketAddrV6::from(*address))))
}
