use super::message::{self, Datagram, Notice};
use nix::sys::socket::{MsgFlags, TimestampingFlag, send, setsockopt, sockopt};
use socket2::{Domain, Socket, Type};
use std::{
    io,
    net::SocketAddr,
    os::fd::{AsFd, AsRawFd},
};
use tokio::{io::Interest, net::UdpSocket};

/// A socket for one burst to one target, of whatever protocol, whose packets the kernel stamps where it can.
///
/// tokio waits for it as for a UDP socket: to wait it need not know what is sent.
#[derive(Debug)]
pub(crate) struct BurstSocket(UdpSocket);

impl BurstSocket {
    /// Connects `socket` to `target`. Errors from the network come back through it.
    pub(crate) fn connect(socket: Socket, target: SocketAddr) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        stamp_all(&socket);
        // Without it the kernel tells only of ports that are closed, not of routers that know no way.
        match target {
            SocketAddr::V4(_) => setsockopt(&socket, sockopt::Ipv4RecvErr, &true)?,
            SocketAddr::V6(_) => setsockopt(&socket, sockopt::Ipv6RecvErr, &true)?,
        }
        socket.connect(&target.into())?;
        Ok(Self(UdpSocket::from_std(socket.into())?))
    }

    /// Sends a packet now or not at all. It goes past tokio, which holds a socket for busy until it has heard of it.
    pub(crate) fn send(&self, packet: &[u8]) -> io::Result<()> {
        send(self.0.as_raw_fd(), packet, MsgFlags::empty())?;
        Ok(())
    }

    /// Waits until there is something to receive, or a notice.
    pub(crate) async fn ready(&self) -> io::Result<()> {
        self.0.ready(Interest::READABLE | Interest::ERROR).await.map(drop)
    }

    /// Takes the next datagram, where there is one.
    pub(crate) fn receive(&self, buffer: &mut [u8]) -> io::Result<Datagram> {
        self.0.try_io(Interest::READABLE, || message::receive(self.0.as_fd(), buffer))
    }

    /// Takes the next notice, where there is one.
    pub(crate) fn notice(&self, buffer: &mut [u8]) -> io::Result<Notice> {
        self.0.try_io(Interest::ERROR, || message::notice(self.0.as_fd(), buffer))
    }
}

/// Asks the kernel to stamp what is sent and received. A kernel that cannot leaves it to the process.
fn stamp_all(socket: &Socket) {
    use TimestampingFlag as Flag;
    let all = Flag::SOF_TIMESTAMPING_TX_SOFTWARE
        | Flag::SOF_TIMESTAMPING_OPT_ID
        | Flag::SOF_TIMESTAMPING_OPT_TSONLY
        | Flag::SOF_TIMESTAMPING_RX_SOFTWARE
        | Flag::SOF_TIMESTAMPING_SOFTWARE;
    if setsockopt(socket, sockopt::Timestamping, &all).is_err() {
        stamp_received(socket);
    }
}

/// Asks the kernel to stamp what is received.
pub(crate) fn stamp_received(socket: &impl AsFd) {
    let flags = TimestampingFlag::SOF_TIMESTAMPING_RX_SOFTWARE | TimestampingFlag::SOF_TIMESTAMPING_SOFTWARE;
    let _ = setsockopt(socket, sockopt::Timestamping, &flags);
}

/// Keeps the kernel stamping what arrives.
///
/// It does so only while some socket wants it, and takes a moment to begin: without a socket that stays, the first packets
/// of every burst would have no stamp, and every burst would have the kernel patch its own code twice.
#[derive(Debug)]
pub(crate) struct StampsOn {
    _socket: Option<Socket>,
}

impl StampsOn {
    pub(crate) fn new() -> Self {
        let socket = [Domain::IPV4, Domain::IPV6].into_iter().find_map(|d| Socket::new(d, Type::DGRAM, None).ok());
        if let Some(socket) = &socket {
            stamp_received(socket);
        }
        Self { _socket: socket }
    }
}
