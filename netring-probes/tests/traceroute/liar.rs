//! A path that is made up on loopback: packets reach this host whatever their time to live is, and a raw socket here answers
//! them with what routers would say.

use netring_testbed::lab::Host;
use nix::sys::socket::{MsgFlags, SockaddrIn, recvfrom, sendto};
use socket2::{Domain, Protocol, Socket, Type};
use std::{
    net::{Ipv4Addr, SocketAddrV4, UdpSocket},
    os::fd::AsRawFd,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

pub(crate) const TARGET: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 9);

/// What comes back for a packet: who says it, and the ICMP message without its checksum.
pub(crate) type Answer = (Ipv4Addr, Vec<u8>);

/// The router at this hop.
pub(crate) fn router(ttl: u8) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 1, ttl)
}

/// An ICMP message about `packet`, of which it quotes so many bytes, filled up with zeros to 128 where `extension` follows.
pub(crate) fn icmp(icmp_type: u8, code: u8, quoted: &[u8], extension: &[u8], says_length: bool) -> Vec<u8> {
    let length = if says_length && !extension.is_empty() { 32 } else { 0 };
    let mut message = vec![icmp_type, code, 0, 0, 0, length, 0, 0];
    message.extend(quoted);
    if !extension.is_empty() {
        message.resize(8 + 128, 0);
        message.extend(extension);
    }
    message
}

/// Ends the thread when it is dropped.
pub(crate) struct Liar {
    stop: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Liar {
    /// Answers packets to [`TARGET`] of `protocol` on `host`.
    pub(crate) fn new(
        host: &Host,
        protocol: Protocol,
        answer: impl Fn(u8, &[u8]) -> Option<Answer> + Send + 'static,
    ) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = host.call(move || {
            let listener = Socket::new(Domain::IPV4, Type::RAW, Some(protocol)).unwrap();
            listener.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
            let sender = move |from: Ipv4Addr| {
                let socket = Socket::new(Domain::IPV4, Type::RAW, Some(Protocol::ICMPV4)).unwrap();
                socket.bind(&SocketAddrV4::new(from, 0).into()).unwrap();
                socket
            };
            thread::spawn(move || {
                let mut buffer = [0; 2048];
                while !stopped.load(Ordering::Relaxed) {
                    let Ok((length, _)) = recvfrom::<SockaddrIn>(listener.as_raw_fd(), &mut buffer) else { continue };
                    let packet = &buffer[..length];
                    if packet[16..20] != TARGET.octets() {
                        continue;
                    }
                    let Some((from, mut message)) = answer(packet[8], packet) else { continue };
                    let checksum = checksum(&message);
                    message[2..4].copy_from_slice(&checksum);
                    let to =
                        SockaddrIn::from(SocketAddrV4::new(Ipv4Addr::from(*packet[12..].first_chunk().unwrap()), 0));
                    sendto(sender(from).as_raw_fd(), &message, &to, MsgFlags::empty()).unwrap();
                }
            })
        });
        Self { stop, thread: Some(thread) }
    }
}

impl Drop for Liar {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let result = self.thread.take().unwrap().join();
        assert!(result.is_ok() || thread::panicking());
    }
}

/// The Internet checksum (RFC 1071).
pub(crate) fn checksum(bytes: &[u8]) -> [u8; 2] {
    let sum: u32 = bytes.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0))).sum();
    let sum = (sum & 0xffff) + (sum >> 16);
    (!((sum & 0xffff) + (sum >> 16)) as u16).to_be_bytes()
}

/// Makes the kernel of `host` answer no datagram to `port`, no echo request and no TCP segment by itself. What it gives
/// back holds the port.
pub(crate) fn quiet(host: &Host, port: u16) -> UdpSocket {
    host.sysctl("net.ipv4.icmp_echo_ignore_all", "1");
    host.command("nft add table ip t");
    host.command("nft add chain ip t out { type filter hook output priority 0; }");
    host.command("nft add rule ip t out tcp flags & rst == rst drop");
    host.call(move || UdpSocket::bind((TARGET, port)).unwrap())
}
