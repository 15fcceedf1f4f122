//! Which suspicions are told, and which have to wait: results trickle in, and what they say at first is often not what
//! they say at last.

use super::{Suspicion, scope::Names};
use crate::{
    analysis::{PairRef, Sensitivity, Subject, Symptom, Witness},
    model::{ProbeKind, Timestamp},
};
use serde::{Deserialize, Serialize};
use std::{cmp::Reverse, collections::HashSet, time::Duration};

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
/// 6. Where something is down, it is decided of all others that are not reached whether they are, too, or twice as many
///    intervals as decide a pair have passed: several that fell silent at one moment are one fault.
///
/// One that is gone is [kept](KEPT) for some checks: what is bad for a moment now and then is proved by coming back. How often
/// it might have come back by chance counts against it, and the other rules count from the last time that it came.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Pending {
    pub(super) subject: Subject,
    pub(super) symptom: Symptom,
    /// When the first of its pairs was suspected, since it is there.
    since: Timestamp,
    /// The same, and since it came for the first time.
    #[serde(default)]
    first: Option<Timestamp>,
    /// When it was suspected last, and whether it was in the last round.
    #[serde(default)]
    seen: Timestamp,
    #[serde(default)]
    gone: bool,
    /// The longest interval at which those check who saw it, in microseconds.
    #[serde(default)]
    interval_micros: u64,
    pairs: Vec<PairRef>,
    /// The logarithm of how likely it was chance in the spans that are over.
    ln_before: f64,
    span_began: Timestamp,
}

/// For so many checks what was bad for a moment is not forgotten.
pub(super) const KEPT: u32 = 20;

/// How much time several rounds of checks take.
pub(super) fn rounds(rounds: u32, interval: Duration) -> Duration {
    interval.min(RAREST).saturating_mul(rounds).max(LEAST)
}

/// The longest interval at which those check who see `suspicion`.
pub(super) fn interval(suspicion: &Suspicion, names: &Names<'_>) -> Duration {
    let interval = |&(source, _): &(usize, usize)| names.ring.members.get(source).map(|member| member.check_interval);
    suspicion.seats.iter().filter_map(interval).max().unwrap_or_default()
}

