use super::{IcmpSocket, IcmpUnavailable, packet::IcmpEcho};
use crate::burst::{BurstProbe, BurstProgress, BurstSettings, BurstSocket, OnProgress, StampsOn, Stop, unpredictable};
use async_trait::async_trait;
use netring_core::{ProbeError, ProbeKind, ProbeReport, Prober, Target};
use socket2::Domain;
use std::{
    io,
    net::{IpAddr, SocketAddr},
};
use tokio::time::Instant;

/// Sends a burst of ICMP echo requests, and takes what comes back: loss, duplicates, reordering, round-trip times and
/// jitter. The target's kernel answers, not a program: no member has to run there, and the target's port plays no part.
///
/// When a probe is over, and how it fails, is as with [`UdpProber`](crate::UdpProber); nobody refuses, though. Where the
/// sockets of one family may not be opened, its targets are [`ProbeError::Unsupported`].
///
/// # Panics
/// [`Prober::probe`] panics outside a tokio runtime with I/O and time enabled.
#[derive(Debug)]
pub struct IcmpProber {
    settings: BurstSettings,
    /// The socket for IPv4, or, on a system that has none, for IPv6.
    socket: IcmpSocket,
    socket_v4: Option<IcmpSocket>,
    socket_v6: Option<IcmpSocket>,
    _stamps: StampsOn,
}

impl IcmpProber {
    /// Finds out, once and for all, over what sockets this process may send ICMP echo: ping sockets, else raw ones.
    ///
    /// # Errors
    /// Where it may open neither, for IPv4 or IPv6; the error says what to do.
    pub fn open(settings: BurstSettings) -> Result<Self, IcmpUnavailable> {
        let socket_v6 = IcmpSocket::choose(Domain::IPV6).ok();
        let (socket, socket_v4) = match (IcmpSocket::choose(Domain::IPV4), socket_v6) {
            (Ok(socket), _) => (socket, Some(socket)),
            (Err(_), Some(socket)) => (socket, None),
            (Err(source), None) => return Err(IcmpUnavailable { source }),
        };
        Ok(Self { settings, socket, socket_v4, socket_v6, _stamps: StampsOn::new() })
    }

    /// The kind of socket that was found.
    #[must_use]
    pub const fn socket_kind(&self) -> IcmpSocket {
        self.socket
    }

    /// Probes as [`Prober::probe`] does, and tells `progress` of each packet at once.
    ///
    /// # Errors
    /// Where the probe could not be made.
    pub async fn probe_with(
        &self,
        target: &Target,
        deadline: Instant,
        progress: &(dyn Fn(BurstProgress) + Send + Sync),
    ) -> Result<ProbeReport, ProbeError> {
        let progress: OnProgress<'_> = progress;
        let probe = BurstProbe { kind: ProbeKind::ICMP, settings: &self.settings, target, deadline, progress };
        probe.make(|address| self.burst_to(target, address)).await
    }

    fn burst_to(&self, target: &Target, mut address: SocketAddr) -> Result<(BurstSocket, IcmpEcho), Stop> {
        let kind = match address.ip() {
            IpAddr::V4(_) => self.socket,
            IpAddr::V6(_) => self.socket_v6.unwrap_or(self.socket),
        };
        let socket = kind.open(Domain::for_address(address)).map_err(|error| match error.kind() {
            io::ErrorKind::PermissionDenied => Stop::NotMade(ProbeError::Unsupported {
                target: target.to_string(),
                reason: IcmpUnavailable { source: error }.to_string(),
            }),
            _ => Stop::io("open a socket", error),
        })?;
        // ICMP has no ports.
        address.set_port(0);
        let socket = BurstSocket::connect(socket, address).map_err(|error| Stop::io("connect", error))?;
        let cookie = u128::from(unpredictable()) << 64 | u128::from(unpredictable());
        let [.., a, b] = unpredictable().to_be_bytes();
        let id = u16::from_be_bytes([a, b]);
        Ok((socket, IcmpEcho::new(address.ip(), kind, id, cookie, self.settings.payload_bytes())))
    }
}

#[async_trait]
impl Prober for IcmpProber {
    fn kind(&self) -> ProbeKind {
        ProbeKind::ICMP
    }

    fn mode(&self) -> Option<String> {
        Some(mode(self.socket, self.socket_v4, self.socket_v6))
    }

    async fn probe(&self, target: &Target, deadline: Instant) -> Result<ProbeReport, ProbeError> {
        self.probe_with(target, deadline, &|_| {}).await
    }
}

/// What a prober says of its sockets, of which `first` is one: in one word where both families have the same.
fn mode(first: IcmpSocket, v4: Option<IcmpSocket>, v6: Option<IcmpSocket>) -> String {
    match (v4, v6) {
        (Some(v4), Some(v6)) if v4 != v6 => format!("{v4} (IPv6: {v6})"),
        (Some(v4), None) => format!("{v4} (no IPv6)"),
        (None, Some(v6)) => format!("{v6} (no IPv4)"),
        _ => first.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mode_tells_of_both_families_where_they_differ() {
        use IcmpSocket::{Ping, Raw};
        for (v4, v6, expected) in [
            (Some(Ping), Some(Ping), "ping socket"),
            (Some(Raw), Some(Raw), "raw socket"),
            (Some(Ping), Some(Raw), "ping socket (IPv6: raw socket)"),
            (Some(Raw), None, "raw socket (no IPv6)"),
            (None, Some(Raw), "raw socket (no IPv4)"),
        ] {
            assert_eq!(mode(v4.or(v6).unwrap(), v4, v6), expected);
        }
    }
}
