use netring_core::{HttpMeasurement, Measurement};
use std::net::IpAddr;
use tokio::time::Instant;

/// The phases of a probe, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Resolve,
    Connect,
    Tls,
    FirstByte,
    Body,
}

impl Phase {
    /// How a failure's message names it.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Resolve => "resolve",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::FirstByte => "first byte",
            Self::Body => "body",
        }
    }

    /// What the deadline cut off.
    pub(super) const fn timed_out(self) -> &'static str {
        match self {
            Self::Resolve => "resolve: no answer before the deadline",
            Self::Connect => "connect: no answer before the deadline",
            Self::Tls => "tls: no handshake before the deadline",
            Self::FirstByte => "first byte: no answer before the deadline",
            Self::Body => "body: no end before the deadline",
        }
    }
}

/// How far a probe has come. It stands outside the future that the deadline cuts off, so that what was measured until
/// then is kept.
#[derive(Debug)]
pub(super) struct Progress {
    pub(super) phase: Phase,
    pub(super) ip: Option<IpAddr>,
    pub(super) measured: HttpMeasurement,
    since: Instant,
}

impl Progress {
    pub(super) fn starting_at(now: Instant) -> Self {
        Self { phase: Phase::Resolve, ip: None, measured: HttpMeasurement::default(), since: now }
    }

    /// Begins `phase` now: what was done before counts for none.
    pub(super) fn begin(&mut self, phase: Phase) {
        self.phase = phase;
        self.since = Instant::now();
    }

    /// Ends the phase and begins `next` at the same instant, so that the phases never overlap and leave no gap.
    pub(super) fn enter(&mut self, next: Phase) {
        self.end();
        self.phase = next;
    }

    /// Ends the phase.
    pub(super) fn end(&mut self) {
        let now = Instant::now();
        let took = Some(now - self.since);
        match self.phase {
            Phase::Resolve => self.measured.resolve = took,
            Phase::Connect => self.measured.connect = took,
            Phase::Tls => self.measured.tls = took,
            Phase::FirstByte => self.measured.first_byte = took,
            Phase::Body => self.measured.body = took,
        }
        self.since = now;
    }

    /// What the report is to say; nothing where no phase was done.
    pub(super) fn into_measurement(self) -> Option<Measurement> {
        (self.measured != HttpMeasurement::default()).then_some(Measurement::Http(self.measured))
    }
}
