use super::{Announcement, Discovery, DiscoveryError, Peers};
use crate::{
    model::{AdvertisedAddress, InstanceId, MemberReport, Registration},
    registry::{RegistryEngine, RegistryError},
    store::StoreError,
};
use async_trait::async_trait;
use std::net::{IpAddr, Ipv4Addr};

/// A ring whose registry lives in the same process.
#[derive(Debug, Clone)]
pub struct InProcessDiscovery {
    registry: RegistryEngine,
}

impl InProcessDiscovery {
    /// Members join at `registry`. One that names no address is reached on loopback, as its registry is.
    #[must_use]
    pub fn new(registry: RegistryEngine) -> Self {
        Self { registry }
    }
}

const PEER: &str = "the registry in this process";

fn discovery_error(operation: &'static str) -> impl Fn(RegistryError) -> DiscoveryError {
    move |error| match error {
        RegistryError::Store(StoreError::NotFound) => DiscoveryError::NotRegistered,
        RegistryError::Store(StoreError::Unavailable { .. })
        | RegistryError::TooManyMembers { .. }
        | RegistryError::TooManyPairs { .. } => {
            DiscoveryError::Unreachable { operation, peer: PEER.into(), source: error.into() }
        }
        _ => DiscoveryError::Rejected { operation, peer: PEER.into(), reason: error.to_string() },
    }
}

#[async_trait]
impl Discovery for InProcessDiscovery {
    async fn announce(&self, announcement: &Announcement) -> Result<(), DiscoveryError> {
        const OPERATION: &str = "register";
        let ip = announcement.ip.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let address = AdvertisedAddress::new(ip, announcement.port).map_err(|error| DiscoveryError::Rejected {
            operation: OPERATION,
            peer: PEER.into(),
            reason: error.to_string(),
        })?;
        let registration = Registration {
            instance_id: announcement.instance_id.clone(),
            location: announcement.location.clone(),
            address,
            heartbeat_interval: Some(announcement.heartbeat_interval),
            udp_echo: announcement.udp_echo,
        };
        self.registry.register(registration).await.map(drop).map_err(discovery_error(OPERATION))
    }

    async fn heartbeat(&self, instance_id: &InstanceId) -> Result<(), DiscoveryError> {
        self.registry.heartbeat(instance_id).await.map_err(discovery_error("send a heartbeat"))
    }

    async fn peers(&self) -> Result<Peers, DiscoveryError> {
        let members = self.registry.members().await.map_err(discovery_error("list the members"))?;
        Ok(members.active().cloned().collect::<Vec<_>>().into())
    }

    async fn withdraw(&self, instance_id: &InstanceId) -> Result<(), DiscoveryError> {
        self.registry.deregister(instance_id).await.map_err(discovery_error("deregister"))
    }

    async fn report(&self, report: &MemberReport) -> Result<(), DiscoveryError> {
        self.registry.report(report.clone()).await.map_err(discovery_error("report"))
    }
}
