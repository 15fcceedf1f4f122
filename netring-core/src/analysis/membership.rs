//! Who came, went, and was not heard of, from one look at the members to the next.

use super::{Occurrence, Whose};
use crate::{
    model::{InstanceId, Location, Member, MemberStatus, Timestamp},
    registry::MembersSnapshot,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How every member stood when it was looked at last.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Membership {
    members: BTreeMap<InstanceId, Known>,
    /// When they were looked at last; never, at first.
    looked_at: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Known {
    location: Location,
    status: MemberStatus,
}

impl Membership {
    /// Takes note of how the members stand now; gives what happened since, with the time of each.
    ///
    /// Who registered and said goodbye in between has both told. Somebody who is at another location than before has left
    /// the one and joined the other.
    pub fn update(&mut self, snapshot: &MembersSnapshot) -> Vec<(Timestamp, Occurrence)> {
        let mut happened = Vec::new();
        let mut members = BTreeMap::new();
        for (member, status) in &snapshot.members {
            let before = self.members.remove(&member.instance_id);
            self.since(before, member, *status, snapshot.at, &mut happened);
            let known = Known { location: member.location.clone(), status: *status };
            members.insert(member.instance_id.clone(), known);
        }
        // Whoever is no longer listed was forgotten, or its place was taken.
        for (instance_id, known) in std::mem::take(&mut self.members) {
            if known.status != MemberStatus::Deregistered {
                happened.push((snapshot.at, Occurrence::Left(Whose { instance_id, location: known.location })));
            }
        }
        self.members = members;
        self.looked_at = Some(snapshot.at);
        happened
    }

    fn since(
        &self,
        before: Option<Known>,
        member: &Member,
        status: MemberStatus,
        now: Timestamp,
        happened: &mut Vec<(Timestamp, Occurrence)>,
    ) {
        use MemberStatus::{Deregistered, Offline, Online, Stale};
        let whose = |location: &Location| Whose { instance_id: member.instance_id.clone(), location: location.clone() };
        let here = || whose(&member.location);
        let left_at = member.deregistered_at.unwrap_or(now);
        let before = match before {
            Some(known) if known.location != member.location && known.status != Deregistered => {
                happened.push((now, Occurrence::Left(whose(&known.location))));
                None
            }
            before => before
                .map(|known| known.status)
                .filter(|&status| status != Deregistered || member.deregistered_at.is_some()),
        };
        let Some(before) = before else {
            // Who has gone before anybody looked is no news, nor is who went long before this look.
            if status != Deregistered || self.looked_at.is_some_and(|looked_at| member.registered_at > looked_at) {
                happened.push((member.registered_at, Occurrence::Joined(here())));
                match status {
                    Online => {}
                    Stale => happened.push((now, Occurrence::Stale(here()))),
                    Offline => happened.push((now, Occurrence::Offline(here()))),
                    Deregistered => happened.push((left_at, Occurrence::Left(here()))),
                }
            }
            return;
        };
        match (before, status) {
            (before, status) if before == status => {}
            (_, Deregistered) => happened.push((left_at, Occurrence::Left(here()))),
            (_, Offline) => happened.push((now, Occurrence::Offline(here()))),
            (_, Stale) => happened.push((now, Occurrence::Stale(here()))),
            (_, Online) => happened.push((now, Occurrence::Online(here()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::AdvertisedAddress;
    use MemberStatus::{Deregistered, Offline, Online, Stale};

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_unix_seconds(1_000_000 + seconds)
    }

    fn snapshot(now: u64, members: &[(&str, &str, u64, MemberStatus)]) -> MembersSnapshot {
        let member = |&(id, location, registered_at, status): &(&str, &str, u64, MemberStatus)| {
            let member = Member {
                instance_id: InstanceId::new(id).unwrap(),
                location: Location::new(location).unwrap(),
                address: AdvertisedAddress::new([10, 0, 0, 1].into(), 8757).unwrap(),
                heartbeat_interval: None,
                udp_echo: false,
                registered_at: at(registered_at),
                last_seen: at(registered_at),
                deregistered_at: (status == Deregistered).then_some(at(registered_at + 1)),
            };
            (member, status)
        };
        MembersSnapshot { at: at(now), revision: 1, members: members.iter().map(member).collect() }
    }

    /// What happened, as `word id@location`, and when.
    fn words(happened: &[(Timestamp, Occurrence)]) -> Vec<(u64, String)> {
        let word = |(when, what): &(Timestamp, Occurrence)| {
            let whose = match what {
                Occurrence::Joined(whose)
                | Occurrence::Left(whose)
                | Occurrence::Stale(whose)
                | Occurrence::Offline(whose)
                | Occurrence::Online(whose) => whose,
                other => panic!("{other:?}"),
            };
            let text = format!("{} {}@{}", what.kind(), whose.instance_id, whose.location);
            (when.as_unix_seconds() - 1_000_000, text)
        };
        happened.iter().map(word).collect()
    }

    #[test]
    fn every_change_is_told_once() {
        let mut membership = Membership::default();
        for (now, members, expected) in [
            (10, vec![("a", "x", 1, Online), ("gone", "x", 2, Deregistered)], vec![(1, "joined a@x")]),
            (11, vec![("a", "x", 1, Online), ("gone", "x", 2, Deregistered)], vec![]),
            (12, vec![("a", "x", 1, Stale), ("b", "y", 12, Online)], vec![(12, "stale a@x"), (12, "joined b@y")]),
            (13, vec![("a", "x", 1, Stale), ("b", "y", 12, Online)], vec![]),
            (14, vec![("a", "x", 1, Offline), ("b", "y", 12, Stale)], vec![(14, "offline a@x"), (14, "stale b@y")]),
            (15, vec![("a", "x", 1, Online), ("b", "y", 12, Deregistered)], vec![(15, "online a@x"), (13, "left b@y")]),
            (16, vec![("a", "z", 1, Online), ("b", "y", 12, Deregistered)], vec![(16, "left a@x"), (1, "joined a@z")]),
            (17, vec![("a", "z", 1, Online), ("b", "y", 17, Online)], vec![(17, "joined b@y")]),
            (
                20,
                vec![("b", "y", 17, Online), ("short", "x", 18, Deregistered)],
                vec![(18, "joined short@x"), (19, "left short@x"), (20, "left a@z")],
            ),
            (21, vec![], vec![(21, "left b@y")]),
        ] {
            let happened = words(&membership.update(&snapshot(now, &members)));
            let expected: Vec<_> = expected.into_iter().map(|(when, text)| (when, text.to_owned())).collect();
            assert_eq!(happened, expected, "at {now}");
            // Another registry that takes over at any time goes on from the same.
            membership = serde_json::from_str(&serde_json::to_string(&membership).unwrap()).unwrap();
        }
    }
}
