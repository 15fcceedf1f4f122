use super::{
    catalogue::Catalogue,
    check::{Check, Histories, Respect},
    made::MadeSets,
    others::Seen,
    rates::Rates,
    trail::Trail,
};
use crate::{
    analysis::{CheckEvidence, Count, Finding, PairEvidence, Sensitivity, Standing, State, weight::Weight},
    model::{Endpoint, ProbeKind, Timestamp},
};

/// Most checks of a pair that are remembered.
const MAX_CHECKS: usize = 32;

/// What is remembered of a pair.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) checks: Vec<Check>,
    /// What only few probes show, or rare ones.
    extras: Option<Box<Extras>>,
    /// Its state in the last round.
    pub(super) state: State,
}

#[derive(Debug, Default)]
pub(super) struct Extras {
    pub(super) trail: Trail,
    pub(super) download: Rates,
    pub(super) upload: Rates,
}

impl Default for Pair {
    fn default() -> Self {
        Self { checks: Vec::new(), extras: None, state: State::Unknown }
    }
}

impl Pair {
    /// The check of that kind and endpoint, a new one where there is none; nothing where there are too many.
    pub(super) fn check(
        &mut self,
        kind: &ProbeKind,
        endpoint: Option<&Endpoint>,
        catalogue: &mut Catalogue,
    ) -> Option<&mut Check> {
        let known = self.checks.iter().position(|check| catalogue.entry(check.number).is(kind, endpoint));
        if known.is_none() {
            if self.checks.len() == MAX_CHECKS {
                return None;
            }
            self.checks.reserve_exact(1);
            self.checks.push(Check::new(catalogue.take(kind, endpoint)));
        }
        match known {
            Some(i) => self.checks.get_mut(i),
            None => self.checks.last_mut(),
        }
    }

    pub(super) fn extras(&mut self) -> &mut Extras {
        self.extras.get_or_insert_default()
    }

    fn weight(check: &Check, catalogue: &Catalogue) -> Weight {
        catalogue.entry(check.number).weight
    }

