use super::{contact::Contact, engine::Config, recorder::Recorder, saving::SAVED_EVERY};
use crate::{
    discovery::Announcement,
    model::{Clock, Member, ProbeReport, SystemClock},
    sink::Source,
    task::Turns,
    wire::{MemberHealth, ProberHealth},
};
use std::{
    sync::{Arc, Mutex, atomic::AtomicBool},
    time::Duration,
};
use tokio::{sync::Notify, time::Instant};

/// Shows how a member is. Cheap to clone.
#[derive(Debug, Clone)]
pub struct MemberHandle {
    pub(super) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) announcement: Announcement,
    pub(super) recorder: Arc<Recorder>,
    pub(super) contact: Contact,
    pub(super) heartbeats: Turns,
    pub(super) polls: Turns,
    pub(super) reports: Turns,
    /// Not a part of the health: a disk that hangs does no harm before the next start.
    pub(super) saves: Turns,
    pub(super) probes: Arc<Turns>,
    probers: Vec<ProberHealth>,
    /// The registry seems to have forgotten this member.
    pub(super) forgotten: Notify,
    /// Until when the registry may not have heard of everybody again.
    pub(super) recovering_until: Mutex<Option<Instant>>,
    /// Whether this member itself was in the last list. A ring that lists only the others does not forget by that.
    pub(super) was_listed: AtomicBool,
    /// The newest results are worth reporting now.
    pub(super) report_now: Notify,
    /// The list of members is worth asking for now.
    pub(super) poll_now: Notify,
    /// The registry has given a list, which is worth saving perhaps.
    pub(super) list_taken: Notify,
}

impl Inner {
    pub(super) fn new(
        announcement: Announcement,
        recorder: Arc<Recorder>,
        config: &Config,
        probe_period: Duration,
    ) -> Self {
        Self {
            contact: Contact::new(Arc::clone(&recorder)),
            heartbeats: Turns::new("heartbeat", announcement.heartbeat_interval),
            polls: Turns::new("poll", config.poll_interval),
            reports: Turns::new("report", config.report_interval),
            saves: Turns::new("save", SAVED_EVERY),
            probes: Arc::new(Turns::new("probe", probe_period)),
            probers: config.prober_health(),
            forgotten: Notify::new(),
            recovering_until: Mutex::default(),
            was_listed: AtomicBool::new(false),
            report_now: Notify::new(),
            poll_now: Notify::new(),
            list_taken: Notify::new(),
            announcement,
            recorder,
        }
    }
}

impl MemberHandle {
    /// Who this is.
    #[must_use]
    pub fn source(&self) -> &Source {
        self.inner.recorder.source()
    }

    /// The others that this member knows and probes.
    #[must_use]
    pub fn members(&self) -> Arc<[Member]> {
        self.inner.recorder.members()
    }

    /// The newest result of each target and prober.
    #[must_use]
    pub fn newest(&self) -> Vec<ProbeReport> {
        self.inner.recorder.newest()
    }

    /// How the member is, as `GET /health` tells it.
    #[must_use]
    pub fn health(&self) -> MemberHealth {
        let inner = &*self.inner;
        let mut loops = vec![inner.heartbeats.health(), inner.polls.health(), inner.reports.health()];
        let members = self.members();
        if !members.is_empty() {
            loops.push(inner.probes.health());
        }
        MemberHealth {
            status: loops.iter().all(|turns| turns.healthy).into(),
            instance_id: self.source().instance_id.clone(),
            location: self.source().location.clone(),
            members_count: members.len(),
            timestamp: SystemClock.now(),
            version: crate::VERSION.to_owned(),
            component: "member".to_owned(),
            registry: inner.contact.state(),
            list: inner.recorder.list_health(),
            probes: inner.recorder.health(),
            probers: inner.probers.clone(),
            loops,
        }
    }
}
