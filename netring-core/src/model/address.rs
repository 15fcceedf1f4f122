use super::InvalidValue;
use serde::{Deserialize, Serialize};
use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

/// Where other members reach a member: one host's unicast address and a port that is not 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "http", schema(value_type = String))]
#[serde(try_from = "SocketAddr", into = "SocketAddr")]
pub struct AdvertisedAddress(SocketAddr);

impl AdvertisedAddress {
    /// Checks `ip` and `port`. An IPv4 address mapped into IPv6 (`::ffff:10.0.0.1`) is taken as IPv4.
    ///
    /// # Errors
    /// Where `ip` is unspecified, multicast or broadcast, or `port` is 0.
    pub fn new(ip: IpAddr, port: u16) -> Result<Self, InvalidValue> {
        let ip = Self::check_ip(ip)?;
        if port == 0 {
            return Err(InvalidValue::new("port", "must be from 1 to 65535, not 0"));
        }
        Ok(Self(SocketAddr::new(ip, port)))
    }

    /// Checks that `ip` can be one host's address, and gives its canonical form.
    ///
    /// # Errors
    /// Where it is unspecified, multicast or broadcast.
    pub fn check_ip(ip: IpAddr) -> Result<IpAddr, InvalidValue> {
        let ip = ip.to_canonical();
        let kind = if ip.is_unspecified() {
            "unspecified"
        } else if ip.is_multicast() {
            "multicast"
        } else if ip == IpAddr::V4(Ipv4Addr::BROADCAST) {
            "broadcast"
        } else {
            return Ok(ip);
        };
        Err(InvalidValue::new("ip", format!("must be the address of one host, {ip} is {kind}")))
    }

    /// The IP address.
    #[must_use]
    pub fn ip(self) -> IpAddr {
        self.0.ip()
    }

    /// The port, never 0.
    #[must_use]
    pub fn port(self) -> u16 {
        self.0.port()
    }
}

impl TryFrom<SocketAddr> for AdvertisedAddress {
    type Error = InvalidValue;
    fn try_from(address: SocketAddr) -> Result<Self, InvalidValue> {
        Self::new(address.ip(), address.port())
    }
}

impl From<AdvertisedAddress> for SocketAddr {
    fn from(address: AdvertisedAddress) -> Self {
        address.0
    }
}

impl fmt::Display for AdvertisedAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for AdvertisedAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_no_single_host_are_refused() {
        for (ip, kind) in [
            ("0.0.0.0", "unspecified"),
            ("::", "unspecified"),
            ("::ffff:0.0.0.0", "unspecified"),
            ("224.0.0.1", "multicast"),
            ("ff02::1", "multicast"),
            ("255.255.255.255", "broadcast"),
        ] {
            let error = AdvertisedAddress::new(ip.parse().unwrap(), 1).unwrap_err().to_string();
            assert!(error.starts_with("ip must be") && error.ends_with(kind), "{ip}: {error}");
        }
        let error = AdvertisedAddress::new(Ipv4Addr::LOCALHOST.into(), 0).unwrap_err();
        assert_eq!(error.to_string(), "port must be from 1 to 65535, not 0");
    }

    #[test]
    fn a_mapped_address_is_the_ipv4_address() {
        let address = AdvertisedAddress::new("::ffff:10.1.2.3".parse().unwrap(), 8757).unwrap();
        assert_eq!(address.to_string(), "10.1.2.3:8757");
    }
}
