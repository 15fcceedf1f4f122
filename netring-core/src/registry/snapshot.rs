use crate::model::{AdvertisedAddress, InstanceId, Location, Member, MemberStatus, Timestamp};
use std::collections::{HashMap, HashSet};

/// The ring's members at one moment, and how each of them stands.
#[derive(Debug, Clone)]
pub struct MembersSnapshot {
    /// When this was so.
    pub at: Timestamp,
    /// Differs from an earlier one when and only when the membership has changed.
    pub revision: u64,
    /// The members, in the order of their ids.
    pub members: Vec<(Member, MemberStatus)>,
}

impl MembersSnapshot {
    /// Those that are to be probed.
    pub fn active(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|(_, status)| status.is_active()).map(|(member, _)| member)
    }
}

/// Who is silent, where another member has registered since in the same location and at the very same address: that is
/// the same host, started again without a goodbye and under a new id, and nobody will ever hear of the old one.
pub(super) fn replaced(members: &[Member], status: impl Fn(&Member) -> MemberStatus) -> HashSet<InstanceId> {
    let mut newest: HashMap<(&Location, AdvertisedAddress), Timestamp> = HashMap::new();
    for member in members {
        let registered_at = newest.entry((&member.location, member.address)).or_default();
        *registered_at = member.registered_at.max(*registered_at);
    }
    let silent = |member: &&Member| matches!(status(member), MemberStatus::Stale | MemberStatus::Offline);
    let replaced = |member: &&Member| newest[&(&member.location, member.address)] > member.registered_at;
    members.iter().filter(silent).filter(replaced).map(|member| member.instance_id.clone()).collect()
}
