use super::{Cadence, MemberEngine, engine::Config};
use crate::{
    discovery::{Announcement, Discovery},
    model::{Endpoint, InstanceId, Location, ProbeKind},
    prober::Prober,
    sink::MetricSink,
};
use std::{net::IpAddr, path::PathBuf, sync::Arc, time::Duration};

/// Makes a [`MemberEngine`].
#[derive(Debug)]
pub struct MemberBuilder {
    announcement: Announcement,
    config: Config,
}

/// Why there is no engine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A bound is zero, or an interval or timeout is not from [`MemberBuilder::MIN_DURATION`] to
    /// [`MemberBuilder::MAX_DURATION`].
    #[error("{0} must be more than zero and, where it is a time, from 1 ms to 30 days")]
    OutOfRange(&'static str),
    /// Two probers have the same name.
    #[error("there are two probers for {kind} {}", endpoint.as_ref().map_or("", Endpoint::as_str))]
    SameProber {
        /// Their kind.
        kind: ProbeKind,
        /// Their endpoint.
        endpoint: Option<Endpoint>,
    },
}

impl MemberBuilder {
    /// No interval and no timeout is shorter: 1 ms, the grain of the timers.
    pub const MIN_DURATION: Duration = Duration::from_millis(1);
    /// No interval and no timeout is longer: 30 days.
    pub const MAX_DURATION: Duration = Duration::from_secs(30 * 86_400);

    pub(super) fn new(instance_id: InstanceId, location: Location, port: u16, discovery: Arc<dyn Discovery>) -> Self {
        let announcement = Announcement {
            instance_id,
            location,
            ip: None,
            port,
            heartbeat_interval: Duration::from_secs(45),
            udp_echo: false,
        };
        Self { announcement, config: Config::new(discovery) }
    }

    /// Probes every other member with `prober`, as often as `cadence` says. May be called for several probers.
    #[must_use]
    pub fn prober(mut self, prober: impl Prober, cadence: Cadence) -> Self {
        self.config.probers.push((Arc::new(prober), cadence));
        self
    }

    /// Probes for `kind` are not made, for the reason `why`: `/health` says so.
    #[must_use]
    pub fn unavailable(mut self, kind: ProbeKind, why: impl Into<String>) -> Self {
        self.config.unavailable.push((kind, why.into()));
        self
    }

    /// Hands every event to `sink` too. May be called for several sinks.
    #[must_use]
    pub fn sink(mut self, sink: Arc<dyn MetricSink>) -> Self {
        self.config.sinks.push(sink);
        self
    }

    /// The address under which the others reach this member. Where it is not set, it is the source address that the
    /// kernel uses towards the registry.
    #[must_use]
    pub fn advertise(mut self, ip: IpAddr) -> Self {
        self.announcement.ip = Some(ip);
        self
    }

    /// Whether this member runs a UDP echo at its port: the others send their bursts to those alone that say so. No unless told
    /// otherwise.
    #[must_use]
    pub fn udp_echo(mut self, runs: bool) -> Self {
        self.announcement.udp_echo = runs;
        self
    }

    /// How often the registry is told that this member lives; 45 s unless told otherwise.
    #[must_use]
    pub fn heartbeat_interval(mut self, interval: Duration) -> Self {
        self.announcement.heartbeat_interval = interval;
        self
    }

    /// How often the registry is asked for the others, after a start in which it is asked more often; 30 s unless told
    /// otherwise.
    #[must_use]
    pub fn poll_interval(mut self, interval: Duration) -> Self {
        self.config.poll_interval = interval;
        self
    }

    /// How often the newest results go to the registry, which holds each for true for three times as long; 60 s unless
    /// told otherwise. It should be the interval of the checks.
    #[must_use]
    pub fn report_interval(mut self, interval: Duration) -> Self {
        self.config.report_interval = interval;
        self
    }

    /// How long a call to the registry may take; 5 s unless told otherwise.
    #[must_use]
    pub fn registry_timeout(mut self, timeout: Duration) -> Self {
        self.config.registry_timeout = timeout;
        self
    }

    /// How many probes may be under way at once; 256 unless told otherwise.
    #[must_use]
    pub fn max_in_flight(mut self, probes: usize) -> Self {
        self.config.max_in_flight = probes;
        self
    }

    /// Keeps the list of members in the file `members.json` of the folder `folder`, which has to exist: a member that is
    /// started again while the registry is away probes whom it knew. No two members may have the same folder. Without one
    /// nothing is kept.
    #[must_use]
    pub fn state_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.config.state_dir = Some(folder.into());
        self
    }

    /// A sample that was started later than this after it was due is tainted: shown, but not believed. 250 ms unless told
    /// otherwise.
    #[must_use]
    pub fn taint_after(mut self, lateness: Duration) -> Self {
        self.config.taint_after = lateness;
        self
    }

    /// The engine, which does nothing until it is run.
    ///
    /// # Errors
    /// Where an interval, a timeout or a bound is out of range, or two probers have the same name.
    pub fn build(self) -> Result<MemberEngine, BuildError> {
        let config = &self.config;
        let durations = [
            ("heartbeat_interval", self.announcement.heartbeat_interval),
            ("poll_interval", config.poll_interval),
            ("report_interval", config.report_interval),
            ("registry_timeout", config.registry_timeout),
        ];
        let cadences = config.probers.iter().flat_map(|(_, cadence)| {
            [("the interval of a prober", cadence.interval), ("the timeout of a prober", cadence.timeout)]
        });
        if let Some((name, _)) =
            durations.into_iter().chain(cadences).find(|(_, d)| !(Self::MIN_DURATION..=Self::MAX_DURATION).contains(d))
        {
            return Err(BuildError::OutOfRange(name));
        }
        if config.max_in_flight == 0 {
            return Err(BuildError::OutOfRange("max_in_flight"));
        }
        for (i, (prober, _)) in config.probers.iter().enumerate() {
            let (kind, endpoint) = (prober.kind(), prober.endpoint());
            if config.probers[..i].iter().any(|(other, _)| other.kind() == kind && other.endpoint() == endpoint) {
                return Err(BuildError::SameProber { kind, endpoint });
            }
        }
        Ok(MemberEngine::new(self.announcement, self.config))
    }
}
