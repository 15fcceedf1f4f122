use async_trait::async_trait;
use netring_core::{
    AdvertisedAddress, Announcement, Cadence, Clock, Discovery, DiscoveryError, Event, FailureReason, InstanceId,
    Location, Measurement, Member, MemberEngine, MemberHandle, MemberReport, MetricSink, Outcome, Peers, ProbeError,
    ProbeKind, ProbeReport, Prober, SystemClock, Target, Timestamp, member::MemberBuilder, testing::sample,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{task::JoinHandle, time::Instant};
use tokio_util::sync::CancellationToken;

pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const ME: &str = "me";

/// What the member did to its ring, and when, in seconds since the start.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Call {
    Announce(InstanceId),
    Heartbeat,
    Peers,
    Withdraw,
    Report(MemberReport),
}

/// How a fake answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    Well,
    Away,
    Forgetful,
    Refusing,
    Hanging,
    Panicking,
    /// The target refuses.
    Failing,
    /// The target is busy, and asks to come back after two seconds.
    Busy,
    /// The target asks to come back at a time that there is not.
    BusyForEver,
}

#[derive(Debug)]
pub(crate) struct Ring {
    pub(crate) started: Instant,
    pub(crate) mood: Mutex<Mood>,
    /// The mood in which it takes announcements, where that is another one.
    pub(crate) announce_mood: Mutex<Option<Mood>>,
    pub(crate) members: Mutex<Vec<Member>>,
    /// How old the list is.
    pub(crate) age: Mutex<Duration>,
    /// How long a good answer takes.
    pub(crate) takes: Mutex<Duration>,
    pub(crate) calls: Mutex<Vec<(f64, Call)>>,
    /// The calls that it answered well.
    answered: Mutex<Vec<(f64, Call)>>,
}

impl Ring {
    pub(crate) fn of(ids: &[&str]) -> Arc<Self> {
        Arc::new(Self {
            started: Instant::now(),
            mood: Mutex::new(Mood::Well),
            announce_mood: Mutex::default(),
            members: Mutex::new(ids.iter().map(|id| member(id)).collect()),
            age: Mutex::default(),
            takes: Mutex::default(),
            calls: Mutex::default(),
            answered: Mutex::default(),
        })
    }

