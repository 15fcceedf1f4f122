//! How a member joins its ring: the trait [`Discovery`], a fixed list, and a registry in the same process.

mod fixed;
mod in_process;
mod peers;

pub use fixed::FixedDiscovery;
pub use in_process::InProcessDiscovery;
pub use peers::Peers;

use crate::model::{InstanceId, Location, MemberReport};
use async_trait::async_trait;
use std::{error::Error, fmt::Debug, io, net::IpAddr, time::Duration};

/// A member's line to its ring: it announces itself, learns of the others, and tells what it sees.
///
/// # Contract
/// 1. [`announce`](Self::announce) may be called again at any time, under the same id; the newest call counts.
/// 2. [`heartbeat`](Self::heartbeat) of an id that the ring does not know, or no longer, is
///    [`DiscoveryError::NotRegistered`]: the member announces itself again.
/// 3. [`peers`](Self::peers) gives the members that are to be probed. It may list the caller too.
///    [`Peers::age`] says how old the list is, where it is not true now.
/// 4. After [`withdraw`](Self::withdraw) the others no longer see the member as one to be probed. To withdraw an unknown
///    id is no error.
/// 5. [`report`](Self::report) hands the newest results on; a ring that gathers none takes them and does nothing.
/// 6. Where the ring cannot be reached, a call errs, and the next one works once it can. No call panics, and one that
///    is dropped half-way does no harm.
///
/// Where nothing has to be announced, as with a fixed list, announcing, heartbeats and withdrawing do nothing.
/// `netring_core::testing::discovery_conformance!` checks an implementation against these rules.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Discovery: Debug + Send + Sync + 'static {
    /// Joins the ring.
    ///
    /// # Errors
    /// [`DiscoveryError::Rejected`] where the ring does not take the member; [`DiscoveryError::Unreachable`].
    async fn announce(&self, announcement: &Announcement) -> Result<(), DiscoveryError>;

    /// Tells the ring that the member is alive.
    ///
    /// # Errors
    /// [`DiscoveryError::NotRegistered`] where the ring does not know it; [`DiscoveryError::Unreachable`].
    async fn heartbeat(&self, instance_id: &InstanceId) -> Result<(), DiscoveryError>;

    /// The members that are to be probed, and how old that list is.
    ///
    /// # Errors
    /// [`DiscoveryError::Unreachable`].
    async fn peers(&self) -> Result<Peers, DiscoveryError>;

    /// Leaves the ring.
    ///
    /// # Errors
    /// [`DiscoveryError::Unreachable`].
    async fn withdraw(&self, instance_id: &InstanceId) -> Result<(), DiscoveryError>;

    /// Hands the newest results on.
    ///
    /// # Errors
    /// [`DiscoveryError::NotRegistered`] where the ring does not know the member; [`DiscoveryError::Unreachable`].
    async fn report(&self, _report: &MemberReport) -> Result<(), DiscoveryError> {
        Ok(())
    }
}

/// What a member announces of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// Who it is.
    pub instance_id: InstanceId,
    /// Where it stands.
    pub location: Location,
    /// The address under which the others reach it. Where there is none, it is the source address that the kernel uses
    /// towards the registry.
    pub ip: Option<IpAddr>,
    /// The port under which the others reach it.
    pub port: u16,
    /// How often it means to send a heartbeat.
    pub heartbeat_interval: Duration,
    /// Whether it runs a UDP echo at its port.
    pub udp_echo: bool,
}

/// Why a call to the ring failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DiscoveryError {
    /// The ring does not know this member: it has to announce itself again.
    #[error("the registry does not know this member")]
    NotRegistered,
    /// The ring understood the call and refused it. The same call will be refused again until something changes.
    #[error("{peer} refused to {operation}: {reason}")]
    Rejected {
        /// What was asked.
        operation: &'static str,
        /// Who refused.
        peer: String,
        /// What it said.
        reason: String,
    },
    /// The ring could not be reached, or gave no answer that makes sense.
    #[error("cannot {operation} at {peer}: {source}")]
    Unreachable {
        /// What was tried.
        operation: &'static str,
        /// With whom.
        peer: String,
        /// What went wrong.
        source: Box<dyn Error + Send + Sync>,
    },
}

/// The source address that the kernel would use towards `towards`. It is loopback only where `towards` is on this host's
/// loopback too. No packet is sent and nobody is asked: a UDP socket is connected, which only looks up the route.
///
/// # Errors
/// Where there is no route.
pub fn source_address(towards: std::net::SocketAddr) -> io::Result<IpAddr> {
    let any: IpAddr = match towards {
        std::net::SocketAddr::V4(_) => std::net::Ipv4Addr::UNSPECIFIED.into(),
        std::net::SocketAddr::V6(_) => std::net::Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = std::net::UdpSocket::bind((any, 0))?;
    socket.connect(towards)?;
    Ok(socket.local_addr()?.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_the_source_towards_loopback() {
        assert!(source_address("127.0.0.1:8756".parse().unwrap()).unwrap().is_loopback());
    }
}
