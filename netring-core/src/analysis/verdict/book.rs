mod notes;
mod room;
mod round;

use super::{
    Suspicion,
    hold::{self, Pending, interval, rounds},
    ring::Ring,
    scope::Names,
    sentence,
};
use crate::{
    analysis::{Evidence, Fault, Sensitivity, Subject, Symptom},
    model::Timestamp,
};
use notes::{Notes, change_subject, describe};
use round::{DAY, Now, Round, relapse_within};
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, time::Duration};

/// The faults that are open, and those that were.
///
/// What is needed to go on with them is in here, and goes from one registry to the next as JSON.
///
/// - A fault opens once its suspicion has waited for long enough: until it is no chance, everybody has had a say, and
///   nothing that is undecided could make it another. So what is told first is what is told last.
/// - It closes once most of its pairs are known to be good and none is bad, by as many results as it takes to be good again;
///   or their members are gone, or nobody makes the check any more that showed it. Where nobody knows, it stays open for a
///   day. What is slow is good only by what was usual before it began, for a day.
/// - At most 200 are open. Where there are as many, one of the network takes the place of the one with the fewest pairs,
///   those of kinds of probes first; that is told as closed with a sentence that says so, and is not among
///   [`closed`](Self::closed).
/// - One cause is one fault. Where more becomes known of it, the fault keeps its id and its beginning, and its subject
///   changes: it is told as opened again. It widens at once; it narrows, as when it is over and results trickle in,
///   only if it lasts for as many checks as it takes to see that something is good. Other faults that turn out to be a
///   part of it are told as closed with a sentence that says so; they did not get well, and are not among
///   [`closed`](Self::closed).
/// - A fault that comes back soon, within [`Sensitivity::relapse_within`] or 20 of its own checks, is the same one. And it
///   is damped, as routes are that flap (RFC 2439): once it was good for a time and came back, it stays open until it is
///   good for twice that time.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct FaultBook {
    open: Vec<Fault>,
    /// By the ids of open faults and of closed ones.
    notes: HashMap<String, Notes>,
    /// The newest last.
    closed: Vec<Fault>,
    pending: Vec<Pending>,
}

/// What has become of a fault.
#[derive(Debug, Clone, PartialEq)]
pub enum FaultChange {
    /// It is open: it is new, or it is back, or more is known of it. Its id says whether it was told before.
    Opened(Fault),
    /// It is over, or is a part of another fault, as its sentence says then.
    Closed(Fault),
}

impl FaultBook {
    /// Most faults that are open at once.
    const MAX_OPEN: usize = 200;
    /// Most closed faults that are remembered.
    const MAX_CLOSED: usize = 200;
    /// For how long closed faults are remembered.
    const REMEMBERED: Duration = Duration::from_secs(6 * 3600);

    /// The faults that are open.
    #[must_use]
    pub fn open(&self) -> &[Fault] {
        &self.open
    }

    /// Faults of the last six hours that are over, the newest first.
    pub fn closed(&self) -> impl Iterator<Item = &Fault> {
        self.closed.iter().rev()
    }

    /// Takes in what [`judge`](super::judge) suspects by `evidence`, and says which faults have changed by that.
    pub fn update(
        &mut self,
        suspicions: Vec<Suspicion>,
        evidence: &Evidence,
        sensitivity: &Sensitivity,
    ) -> Vec<FaultChange> {
        let at = evidence.at;
        let ring = Ring::new(&evidence.members);
        // Those of other evidence have seats that nobody has here.
        let seated = |seats: &(usize, usize)| seats.0.max(seats.1) < ring.members.len();
        let suspicions: Vec<_> =
            suspicions.into_iter().filter(|suspicion| suspicion.seats.iter().all(seated)).collect();
        let names = Names::new(&ring);
        self.forget(at, sensitivity, &names);
        let mut changes = Vec::new();
        let fault_of: Vec<Option<String>> =
            suspicions.iter().map(|suspicion| self.refresh(suspicion, &names, at)).collect();
        let ready = self.wait(&suspicions, &fault_of, &names, sensitivity, at);
        let mut round = Round::new(evidence, sensitivity, &names, suspicions, fault_of, ready, &self.open);
        self.follow_up(&mut round, &mut changes);
        for i in 0..round.suspicions.len() {
            if round.ready[i] && round.fault_of[i].is_none() && !round.held[i] {
                self.begin(&round, i, at, &mut changes);
            }
        }
        let told = |pending: &Pending, open: &[Fault]| {
            open.iter().any(|fault| fault.subject == pending.subject && fault.symptom == pending.symptom)
        };
        self.pending.retain(|pending| !told(pending, &self.open));
        changes
    }

