//! One datagram or one notice from the kernel, with what the kernel says of it.

use nix::{
    libc,
    sys::{
        socket::{ControlMessageOwned, MsgFlags, RecvMsg, SockaddrStorage, recvmsg},
        time::TimeSpec,
    },
};
use std::{
    io::{self, IoSliceMut},
    net::{IpAddr, SocketAddr, SocketAddrV4, SocketAddrV6},
    os::fd::{AsRawFd, BorrowedFd},
};

/// Room for every control message that is asked for, aligned as the kernel writes them.
#[repr(align(8))]
struct Control([u8; 256]);

/// A datagram that arrived.
#[derive(Debug)]
pub(crate) struct Datagram {
    pub(crate) length: usize,
    pub(crate) from: Option<SocketAddr>,
    /// When the kernel got it, by the system's clock in nanoseconds.
    pub(crate) kernel: Option<u64>,
    /// Which of this system's addresses it was sent to, where the socket was asked to tell.
    #[cfg(feature = "udp")]
    pub(crate) to: Option<SentTo>,
    /// Whether it was longer than the buffer.
    pub(crate) truncated: bool,
}

/// Whom a datagram was sent to.
#[cfg(feature = "udp")]
#[derive(Debug, Clone, Copy)]
pub(crate) enum SentTo {
    V4(libc::in_pktinfo),
    V6(libc::in6_pktinfo),
}

/// What a socket's error queue tells.
#[derive(Debug)]
pub(crate) enum Notice {
    /// A packet was handed to the network device.
    Sent {
        /// How many packets of this socket there were before it.
        id: u32,
        /// When, by the system's clock in nanoseconds.
        at: u64,
    },
    /// A packet of `length` bytes, as far as it was quoted, could not be delivered.
    Undelivered {
        /// What is wrong.
        error: NetworkError,
        /// How much of the packet is in the buffer.
        length: usize,
    },
    /// Something else.
    Other,
}

/// What a router or the target's host answered in place of the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NetworkError {
    /// The system's number for it.
    pub(crate) errno: i32,
    /// Who said so.
    pub(crate) offender: Option<IpAddr>,
}

/// Takes a datagram from the socket's queue.
pub(crate) fn receive(socket: BorrowedFd<'_>, buffer: &mut [u8]) -> io::Result<Datagram> {
    let mut control = Control([0; 256]);
    let mut slices = [IoSliceMut::new(buffer)];
    let message: RecvMsg<'_, '_, SockaddrStorage> =
        recvmsg(socket.as_raw_fd(), &mut slices, Some(&mut control.0), MsgFlags::empty())?;
    let mut datagram = Datagram {
        length: message.bytes,
        from: message.address.as_ref().and_then(socket_address),
        kernel: None,
        #[cfg(feature = "udp")]
        to: None,
        truncated: message.flags.contains(MsgFlags::MSG_TRUNC),
    };
    for control in message.cmsgs()? {
        match control {
            ControlMessageOwned::ScmTimestampsns(stamps) => datagram.kernel = nanos(stamps.system),
            #[cfg(feature = "udp")]
            ControlMessageOwned::Ipv4PacketInfo(info) => datagram.to = Some(SentTo::V4(info)),
            #[cfg(feature = "udp")]
            ControlMessageOwned::Ipv6PacketInfo(info) => datagram.to = Some(SentTo::V6(info)),
            _ => {}
        }
    }
    Ok(datagram)
}

/// Takes a notice from the socket's error queue.
pub(crate) fn notice(socket: BorrowedFd<'_>, buffer: &mut [u8]) -> io::Result<Notice> {
    let mut control = Control([0; 256]);
    let mut slices = [IoSliceMut::new(buffer)];
    let message: RecvMsg<'_, '_, SockaddrStorage> =
        recvmsg(socket.as_raw_fd(), &mut slices, Some(&mut control.0), MsgFlags::MSG_ERRQUEUE)?;
    let (mut stamp, mut error) = (None, None);
    for control in message.cmsgs()? {
        match control {
            ControlMessageOwned::ScmTimestampsns(stamps) => stamp = nanos(stamps.system),
            ControlMessageOwned::Ipv4RecvErr(e, from) => {
                error = Some((e, from.map(|from| IpAddr::from(u32::from_be(from.sin_addr.s_addr).to_be_bytes()))));
            }
            ControlMessageOwned::Ipv6RecvErr(e, from) => {
                error = Some((e, from.map(|from| IpAddr::from(from.sin6_addr.s6_addr))));
            }
            _ => {}
        }
    }
    Ok(match (error, stamp) {
        (Some((error, _)), Some(at)) if error.ee_origin == libc::SO_EE_ORIGIN_TIMESTAMPING => {
            Notice::Sent { id: error.ee_data, at }
        }
        (Some((error, offender)), _)
            if [libc::SO_EE_ORIGIN_ICMP, libc::SO_EE_ORIGIN_ICMP6].contains(&error.ee_origin) =>
        {
            let errno = i32::try_from(error.ee_errno).unwrap_or(libc::EIO);
            Notice::Undelivered { error: NetworkError { errno, offender }, length: message.bytes }
        }
        _ => Notice::Other,
    })
}

fn socket_address(address: &SockaddrStorage) -> Option<SocketAddr> {
    let v4 = || address.as_sockaddr_in().map(|v4| SocketAddrV4::from(*v4).into());
    v4().or_else(|| address.as_sockaddr_in6().map(|v6| SocketAddrV6::from(*v6).into()))
}

/// Nanoseconds since the Unix epoch; a kernel without a time says 0.
fn nanos(time: TimeSpec) -> Option<u64> {
    let seconds = u64::try_from(time.tv_sec()).ok()?;
    let nanos = u64::try_from(time.tv_nsec()).ok()?;
    seconds.checked_mul(1_000_000_000)?.checked_add(nanos).filter(|&nanos| nanos > 0)
}
