//! TCP SYN segments by raw sockets.

use super::{
    filter, first_of,
    message::{receive, send},
    raw,
};
use crate::traceroute::{
    identity,
    packet::{Answer, ProbeId, ipv4_payload, syn::SynFlow},
    stamp::Stamp,
};
use netring_core::model::Flow;
use socket2::{Protocol, Socket, Type};
use std::{
    io,
    net::{IpAddr, SocketAddr},
};
use tokio::net::UdpSocket;

#[derive(Debug)]
pub(in super::super) struct TcpSockets {
    target: IpAddr,
    /// Sends, and hears what the target answers.
    segments: UdpSocket,
    /// Hears ICMP.
    errors: UdpSocket,
    flows: Vec<SynFlow>,
    /// TCP sockets that hold the source ports, so that nobody else on this host takes them. They do not listen: the kernel
    /// answers a SYN-ACK with an RST, and so the target forgets the connection at once.
    _ports: Vec<Socket>,
}

impl TcpSockets {
    pub(super) fn open(target: SocketAddr, flows: u8) -> io::Result<Self> {
        let (target, destination_port) = (target.ip(), target.port());
        let errors = raw::listener(target, raw::icmp_of(target), &filter::icmp_about(target))?;
        let held = (0..flows).map(|flow| identity::bind(Type::STREAM, target, flow, destination_port));
        let (sockets, ports): (Vec<_>, Vec<_>) = held.collect::<io::Result<Vec<_>>>()?.into_iter().unzip();
        let (segments, source) = raw::sender(target, Protocol::TCP, &filter::segments_to(target, &ports))?;
        let flow = |(flow, source_port)| SynFlow {
            flow,
            target,
            source,
            source_port,
            destination_port,
            first_sequence: fastrand::u32(..),
        };
        let flows = (0..).zip(ports).map(flow).collect();
        Ok(Self { target, segments, errors, flows, _ports: sockets })
    }

    pub(super) fn flows(&self) -> Vec<Flow> {
        let flow = |flow: &SynFlow| Flow::Ports { source: flow.source_port, destination: flow.destination_port };
        self.flows.iter().map(flow).collect()
    }

    pub(super) fn send(&self, probe: ProbeId) -> io::Result<()> {
        let Some(flow) = self.flows.get(usize::from(probe.flow)) else { return Ok(()) };
        send(&self.segments, &flow.segment(probe), None, self.target.is_ipv4(), probe.ttl)
    }

    pub(super) async fn receive(&self) -> io::Result<Option<(Answer, Stamp)>> {
        let listen = |socket, is_error| async move { receive(socket).await.map(|message| (is_error, message)) };
        let (is_error, message) = first_of([listen(&self.segments, false), listen(&self.errors, true)]).await?;
        let bytes = if self.target.is_ipv4() { ipv4_payload(&message.bytes) } else { Some(&*message.bytes) };
        let from = message.address.map(|address| address.ip());
        let answer = bytes.zip(from).and_then(|(bytes, from)| {
            self.flows.iter().find_map(|flow| match is_error {
                true => flow.icmp_answer(bytes, from, message.ttl),
                false => flow.answer(bytes, from, message.ttl),
            })
        });
        Ok(answer.map(|answer| (answer, message.arrived)))
    }
}
