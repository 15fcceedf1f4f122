use super::{
    Cadence, MemberBuilder,
    handle::{Inner, MemberHandle},
    probing::Probing,
    recorder::Recorder,
    saved_list::SavedList,
};
use crate::{
    discovery::{Announcement, Discovery},
    model::{InstanceId, Location, ProbeKind},
    prober::Prober,
    sink::{FanOut, MetricSink, Source},
    task::supervise,
    wire::ProberHealth,
};
use std::{path::PathBuf, sync::Arc, time::Duration};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

/// How long a member that is told to stop may take to say goodbye.
const WITHDRAW_TIMEOUT: Duration = Duration::from_millis(1_500);
#[derive(Debug)]
pub(super) struct Config {
    pub(super) discovery: Arc<dyn Discovery>,
    pub(super) probers: Vec<(Arc<dyn Prober>, Cadence)>,
    /// What is not probed for, and why.
    pub(super) unavailable: Vec<(ProbeKind, String)>,
    pub(super) sinks: Vec<Arc<dyn MetricSink>>,
    pub(super) poll_interval: Duration,
    pub(super) report_interval: Duration,
    pub(super) registry_timeout: Duration,
    pub(super) max_in_flight: usize,
    pub(super) taint_after: Duration,
    pub(super) state_dir: Option<PathBuf>,
}

impl Config {
    pub(super) fn new(discovery: Arc<dyn Discovery>) -> Self {
        Self {
            discovery,
            probers: Vec::new(),
            unavailable: Vec::new(),
            sinks: Vec::new(),
            poll_interval: Duration::from_secs(30),
            report_interval: Duration::from_secs(60),
            registry_timeout: Duration::from_secs(5),
            max_in_flight: 256,
            taint_after: Duration::from_millis(250),
            state_dir: None,
        }
    }

    pub(super) fn prober_health(&self) -> Vec<ProberHealth> {
        let there = self.probers.iter().map(|(prober, cadence)| ProberHealth {
            kind: prober.kind(),
            endpoint: prober.endpoint(),
            interval_seconds: Some(cadence.interval.as_secs_f64()),
            mode: prober.mode(),
            unavailable: None,
        });
        let missing = self.unavailable.iter().map(|(kind, why)| ProberHealth {
            kind: kind.clone(),
            endpoint: None,
            interval_seconds: None,
            mode: None,
            unavailable: Some(why.clone()),
        });
        there.chain(missing).collect()
    }
}

/// One member of a ring. [`run`](Self::run) does the work; [`handle`](Self::handle) shows how it goes.
#[derive(Debug)]
pub struct MemberEngine {
    pub(super) handle: MemberHandle,
    pub(super) config: Config,
    pub(super) saved_list: Option<SavedList>,
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
        let inner = Inner::new(announcement, recorder, &config, probe_period.unwrap_or(Duration::MAX));
        let saved_list = config.state_dir.as_deref().map(SavedList::in_folder);
        Self { handle: MemberHandle { inner: Arc::new(inner) }, config, saved_list }
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
                async {
                    self.take_saved_list(&probing).await;
                    supervise(&inner.polls, on_panic, || self.keep_list(&probing)).await;
                },
                supervise(&inner.reports, on_panic, || self.keep_reporting()),
                supervise(&inner.saves, on_panic, || self.keep_saved()),
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
}