    /// Those of its checks that the last report of the source had, and the weight of those that count.
    fn reported<'a>(
        &'a self,
        report: u8,
        catalogue: &'a Catalogue,
    ) -> (impl Iterator<Item = (&'a Check, Weight)> + Clone, Weight) {
        let reported = self.checks.iter().filter(move |check| check.reported == report);
        let weighed = reported.map(|check| (check, Self::weight(check, catalogue)));
        let counts = Weight::that_counts(weighed.clone().map(|(_, weight)| weight));
        (weighed, counts)
    }

    /// Its state in the matrix by the report of the number `report`, and the first time at which that may be another, unless
    /// there is another result.
    pub(super) fn state_at(&self, now: Timestamp, report: u8, catalogue: &Catalogue) -> (State, Option<Timestamp>) {
        let (reported, counts) = self.reported(report, catalogue);
        let known = reported.filter(|&(_, weight)| weight == counts).filter_map(|(check, _)| check.state(now));
        (State::of(known.clone().map(|(state, _)| state)), known.map(|(_, until)| until).min())
    }

    /// What verdicts may rest on; nothing where nothing is known.
    pub(super) fn evidence(
        &self,
        now: Timestamp,
        report: u8,
        catalogue: &Catalogue,
        sensitivity: &Sensitivity,
        made: &mut MadeSets,
    ) -> Option<PairEvidence> {
        let (reported, counts) = self.reported(report, catalogue);
        let finding = |check: &Check, respect| check.finding(respect, now, sensitivity);
        let in_respect = |respect| most(reported.clone().map(|(check, _)| finding(check, respect)));
        let counted = reported.clone().filter(|&(_, weight)| weight == counts);
        let reach_of = |check: &Check| reach_of(check, counted.clone().map(|(other, _)| other), now, sensitivity);
        let reach = all(counted.clone().map(|(check, _)| reach_of(check)));

        let told = || {
            let telling = reported.clone().filter(|&(_, weight)| weight != Weight::Nothing);
            telling.map(|(check, weight)| {
                let mut finding = reach_of(check);
                if weight == Weight::Echo && !check.was_good {
                    finding.standing = Standing::Unknown;
                }
                (check, finding)
            })
        };
        let settled = |(check, finding): (&Check, Finding)| {
            (check.number, finding.standing, finding.count.of >= sensitivity.settled_results())
        };
        let made = made.take(told().map(settled), catalogue);
        let stands = |standing| told().any(|(_, finding)| finding.standing == standing);
        let checks = if stands(Standing::Bad) && stands(Standing::Good) {
            let mut told: Vec<_> = told().map(|(check, finding)| (catalogue.entry(check.number), finding)).collect();
            told.sort_by(|(a, _), (b, _)| a.order().cmp(&b.order()));
            told.into_iter()
                .map(|(entry, finding)| CheckEvidence {
                    kind: entry.kind.clone(),
                    endpoint: entry.endpoint.clone(),
                    finding,
                })
                .collect()
        } else {
            Vec::new()
        };

        let trail = self.extras.as_deref().map(|extras| &extras.trail).filter(|trail| trail.is_current(now));
        let evidence = PairEvidence {
            source: 0,
            target: 0,
            reach,
            outdated: Standing::Unknown,
            latency: in_respect(Respect::Latency),
            loss_forward: in_respect(Respect::LossForward),
            loss_backward: in_respect(Respect::LossBackward),
            loss: in_respect(Respect::Loss),
            checks,
            path: trail.and_then(|trail| trail.route.clone()),
            last_hop: trail.and_then(|trail| trail.last_hop),
            made: Some(made),
            usual_since: reported.clone().filter_map(|(check, _)| check.usual_since()).max(),
        };
        let PairEvidence { reach, latency, loss_forward, loss_backward, loss, .. } = &evidence;
        let counted = [reach, latency, loss_forward, loss_backward, loss].iter().any(|finding| finding.count.of > 0);
        let known = counted || !evidence.checks.is_empty() || evidence.path.is_some() || evidence.last_hop.is_some();
        known.then_some(evidence)
    }

    /// Since when it stands as `standing`, which it does by its [evidence](Self::evidence), and when it was last seen to.
    pub(super) fn seen(
        &self,
        standing: Standing,
        now: Timestamp,
        report: u8,
        catalogue: &Catalogue,
        sensitivity: &Sensitivity,
    ) -> Option<Seen> {
        let (reported, counts) = self.reported(report, catalogue);
        let counted = reported.filter(|&(_, weight)| weight == counts).map(|(check, _)| check);
        let is_alike = |check: &&Check| reach_of(check, counted.clone(), now, sensitivity).standing == standing;
        Seen::of(standing, counted.clone().filter(is_alike).map(|check| check.turns), now)
    }

    /// Drops what is too old.
    pub(super) fn tidy(&mut self, now: Timestamp, catalogue: &mut Catalogue, histories: &mut Histories) {
        let before = self.checks.len();
        self.checks.retain_mut(|check| {
            let stays = check.tidy(now);
            if !stays {
                check.forget(histories);
                catalogue.give_back(check.number);
            }
            stays
        });
        if self.checks.len() != before {
            self.checks.shrink_to_fit();
        }
        if self.checks.is_empty() {
            self.extras = None;
        }
        if let Some(extras) = &mut self.extras {
            extras.trail.tidy(now);
        }
    }

    /// Gives back all that was set aside for it.
    pub(super) fn forget(&mut self, catalogue: &mut Catalogue, histories: &mut Histories) {
        for mut check in self.checks.drain(..) {
            check.forget(histories);
            catalogue.give_back(check.number);
        }
        *self = Self::default();
    }
}

/// What a check says of whether the target can be reached, beside those that count. Checks are not all made equally often: what
/// one said before another turned says nothing of now.
fn reach_of<'a>(
    check: &Check,
    mut counted: impl Iterator<Item = &'a Check>,
    now: Timestamp,
    sensitivity: &Sensitivity,
) -> Finding {
    let known = check.finding(Respect::Reach, now, sensitivity);
    let is_outdated = known.standing != Standing::Unknown
        && counted.any(|other| {
            let against = match other.finding(Respect::Reach, now, sensitivity).standing {
                Standing::Unknown => false,
                standing => standing != known.standing,
            };
            against && check.turns.are_before(known.standing, other.turns)
        });
    if is_outdated { Finding::default() } else { known }
}

/// Bad where every finding that is known is; their counts together.
fn all(findings: impl Iterator<Item = Finding>) -> Finding {
    sum(findings, |bad, known| bad == known)
}

/// Bad where more than half of the findings that are known are; their counts together.
fn most(findings: impl Iterator<Item = Finding>) -> Finding {
    sum(findings, |bad, known| 2 * bad > known)
}

fn sum(findings: impl Iterator<Item = Finding>, is_bad: impl Fn(usize, usize) -> bool) -> Finding {
    let (mut count, mut bad, mut known) = (Count::default(), 0, 0);
    for finding in findings {
        count.bad += finding.count.bad;
        count.of += finding.count.of;
        bad += usize::from(finding.standing == Standing::Bad);
        known += usize::from(finding.standing != Standing::Unknown);
    }
    let standing = match known {
        0 => Standing::Unknown,
        _ if is_bad(bad, known) => Standing::Bad,
        _ => Standing::Good,
    };
    Finding { standing, count }
}
