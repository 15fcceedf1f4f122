//! UDP datagrams, and the kernel's queue of what ICMP says of them: no privilege is needed.

use super::{
    first_of,
    message::{Message, receive, receive_error, send, tell_ttl_and_time},
    option::receive_extension_offsets,
};
use crate::traceroute::{
    identity,
    packet::{
        Answer, Kind, Match, ProbeId, Version, judge,
        udp::{Cookie, quoted_labels},
    },
    stamp::Stamp,
};
use netring_core::model::Flow;
use nix::sys::socket::{setsockopt, sockopt};
use socket2::Type;
use std::{io, net::SocketAddr};
use tokio::net::UdpSocket;

#[derive(Debug)]
pub(in super::super) struct UdpSockets {
    target: SocketAddr,
    cookie: Cookie,
    /// One for each flow, with its port.
    flows: Vec<(UdpSocket, u16)>,
}

impl UdpSockets {
    pub(super) fn open(target: SocketAddr, flows: u8) -> io::Result<Self> {
        let flows = (0..flows).map(|flow| open(target, flow)).collect::<io::Result<_>>()?;
        Ok(Self { target, cookie: Cookie(fastrand::u64(1..)), flows })
    }

    pub(super) fn flows(&self) -> Vec<Flow> {
        let flow = |(_, source): &(UdpSocket, u16)| Flow::Ports { source: *source, destination: self.target.port() };
        self.flows.iter().map(flow).collect()
    }

    pub(super) fn send(&self, probe: ProbeId) -> io::Result<()> {
        let Some((socket, _)) = self.flows.get(usize::from(probe.flow)) else { return Ok(()) };
        // Not connected: the socket holds a port, and each packet says where it goes. What a target with several addresses sends
        // from another one is not taken for its answer; nor is a firewall's refusal in its name.
        send(socket, &self.cookie.payload(probe), Some(self.target), self.target.is_ipv4(), probe.ttl)
    }

    pub(super) async fn receive(&self) -> io::Result<Option<(Answer, Stamp)>> {
        let message = |(socket, flow)| async move {
            let message = tokio::select! {
                error = receive_error(socket) => error,
                datagram = receive(socket) => datagram,
            };
            message.map(|message| (flow, message))
        };
        let sockets = self.flows.iter().zip(0_u8..).map(|((socket, _), flow)| message((socket, flow)));
        let (flow, message) = first_of(sockets).await?;
        let arrived = message.arrived;
        Ok(self.answer(flow, message).map(|answer| (answer, arrived)))
    }

    fn answer(&self, flow: u8, message: Message) -> Option<Answer> {
        if message.address? != self.target {
            return None;
        }
        let target = self.target.ip();
        let Some(error) = message.error else {
            // A datagram from the target: what listens there answers. An echo says to which packet.
            let to = self.cookie.find(flow, &message.bytes).unwrap_or(Match::Flow(flow));
            return Some(Answer { to, from: target, kind: Kind::Reached, answer_ttl: message.ttl, mpls: Vec::new() });
        };
        let (version, ip_header) = if target.is_ipv4() { (Version::V4, 20) } else { (Version::V6, 40) };
        let from = error.offender?;
        let kind = judge(version, error.icmp_type, error.code, from == target)?;
        let to = self.cookie.find(flow, &message.bytes)?;
        let mpls = quoted_labels(&message.bytes, error.hint, ip_header);
        Some(Answer { to, from, kind, answer_ttl: message.ttl, mpls })
    }
}

fn open(target: SocketAddr, flow: u8) -> io::Result<(UdpSocket, u16)> {
    let (socket, port) = identity::bind(Type::DGRAM, target.ip(), flow, target.port())?;
    tell_ttl_and_time(&socket, target.ip())?;
    if target.is_ipv4() {
        setsockopt(&socket, sockopt::Ipv4RecvErr, &true)?;
    } else {
        setsockopt(&socket, sockopt::Ipv6RecvErr, &true)?;
    }
    // A kernel that is too old for it leaves the extensions to be found where they usually are.
    let _ = receive_extension_offsets(&socket, target.ip());
    Ok((UdpSocket::from_std(socket.into())?, port))
}
