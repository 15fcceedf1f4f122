//! ICMP echo (RFC 792) and ICMPv6 echo (RFC 4443, section 4): bytes in, values out.

use super::IcmpSocket;
use crate::burst::{Datagram, Protocol, Reply};
use etherparse::{
    IcmpEchoHeader, Icmpv4Header, Icmpv4Slice, Icmpv4Type, Icmpv6Header, Icmpv6Slice, Icmpv6Type, Ipv4HeaderSlice,
    ip_number,
};
use std::net::IpAddr;

/// The packets of one burst.
pub(super) struct IcmpEcho {
    target: IpAddr,
    socket: IcmpSocket,
    /// The identifier of a raw socket's packets. Those of a ping socket get one from the kernel.
    id: u16,
    /// Random bytes that nobody can guess, and padding. A target sends them back as they are.
    payload: Vec<u8>,
    packet: Vec<u8>,
}

impl IcmpEcho {
    /// Packets to `target` that carry `cookie` and padding, `payload_bytes` in all.
    pub(super) fn new(target: IpAddr, socket: IcmpSocket, id: u16, cookie: u128, payload_bytes: u16) -> Self {
        let mut payload = cookie.to_be_bytes().to_vec();
        payload.resize(usize::from(payload_bytes).max(payload.len()), 0);
        Self { target, socket, id, payload, packet: Vec::new() }
    }

    /// Whether an echo reply is one of this burst. The kernel keeps the identifiers of ping sockets apart.
    fn is_reply(&self, header: IcmpEchoHeader, payload: &[u8]) -> bool {
        (self.socket == IcmpSocket::Ping || header.id == self.id) && payload == self.payload
    }

    /// Whether an echo request is one of this burst, of which no more than the start may be there.
    fn is_request(&self, header: IcmpEchoHeader, payload: &[u8]) -> bool {
        let same = payload.iter().zip(&self.payload).all(|(a, b)| a == b);
        (self.socket == IcmpSocket::Ping || header.id == self.id) && same
    }

    /// The sequence of a reply in `bytes`, as the socket gives them.
    fn sequence(&self, bytes: &[u8]) -> Option<u16> {
        match (self.target, self.socket) {
            (IpAddr::V4(_), IcmpSocket::Raw) => {
                let header = Ipv4HeaderSlice::from_slice(bytes).ok()?;
                if header.protocol() != ip_number::ICMP {
                    return None;
                }
                self.sequence_v4(bytes.get(header.slice().len()..)?)
            }
            (IpAddr::V4(_), IcmpSocket::Ping) => self.sequence_v4(bytes),
            (IpAddr::V6(_), _) => {
                let slice = Icmpv6Slice::from_slice(bytes).ok()?;
                let Icmpv6Type::EchoReply(header) = slice.icmp_type() else { return None };
                self.is_reply(header, slice.payload()).then_some(header.seq)
            }
        }
    }

    fn sequence_v4(&self, bytes: &[u8]) -> Option<u16> {
        let slice = Icmpv4Slice::from_slice(bytes).ok()?;
        // On this host's own addresses a raw socket gets the requests too.
        let Icmpv4Type::EchoReply(header) = slice.icmp_type() else { return None };
        self.is_reply(header, slice.payload()).then_some(header.seq)
    }
}

impl Protocol for IcmpEcho {
    fn request(&mut self, sequence: u16, _: u64) -> &[u8] {
        let header = IcmpEchoHeader { id: self.id, seq: sequence };
        self.packet.clear();
        match self.target {
            IpAddr::V4(_) => {
                let header = Icmpv4Header::with_checksum(Icmpv4Type::EchoRequest(header), &self.payload);
                self.packet.extend_from_slice(&header.to_bytes());
            }
            // The kernel writes the checksum: it is the one that knows the source address (RFC 3542, section 3.1).
            IpAddr::V6(_) => {
                let header = Icmpv6Header::new(Icmpv6Type::EchoRequest(header));
                self.packet.extend_from_slice(&header.to_bytes());
            }
        }
        self.packet.extend_from_slice(&self.payload);
        &self.packet
    }

    fn reply(&self, datagram: &Datagram, bytes: &[u8]) -> Reply {
        // A ping socket gets what carries its identifier from wherever it comes, connected or not.
        let from_target = datagram.from.is_some_and(|from| from.ip() == self.target);
        match self.sequence(bytes).filter(|_| from_target) {
            Some(sequence) => Reply::Ours { sequence, echo: None },
            None => Reply::Foreign,
        }
    }

    fn sent(&self, quoted: &[u8]) -> bool {
        // The kernel tells a raw socket of every packet to this target that could not be delivered, whosever it was.
        match self.target {
            IpAddr::V4(_) => Icmpv4Slice::from_slice(quoted).is_ok_and(|slice| {
                matches!(slice.icmp_type(), Icmpv4Type::EchoRequest(header) if self.is_request(header, slice.payload()))
            }),
            IpAddr::V6(_) => Icmpv6Slice::from_slice(quoted).is_ok_and(|slice| {
                matches!(slice.icmp_type(), Icmpv6Type::EchoRequest(header) if self.is_request(header, slice.payload()))
            }),
        }
    }
}

#[cfg(test)]
mod tests;
