//! ICMP echo requests by raw sockets.

use super::{
    filter,
    message::{receive, send},
    raw,
};
use crate::traceroute::{
    identity,
    packet::{Answer, ProbeId, echo::EchoFlow, ipv4_payload},
    stamp::Stamp,
};
use netring_core::model::Flow;
use socket2::{Socket, Type};
use std::{io, net::IpAddr};
use tokio::net::UdpSocket;

#[derive(Debug)]
pub(in super::super) struct IcmpSockets {
    target: IpAddr,
    sender: UdpSocket,
    /// Apart from the sender, which, as it is connected, hears of the target alone.
    listener: UdpSocket,
    flows: Vec<EchoFlow>,
    /// UDP sockets that hold a port with the number of each flow's identifier, so that no other trace of this host takes it.
    _identifiers: Vec<Socket>,
}

impl IcmpSockets {
    pub(super) fn open(target: IpAddr, flows: u8) -> io::Result<Self> {
        let protocol = raw::icmp_of(target);
        let listener = raw::listener(target, protocol, &filter::icmp_about(target))?;
        let (sender, source) = raw::sender(target, protocol, &filter::nothing())?;
        let cookie = fastrand::u64(1..);
        let first_sequence = fastrand::u16(..);
        let (mut identifiers, mut echoes) = (Vec::new(), Vec::new());
        for flow in 0..flows {
            let (socket, identifier) = identity::bind(Type::DGRAM, target, flow, 0)?;
            identifiers.push(socket);
            // Neither of the two zeros of the sum that a checksum is.
            let checksum = ((identity::hash(target, flow) >> 32) % 0xfffe) as u16 + 1;
            echoes.push(EchoFlow { flow, target, source, identifier, checksum, first_sequence, cookie });
        }
        Ok(Self { target, sender, listener, flows: echoes, _identifiers: identifiers })
    }

    pub(super) fn flows(&self) -> Vec<Flow> {
        let flow = |flow: &EchoFlow| Flow::Echo { identifier: flow.identifier, checksum: flow.checksum };
        self.flows.iter().map(flow).collect()
    }

    pub(super) fn send(&self, probe: ProbeId) -> io::Result<()> {
        let Some(flow) = self.flows.get(usize::from(probe.flow)) else { return Ok(()) };
        send(&self.sender, &flow.request(probe), None, self.target.is_ipv4(), probe.ttl)
    }

    pub(super) async fn receive(&self) -> io::Result<Option<(Answer, Stamp)>> {
        let message = receive(&self.listener).await?;
        let bytes = if self.target.is_ipv4() { ipv4_payload(&message.bytes) } else { Some(&*message.bytes) };
        let from = message.address.map(|address| address.ip());
        let answer = bytes
            .zip(from)
            .and_then(|(bytes, from)| self.flows.iter().find_map(|flow| flow.answer(bytes, from, message.ttl)));
        Ok(answer.map(|answer| (answer, message.arrived)))
    }
}