fn has(suspicion: &Suspicion, pair: &PairRef, names: &Names<'_>) -> bool {
    names.seats(pair).is_some_and(|seats| suspicion.seats.binary_search(&seats).is_ok())
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
    pub(super) fn new(suspicion: &Suspicion, before: &[Self], names: &Names<'_>, at: Timestamp) -> Self {
        let same = |pending: &&Self| pending.subject == suspicion.subject && pending.symptom == suspicion.symptom;
        let touches = |pending: &&Self| {
            let has = |pair: &PairRef| has(suspicion, pair, names);
            let is_like = pending.symptom == suspicion.symptom && !pending.gone;
            is_like && (same(pending) || pending.pairs.iter().any(has))
        };
        let since = before.iter().filter(touches).map(|pending| pending.since).min().unwrap_or(at).min(at);
        let same = before.iter().find(same);
        let (ln_before, span_began) =
            same.map_or((suspicion.ln_tail, at), |pending| (pending.ln_before, pending.span_began));
        let first = same.map_or(since, |pending| pending.began().min(since));
        let interval = interval(suspicion, names);
        Self {
            subject: suspicion.subject.clone(),
            symptom: suspicion.symptom,
            since,
            first: Some(first),
            seen: at,
            gone: false,
            interval_micros: u64::try_from(interval.as_micros()).unwrap_or(u64::MAX),
            pairs: suspicion.pairs.clone(),
            ln_before,
            span_began,
        }
    }

    /// When it was suspected first.
    pub(super) fn began(&self) -> Timestamp {
        self.first.unwrap_or(self.since)
    }

    /// Those of `before` that are not among `now` and not forgotten yet, the last seen first. What has become a part of something
    /// larger was the edge of that, and nothing of its own.
    pub(super) fn kept(
        before: Vec<Self>,
        now: &[Self],
        suspicions: &[Suspicion],
        names: &Names<'_>,
        at: Timestamp,
    ) -> Vec<Self> {
        /// Those that were seen longest ago are forgotten first.
        const MAX: usize = 200;
        let suspected: HashSet<_> = now.iter().map(|pending| (&pending.subject, pending.symptom)).collect();
        let part_of = |pending: &Self, suspicion: &Suspicion| {
            suspicion.symptom == pending.symptom
                && !pending.pairs.is_empty()
                && pending.pairs.iter().all(|pair| has(suspicion, pair, names))
        };
        let is_kept = |pending: &Self| {
            !suspected.contains(&(&pending.subject, pending.symptom))
                && at.since(pending.seen) <= rounds(KEPT, Duration::from_micros(pending.interval_micros))
                && !suspicions.iter().any(|suspicion| part_of(pending, suspicion))
        };
        let mut kept: Vec<_> = before.into_iter().filter(is_kept).collect();
        kept.iter_mut().for_each(|pending| pending.gone = true);
        kept.sort_by_key(|pending| Reverse(pending.seen));
        kept.truncate(MAX);
        kept
    }

    /// Whether it is to be told at the time `at`.
    pub(super) fn is_ready(
        &mut self,
        suspicion: &Suspicion,
        names: &Names<'_>,
        sensitivity: &Sensitivity,
        all_settled: bool,
        at: Timestamp,
    ) -> bool {
        let (ring, interval) = (names.ring, interval(suspicion, names));
        let proved = self.is_proved(suspicion, rounds(sensitivity.of_results.into(), interval), at);
        let age = at.since(self.since);
        if suspicion.symptom == Symptom::Overloaded {
            return age >= settles(&suspicion.subject, suspicion.symptom, names);
        }
        let decided = age >= rounds(u32::from(sensitivity.of_results) + 1, interval);
        let spoken = |member: &Witness| member.reported_at.is_none_or(|reported| reported > self.since);
        let all_spoke = age >= rounds(2, interval) || ring.members.iter().filter(|member| member.reporting).all(spoken);
        let is_down =
            matches!(suspicion.subject, Subject::Target { .. } | Subject::Location { .. } | Subject::Partition { .. });
        let settled = !is_down || all_settled || age >= rounds(2 * u32::from(sensitivity.of_results), interval);
        let is_tcp = matches!(&suspicion.subject, Subject::Kind { kind, .. } if *kind == ProbeKind::TCP);
        proved
            && all_spoke
            && settled
            && self.is_settled(suspicion, names, sensitivity, at)
            && (decided || !suspicion.doubtful && !is_tcp)
    }

    /// Whether it is known of all who are not reached if they are silent.
    pub(super) fn is_settled(
        &self,
        suspicion: &Suspicion,
        names: &Names<'_>,
        sensitivity: &Sensitivity,
        at: Timestamp,
    ) -> bool {
        if suspicion.symptom != Symptom::Unreachable {
            return true;
        }
        let ring = names.ring;
        let decided = at.since(self.since) >= rounds(u32::from(sensitivity.of_results) + 1, interval(suspicion, names));
        // Of who has never reported nobody knows when it would have: its heartbeats have to have had the time to stop.
        let has_spoken = |member: &Witness| member.reported_at.map_or(decided, |reported| reported > self.since);
        let is_known =
            |&(_, target): &(usize, usize)| ring.is_silent(target) || ring.members.get(target).is_some_and(has_spoken);
        suspicion.seats.iter().all(is_known)
    }

    fn is_proved(&mut self, suspicion: &Suspicion, span: Duration, at: Timestamp) -> bool {
        /// Beyond, nothing is proved any better.
        const ENOUGH: f64 = -1e6;
        let passed = at.since(self.span_began);
        if passed >= span {
            // It may have come back in any of the spans that have passed.
            let spans = (passed.as_secs_f64() / span.as_secs_f64().max(f64::MIN_POSITIVE)).floor().max(1.0);
            self.ln_before = (self.ln_before + suspicion.ln_tail + spans.ln()).clamp(ENOUGH, 0.0);
            self.span_began = at;
        }
        self.ln_before.min(suspicion.ln_tail).max(ENOUGH) + suspicion.ln_hypotheses <= suspicion.ln_chance
    }
}
