use super::{Cadence, MemberBuilder, contact::Contact, probing::Probing, recorder::Recorder, retry::Retry};
use crate::{
    discovery::{Announcement, Discovery, DiscoveryError},
    model::{Clock, InstanceId, Location, Member, MemberReport, ProbeReport, SystemClock},
    prober::Prober,
    sink::{FanOut, MetricSink, Source},
    task::{Turns, supervise},
    wire::MemberHealth,
};
use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{Mutex, Notify},
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

/// How long a member that is told to stop may take to say goodbye.
const WITHDRAW_TIMEOUT: Duration = Duration::from_millis(1_500);
/// The first wait between two polls; every further one is twice as long, up to the poll interval.
const FIRST_POLL_WAIT: Duration = Duration::from_secs(1);
/// The first report does not wait for a whole interval, but for this long, so that the first probes are in it.
const FIRST_REPORT_AFTER: Duration = Duration::from_secs(6);

#[derive(Debug)]
pub(super) struct Config {
    pub(super) discovery: Arc<dyn Discovery>,
    pub(super) probers: Vec<(Arc<dyn Prober>, Cadence)>,
    pub(super) sinks: Vec<Arc<dyn MetricSink>>,
    pub(super) poll_interval: Duration,
    pub(super) report_interval: Duration,
    pub(super) registry_timeout: Duration,
    pub(super) max_in_flight: usize,
    pub(super) taint_after: Duration,
}

impl Config {
    pub(super) fn new(discovery: Arc<dyn Discovery>) -> Self {
        Self {
            discovery,
            probers: Vec::new(),
            sinks: Vec::new(),
            poll_interval: Duration::from_secs(30),
            report_interval: Duration::from_secs(60),
            registry_timeout: Duration::from_secs(5),
            max_in_flight: 256,
            taint_after: Duration::from_millis(250),
        }
    }
}

/// One member of a ring. [`run`](Self::run) does the work; [`handle`](Self::handle) shows how it goes.
#[derive(Debug)]
pub struct MemberEngine {
    handle: MemberHandle,
    config: Config,
}

/// Shows how a member is. Cheap to clone.
#[derive(Debug, Clone)]
pub struct MemberHandle {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    announcement: Announcement,
    recorder: Arc<Recorder>,
    contact: Contact,
    heartbeats: Turns,
    polls: Turns,
    reports: Turns,
    probes: Arc<Turns>,
    /// The registry seems to have forgotten this member.
    forgotten: Notify,
    /// Whether this member itself was in the last list. A ring that lists only the others does not forget by that.
    was_listed: AtomicBool,
    /// The list of members is worth asking for now.
    poll_now: Notify,
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
            probes: inner.recorder.health(),
            loops,
        }
    }
}

impl MemberEngine {
    /// A member of the ring that `discovery` leads to. Others reach it at `port`; what is to be answered there, as the
    /// probes of the others ask for it, is for the caller to serve.
    #[must_use]
    pub fn builder(
        instance_id: InstanceId,
        location: Location,
        port: u16,
        discovery: Arc<dyn Discovery>,
    ) -> MemberBuilder {
        MemberBuilder::new(instance_id, location, port, discovery)
    }

    pub(super) fn new(announcement: Announcement, mut config: Config) -> Self {
        let source = Source { instance_id: announcement.instance_id.clone(), location: announcement.location.clone() };
        let recorder = Arc::new(Recorder::new(source, FanOut::new(std::mem::take(&mut config.sinks))));
        let probe_period = config.probers.iter().map(|(_, cadence)| cadence.interval.max(cadence.timeout)).min();
        let inner = Inner {
            contact: Contact::new(Arc::clone(&recorder)),
            heartbeats: Turns::new("heartbeat", announcement.heartbeat_interval),
            polls: Turns::new("poll", config.poll_interval),
            reports: Turns::new("report", config.report_interval),
            probes: Arc::new(Turns::new("probe", probe_period.unwrap_or(Duration::MAX))),
            forgotten: Notify::new(),
            was_listed: AtomicBool::new(false),
            poll_now: Notify::new(),
            announcement,
            recorder,
        };
        Self { handle: MemberHandle { inner: Arc::new(inner) }, config }
    }

    /// Shows how this member is, also while it runs.
    #[must_use]
    pub fn handle(&self) -> MemberHandle {
        self.handle.clone()
    }

    /// Joins the ring, probes and reports until `shutdown`, and says goodbye then: within 1.5 s, whatever hangs. Where
    /// the registry cannot be reached it goes on trying, and probes whom it knows. Dropped instead, it stops at once and
    /// says nothing to anybody.
    pub async fn run(self, shutdown: CancellationToken) {
        let inner = &*self.handle.inner;
        let recorder = &inner.recorder;
        let probing = Mutex::new(Probing::new(
            Arc::clone(recorder),
            self.config.probers.clone(),
            self.config.max_in_flight,
            self.config.taint_after,
            Arc::clone(&inner.probes),
        ));
        let on_panic = |task| recorder.task_panicked(task);
        let loops = async {
            tokio::join!(
                supervise(&inner.heartbeats, on_panic, || self.keep_registered()),
                supervise(&inner.polls, on_panic, || self.keep_list(&probing)),
                supervise(&inner.reports, on_panic, || self.keep_reporting()),
            )
        };
        tokio::select! {
            () = shutdown.cancelled() => {}
            _ = loops => {}
        }
        drop(probing);
        self.withdraw().await;
    }