    pub(crate) fn set_mood(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    pub(crate) fn set_announce_mood(&self, mood: Mood) {
        *self.announce_mood.lock().unwrap() = Some(mood);
    }

    pub(crate) fn set_members(&self, ids: &[&str]) {
        *self.members.lock().unwrap() = ids.iter().map(|id| member(id)).collect();
    }

    /// When there was a call for which `which` gives something, and what.
    pub(crate) fn calls<T>(&self, which: impl Fn(&Call) -> Option<T>) -> Vec<(f64, T)> {
        self.calls.lock().unwrap().iter().filter_map(|(at, call)| Some((*at, which(call)?))).collect()
    }

    /// When there was a call like `call`.
    pub(crate) fn times(&self, call: &Call) -> Vec<f64> {
        self.calls(|made| (made == call).then_some(())).into_iter().map(|(at, ())| at).collect()
    }

    /// When there was a call like `call` that was answered well.
    pub(crate) fn answered(&self, call: &Call) -> Vec<f64> {
        self.answered.lock().unwrap().iter().filter(|(_, made)| made == call).map(|(at, _)| *at).collect()
    }

    pub(crate) fn announced(&self) -> Vec<f64> {
        self.times(&Call::Announce(sample::id(ME)))
    }

    async fn answer<T>(&self, call: Call, value: impl FnOnce() -> T) -> Result<T, DiscoveryError> {
        let operation = "do as the test says";
        let registering = matches!(call, Call::Announce(_));
        let at = self.started.elapsed().as_secs_f64();
        self.calls.lock().unwrap().push((at, call.clone()));
        let mut mood = *self.mood.lock().unwrap();
        if let (true, Some(other)) = (registering, *self.announce_mood.lock().unwrap()) {
            mood = other;
        }
        match mood {
            Mood::Well | Mood::Failing | Mood::Busy | Mood::BusyForEver => {
                let takes = *self.takes.lock().unwrap();
                if !takes.is_zero() {
                    tokio::time::sleep(takes).await;
                }
                self.answered.lock().unwrap().push((at, call));
                Ok(value())
            }
            Mood::Away => {
                Err(DiscoveryError::Unreachable { operation, peer: "the test".into(), source: "away".into() })
            }
            Mood::Forgetful if !registering => Err(DiscoveryError::NotRegistered),
            Mood::Forgetful => Ok(value()),
            Mood::Refusing => Err(DiscoveryError::Rejected { operation, peer: "the test".into(), reason: "no".into() }),
            Mood::Hanging => std::future::pending().await,
            Mood::Panicking => panic!("on purpose"),
        }
    }
}

#[async_trait]
impl Discovery for Ring {
    async fn announce(&self, announcement: &Announcement) -> Result<(), DiscoveryError> {
        self.answer(Call::Announce(announcement.instance_id.clone()), || ()).await
    }
    async fn heartbeat(&self, _: &InstanceId) -> Result<(), DiscoveryError> {
        self.answer(Call::Heartbeat, || ()).await
    }
    async fn peers(&self) -> Result<Peers, DiscoveryError> {
        self.answer(Call::Peers, || Peers {
            members: self.members.lock().unwrap().clone(),
            age: *self.age.lock().unwrap(),
        })
        .await
    }
    async fn withdraw(&self, _: &InstanceId) -> Result<(), DiscoveryError> {
        self.answer(Call::Withdraw, || ()).await
    }
    async fn report(&self, report: &MemberReport) -> Result<(), DiscoveryError> {
        self.answer(Call::Report(report.clone()), || ()).await
    }
}

/// A prober that answers at once, but for the targets that it is told to treat otherwise.
#[derive(Debug)]
pub(crate) struct FakeProber {
    started: Instant,
    moods: Mutex<HashMap<String, Mood>>,
    /// How long a good probe takes.
    takes: Duration,
    probes: Mutex<Vec<(f64, String)>>,
    kind: ProbeKind,
    /// What a good probe measures.
    measurement: Mutex<Option<Measurement>>,
}

impl FakeProber {
    pub(crate) fn new(takes: Duration) -> Arc<Self> {
        Self::of_kind(ProbeKind::TCP, takes)
    }

    /// One of another kind. That of UDP probes only members with an echo.
    pub(crate) fn of_kind(kind: ProbeKind, takes: Duration) -> Arc<Self> {
        let (moods, probes, measurement) = (Mutex::default(), Mutex::default(), Mutex::default());
        Arc::new(Self { started: Instant::now(), moods, takes, probes, kind, measurement })
    }

    pub(crate) fn set_measurement(&self, measurement: Option<Measurement>) {
        *self.measurement.lock().unwrap() = measurement;
    }

    pub(crate) fn set_mood(&self, target: &str, mood: Mood) {
        self.moods.lock().unwrap().insert(target.into(), mood);
    }

