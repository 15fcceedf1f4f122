use crate::{
    analysis::{Evidence, Finding, Standing},
    model::{Endpoint, ProbeKind},
};
use std::{cmp::Reverse, collections::BTreeMap};

/// Which questions have a bad answer at all: in a ring that is well nothing else is looked at.
#[derive(Debug, Default)]
pub(in super::super) struct Troubles<'a> {
    pub(in super::super) reach: bool,
    pub(in super::super) latency: bool,
    pub(in super::super) loss: bool,
    pub(in super::super) kinds: Vec<(&'a ProbeKind, Option<&'a Endpoint>)>,
}

/// Who says that one kind of probe fails.
#[derive(Debug, Default)]
struct Sayers {
    count: usize,
    last: Option<u32>,
}

impl<'a> Troubles<'a> {
    /// Kinds and endpoints come from members: no ring has more that are of use.
    const MAX_KINDS: usize = 64;
    /// Nor has a member more that fail for nobody else.
    const MAX_KINDS_OF_ONE: usize = 8;

    pub(in super::super) fn of(evidence: &'a Evidence) -> Self {
        let mut troubles = Self::default();
        let mut kinds: BTreeMap<(&ProbeKind, Option<&Endpoint>), Sayers> = BTreeMap::new();
        for pair in &evidence.pairs {
            let bad = |finding: &Finding| finding.standing == Standing::Bad;
            troubles.reach |= bad(&pair.reach);
            troubles.latency |= bad(&pair.latency);
            troubles.loss |= bad(&pair.loss) || bad(&pair.loss_forward) || bad(&pair.loss_backward);
            for check in pair.checks.iter().filter(|check| bad(&check.finding)) {
                let sayers = kinds.entry((&check.kind, check.endpoint.as_ref())).or_default();
                // The pairs of a source come one after the other.
                if sayers.last.replace(pair.source) != Some(pair.source) {
                    sayers.count += 1;
                }
            }
        }
        troubles.kinds = Self::most_said(kinds);
        troubles
    }

    /// Those of which most members say that they fail: nobody alone, who makes up kinds, hides what all others see.
    fn most_said<K>(kinds: BTreeMap<K, Sayers>) -> Vec<K> {
        let mut of_one: BTreeMap<Option<u32>, usize> = BTreeMap::new();
        let mut said: Vec<_> =
            kinds.into_iter().map(|(kind, sayers)| (Reverse(sayers.count), sayers.last, kind)).collect();
        // The names are in order, and stay so.
        said.sort_by_key(|(count, _, _)| *count);
        said.retain(|&(Reverse(count), last, _)| {
            let own = of_one.entry(last).or_default();
            *own += usize::from(count == 1);
            count > 1 || *own <= Self::MAX_KINDS_OF_ONE
        });
        said.into_iter().take(Self::MAX_KINDS).map(|(_, _, kind)| kind).collect()
    }
}
