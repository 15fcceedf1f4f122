use super::RegistryClient;
use crate::discovery::source_address;
use futures_util::future::join_all;
use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::{net::TcpStream, time::timeout};

/// How long several addresses of a registry may take together to open a connection.
const TIMEOUT: Duration = Duration::from_secs(1);

/// The source address that the kernel uses towards a registry that has the addresses `registry`. Where it has several,
/// as IPv6 and IPv4, that is the first which takes connections: a member is not to advertise an address of a family by
/// which it has not even reached the registry.
pub(super) async fn own_address(registry: impl Iterator<Item = SocketAddr>) -> io::Result<IpAddr> {
    let mut problem = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    let mut routed = Vec::new();
    for address in registry {
        match source_address(address) {
            Ok(source) => routed.push((address, source)),
            Err(error) => problem = error,
        }
    }
    if let [_, _, ..] = routed[..] {
        let each = TIMEOUT / u32::try_from(routed.len()).unwrap_or(u32::MAX);
        for (address, source) in &routed {
            if matches!(timeout(each, TcpStream::connect(address)).await, Ok(Ok(_))) {
                return Ok(*source);
            }
        }
    }
    // Behind a proxy none may take connections from here.
    routed.first().map(|(_, source)| *source).ok_or(problem)
}

/// The source address towards one of several registries: the first of them towards which it is not loopback, or else the
/// first. All have the same time, so that one without an answer does not keep a member from its ring.
pub(super) async fn towards_any(registries: &[Arc<RegistryClient>]) -> Option<IpAddr> {
    let towards = registries.iter().map(|registry| timeout(TIMEOUT, registry.own_address()));
    let found: Vec<IpAddr> = join_all(towards).await.into_iter().filter_map(|found| found.ok()?.ok()).collect();
    of_use_to_most(&found)
}

fn of_use_to_most(found: &[IpAddr]) -> Option<IpAddr> {
    found.iter().find(|ip| !ip.is_loopback()).or(found.first()).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::net;
    use std::net::Ipv4Addr;

    #[tokio::test]
    async fn the_address_that_takes_connections_decides() {
        let (listening, refusing) = (net::listening().unwrap(), net::refusing().unwrap());
        let there: SocketAddr = (Ipv4Addr::LOCALHOST, listening.target.port).into();
        let not_there: SocketAddr = (std::net::Ipv6Addr::LOCALHOST, refusing.target.port).into();
        for addresses in [vec![not_there, there], vec![there, not_there], vec![there]] {
            assert_eq!(own_address(addresses.into_iter()).await.unwrap(), Ipv4Addr::LOCALHOST);
        }
        let nobody = [not_there, (Ipv4Addr::LOCALHOST, refusing.target.port).into()];
        assert_eq!(own_address(nobody.into_iter()).await.unwrap(), not_there.ip(), "the first, where none does");
    }

    #[tokio::test]
    async fn a_name_without_an_address_has_none() {
        let error = own_address(std::iter::empty()).await.unwrap_err();
        assert_eq!(error.to_string(), "the name has no address");
    }

    #[test]
    fn loopback_is_advertised_only_where_there_is_nothing_else() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let found = ["127.0.0.1", "10.0.0.1", "10.0.0.2", "::1"].map(ip);
        assert_eq!(of_use_to_most(&found), Some(found[1]));
        assert_eq!(of_use_to_most(&[found[3], found[0]]), Some(found[3]));
        assert_eq!(of_use_to_most(&[]), None);
    }
}