    /// When `target` was probed, in seconds since the start.
    pub(crate) fn times(&self, target: &str) -> Vec<f64> {
        self.probes.lock().unwrap().iter().filter(|(_, id)| id == target).map(|(at, _)| *at).collect()
    }
}

#[derive(Debug)]
pub(crate) struct Shared(pub(crate) Arc<FakeProber>);

#[async_trait]
impl Prober for Shared {
    fn kind(&self) -> ProbeKind {
        self.0.kind.clone()
    }
    fn applies_to(&self, member: &Member) -> bool {
        self.0.kind != ProbeKind::UDP || member.udp_echo
    }
    async fn probe(&self, target: &Target, _: Instant) -> Result<ProbeReport, ProbeError> {
        let id = target.instance_id.to_string();
        self.0.probes.lock().unwrap().push((self.0.started.elapsed().as_secs_f64(), id.clone()));
        let mood = self.0.moods.lock().unwrap().get(&id).copied();
        match mood {
            Some(Mood::Hanging) => std::future::pending().await,
            Some(Mood::Panicking) => panic!("on purpose"),
            _ => tokio::time::sleep(self.0.takes).await,
        }
        let busy = match mood {
            Some(Mood::Busy) => Some(2 * SECOND),
            Some(Mood::BusyForEver) => Some(Duration::MAX),
            _ => None,
        };
        if let Some(retry_after) = busy {
            return Err(ProbeError::Busy { target: id, retry_after });
        }
        let outcome = match mood {
            Some(Mood::Failing) => Outcome::failure(FailureReason::Refused, "on purpose"),
            _ => Outcome::Success,
        };
        let measurement = self.0.measurement.lock().unwrap().clone();
        Ok(ProbeReport { target: target.clone(), kind: self.kind(), measurement, ..sample::result(&id, outcome) })
    }
}

/// Writes events down in words.
#[derive(Debug, Default)]
pub(crate) struct Log(Mutex<Vec<String>>);

impl Log {
    pub(crate) fn lines(&self, containing: &str) -> Vec<String> {
        self.0.lock().unwrap().iter().filter(|line| line.contains(containing)).cloned().collect()
    }

    pub(crate) fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl MetricSink for Log {
    fn record(&self, event: &Event<'_>) {
        let line = match event {
            Event::Probe { report, .. } => {
                format!("probe {} tainted={} late={:?}", report.target.instance_id, report.tainted, report.lateness)
            }
            Event::ProbeNotMade { target, error, .. } => format!("not made {} {error}", target.instance_id),
            Event::Members { members, as_of, .. } => {
                let ids = members.iter().map(|m| &m.instance_id).collect::<Vec<_>>();
                match SystemClock.now().since(*as_of).as_secs() {
                    0 => format!("members {ids:?}"),
                    age => format!("members {ids:?} {age}s old"),
                }
            }
            Event::RegistryContact { in_reach, .. } => format!("registry {in_reach}"),
            Event::TaskPanicked { task, .. } => format!("panicked {task}"),
            other => format!("{other:?}"),
        };
        self.0.lock().unwrap().push(line);
    }
}

pub(crate) fn member(id: &str) -> Member {
    Member {
        instance_id: sample::id(id),
        location: Location::new("eu1").unwrap(),
        address: AdvertisedAddress::new([10, 0, 0, 1].into(), 8757).unwrap(),
        heartbeat_interval: None,
        udp_echo: false,
        registered_at: Timestamp::default(),
        last_seen: Timestamp::default(),
        deregistered_at: None,
    }
}

/// A member with a prober, a heartbeat every 45 s, a poll every 30 s, and a report and a check of each target every 10 s.
pub(crate) fn builder(ring: &Arc<Ring>, prober: &Arc<FakeProber>, log: &Arc<Log>) -> MemberBuilder {
    by(Arc::clone(ring) as _, prober, log)
}

/// The same over another discovery.
pub(crate) fn builder_of(discovery: impl Discovery, prober: &Arc<FakeProber>, log: &Arc<Log>) -> MemberBuilder {
    by(Arc::new(discovery), prober, log)
}

fn by(discovery: Arc<dyn Discovery>, prober: &Arc<FakeProber>, log: &Arc<Log>) -> MemberBuilder {
    MemberEngine::builder(sample::id(ME), Location::new("eu1").unwrap(), 8757, discovery)
        .prober(Shared(Arc::clone(prober)), Cadence::new(10 * SECOND, 2 * SECOND))
        .sink(Arc::clone(log) as _)
        .report_interval(10 * SECOND)
}

pub(crate) struct Running {
    pub(crate) handle: MemberHandle,
    pub(crate) shutdown: CancellationToken,
    pub(crate) task: JoinHandle<()>,
}

pub(crate) fn run(builder: MemberBuilder) -> Running {
    let engine = builder.build().unwrap();
    let (handle, shutdown) = (engine.handle(), CancellationToken::new());
    Running { handle, task: tokio::spawn(engine.run(shutdown.clone())), shutdown }
}

/// Lets `seconds` pass on the paused clock.
pub(crate) async fn pass(seconds: f64) {
    tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
}