    fn forget(&mut self, at: Timestamp, sensitivity: &Sensitivity, names: &Names<'_>) {
        let remembered = |fault: &Fault| Self::REMEMBERED.max(relapse_within(fault, names, sensitivity));
        self.closed.retain(|fault| at.since(fault.closed_at.unwrap_or_default()) <= remembered(fault));
        let surplus = self.closed.len().saturating_sub(Self::MAX_CLOSED);
        self.closed.drain(..surplus);
        let (open, closed) = (&self.open, &self.closed);
        let known: std::collections::HashSet<&str> = open.iter().chain(closed).map(|fault| fault.id.as_str()).collect();
        self.notes.retain(|id, _| known.contains(id.as_str()));
    }

    /// Brings the open fault that is `suspicion` up to date, and gives its id.
    fn refresh(&mut self, suspicion: &Suspicion, names: &Names<'_>, at: Timestamp) -> Option<String> {
        let same = |fault: &&mut Fault| fault.subject == suspicion.subject && fault.symptom == suspicion.symptom;
        let fault = self.open.iter_mut().find(same)?;
        let notes = self.notes.entry(fault.id.clone()).or_default();
        (notes.narrow_since, notes.unknown_since, notes.unmade_since) = (None, None, None);
        if notes.is_back(at, hold::settles(&suspicion.subject, suspicion.symptom, names)) {
            fault.relapses = fault.relapses.saturating_add(1);
        }
        describe(fault, suspicion);
        Some(fault.id.clone())
    }

    /// Which of the suspicions that are no fault yet have waited for long enough.
    fn wait(
        &mut self,
        suspicions: &[Suspicion],
        fault_of: &[Option<String>],
        names: &Names<'_>,
        sensitivity: &Sensitivity,
        at: Timestamp,
    ) -> Vec<bool> {
        let before = std::mem::take(&mut self.pending);
        let new =
            |suspicion, fault: &Option<String>| fault.is_none().then(|| Pending::new(suspicion, &before, names, at));
        let mut pendings: Vec<_> =
            suspicions.iter().zip(fault_of).map(|(suspicion, fault)| new(suspicion, fault)).collect();
        let all_settled = suspicions.iter().zip(&pendings).all(|(suspicion, pending)| {
            let is_settled = |pending: &Pending| pending.is_settled(suspicion, names, sensitivity, at);
            suspicion.may_be_chance() || pending.as_ref().is_none_or(is_settled)
        });
        let mut ready = Vec::with_capacity(suspicions.len());
        for (suspicion, pending) in suspicions.iter().zip(&mut pendings) {
            let is_ready = |pending: &mut Pending| pending.is_ready(suspicion, names, sensitivity, all_settled, at);
            ready.push(pending.as_mut().is_none_or(is_ready));
        }
        self.pending = pendings.into_iter().flatten().collect();
        let kept = Pending::kept(before, &self.pending, suspicions, names, at);
        self.pending.extend(kept);
        ready
    }

