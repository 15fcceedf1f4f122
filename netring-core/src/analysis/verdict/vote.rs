//! Routers and links that the traces of bad pairs share, and those of good ones do not.
//!
//! Each trace of a bad pair has one vote, and splits it among the routers and links that it goes through; what has the
//! most is the likeliest, and what it explains votes no more when the next is sought (B. Arzani et al., "007:
//! Democratically Finding the Cause of Packet Drops", NSDI 2018, sections 5.1 and 5.2).

use super::{
    layer::Cell,
    localise::{Blame, What},
    ring::Ring,
};
use crate::analysis::{Evidence, Fault, Suspect};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    net::IpAddr,
};

/// A router, or a link between two that follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Element {
    Link(IpAddr, IpAddr),
    Router(IpAddr),
}

#[derive(Debug, Clone, Copy, Default)]
struct Votes {
    share: f64,
    /// Bad pairs that go through it.
    bad: usize,
    /// Of them how many have a later trace that ends right before it, or at its near end.
    ends_here: usize,
}

/// What the traces say.
#[derive(Debug)]
pub(super) struct Traces<'a> {
    evidence: &'a Evidence,
    cells: &'a [Cell],
    /// How many good pairs go through what bad ones go through.
    good: HashMap<Element, usize>,
    /// How many bad ones do.
    bad: HashMap<Element, usize>,
}

/// Links are told by their two ends in any order where both ways go over the same.
fn elements(path: &[Option<IpAddr>]) -> Vec<Element> {
    let mut elements = Vec::with_capacity(path.len() * 2);
    let mut before = None;
    for &hop in path {
        if let Some(router) = hop {
            elements.push(Element::Router(router));
            if let Some(near) = before.filter(|&near| near != router) {
                elements.push(Element::Link(router.min(near), router.max(near)));
            }
        }
        before = hop;
    }
    elements.sort_unstable();
    elements.dedup();
    elements
}

impl<'a> Traces<'a> {
    pub(super) fn new(evidence: &'a Evidence, cells: &'a [Cell], blames: &[Blame]) -> Self {
        let mut traces = Self { evidence, cells, good: HashMap::new(), bad: HashMap::new() };
        let mut is_bad = vec![false; cells.len()];
        for &i in blames.iter().flat_map(|blame| &blame.cells) {
            is_bad[i] = true;
            for element in traces.path(i).map(elements).into_iter().flatten() {
                *traces.bad.entry(element).or_default() += 1;
            }
        }
        if traces.bad.is_empty() {
            return traces;
        }
        for i in (0..cells.len()).filter(|&i| !is_bad[i]) {
            for element in traces.path(i).map(elements).into_iter().flatten() {
                if traces.bad.contains_key(&element) {
                    *traces.good.entry(element).or_default() += 1;
                }
            }
        }
        traces
    }

