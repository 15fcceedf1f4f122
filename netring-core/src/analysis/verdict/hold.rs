//! Which suspicions are told, and which have to wait: results trickle in, and what they say at first is often not what
//! they say at last.

use super::{Suspicion, scope::Names};
use crate::{
    analysis::{PairRef, Sensitivity, Subject, Symptom},
    model::{ProbeKind, Timestamp},
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Nothing is waited for less, whatever the members say of how often they check.
const LEAST: Duration = Duration::from_secs(3);
/// Nobody is waited for as if it checked more rarely: it may say whatever it likes.
const RAREST: Duration = Duration::from_secs(3_600);

/// A suspicion that is not told yet.
///
/// It is told once all of these hold; where a member is late itself, only that it was so for two check intervals.
/// 1. It is not mere chance. What lasts is proved by lasting: each further span of as many checks as are looked at is a
///    test of its own, and their probabilities are multiplied.
/// 2. Everybody who reports has reported since it came up, or two check intervals have passed: so all have had their
///    say, who may well have seen as much and not told.
/// 3. It would be the same if everything turned out bad that is undecided, pairs that is with some bad results and not
///    yet enough; or as many check intervals have passed as decide any pair, and one more. So a member that is down
///    never is a pair first, because the pairs to it do not fail at the same moment.
/// 4. Whoever is not reached has reported since, or is known to be silent: a member that has just died looks like one
///    that is up and cannot be reached, until its last report is old.
/// 5. Where only TCP fails, as many intervals as in 3 have passed: other probes are made less often, and may have been
///    good before.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Pending {
    pub(super) subject: Subject,
    pub(super) symptom: Symptom,
    /// When the first of its pairs was suspected.
    pub(super) since: Timestamp,
    pairs: Vec<PairRef>,
    /// The logarithm of how likely it was chance in the spans that are over.
    ln_before: f64,
    span_began: Timestamp,
}

/// How much time several rounds of checks take.
pub(super) fn rounds(rounds: u32, interval: Duration) -> Duration {
    interval.min(RAREST).saturating_mul(rounds).max(LEAST)
}

/// The longest interval at which those check who see `suspicion`.
pub(super) fn interval(suspicion: &Suspicion, names: &Names<'_>) -> Duration {
    let interval = |&(source, _): &(usize, usize)| names.ring.members.get(source).map(|member| member.check_interval);
    suspicion.seats.iter().filter_map(interval).max().unwrap_or_default()
}

/// For how long it has to be so until it is believed, where a member tells of itself: a single report that was late may
/// be chance. What is found in pairs rests on several results anyway.
pub(super) fn settles(subject: &Subject, symptom: Symptom, names: &Names<'_>) -> Duration {
    match (subject, symptom) {
        (Subject::Source { instance_id, .. }, Symptom::Overloaded) => {
            let member = names.seat(instance_id).and_then(|seat| names.ring.members.get(seat));
            rounds(2, member.map(|member| member.check_interval).unwrap_or_default())
        }
        _ => Duration::ZERO,
    }
}

impl Pending {
    /// Goes on with what of `before` is about the same.
    pub(super) fn new(
        suspicion: &Suspicion,
        before: &[Self],
        seats_of: impl Fn(&PairRef) -> Option<(usize, usize)>,
        at: Timestamp,
    ) -> Self {
        let same = |pending: &&Self| pending.subject == suspicion.subject && pending.symptom == suspicion.symptom;
        let touches = |pending: &&Self| {
            let has =
                |pair: &PairRef| seats_of(pair).is_some_and(|seats| suspicion.seats.binary_search(&seats).is_ok());
            pending.symptom == suspicion.symptom && (same(pending) || pending.pairs.iter().any(has))
        };
        let since = before.iter().filter(touches).map(|pending| pending.since).min().unwrap_or(at).min(at);
        let same = before.iter().find(same);
        let (ln_before, span_began) =
            same.map_or((suspicion.ln_tail, at), |pending| (pending.ln_before, pending.span_began));
        let (subject, symptom) = (suspicion.subject.clone(), suspicion.symptom);
        Self { subject, symptom, since, pairs: suspicion.pairs.clone(), ln_before, span_began }
    }

    /// Whether it is to be told at the time `at`.
    pub(super) fn is_ready(
        &mut self,
        suspicion: &Suspicion,
        names: &Names<'_>,
        sensitivity: &Sensitivity,
        at: Timestamp,
    ) -> bool {
        let (ring, interval) = (names.ring, interval(suspicion, names));
        let proved = self.is_proved(suspicion, rounds(sensitivity.of_results.into(), interval), at);
        let age = at.since(self.since);
        if suspicion.symptom == Symptom::Overloaded {
            return age >= settles(&suspicion.subject, suspicion.symptom, names);
        }
        let decided = age >= rounds(u32::from(sensitivity.of_results) + 1, interval);
        let spoken =
            |member: &crate::analysis::Witness| member.reported_at.is_none_or(|reported| reported > self.since);
        let all_spoke = age >= rounds(2, interval) || ring.members.iter().filter(|member| member.reporting).all(spoken);
        let is_tcp = matches!(&suspicion.subject, Subject::Kind { kind, .. } if *kind == ProbeKind::TCP);
        // Of who has never reported nobody knows when it would have: its heartbeats have to have had the time to stop.
        let has_spoken = |member: &crate::analysis::Witness| {
            if member.reported_at.is_none() { decided } else { spoken(member) }
        };
        let alive =
            |&(_, target): &(usize, usize)| ring.is_silent(target) || ring.members.get(target).is_some_and(has_spoken);
        let all_alive = suspicion.symptom != Symptom::Unreachable || suspicion.seats.iter().all(alive);
        proved && all_spoke && all_alive && (decided || !suspicion.doubtful && !is_tcp)
    }

    fn is_proved(&mut self, suspicion: &Suspicion, span: Duration, at: Timestamp) -> bool {
        /// Beyond, nothing is proved any better.
        const ENOUGH: f64 = -1e6;
        if at.since(self.span_began) >= span {
            self.ln_before = (self.ln_before + suspicion.ln_tail).max(ENOUGH);
            self.span_began = at;
        }
        self.ln_before.min(suspicion.ln_tail).max(ENOUGH) + suspicion.ln_hypotheses <= suspicion.ln_chance
    }
}
