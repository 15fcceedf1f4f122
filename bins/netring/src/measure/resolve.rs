use super::EXIT_FAILED;
use crate::{
    EXIT_USAGE,
    args::{Address, Family},
};
use netring_core::{Host, HostName, InstanceId, Location, Target};
use std::{net::IpAddr, time::Duration};
use tokio::{net::lookup_host, time::timeout};

/// How long a name may take. The system's own patience is often less.
const RESOLVE_TIMEOUT: Duration = Duration::from_secs(10);

/// What is wrong with a target, and what that ends with.
#[derive(Debug)]
pub(super) struct NoTarget {
    pub(super) code: u8,
    pub(super) why: String,
}

/// The target at one address of the name: whatever is measured is measured there. Its id is the host as it was given.
pub(super) async fn resolve(address: &Address, family: Family) -> Result<Target, NoTarget> {
    let ip = match &address.host {
        Host::Ip(ip) if family.takes(*ip) => *ip,
        Host::Ip(ip) => {
            return Err(NoTarget { code: EXIT_USAGE, why: format!("{ip} is no {} address", family.name()) });
        }
        Host::Name(name) => {
            look_up(name, address.port, family).await.map_err(|why| NoTarget { code: EXIT_FAILED, why })?
        }
    };
    Ok(Target { instance_id: id(&address.host), location: nowhere(), host: Host::Ip(ip), port: address.port })
}

async fn look_up(name: &HostName, port: u16, family: Family) -> Result<IpAddr, String> {
    let found = timeout(RESOLVE_TIMEOUT, lookup_host((name.as_str(), port))).await;
    let found: Vec<IpAddr> = match found {
        Ok(Ok(found)) => found.map(|address| address.ip()).collect(),
        Ok(Err(error)) => return Err(format!("{name} does not resolve: {error}")),
        Err(_) => return Err(format!("{name} does not resolve: no answer within {RESOLVE_TIMEOUT:?}")),
    };
    match (found.iter().find(|ip| family.takes(**ip)), found.first()) {
        (Some(ip), _) => Ok(*ip),
        (None, Some(other)) => Err(format!("{name} has no {} address, only {other}", family.name())),
        (None, None) => Err(format!("{name} has no address")),
    }
}

/// A name may be longer than an id.
fn id(host: &Host) -> InstanceId {
    let host: String = host.to_string().chars().filter(char::is_ascii_graphic).take(InstanceId::MAX_BYTES).collect();
    InstanceId::new(host).unwrap_or_else(|_| InstanceId::random())
}

/// Nobody said in which site the target stands.
fn nowhere() -> Location {
    Location::new("unknown").expect("it is neither empty nor long")
}
