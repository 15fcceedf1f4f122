//! The sockets of a trace.

mod filter;
mod icmp;
mod message;
mod option;
mod raw;
mod tcp;
mod udp;

use super::{
    packet::{Answer, ProbeId},
    stamp::Stamp,
};
use icmp::IcmpSockets;
use netring_core::model::{Flow, TracerouteMode};
use std::{
    future::{Future, poll_fn},
    io,
    net::SocketAddr,
    pin::Pin,
    task::Poll,
};
use tcp::TcpSockets;
use udp::UdpSockets;

pub(super) use raw::may_open_raw;

/// What a trace sends by and hears answers from.
#[derive(Debug)]
pub(super) enum Sockets {
    Udp(UdpSockets),
    Icmp(IcmpSockets),
    Tcp(TcpSockets),
}

impl Sockets {
    /// Opens what a trace to `target` with so many flows needs.
    pub(super) fn open(mode: TracerouteMode, target: SocketAddr, flows: u8) -> io::Result<Self> {
        Ok(match mode {
            TracerouteMode::Udp => Self::Udp(UdpSockets::open(target, flows)?),
            TracerouteMode::Icmp => Self::Icmp(IcmpSockets::open(target.ip(), flows)?),
            TracerouteMode::Tcp => Self::Tcp(TcpSockets::open(target, flows)?),
        })
    }

    /// What routers tell the flows apart by, in their order.
    pub(super) fn flows(&self) -> Vec<Flow> {
        match self {
            Self::Udp(sockets) => sockets.flows(),
            Self::Icmp(sockets) => sockets.flows(),
            Self::Tcp(sockets) => sockets.flows(),
        }
    }

    /// Sends a packet, without waiting.
    pub(super) fn send(&self, probe: ProbeId) -> io::Result<()> {
        match self {
            Self::Udp(sockets) => sockets.send(probe),
            Self::Icmp(sockets) => sockets.send(probe),
            Self::Tcp(sockets) => sockets.send(probe),
        }
    }

    /// The next thing that arrives; none where it is no answer to this trace. May be dropped at any time: nothing is lost.
    pub(super) async fn receive(&self) -> io::Result<Option<(Answer, Stamp)>> {
        match self {
            Self::Udp(sockets) => sockets.receive().await,
            Self::Icmp(sockets) => sockets.receive().await,
            Self::Tcp(sockets) => sockets.receive().await,
        }
    }
}

/// The output of the first of `futures` that is done. They are few.
async fn first_of<T, F: Future<Output = T>>(futures: impl IntoIterator<Item = F>) -> T {
    let mut futures: Vec<Pin<Box<F>>> = futures.into_iter().map(Box::pin).collect();
    poll_fn(|context| {
        for future in &mut futures {
            if let Poll::Ready(output) = future.as_mut().poll(context) {
                return Poll::Ready(output);
            }
        }
        Poll::Pending
    })
    .await
}
