use super::deaf::Deaf;
use crate::{
    model::{Member, MemberStatus, Timestamp},
    store::SweepLimits,
};
use std::time::Duration;

/// How long a silent member counts as what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetimes {
    /// The heartbeat interval of a member that does not say its own. A member is online while it was seen within two of its
    /// intervals.
    pub heartbeat_interval: Duration,
    /// Time to live: a member that was not seen for longer is offline.
    pub ttl: Duration,
    /// For how long an offline member stays visible after that.
    pub keep_offline: Duration,
    /// For how long a member that said goodbye stays visible.
    pub keep_deregistered: Duration,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            heartbeat_interval: Duration::from_secs(45),
            ttl: Duration::from_secs(300),
            keep_offline: Duration::from_secs(86_400),
            keep_deregistered: Duration::from_secs(3_600),
        }
    }
}

impl Lifetimes {
    /// How `member` stands at `now`.
    #[must_use]
    pub fn status(&self, member: &Member, now: Timestamp) -> MemberStatus {
        self.status_after(member, now.since(member.last_seen))
    }

    /// How `member` stands after a silence of `silent`.
    pub(super) fn status_after(&self, member: &Member, silent: Duration) -> MemberStatus {
        let heartbeat_interval = member.heartbeat_interval.unwrap_or(self.heartbeat_interval);
        if member.deregistered_at.is_some() {
            MemberStatus::Deregistered
        } else if silent > self.ttl {
            MemberStatus::Offline
        } else if silent > heartbeat_interval.saturating_mul(2) {
            MemberStatus::Stale
        } else {
            MemberStatus::Online
        }
    }

    /// What is no longer visible at `now`.
    #[must_use]
    pub fn sweep_limits(&self, now: Timestamp) -> SweepLimits {
        self.sweep_limits_after(None, now)
    }

    /// The same, where `deaf` does not count as silence. A goodbye was heard, and counts from then.
    pub(super) fn sweep_limits_after(&self, deaf: Option<Deaf>, now: Timestamp) -> SweepLimits {
        SweepLimits {
            last_seen_before: Deaf::silent_before(deaf, self.ttl.saturating_add(self.keep_offline), now),
            deregistered_before: now - self.keep_deregistered,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AdvertisedAddress, InstanceId, Location};
    use MemberStatus::{Deregistered, Offline, Online, Stale};

    #[test]
    fn status_follows_from_silence() {
        let seen = Timestamp::from_unix_seconds(1_000_000);
        let member = |heartbeat_interval: Option<u64>, deregistered: bool| Member {
            instance_id: InstanceId::new("a").unwrap(),
            location: Location::new("eu1").unwrap(),
            address: AdvertisedAddress::new([10, 0, 0, 1].into(), 8757).unwrap(),
            heartbeat_interval: heartbeat_interval.map(Duration::from_secs),
            udp_echo: false,
            registered_at: seen,
            last_seen: seen,
            deregistered_at: deregistered.then_some(seen),
        };
        for (heartbeat_interval, deregistered, silent, status) in [
            (None, false, 0, Online),
            (None, false, 90, Online),
            (None, false, 91, Stale),
            (None, false, 300, Stale),
            (None, false, 301, Offline),
            (Some(1), false, 2, Online),
            (Some(1), false, 3, Stale),
            (Some(200), false, 300, Online),
            (Some(200), false, 301, Offline),
            (None, true, 0, Deregistered),
            (None, true, 301, Deregistered),
        ] {
            let now = seen + Duration::from_secs(silent);
            let got = Lifetimes::default().status(&member(heartbeat_interval, deregistered), now);
            assert_eq!(got, status, "interval {heartbeat_interval:?}, silent for {silent} s");
        }
    }

    #[test]
    fn a_clock_behind_the_last_heartbeat_is_no_silence() {
        let limits = Lifetimes::default().sweep_limits(Timestamp::from_unix_seconds(10));
        assert_eq!(limits.last_seen_before, Timestamp::default());
    }
}
