//! Members as Prometheus finds them.

use crate::model::{AdvertisedAddress, InstanceId, Location, Member, MemberStatus};
use serde::{Deserialize, Serialize};

/// One of `GET /api/v1/sd`, in the form of Prometheus's HTTP service discovery: one member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct ScrapeTarget {
    /// Where its metrics are: the address of the member, an IPv6 address in brackets.
    pub targets: [AdvertisedAddress; 1],
    /// What the member's series are labelled with besides.
    pub labels: ScrapeLabels,
}

/// The labels of a [`ScrapeTarget`]. Their names are none that a member's own series have: Prometheus would rename those to
/// `exported_…`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct ScrapeLabels {
    /// Where it stands.
    pub member_location: Location,
    /// Who it is.
    pub member_instance_id: InstanceId,
    /// How it stands. Only for relabelling: Prometheus drops what begins with `__meta_` after that. A label that stayed would
    /// begin all series of a member anew whenever it is late with a heartbeat.
    #[serde(rename = "__meta_netring_member_state")]
    pub state: MemberStatus,
}

impl ScrapeTarget {
    /// The target for `member`, where it is to be scraped: as long as it is active.
    #[must_use]
    pub fn of(member: &Member, state: MemberStatus) -> Option<Self> {
        state.is_active().then(|| Self {
            targets: [member.address],
            labels: ScrapeLabels {
                member_location: member.location.clone(),
                member_instance_id: member.instance_id.clone(),
                state,
            },
        })
    }
}
