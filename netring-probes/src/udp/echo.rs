use super::{
    EchoCounters, RingKey, UdpEchoBuilder,
    counters::Counting,
    limits::{Limits, Rate},
    packet::{Refused, Request, read_request, write_reply},
    sessions::Sessions,
};
use crate::burst::{Datagram, EchoStamp, SentTo, realtime, receive, stamp_received};
use netring_core::CancellationToken;
use nix::{
    libc,
    sys::socket::{ControlMessage, MsgFlags, SockaddrStorage, sendmsg, setsockopt, sockopt},
};
use std::{
    io::{self, IoSlice},
    net::{IpAddr, Ipv6Addr, SocketAddr, UdpSocket},
    os::fd::{AsFd, AsRawFd},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};
use tokio::{io::Interest, time::sleep};

/// Packets in a row before others get their turn.
const TURN: usize = 64;
/// How long an echo waits after an error of its socket, lest it do nothing but fail.
const PAUSE: Duration = Duration::from_millis(10);

/// Sends the packets of a [`UdpProber`](super::UdpProber) back.
///
/// It is of little use to an attacker: an answer is exactly as long as the request, goes to one address and port, and is
/// itself never answered. One address gets no more than a bounded number of answers a second, and so do all together.
/// What is not answered for that reason counts as lost on the way back where later packets of the burst are answered.
///
/// With a [`RingKey`] whoever has it not cannot make a request. A request that somebody captured can be sent again, from
/// any address, but is answered twice at most while its burst is remembered, and not at all once it is ten minutes old. So
/// the clocks of all members have to agree within ten minutes: where they do not, no packet comes back, and
/// [`EchoCounters::stale`] counts them.
#[derive(Debug)]
pub struct UdpEcho {
    socket: tokio::net::UdpSocket,
    local: SocketAddr,
    key: Option<RingKey>,
    counting: Counting,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    limits: Limits,
    sessions: Sessions,
}

