//! What a trace sends next and when it is over. No sockets and no clock: times come in, steps go out.

use super::{
    memory::Distance,
    packet::{Answer, Kind, Match, ProbeId},
    record::{FlowRecord, Received},
    stamp::Stamp,
};
use netring_core::model::PathEnd;
use std::{ops::RangeInclusive, time::Duration};
use tokio::time::Instant;

/// How much is sent, and how fast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) flows: u8,
    pub(super) first_ttl: u8,
    pub(super) max_ttl: u8,
    pub(super) tries: u8,
    /// Between two packets.
    pub(super) pace: Duration,
    /// How long an answer to a packet is waited for.
    pub(super) timeout: Duration,
}

/// What to do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Send this packet, and tell [`Schedule::sent`].
    Send(ProbeId),
    /// Nothing before that time, or before an answer comes.
    Wait(Instant),
    /// The trace is over.
    Done,
}

/// Packets that may be sent at once by a process that was not called for a while.
const CATCH_UP: u32 = 4;
/// What is farther than the target was waits for two of the round trips that it took, and this much longer.
const GRACE: Duration = Duration::from_millis(50);
/// A packet that is alone on its way is waited for as long as the slowest answer took, and this much longer.
const ALONE_MARGIN: Duration = Duration::from_millis(100);

/// A trace.
///
/// First all times to live are asked in parallel, under a pace: try by try, in each the times to live rising, so that the
/// tries of one router are apart. Nothing is sent beyond the hop at which the target is known to answer. Where an earlier trace
/// tells how far away that is, what is farther waits until it should have answered.
///
/// An answer that does not say to which packet it is (a router that quotes only 8 bytes of a datagram, as RFC 792 asks for)
/// cannot be placed then. So the times to live that nobody answered are asked again, of each flow one at a time: what comes
/// then can be to one packet alone. That ends as soon as everybody who gave such an answer has been placed, and for all flows
/// together after one timeout.
#[derive(Debug)]
pub(super) struct Schedule {
    plan: Plan,
    flows: Vec<FlowRecord>,
    /// The times to live of the parallel part that are asked now, and, when they are done, how long before all others are.
    ttls: RangeInclusive<u8>,
    grace: Duration,
    /// The next packet of the parallel part; none when it is over.
    next: Option<ProbeId>,
    /// When the next packet may be sent.
    due: Option<Instant>,
    /// One for each flow.
    alone: Vec<Alone>,
    /// When the part in which packets are alone is over; none before it begins.
    alone_until: Option<Instant>,
}

/// The part in which one packet of a flow is on its way at a time.
#[derive(Debug, Clone, Default)]
struct Alone {
    /// The highest time to live that was asked.
    ttl: u8,
    /// The packet on its way, and until when it is waited for.
    current: Option<(ProbeId, Instant)>,
}

impl Schedule {
    pub(super) fn new(plan: Plan, distance: Option<Distance>) -> Self {
        let far = distance.map_or(plan.max_ttl, |distance| distance.ttl.clamp(plan.first_ttl, plan.max_ttl));
        let grace = distance.map_or(Duration::ZERO, |distance| distance.round_trip_time * 2 + GRACE);
        let flows = (0..plan.flows).map(|_| FlowRecord::new(plan.first_ttl, plan.max_ttl, plan.tries)).collect();
        let next = Some(ProbeId { flow: 0, ttl: plan.first_ttl, attempt: 0 });
        let ttls = plan.first_ttl..=far;
        let alone = vec![Alone::default(); usize::from(plan.flows)];
        Self { plan, flows, ttls, grace: grace.min(plan.timeout), next, due: None, alone, alone_until: None }
    }

    /// What to do at `now`.
    pub(super) fn step(&mut self, now: Instant) -> Step {
        while let Some(probe) = self.next {
            if self.flow(probe).is_some_and(|flow| flow.wants(probe.ttl)) {
                return self.when_due(probe, now);
            }
            self.advance(probe);
        }
        let timeout = self.plan.timeout;
        match self.flows.iter().filter_map(|flow| flow.waits_until(now, timeout)).max() {
            Some(until) if self.alone_until.is_none() => Step::Wait(until),
            _ => self.step_alone(now),
        }
    }

    fn when_due(&self, probe: ProbeId, now: Instant) -> Step {
        match self.due {
            Some(due) if due > now => Step::Wait(due),
            _ => Step::Send(probe),
        }
    }