    fn path(&self, cell: usize) -> Option<&'a [Option<IpAddr>]> {
        /// Longer ones are none.
        const MAX_HOPS: usize = 64;
        let pair = self.evidence.pairs.get(self.cells[cell].pair?)?;
        pair.path.as_deref().map(|path| path.get(..MAX_HOPS).unwrap_or(path))
    }

    fn last_hop(&self, cell: usize) -> Option<IpAddr> {
        self.evidence.pairs.get(self.cells[cell].pair?)?.last_hop
    }

    /// One in five that gets through, and it is not this.
    fn is_exonerated(&self, element: &Element) -> bool {
        let good = self.good.get(element).copied().unwrap_or(0);
        let bad = self.bad.get(element).copied().unwrap_or(0);
        match element {
            Element::Link(..) => good * 5 >= good + bad,
            // A router that forwards anything between good pairs does its work.
            Element::Router(_) => good > 0,
        }
    }

    fn count(&self, cells: impl Iterator<Item = usize>) -> (BTreeMap<Element, Votes>, usize) {
        let mut votes: BTreeMap<Element, Votes> = BTreeMap::new();
        let mut voters = 0;
        for i in cells {
            let Some(path) = self.path(i) else { continue };
            let elements = elements(path);
            if elements.is_empty() {
                continue;
            }
            voters += 1;
            let share = 1.0 / elements.len() as f64;
            // The fault is right after the last hop that still answers.
            let last = self.last_hop(i).and_then(|last| path.iter().position(|&hop| hop == Some(last)));
            let next = last.and_then(|at| path.get(at + 1).copied().flatten());
            for element in elements {
                let entry = votes.entry(element).or_default();
                entry.share += share;
                entry.bad += 1;
                let (Some(last), Some(next)) = (self.last_hop(i), next) else { continue };
                let ends_here = match element {
                    Element::Link(a, b) => (a, b) == (last.min(next), last.max(next)),
                    Element::Router(router) => router == next,
                };
                entry.ends_here += usize::from(ends_here);
            }
        }
        votes.retain(|element, _| !self.is_exonerated(element));
        (votes, voters)
    }

    /// The likeliest routers and links behind `blame`.
    pub(super) fn suspects(&self, blame: &Blame) -> Vec<Suspect> {
        let (votes, voters) = self.count(blame.cells.iter().copied());
        let mut votes: Vec<(Element, Votes)> = votes.into_iter().collect();
        votes.sort_by(|(a, x), (b, y)| {
            y.bad.cmp(&x.bad).then(y.ends_here.cmp(&x.ends_here)).then(y.share.total_cmp(&x.share)).then(a.cmp(b))
        });
        votes.truncate(Fault::MAX_SUSPECTS);
        let suspect = |(element, votes): (Element, Votes)| Suspect {
            routers: match element {
                Element::Router(router) => vec![router],
                Element::Link(a, b) => {
                    let (near, far) = self.oriented(blame.cells.iter().copied(), a, b);
                    vec![near, far]
                }
            },
            share: votes.share / voters.max(1) as f64,
        };
        votes.into_iter().map(suspect).collect()
    }

    /// The ends of a link as most of those see them who go over it.
    fn oriented(&self, cells: impl Iterator<Item = usize>, a: IpAddr, b: IpAddr) -> (IpAddr, IpAddr) {
        let mut lead = 0i64;
        for path in cells.filter_map(|i| self.path(i)) {
            for hops in path.windows(2) {
                lead += i64::from(hops == [Some(a), Some(b)]) - i64::from(hops == [Some(b), Some(a)]);
            }
        }
        if lead >= 0 { (a, b) } else { (b, a) }
    }

    /// Puts a router or a link in the place of several blames that it explains.
    pub(super) fn merge(&self, ring: &Ring<'_>, blames: &mut Vec<Blame>) {
        /// More than a few at once is no verdict but a guess.
        const MAX: usize = 4;
        for _ in 0..MAX {
            let Some((what, explained)) = self.common_cause(ring, blames) else { return };
            let mut cells: Vec<usize> = explained.iter().flat_map(|&i| blames[i].cells.iter().copied()).collect();
            cells.sort_unstable();
            let mut i = 0;
            blames.retain(|_| {
                i += 1;
                explained.binary_search(&(i - 1)).is_err()
            });
            let element = match what {
                What::Router(router) => Element::Router(router),
                What::Link(a, b) => Element::Link(a.min(b), a.max(b)),
                _ => return,
            };
            let expected = cells.len() + self.good.get(&element).copied().unwrap_or(0);
            blames.push(Blame { what, cells, expected });
        }
    }

    fn common_cause(&self, ring: &Ring<'_>, blames: &[Blame]) -> Option<(What, Vec<usize>)> {
        // A member that is down is down, whatever leads there.
        let is_network =
            |blame: &Blame| !matches!(blame.what, What::Target(_) | What::Ring | What::Router(_) | What::Link(..));
        let network: Vec<usize> = (0..blames.len()).filter(|&i| is_network(&blames[i])).collect();
        if network.len() < 2 {
            return None;
        }
        let (votes, _) = self.count(network.iter().flat_map(|&i| blames[i].cells.iter().copied()));
        let mut votes: Vec<(Element, Votes)> = votes.into_iter().collect();
        // What most pairs share; of a chain that they share as a whole the link that their traces end at, then any
        // link.
        votes.sort_by(|(a, x), (b, y)| {
            y.bad.cmp(&x.bad).then(y.ends_here.cmp(&x.ends_here)).then(y.share.total_cmp(&x.share)).then(a.cmp(b))
        });
        votes.truncate(16);
        // Of several that all of them go through, a link says more than the routers at its ends.
        votes.sort_by(|(a, x), (b, y)| {
            let is_router = |element: &Element| matches!(element, Element::Router(_));
            y.bad.cmp(&x.bad).then(is_router(a).cmp(&is_router(b))).then(y.ends_here.cmp(&x.ends_here))
        });
        for (element, _) in votes {
            let explained: Vec<usize> =
                network.iter().copied().filter(|&i| self.explains(element, &blames[i])).collect();
            let cells = || explained.iter().flat_map(|&i| blames[i].cells.iter().copied());
            let between = |i: usize| {
                let (a, b) = (ring.location_of[self.cells[i].source], ring.location_of[self.cells[i].target]);
                (a.min(b), a.max(b))
            };
            if explained.len() < 2 || cells().map(between).collect::<BTreeSet<_>>().len() < 2 {
                continue;
            }
            let what = match element {
                Element::Router(router) => What::Router(router),
                Element::Link(a, b) => {
                    let (near, far) = self.oriented(cells(), a, b);
                    What::Link(near, far)
                }
            };
            return Some((what, explained));
        }
        None
    }

    /// Whether nearly all traces of a blame go through `element`, and there are traces of at least half of its pairs.
    fn explains(&self, element: Element, blame: &Blame) -> bool {
        let (mut through, mut traced) = (0, 0);
        for path in blame.cells.iter().filter_map(|&i| self.path(i)) {
            traced += 1;
            through += usize::from(elements(path).binary_search(&element).is_ok());
        }
        traced * 2 >= blame.cells.len() && through > 0 && through * 10 >= traced * 9
    }
}