impl UdpEcho {
    /// An echo on `address`, with every default of [`UdpEchoBuilder`].
    ///
    /// # Errors
    /// Where the address cannot be bound to.
    ///
    /// # Panics
    /// Outside a tokio runtime with I/O enabled.
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        Self::builder().bind(address)
    }

    /// An echo on a socket that was bound before, with every default of [`UdpEchoBuilder`].
    ///
    /// # Errors
    /// Where the system does not take its options, or cannot wait for it.
    ///
    /// # Panics
    /// Outside a tokio runtime with I/O enabled.
    pub fn from_std(socket: UdpSocket) -> io::Result<Self> {
        Self::builder().from_std(socket)
    }

    /// Settings for an echo.
    pub const fn builder() -> UdpEchoBuilder {
        UdpEchoBuilder::new()
    }

    pub(super) fn new(settings: UdpEchoBuilder, socket: UdpSocket) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        let local = socket.local_addr()?;
        // A host with several addresses has to answer from the one that was asked, or nobody knows the answer for one.
        match local {
            SocketAddr::V4(_) => setsockopt(&socket, sockopt::Ipv4PacketInfo, &true)?,
            SocketAddr::V6(_) => {
                setsockopt(&socket, sockopt::Ipv6RecvPacketInfo, &true)?;
                // Of a packet by IPv4 this tells more: whether it was a broadcast.
                let _ = setsockopt(&socket, sockopt::Ipv4PacketInfo, &true);
            }
        }
        stamp_received(&socket);
        let (each, all) = (
            Rate { per_second: settings.packets_per_second, burst: settings.burst },
            Rate { per_second: settings.packets_per_second_overall, burst: settings.packets_per_second_overall },
        );
        let per_address = settings.key.is_none().then_some(settings.sessions_per_address);
        let state = State {
            limits: Limits::new(each, all, settings.addresses),
            sessions: Sessions::new(settings.sessions, per_address),
        };
        let key = settings.key;
        let socket = tokio::net::UdpSocket::from_std(socket)?;
        Ok(Self { socket, local, key, counting: Counting::default(), state: Mutex::new(state) })
    }

    /// Where it listens.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// What it has done so far.
    #[must_use]
    pub fn counters(&self) -> EchoCounters {
        self.counting.get()
    }

    /// Answers until `shutdown` is cancelled. No error of its socket ends it: they are counted.
    pub async fn run(&self, shutdown: CancellationToken) {
        let _ = shutdown.run_until_cancelled(self.answer_all()).await;
    }

    async fn answer_all(&self) {
        let mut buffer = [0; 2_048];
        loop {
            let mut failed = self.socket.readable().await.is_err();
            for _ in 0..TURN {
                let received = self.socket.try_io(Interest::READABLE, || receive(self.socket.as_fd(), &mut buffer));
                match received {
                    Ok(datagram) => self.answer(&datagram, &mut buffer),
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                    Err(_) => {
                        failed = true;
                        break;
                    }
                }
            }
            if failed {
                count(&self.counting.socket_errors);
                sleep(PAUSE).await;
            }
            // Whoever floods the echo does not take the whole thread.
            tokio::task::yield_now().await;
        }
    }

    fn answer(&self, datagram: &Datagram, buffer: &mut [u8]) {
        let received_at = datagram.kernel.unwrap_or_else(realtime);
        let addresses = datagram.from.filter(|from| from.port() != 0).zip(datagram.to.and_then(source));
        let packet = buffer.get_mut(..datagram.length).filter(|_| !datagram.truncated);
        let Some(((peer, source), packet)) = addresses.zip(packet) else {
            return count(&self.counting.malformed);
        };
        let request = match read_request(packet, self.key.as_ref()) {
            Ok(request) => request,
            Err(Refused::Malformed) => return count(&self.counting.malformed),
            Err(Refused::Unauthenticated) => return count(&self.counting.unauthenticated),
        };
        // The stamp is of the sender's clock, and the key protects it.
        if self.key.is_some() && request.is_stale(received_at) {
            return count(&self.counting.stale);
        }
        let packets = match self.note(peer, &request) {
            Ok(packets) => packets,
            Err(counter) => return count(counter),
        };
        let echo = EchoStamp { received_at, sent_at: realtime(), count: packets };
        write_reply(packet, &request, &echo, self.key.as_ref());
        match self.send(packet, peer, &source) {
            Ok(()) => count(&self.counting.answered),
            Err(_) => count(&self.counting.socket_errors),
        }
    }

    /// How many packets of the session there were; or what counts this one, which gets no answer.
    fn note(&self, peer: SocketAddr, request: &Request) -> Result<u32, &AtomicU64> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // It has arrived, whether or not it is answered: what the limits refuse was not lost on the way there.
        let arrivals = state.sessions.note(peer, request);
        // The limits come last: neither who has not the key nor who replays uses up what a member's address may ask.
        if self.key.is_some() && arrivals.third {
            Err(&self.counting.replayed)
        } else if state.limits.allow(peer.ip(), Instant::now()) {
            Ok(arrivals.packets)
        } else {
            Err(&self.counting.rate_limited)
        }
    }

    /// Sends now or not at all: an answer that waits tells a time that is not the path's.
    fn send(&self, packet: &[u8], peer: SocketAddr, source: &SentTo) -> io::Result<()> {
        let control = match source {
            SentTo::V4(info) => ControlMessage::Ipv4PacketInfo(info),
            SentTo::V6(info) => ControlMessage::Ipv6PacketInfo(info),
        };
        let (slices, peer) = ([IoSlice::new(packet)], SockaddrStorage::from(peer));
        sendmsg(self.socket.as_raw_fd(), &slices, &[control], MsgFlags::empty(), Some(&peer))?;
        Ok(())
    }
}

/// Where an answer comes from: the address that was asked, if it is one of this host alone. The interface is left to the
/// routes, but for an address that means nothing without one.
fn source(to: SentTo) -> Option<SentTo> {
    match to {
        // The kernel tells the address in the header, and its own; they differ where it was a broadcast.
        SentTo::V4(info) => (info.ipi_addr.s_addr == info.ipi_spec_dst.s_addr)
            .then_some(SentTo::V4(libc::in_pktinfo { ipi_ifindex: 0, ..info })),
        SentTo::V6(info) => {
            let ip = Ipv6Addr::from(info.ipi6_addr.s6_addr);
            let one_host = match ip.to_canonical() {
                IpAddr::V4(ip) => !ip.is_multicast() && !ip.is_broadcast(),
                IpAddr::V6(ip) => !ip.is_multicast(),
            };
            let ipi6_ifindex = if ip.is_unicast_link_local() { info.ipi6_ifindex } else { 0 };
            one_host.then_some(SentTo::V6(libc::in6_pktinfo { ipi6_ifindex, ..info }))
        }
    }
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Relaxed);
}
