//! What was sent in one flow and what came back.

use super::{
    packet::{Kind, ProbeId},
    stamp::Stamp,
};
use netring_core::model::{MplsLabel, PathEnd};
use std::{net::IpAddr, time::Duration};
use tokio::time::Instant;

/// An answer to a packet that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Received {
    pub(super) from: IpAddr,
    pub(super) kind: Kind,
    pub(super) answer_ttl: Option<u8>,
    pub(super) mpls: Vec<MplsLabel>,
}

/// A packet that was sent.
#[derive(Debug)]
pub(super) struct Try {
    pub(super) probe: ProbeId,
    at: Stamp,
    /// Whether it was alone on its way.
    pub(super) alone: bool,
    pub(super) answer: Option<(Received, Duration)>,
}

/// Somebody whose answer could not be placed.
#[derive(Debug)]
struct Unplaced {
    from: IpAddr,
    /// Whether another answer could be, since.
    placed: bool,
}

/// One flow.
#[derive(Debug)]
pub(super) struct FlowRecord {
    pub(super) first_ttl: u8,
    max_ttl: u8,
    /// In the order of sending. At most `MAX_HOPS` times `MAX_TRIES`, and one more for each hop.
    pub(super) tries: Vec<Try>,
    /// Tries of each time to live, besides those that are alone on their way.
    planned: u8,
    /// The lowest time to live at which the target answered.
    reached: Option<u8>,
    /// The lowest time to live of which every packet came no further.
    unreachable: Option<u8>,
    /// The highest time to live that was over at a router.
    farthest: u8,
    /// Who gave answers that could not be placed. The target, which answers each packet that arrives, is here once.
    unplaced: Vec<Unplaced>,
    /// The highest time to live that such an answer can be to.
    unplaced_below: u8,
    /// Answers that could not be placed.
    unplaced_answers: usize,
    longest: Option<Duration>,
    /// Why this system itself cannot send.
    pub(super) failed: Option<PathEnd>,
}

impl FlowRecord {
    pub(super) fn new(first_ttl: u8, max_ttl: u8, planned: u8) -> Self {
        Self {
            first_ttl,
            max_ttl,
            tries: Vec::new(),
            planned,
            reached: None,
            unreachable: None,
            farthest: 0,
            unplaced: Vec::new(),
            unplaced_below: 0,
            unplaced_answers: 0,
            longest: None,
            failed: None,
        }
    }

    /// Whether a packet with `ttl` has anything to tell.
    pub(super) fn wants(&self, ttl: u8) -> bool {
        let end = self.reached.or(self.unreachable.filter(|end| self.farthest <= *end));
        self.failed.is_none() && ttl <= self.max_ttl && end.is_none_or(|end| ttl <= end)
    }

    pub(super) fn sent(&mut self, probe: ProbeId, at: Stamp, alone: bool) {
        self.tries.push(Try { probe, at, alone, answer: None });
    }

    pub(super) fn is_answered(&self, probe: ProbeId) -> bool {
        self.tries.iter().any(|sent| sent.probe == probe && sent.answer.is_some())
    }

    /// The longest round trip so far. Of an answer that could not be placed the longest that it can have been.
    pub(super) fn longest(&self) -> Option<Duration> {
        self.longest
    }

    /// Until when an answer may come that is still of use; none where there is nothing to wait for. Every answer that could
    /// not be placed is one fewer to wait for.
    pub(super) fn waits_until(&self, now: Instant, timeout: Duration) -> Option<Instant> {
        let open = |sent: &&Try| sent.answer.is_none() && !sent.alone && self.wants(sent.probe.ttl);
        let open = self.tries.iter().filter(open);
        let unanswered = open.clone().count();
        let until = open.map(|sent| sent.at.seen + timeout).max().filter(|until| *until > now);
        until.filter(|_| unanswered > self.unplaced_answers)
    }

    /// The next time to live above `ttl` that is to be asked alone.
    pub(super) fn unplaced_after(&self, ttl: u8) -> Option<u8> {
        if self.unplaced.iter().all(|unplaced| unplaced.placed) {
            return None;
        }
        let answered = |ttl| self.tries.iter().any(|sent| sent.probe.ttl == ttl && sent.answer.is_some());
        (self.first_ttl.max(ttl.saturating_add(1))..=self.unplaced_below)
            .find(|ttl| self.wants(*ttl) && !answered(*ttl))
    }

    /// An answer came to one of the packets, and it does not say to which.
    pub(super) fn cannot_place(&mut self, from: IpAddr, reached: bool, at: Stamp) {
        let Some(first) = self.tries.iter().find(|sent| sent.answer.is_none()) else { return };
        self.longest = self.longest.max(Some(at.since(first.at)));
        self.unplaced_answers += 1;
        if !self.has_unplaced(from) && self.unplaced.len() < usize::from(self.max_ttl) {
            self.unplaced.push(Unplaced { from, placed: false });
        }
        let open = self.tries.iter().filter(|sent| sent.answer.is_none()).map(|sent| sent.probe.ttl);
        self.unplaced_below = self.unplaced_below.max(open.max().unwrap_or(0));
        if reached {
            // The target is no further than the highest packet that is on its way.
            let highest = self.tries.iter().map(|sent| sent.probe.ttl).max();
            self.max_ttl = self.max_ttl.min(highest.unwrap_or(self.max_ttl));
        }
    }

    /// Whether `from` gave an answer that could not be placed.
    pub(super) fn has_unplaced(&self, from: IpAddr) -> bool {
        self.unplaced.iter().any(|unplaced| unplaced.from == from)
    }

    /// An answer to `probe` came. Its round-trip time, where it is the first.
    pub(super) fn answered(&mut self, probe: ProbeId, received: Received, at: Stamp) -> Option<Duration> {
        let sent = self.tries.iter_mut().find(|sent| sent.probe == probe && sent.answer.is_none())?;
        let round_trip_time = at.since(sent.at);
        let (kind, from) = (received.kind, received.from);
        sent.answer = Some((received, round_trip_time));
        self.longest = self.longest.max(Some(round_trip_time));
        self.unplaced.iter_mut().filter(|unplaced| unplaced.from == from).for_each(|unplaced| unplaced.placed = true);
        let lower = |end: Option<u8>| Some(end.map_or(probe.ttl, |end| end.min(probe.ttl)));
        match kind {
            Kind::Reached => self.reached = lower(self.reached),
            Kind::Unreachable(_) if self.all_unreachable(probe.ttl) => self.unreachable = lower(self.unreachable),
            Kind::TimeExceeded => self.farthest = self.farthest.max(probe.ttl),
            Kind::Unreachable(_) => {}
        }
        Some(round_trip_time)
    }

    /// Whether no packet with `ttl` comes further. One router that says so of one packet (a firewall that limits a rate, a
    /// route that changes) must not end a trace that the other packets go on with.
    fn all_unreachable(&self, ttl: u8) -> bool {
        let is_unreachable =
            |sent: &Try| matches!(&sent.answer, Some((got, _)) if matches!(got.kind, Kind::Unreachable(_)));
        let mut tries = self.tries.iter().filter(|sent| sent.probe.ttl == ttl);
        let all = tries.clone().filter(|sent| !sent.alone).count() == usize::from(self.planned);
        // Who has to be asked alone gave no more than one answer that can be placed.
        let alone = tries.clone().any(|sent| sent.alone && is_unreachable(sent));
        let only = tries.all(|sent| is_unreachable(sent) || (alone && sent.answer.is_none()));
        all && only
    }

    pub(super) fn failed(&mut self, end: PathEnd) {
        self.failed = Some(end);
    }
}
