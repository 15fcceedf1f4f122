use super::{TracerouteProber, memory::Memory, schedule::Plan, socket::may_open_raw};
use netring_core::{TracerouteMeasurement, model::TracerouteMode};
use std::{io, time::Duration};

/// The port that UDP datagrams go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DestinationPort {
    /// This one. Where nothing listens at it the target answers "port unreachable", which tells that it is reached.
    Fixed(u16),
    /// The target's own. What listens there gets the datagrams; only if it answers them is the target known to be reached.
    Target,
}

impl Default for DestinationPort {
    /// 33434, which traceroutes have always started at and firewalls know.
    fn default() -> Self {
        Self::Fixed(33_434)
    }
}

/// Makes a [`TracerouteProber`]; every setting has a default.
///
/// ```
/// use netring_core::model::TracerouteMode;
/// use netring_probes::TracerouteProber;
/// use std::time::Duration;
///
/// let prober = TracerouteProber::builder()
///     .mode(Some(TracerouteMode::Udp))
///     .flows(4)
///     .timeout(Duration::from_millis(500))
///     .build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until it is built"]
pub struct TracerouteProberBuilder {
    mode: Option<TracerouteMode>,
    destination_port: DestinationPort,
    plan: Plan,
}

impl Default for TracerouteProberBuilder {
    fn default() -> Self {
        Self {
            mode: None,
            destination_port: DestinationPort::default(),
            plan: Plan {
                flows: 1,
                first_ttl: 1,
                max_ttl: Self::DEFAULT_MAX_HOPS,
                tries: Self::DEFAULT_TRIES,
                pace: Self::DEFAULT_PACE,
                timeout: Self::DEFAULT_TIMEOUT,
            },
        }
    }
}

impl TracerouteProberBuilder {
    /// The highest time to live, where nothing else is said.
    pub const DEFAULT_MAX_HOPS: u8 = 30;
    /// Packets for each hop and flow, where nothing else is said. Linux answers a peer six packets at once and then one a
    /// second: with many flows, fewer tries lose less.
    pub const DEFAULT_TRIES: u8 = 3;
    /// Time between two packets, where nothing else is said.
    pub const DEFAULT_PACE: Duration = Duration::from_millis(1);
    /// How long an answer is waited for, where nothing else is said.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(1);

    /// What is sent. By default, or with `None`, it is chosen when the prober is built, by what the process may do: with
    /// CAP_NET_RAW [`Tcp`](TracerouteMode::Tcp), as SYN segments to a member's own port pass where its real traffic passes;
    /// without it [`Udp`](TracerouteMode::Udp).
    pub fn mode(mut self, mode: Option<TracerouteMode>) -> Self {
        self.mode = mode;
        self
    }

    /// The port that UDP datagrams go to. TCP segments always go to the target's own.
    pub fn destination_port(mut self, port: DestinationPort) -> Self {
        self.destination_port = port;
        self
    }

    /// How many flows are traced, from 1 to [`TracerouteMeasurement::MAX_FLOWS`]; a number beyond that becomes the nearest one
    /// within, here and below. One flow shows one path; several show the paths that routers balance them over.
    pub fn flows(mut self, flows: u8) -> Self {
        self.plan.flows = flows.clamp(1, TracerouteMeasurement::MAX_FLOWS as u8);
        self
    }

    /// The time to live of the first hop that is asked; by default 1.
    pub fn first_ttl(mut self, ttl: u8) -> Self {
        self.plan.first_ttl = ttl.clamp(1, TracerouteMeasurement::MAX_HOPS as u8);
        self
    }

    /// The highest time to live, from 1 to [`TracerouteMeasurement::MAX_HOPS`].
    pub fn max_hops(mut self, ttl: u8) -> Self {
        self.plan.max_ttl = ttl.clamp(1, TracerouteMeasurement::MAX_HOPS as u8);
        self
    }

    /// Packets for each hop and flow, from 1 to [`TracerouteMeasurement::MAX_TRIES`].
    pub fn tries(mut self, tries: u8) -> Self {
        self.plan.tries = tries.clamp(1, TracerouteMeasurement::MAX_TRIES as u8);
        self
    }

    /// Time between two packets of a trace, over all its flows and hops.
    pub fn pace(mut self, pace: Duration) -> Self {
        self.plan.pace = pace.min(Duration::from_secs(1));
        self
    }

    /// How long an answer to a packet is waited for. The whole trace is also bounded by the deadline of the call.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.plan.timeout = timeout.min(Duration::from_secs(60));
        self
    }

    /// The prober.
    ///
    /// # Errors
    /// Where the process may not do what the mode needs.
    pub fn build(mut self) -> Result<TracerouteProber, TracerouteUnavailable> {
        let mode = match (self.mode, may_open_raw()) {
            (None, Ok(())) => TracerouteMode::Tcp,
            (None, Err(_)) | (Some(TracerouteMode::Udp), _) => TracerouteMode::Udp,
            (Some(mode), Ok(())) => mode,
            (Some(mode), Err(source)) => return Err(TracerouteUnavailable { mode, source }),
        };
        self.plan.first_ttl = self.plan.first_ttl.min(self.plan.max_ttl);
        Ok(TracerouteProber {
            mode,
            destination_port: self.destination_port,
            plan: self.plan,
            memory: Memory::default(),
        })
    }
}

/// The process may not trace in this mode.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot trace by {mode}: the process may not open raw sockets ({source}); give it CAP_NET_RAW, as by `setcap cap_net_raw+ep` \
     on its file, or trace by udp, which needs no privilege"
)]
pub struct TracerouteUnavailable {
    /// The mode that was asked for.
    pub mode: TracerouteMode,
    /// What the system said.
    pub source: io::Error,
}
