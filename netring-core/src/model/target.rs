use super::{HostName, InstanceId, Location, Member};
use serde::{Deserialize, Serialize};
use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
};

/// Where a target is: an address, or a name that has to be resolved first.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Host {
    /// An IP address.
    Ip(IpAddr),
    /// A DNS name.
    Name(HostName),
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(ip) => fmt::Display::fmt(ip, f),
            Self::Name(name) => fmt::Display::fmt(name, f),
        }
    }
}

/// Whom to probe.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct Target {
    /// The member's id, or a name of your own for a host that is no member.
    pub instance_id: InstanceId,
    /// The site it stands in.
    pub location: Location,
    /// Its address or name.
    #[cfg_attr(feature = "http", schema(value_type = String))]
    pub host: Host,
    /// Its port.
    pub port: u16,
}

impl Target {
    /// The address to probe. A [`Host::Ip`] needs no look-up; a name takes the first address that the system's
    /// resolver gives.
    ///
    /// # Errors
    /// Where the name does not resolve.
    pub async fn resolve(&self) -> io::Result<SocketAddr> {
        match &self.host {
            Host::Ip(ip) => Ok(SocketAddr::new(*ip, self.port)),
            Host::Name(name) => tokio::net::lookup_host((name.as_str(), self.port))
                .await?
                .next()
                .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "the name has no address")),
        }
    }
}

impl From<&Member> for Target {
    fn from(member: &Member) -> Self {
        Self {
            instance_id: member.instance_id.clone(),
            location: member.location.clone(),
            host: Host::Ip(member.address.ip()),
            port: member.address.port(),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host {
            Host::Ip(ip) => write!(f, "{} ({})", self.instance_id, SocketAddr::new(ip, self.port)),
            Host::Name(ref name) => write!(f, "{} ({name}:{})", self.instance_id, self.port),
        }
    }
}
