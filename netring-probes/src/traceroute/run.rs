//! One trace: the schedule's steps done by real sockets.

use super::{
    TracerouteProgress,
    memory::Distance,
    packet::Kind,
    path::{Assembled, assemble},
    schedule::{Plan, Schedule, Step},
    socket::Sockets,
    stamp::Stamp,
};
use netring_core::{
    FailureReason, Outcome, ProbeError, TracerouteMeasurement,
    model::{Flow, PathEnd, TracerouteMode},
    prober::connect_failure,
};
use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
    time::Duration,
};
use tokio::time::{Instant, sleep_until};

/// Before a packet for which there was no room is tried again.
const BUFFER_FULL: Duration = Duration::from_millis(1);
/// Times that a packet is sent which the queue of the network interface drops. A socket that hears of errors is told of that
/// (ENOBUFS), others are not. After them it is as lost as if a router had dropped it.
const DROPS: u8 = 5;

/// What a trace saw.
#[derive(Debug)]
pub(super) struct Trace {
    pub(super) paths: Vec<Assembled>,
    /// What this system said where it could not send.
    pub(super) send_failure: Option<Outcome>,
    /// Whether the deadline came before the trace was over.
    pub(super) cut_short: bool,
}

impl Trace {
    pub(super) fn into_measurement(self, mode: TracerouteMode) -> TracerouteMeasurement {
        let flows = self.paths.into_iter().map(|assembled| assembled.path).collect();
        TracerouteMeasurement { mode, flows, last_change: None }
    }
}

/// Traces `target`, and is back by `deadline`.
///
/// # Errors
/// Where this system lacks what a trace needs.
pub(super) async fn run(
    mode: TracerouteMode,
    target: SocketAddr,
    plan: Plan,
    distance: Option<Distance>,
    deadline: Instant,
    progress: &(dyn Fn(TracerouteProgress) + Send + Sync),
) -> Result<Trace, ProbeError> {
    let sockets = match Sockets::open(mode, target, plan.flows) {
        Ok(sockets) => sockets,
        Err(error) => {
            let (failure, _) = failure("open", target, error)?;
            return Ok(Trace { paths: Vec::new(), send_failure: Some(failure), cut_short: false });
        }
    };
    let flows = sockets.flows();
    let mut schedule = Schedule::new(plan, distance);
    let mut send_failure = None;
    let mut drops = 0;
    let cut_short = loop {
        let now = Instant::now();
        if now >= deadline {
            break true;
        }
        let until = match schedule.step(now) {
            Step::Done => break false,
            Step::Wait(until) => until,
            Step::Send(probe) => {
                let at = Stamp::now();
                match sockets.send(probe) {
                    Ok(()) => {
                        drops = 0;
                        schedule.sent(probe, at);
                        continue;
                    }
                    Err(error) if error.raw_os_error() == Some(libc::ENOBUFS) => {
                        drops += 1;
                        if drops >= DROPS {
                            drops = 0;
                            schedule.sent(probe, at);
                            continue;
                        }
                        now + BUFFER_FULL
                    }
                    Err(error) if error.kind() == ErrorKind::WouldBlock => now + BUFFER_FULL,
                    Err(error) => {
                        let (failure, end) = failure("send", target, error)?;
                        schedule.failed(probe.flow, end);
                        send_failure = Some(failure);
                        continue;
                    }
                }
            }
        };
        tokio::select! {
            // First: whoever floods the sockets cannot hold the trace up.
            biased;
            () = sleep_until(until.min(deadline)) => {}
            received = sockets.receive() => {
                let received = received.map_err(|source| ProbeError::Exhausted { operation: "receive", source })?;
                let Some((answer, at)) = received else { continue };
                let (ip, reached) = (answer.from, answer.kind == Kind::Reached);
                if let Some((probe, round_trip_time)) = schedule.answered(answer, at) {
                    let (flow, ttl, attempt) = (probe.flow, probe.ttl, probe.attempt);
                    progress(TracerouteProgress { flow, ttl, attempt, ip, round_trip_time, reached });
                }
            }
        }
    };
    let records = schedule.finish();
    let paths = flows.into_iter().zip(&records).map(|(flow, record): (Flow, _)| assemble(flow, record)).collect();
    Ok(Trace { paths, send_failure, cut_short })
}

/// What an error of this system means that was given for packets to `target`: the way a path ends, in words, or a trace that
/// could not be made.
fn failure(operation: &'static str, target: SocketAddr, error: io::Error) -> Result<(Outcome, PathEnd), ProbeError> {
    let end = match error.kind() {
        ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => PathEnd::NetworkUnreachable,
        ErrorKind::HostUnreachable => PathEnd::HostUnreachable,
        // No address to send from, or no such protocol: as on a system without IPv6.
        ErrorKind::AddrNotAvailable => PathEnd::NetworkUnreachable,
        _ if error.raw_os_error() == Some(libc::EAFNOSUPPORT) => PathEnd::NetworkUnreachable,
        // What opens a raw socket without the capability.
        ErrorKind::PermissionDenied if operation == "open" && error.raw_os_error() == Some(libc::EPERM) => {
            let reason = format!("{operation}: {error}; raw sockets need CAP_NET_RAW");
            return Err(ProbeError::Unsupported { target: target.to_string(), reason });
        }
        // A rule of this system's firewall, a route that prohibits, or an address that nobody may send to.
        ErrorKind::PermissionDenied => PathEnd::AdministrativelyProhibited,
        _ => return connect_failure(operation, error).map(|outcome| (outcome, PathEnd::Unreachable)),
    };
    Ok((Outcome::failure(FailureReason::Unreachable, format!("{operation}: {error}")), end))
}