    /// The order: flows, then times to live, then tries.
    fn advance(&mut self, ProbeId { flow, ttl, attempt }: ProbeId) {
        self.next = if flow + 1 < self.plan.flows {
            Some(ProbeId { flow: flow + 1, ttl, attempt })
        } else if ttl < *self.ttls.end() {
            Some(ProbeId { flow: 0, ttl: ttl + 1, attempt })
        } else if attempt + 1 < self.plan.tries {
            Some(ProbeId { flow: 0, ttl: *self.ttls.start(), attempt: attempt + 1 })
        } else if *self.ttls.end() < self.plan.max_ttl {
            self.ttls = self.ttls.end() + 1..=self.plan.max_ttl;
            self.due = self.due.map(|due| due + self.grace);
            Some(ProbeId { flow: 0, ttl: *self.ttls.start(), attempt: 0 })
        } else {
            None
        };
    }

    fn step_alone(&mut self, now: Instant) -> Step {
        let end = *self.alone_until.get_or_insert(now + self.plan.timeout);
        if now >= end {
            return Step::Done;
        }
        let mut wait: Option<Instant> = None;
        for ((alone, record), flow) in self.alone.iter_mut().zip(&self.flows).zip(0_u8..) {
            alone.current = alone.current.filter(|(probe, until)| !record.is_answered(*probe) && *until > now);
            let until = match alone.current {
                Some((_, until)) => until,
                None => match (record.unplaced_after(alone.ttl), self.due) {
                    (None, _) => continue,
                    (Some(_), Some(due)) if due > now => due,
                    (Some(ttl), _) => return Step::Send(ProbeId { flow, ttl, attempt: self.plan.tries }),
                },
            };
            wait = Some(wait.map_or(until, |wait| wait.min(until)));
        }
        wait.map_or(Step::Done, |until| Step::Wait(until.min(end)))
    }

    fn flow(&self, probe: ProbeId) -> Option<&FlowRecord> {
        self.flows.get(usize::from(probe.flow))
    }

    /// The packet of the last step was sent.
    pub(super) fn sent(&mut self, probe: ProbeId, at: Stamp) {
        let pace = self.plan.pace;
        let earliest = at.seen.checked_sub(pace * CATCH_UP).unwrap_or(at.seen);
        self.due = Some(self.due.unwrap_or(at.seen).max(earliest) + pace);
        let is_alone = self.next != Some(probe);
        if let Some(flow) = self.flows.get_mut(usize::from(probe.flow)) {
            flow.sent(probe, at, is_alone);
            if is_alone {
                let wait = flow.longest().map_or(self.plan.timeout, |longest| longest + ALONE_MARGIN);
                if let Some(alone) = self.alone.get_mut(usize::from(probe.flow)) {
                    *alone = Alone { ttl: probe.ttl, current: Some((probe, at.seen + wait.min(self.plan.timeout))) };
                }
            }
        }
        if !is_alone {
            self.advance(probe);
        }
    }

    /// Takes an answer, and tells to which packet it is and how long it took, where it is the first to that packet.
    pub(super) fn answered(&mut self, answer: Answer, at: Stamp) -> Option<(ProbeId, Duration)> {
        let probe = match answer.to {
            Match::Probe(probe) => probe,
            Match::Flow(flow) => {
                let record = self.flows.get_mut(usize::from(flow))?;
                let reached = answer.kind == Kind::Reached;
                match self.alone.get(usize::from(flow))?.current {
                    // It says too little to be taken from somebody who was not there before.
                    Some((probe, _)) if reached || record.has_unplaced(answer.from) => probe,
                    Some(_) => return None,
                    None => {
                        record.cannot_place(answer.from, reached, at);
                        return None;
                    }
                }
            }
        };
        let record = self.flows.get_mut(usize::from(probe.flow))?;
        let received =
            Received { from: answer.from, kind: answer.kind, answer_ttl: answer.answer_ttl, mpls: answer.mpls };
        record.answered(probe, received, at).map(|round_trip_time| (probe, round_trip_time))
    }

    /// This system itself cannot send packets of the flow.
    pub(super) fn failed(&mut self, flow: u8, end: PathEnd) {
        if let Some(record) = self.flows.get_mut(usize::from(flow)) {
            record.failed(end);
        }
    }

    /// What was seen of each flow.
    pub(super) fn finish(self) -> Vec<FlowRecord> {
        self.flows
    }
}