    async fn withdraw(&self) {
        let instance_id = &self.handle.source().instance_id;
        match tokio::time::timeout(WITHDRAW_TIMEOUT, self.config.discovery.withdraw(instance_id)).await {
            Ok(Ok(())) => tracing::info!("said goodbye to the registry"),
            Ok(Err(error)) => tracing::warn!(%error, "stopping without a goodbye"),
            Err(_) => tracing::warn!("stopping without a goodbye: the registry does not answer"),
        }
    }

    async fn call<T>(
        &self,
        operation: &'static str,
        call: impl Future<Output = Result<T, DiscoveryError>>,
    ) -> Result<T, DiscoveryError> {
        self.handle.inner.contact.call(operation, self.config.registry_timeout, call).await
    }

    /// Registers, sends heartbeats, and registers again under the same id when the registry has forgotten this member.
    async fn keep_registered(&self) {
        let inner = &*self.handle.inner;
        loop {
            self.register().await;
            inner.poll_now.notify_one();
            let mut retry = Retry::new();
            let mut wait = inner.announcement.heartbeat_interval;
            loop {
                inner.heartbeats.turned();
                tokio::select! {
                    () = tokio::time::sleep(wait) => {}
                    () = inner.forgotten.notified() => break,
                }
                let heartbeat = self.config.discovery.heartbeat(&inner.announcement.instance_id);
                match self.call("send a heartbeat", heartbeat).await {
                    Ok(()) => {
                        retry = Retry::new();
                        wait = inner.announcement.heartbeat_interval;
                    }
                    Err(DiscoveryError::NotRegistered) => break,
                    Err(_) => wait = retry.next_delay().min(inner.announcement.heartbeat_interval),
                }
            }
            inner.contact.set_registered(false);
            tracing::info!("the registry does not know this member any more; registering again");
        }
    }

    /// Tries until the registry takes this member.
    async fn register(&self) {
        let inner = &*self.handle.inner;
        let mut retry = Retry::new();
        let mut refused = None;
        loop {
            match self.call("register", self.config.discovery.announce(&inner.announcement)).await {
                Ok(()) => break,
                Err(error @ DiscoveryError::Rejected { .. }) => {
                    let error = error.to_string();
                    if refused.as_ref() != Some(&error) {
                        tracing::error!(%error, "cannot join the ring; trying again in case that changes");
                        refused = Some(error);
                    }
                }
                Err(error) => tracing::debug!(%error, "not registered yet"),
            }
            inner.heartbeats.turned();
            tokio::time::sleep(retry.next_delay()).await;
        }
        inner.contact.set_registered(true);
        let Announcement { instance_id, location, .. } = &inner.announcement;
        tracing::info!(%instance_id, %location, "registered");
    }

    /// Asks for the members and probes them. The last list is kept while there is no better one. It is asked for more often
    /// at first: members that are started together then know each other within seconds.
    async fn keep_list(&self, probing: &Mutex<Probing>) {
        let inner = &*self.handle.inner;
        let mut retry = Retry::new();
        let mut next_wait = FIRST_POLL_WAIT;
        loop {
            let wait = match self.call("list the members", self.config.discovery.peers()).await {
                Ok(members) => {
                    retry = Retry::new();
                    self.take_list(members, probing).await;
                    let wait = next_wait.min(self.config.poll_interval);
                    next_wait = wait * 2;
                    wait
                }
                Err(_) => retry.next_delay().min(self.config.poll_interval),
            };
            inner.polls.turned();
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = inner.poll_now.notified() => {}
            }
        }
    }

    async fn take_list(&self, mut members: Vec<Member>, probing: &Mutex<Probing>) {
        let inner = &*self.handle.inner;
        let mut ids = HashSet::new();
        members.retain(|member| ids.insert(member.instance_id.clone()));
        members.retain(|member| member.instance_id != inner.announcement.instance_id);
        let listed = ids.contains(&inner.announcement.instance_id);
        if inner.was_listed.swap(listed, Ordering::Relaxed) && !listed {
            // The registry has lost its memory, perhaps with a restart. Nothing is gained by waiting for the next heartbeat.
            inner.forgotten.notify_one();
        }
        let before = inner.recorder.members();
        let known = |list: &[Member], member: &Member| list.iter().any(|m| m.instance_id == member.instance_id);
        for member in members.iter().filter(|member| !known(&before, member)) {
            tracing::info!(instance_id = %member.instance_id, location = %member.location, address = %member.address, "a member joined");
        }
        for member in before.iter().filter(|member| !known(&members, member)) {
            tracing::info!(instance_id = %member.instance_id, location = %member.location, "a member left");
        }
        probing.lock().await.set_members(members);
    }

    /// Hands the newest results on, every report interval.
    async fn keep_reporting(&self) {
        let inner = &*self.handle.inner;
        let interval = self.config.report_interval;
        let mut retry = Retry::new();
        let mut next = Instant::now() + interval.min(FIRST_REPORT_AFTER);
        loop {
            sleep_until(next).await;
            let report = MemberReport {
                instance_id: inner.announcement.instance_id.clone(),
                location: inner.announcement.location.clone(),
                sent_at: SystemClock.now(),
                check_interval: interval,
                results: inner.recorder.newest(),
            };
            let wait = match self.call("report", self.config.discovery.report(&report)).await {
                Ok(()) => {
                    retry = Retry::new();
                    interval
                }
                Err(error) => {
                    if matches!(error, DiscoveryError::NotRegistered) && inner.contact.state().registered {
                        inner.forgotten.notify_one();
                    }
                    tracing::debug!(%error, "cannot report; the newest results are kept and sent later");
                    // Not at once: a registry that is slow under its load is not helped by the same report again.
                    retry.next_delay().max(interval / 4).min(interval)
                }
            };
            inner.reports.turned();
            next = Instant::now() + wait;
        }
    }
}
