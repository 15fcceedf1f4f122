//! The line to a member that stands far away, or that cannot always be reached.

mod line;
mod tcp;
#[cfg(test)]
mod tests;
mod udp;

pub(crate) use line::Conditions;

use super::{ports::Port, ring::end};
use line::Line;
use std::{io, net::SocketAddr, sync::Arc};
use tokio::{
    net::{TcpListener, UdpSocket},
    task::JoinHandle,
};

/// Takes the connections and the datagrams for a member at the port that the others know, and brings them to the port
/// where the member listens: later, more slowly, and datagrams not always. So whoever probes the member measures that.
///
/// The kernel answers the handshake of TCP at the relay, and so the time to connect, which is the round trip of TCP and
/// HTTP probes, does not show the delay. The answer to an HTTP request does, and so do bursts and throughput.
#[derive(Debug)]
pub(crate) struct Relay {
    port: Port,
    to: SocketAddr,
    line: Arc<Line>,
    running: Vec<JoinHandle<()>>,
    has_udp: bool,
}

impl Relay {
    /// Relays what comes to `listener`, at `port`, to `to`.
    pub(crate) fn start(port: Port, listener: TcpListener, to: SocketAddr, conditions: Conditions, seed: u64) -> Self {
        let line = Arc::new(Line::new(conditions, seed));
        let mut relay = Self { port, to, line, running: Vec::new(), has_udp: false };
        relay.run(listener);
        relay
    }

    /// Where the others find the member.
    pub(crate) fn address(&self) -> SocketAddr {
        self.port.address()
    }

    /// Whether it has the port by UDP too: another program may.
    pub(crate) fn has_udp(&self) -> bool {
        self.has_udp
    }

    /// Changes what the line does to what comes from now on.
    pub(crate) fn set(&self, conditions: Conditions) {
        self.line.set(conditions);
    }

    /// Cuts every connection and refuses all that come, until it is [opened](Self::open) again.
    pub(crate) async fn refuse(&mut self) {
        for task in self.running.drain(..) {
            end(task).await;
        }
        self.port.keep();
    }

    /// Takes connections again.
    pub(crate) fn open(&mut self) -> io::Result<()> {
        if self.running.is_empty() {
            let listener = self.port.listen()?;
            self.run(listener);
        }
        Ok(())
    }

    fn run(&mut self, listener: TcpListener) {
        self.running.push(tokio::spawn(tcp::relay(listener, self.to, Arc::clone(&self.line))));
        let udp = std::net::UdpSocket::bind(self.port.address()).and_then(|socket| {
            socket.set_nonblocking(true)?;
            UdpSocket::from_std(socket)
        });
        self.has_udp = udp.is_ok();
        if let Ok(socket) = udp {
            self.running.push(tokio::spawn(udp::relay(socket, self.to, Arc::clone(&self.line))));
        }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        for task in &self.running {
            task.abort();
        }
    }
}
