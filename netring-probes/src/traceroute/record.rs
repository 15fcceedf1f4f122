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

/// One flow.
#[derive(Debug)]
pub(super) struct FlowRecord {
    pub(super) first_ttl: u8,
    max_ttl: u8,
    /// In the order of sending. At most `MAX_HOPS` times `MAX_TRIES`, and one more for each hop.
    pub(super) tries: Vec<Try>,
    /// The lowest time to live whose packet was at its end: at the target, or where it came no further.
    end: Option<u8>,
    /// Who gave answers that could not be placed. The target, which answers each packet that arrives, is here once.
    unplaced: Vec<IpAddr>,
    /// Answers that could not be placed.
    unplaced_answers: usize,
    longest: Option<Duration>,
    /// Why this system itself cannot send.
    pub(super) failed: Option<PathEnd>,
}

impl FlowRecord {
    pub(super) fn new(first_ttl: u8, max_ttl: u8) -> Self {
        Self {
            first_ttl,
            max_ttl,
            tries: Vec::new(),
            end: None,
            unplaced: Vec::new(),
            unplaced_answers: 0,
            longest: None,
            failed: None,
        }
    }

    /// Whether a packet with `ttl` has anything to tell.
    pub(super) fn wants(&self, ttl: u8) -> bool {
        self.failed.is_none() && ttl <= self.max_ttl && self.end.is_none_or(|end| ttl <= end)
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
        if self.unplaced.is_empty() {
            return None;
        }
        let answered = |ttl| self.tries.iter().any(|sent| sent.probe.ttl == ttl && sent.answer.is_some());
        (self.first_ttl.max(ttl.saturating_add(1))..=self.max_ttl).find(|ttl| self.wants(*ttl) && !answered(*ttl))
    }

    /// An answer came to one of the packets, and it does not say to which.
    pub(super) fn cannot_place(&mut self, from: IpAddr, reached: bool, at: Stamp) {
        let Some(first) = self.tries.iter().find(|sent| sent.answer.is_none()) else { return };
        self.longest = self.longest.max(Some(at.since(first.at)));
        self.unplaced_answers += 1;
        if !self.unplaced.contains(&from) && self.unplaced.len() < usize::from(self.max_ttl) {
            self.unplaced.push(from);
        }
        if reached {
            // The target is no further than the highest packet that is on its way.
            let highest = self.tries.iter().map(|sent| sent.probe.ttl).max();
            self.max_ttl = self.max_ttl.min(highest.unwrap_or(self.max_ttl));
        }
    }

    /// An answer to `probe` came. Its round-trip time, where it is the first.
    pub(super) fn answered(&mut self, probe: ProbeId, received: Received, at: Stamp) -> Option<Duration> {
        let sent = self.tries.iter_mut().find(|sent| sent.probe == probe && sent.answer.is_none())?;
        let round_trip_time = at.since(sent.at);
        if received.kind != Kind::TimeExceeded {
            self.end = Some(self.end.map_or(probe.ttl, |end| end.min(probe.ttl)));
        }
        self.unplaced.retain(|from| *from != received.from);
        sent.answer = Some((received, round_trip_time));
        self.longest = self.longest.max(Some(round_trip_time));
        Some(round_trip_time)
    }

    pub(super) fn failed(&mut self, end: PathEnd) {
        self.failed = Some(end);
    }
}