    /// Sees to the open faults that are not suspected in this round.
    fn follow_up(&mut self, round: &mut Round<'_>, changes: &mut Vec<FaultChange>) {
        let at = round.evidence.at;
        let mut still_open = Vec::with_capacity(self.open.len());
        for mut fault in std::mem::take(&mut self.open) {
            if round.fault_of.iter().flatten().any(|id| *id == fault.id) {
                still_open.push(fault);
                continue;
            }
            let notes = self.notes.entry(fault.id.clone()).or_default();
            if let Some(i) = round.wider(&fault) {
                if round.fault_of[i].is_none() {
                    change_subject(&mut fault, notes, &round.suspicions[i], at);
                    round.fault_of[i] = Some(fault.id.clone());
                    changes.push(FaultChange::Opened(fault.clone()));
                    still_open.push(fault);
                } else {
                    fault.closed_at = Some(at);
                    fault.sentence =
                        sentence::bounded(format!("Part of a larger fault: {}", round.suspicions[i].sentence));
                    changes.push(FaultChange::Closed(fault));
                }
                continue;
            }
            let narrower = round.narrower(&fault);
            if !narrower.is_empty() {
                let since = *notes.narrow_since.get_or_insert(at);
                let checks = u32::from(round.sensitivity.of_results)
                    + u32::from(round.sensitivity.good_results).saturating_add(1);
                let settled = |&i: &usize| {
                    at.since(since) >= rounds(checks, interval(&round.suspicions[i], round.names)) && round.ready[i]
                };
                if let Some(i) = narrower.iter().copied().find(settled) {
                    change_subject(&mut fault, notes, &round.suspicions[i], at);
                    round.fault_of[i] = Some(fault.id.clone());
                    changes.push(FaultChange::Opened(fault.clone()));
                } else {
                    if notes.is_back(at, Duration::ZERO) {
                        fault.relapses = fault.relapses.saturating_add(1);
                    }
                    narrower.into_iter().for_each(|i| round.held[i] = true);
                }
                still_open.push(fault);
                continue;
            }
            notes.narrow_since = None;
            let longest = relapse_within(&fault, round.names, round.sensitivity);
            let damped = Duration::from_micros(notes.gap_micros.saturating_mul(2)).min(longest);
            let settles = hold::settles(&fault.subject, fault.symptom, round.names);
            let now = round.now(&fault);
            if !matches!(now, Now::Unknown | Now::NotMade) {
                notes.unknown_since = None;
            }
            if now != Now::NotMade {
                notes.unmade_since = None;
            }
            let mut unknown = || at.since(*notes.unknown_since.get_or_insert(at)) >= DAY;
            let is_over = match now {
                Now::Gone => true,
                Now::Good => at.since(*notes.good_since.get_or_insert(at)) >= damped.max(settles),
                Now::Bad => {
                    if notes.is_back(at, settles) {
                        fault.relapses = fault.relapses.saturating_add(1);
                    }
                    false
                }
                Now::Unknown => unknown(),
                Now::NotMade => unknown() | (at.since(*notes.unmade_since.get_or_insert(at)) >= round.patience(&fault)),
            };
            if is_over {
                fault.closed_at = Some(at);
                changes.push(FaultChange::Closed(fault.clone()));
                self.closed.push(fault);
            } else {
                still_open.push(fault);
            }
        }
        self.open = still_open;
    }

    /// Opens a fault, or one that was closed again.
    fn begin(&mut self, round: &Round<'_>, i: usize, at: Timestamp, changes: &mut Vec<FaultChange>) {
        let suspicion = &round.suspicions[i];
        let is_open = |fault: &Fault| fault.subject == suspicion.subject && fault.symptom == suspicion.symptom;
        if self.open.iter().any(is_open) || !self.make_room(suspicion, at, changes) {
            return;
        }
        let same = |fault: &Fault| {
            fault.subject == suspicion.subject
                && fault.symptom == suspicion.symptom
                && at.since(fault.closed_at.unwrap_or_default())
                    <= relapse_within(fault, round.names, round.sensitivity)
        };
        let fault = if let Some(place) = self.closed.iter().rposition(same) {
            let mut fault = self.closed.remove(place);
            fault.closed_at = None;
            fault.relapses = fault.relapses.saturating_add(1);
            self.notes.entry(fault.id.clone()).or_default().is_back(at, Duration::ZERO);
            describe(&mut fault, suspicion);
            fault
        } else {
            let of_it =
                |pending: &&Pending| pending.subject == suspicion.subject && pending.symptom == suspicion.symptom;
            let since = self.pending.iter().find(of_it).map_or(at, Pending::began);
            let mut fault = Fault {
                id: id(&suspicion.subject, suspicion.symptom, since),
                subject: suspicion.subject.clone(),
                symptom: suspicion.symptom,
                since,
                closed_at: None,
                relapses: 0,
                confidence: 0.0,
                pairs: Vec::new(),
                pairs_total: 0,
                suspects: Vec::new(),
                sentence: String::new(),
            };
            describe(&mut fault, suspicion);
            self.notes.insert(fault.id.clone(), Notes::default());
            fault
        };
        changes.push(FaultChange::Opened(fault.clone()));
        self.open.push(fault);
    }
}

/// An id that is made of what a fault is, by the hash FNV-1a of 64 bits (draft-eastlake-fnv).
fn id(subject: &Subject, symptom: Symptom, since: Timestamp) -> String {
    let text = format!("{} {subject} {symptom} {}", subject.scope(), since.as_unix_micros());
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    format!("{hash:016x}")
}
