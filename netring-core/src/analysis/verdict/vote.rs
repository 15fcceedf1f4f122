//! Routers and links that the traces of bad pairs share, and those of good ones do not.
//!
//! Each trace of a bad pair has one vote, and splits it among the routers and links that it goes through; what has the
//! most is the likeliest, and what it explains votes no more when the next is sought (B. Arzani et al., "007:
//! Democratically Finding the Cause of Packet Drops", NSDI 2018, sections 5.1 and 5.2).

mod routes;

pub(super) use routes::Routes;

use super::{
    layer::Cell,
    localise::{Blame, What},
    ring::Ring,
};
use crate::analysis::{Evidence, Fault, Suspect};
use routes::{Element, hops};
use std::{
    collections::{BTreeSet, HashMap},
    net::IpAddr,
};

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
    routes: &'a Routes,
    cells: &'a [Cell],
    /// How many good pairs go through each element, and how many bad ones.
    good: Vec<usize>,
    bad: Vec<usize>,
}

impl<'a> Traces<'a> {
    pub(super) fn new(evidence: &'a Evidence, routes: &'a Routes, cells: &'a [Cell], blames: &[Blame]) -> Self {
        let mut is_bad = vec![false; cells.len()];
        for &i in blames.iter().flat_map(|blame| &blame.cells) {
            is_bad[i] = true;
        }
        // Of each route first, for there are far fewer of them.
        let (mut good_routes, mut bad_routes) = (vec![0; routes.count()], vec![0; routes.count()]);
        for (cell, is_bad) in cells.iter().zip(is_bad) {
            if let Some(pair) = cell.pair {
                let of_routes = if is_bad { &mut bad_routes } else { &mut good_routes };
                of_routes[routes.route(pair)] += 1;
            }
        }
        let of_elements = |of_routes: Vec<usize>| {
            let mut of_elements = vec![0; routes.len()];
            for (route, count) in of_routes.into_iter().enumerate().filter(|&(_, count)| count > 0) {
                for &number in routes.of_route(route) {
                    of_elements[number as usize] += count;
                }
            }
            of_elements
        };
        Self { evidence, routes, cells, good: of_elements(good_routes), bad: of_elements(bad_routes) }
    }

    fn path(&self, cell: usize) -> Option<&'a [Option<IpAddr>]> {
        let pair = self.evidence.pairs.get(self.cells[cell].pair?)?;
        pair.path.as_deref().map(hops)
    }

    /// The elements of the path of a pair, by their numbers; nothing where there is no path.
    fn elements(&self, cell: usize) -> Option<&'a [u32]> {
        let route = self.routes.route(self.cells[cell].pair?);
        (route > 0).then(|| self.routes.of_route(route))
    }

    fn last_hop(&self, cell: usize) -> Option<IpAddr> {
        self.evidence.pairs.get(self.cells[cell].pair?)?.last_hop
    }

    /// One in five that gets through, and it is not this.
    fn is_exonerated(&self, number: u32) -> bool {
        let (good, bad) = (self.good[number as usize], self.bad[number as usize]);
        match self.routes.element(number) {
            Element::Link(..) => good * 5 >= good + bad,
            // A router that forwards anything between good pairs does its work.
            Element::Router(_) => good > 0,
        }
    }

    /// The votes of `cells`, of those that nothing exonerates, and how many of `cells` vote at all.
    fn count(&self, cells: impl Iterator<Item = usize>) -> (Vec<(u32, Element, Votes)>, usize) {
        let mut votes: HashMap<u32, Votes> = HashMap::new();
        let mut voters = 0;
        for i in cells {
            let (Some(path), Some(elements)) = (self.path(i), self.elements(i)) else { continue };
            if elements.is_empty() {
                continue;
            }
            voters += 1;
            let share = 1.0 / elements.len() as f64;
            // The fault is right after the last hop that still answers.
            let last_hop = self.last_hop(i);
            let last = last_hop.and_then(|last| path.iter().position(|&hop| hop == Some(last)));
            let next = last.and_then(|at| path.get(at + 1).copied().flatten());
            let broken = last_hop.zip(next);
            for &number in elements.iter().filter(|&&number| !self.is_exonerated(number)) {
                let entry = votes.entry(number).or_default();
                entry.share += share;
                entry.bad += 1;
                let Some((last, next)) = broken else { continue };
                let ends_here = match self.routes.element(number) {
                    Element::Link(a, b) => (a, b) == (last.min(next), last.max(next)),
                    Element::Router(router) => router == next,
                };
                entry.ends_here += usize::from(ends_here);
            }
        }
        let named = votes.into_iter().map(|(number, votes)| (number, self.routes.element(number), votes));
        let mut votes: Vec<_> = named.collect();
        // What most pairs share; of a chain that they share as a whole what their traces end at.
        votes.sort_by(|(_, a, x), (_, b, y)| {
            y.bad.cmp(&x.bad).then(y.ends_here.cmp(&x.ends_here)).then(y.share.total_cmp(&x.share)).then(a.cmp(b))
        });
        (votes, voters)
    }

    /// The likeliest routers and links behind `blame`.
    pub(super) fn suspects(&self, blame: &Blame) -> Vec<Suspect> {
        let (mut votes, voters) = self.count(blame.cells.iter().copied());
        votes.truncate(Fault::MAX_SUSPECTS);
        let suspect = |(_, element, votes): (u32, Element, Votes)| Suspect {
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
            let Some((what, number, explained)) = self.common_cause(ring, blames) else { return };
            let mut cells: Vec<usize> = explained.iter().flat_map(|&i| blames[i].cells.iter().copied()).collect();
            cells.sort_unstable();
            let mut i = 0;
            blames.retain(|_| {
                i += 1;
                explained.binary_search(&(i - 1)).is_err()
            });
            let expected = cells.len() + self.good[number as usize];
            blames.push(Blame { what, cells, expected, sides: None });
        }
    }

    fn common_cause(&self, ring: &Ring<'_>, blames: &[Blame]) -> Option<(What, u32, Vec<usize>)> {
        // A member that is down is down, whatever leads there.
        let is_network =
            |blame: &Blame| !matches!(blame.what, What::Target(_) | What::Ring | What::Router(_) | What::Link(..));
        let network: Vec<usize> = (0..blames.len()).filter(|&i| is_network(&blames[i])).collect();
        // What splits the ring stands for the many ways that it goes through.
        let splits = |&i: &usize| matches!(blames[i].what, What::Partition { .. });
        let several = |blames: &[usize]| blames.len() >= 2 || blames.iter().any(splits);
        if !several(&network) {
            return None;
        }
        let (mut votes, _) = self.count(network.iter().flat_map(|&i| blames[i].cells.iter().copied()));
        votes.truncate(16);
        // Of several that all of them go through, a link says more than the routers at its ends.
        votes.sort_by(|(_, a, x), (_, b, y)| {
            let is_router = |element: &Element| matches!(element, Element::Router(_));
            y.bad.cmp(&x.bad).then(is_router(a).cmp(&is_router(b))).then(y.ends_here.cmp(&x.ends_here))
        });
        for (number, element, _) in votes {
            let explained: Vec<usize> =
                network.iter().copied().filter(|&i| self.explains(number, &blames[i])).collect();
            let cells = || explained.iter().flat_map(|&i| blames[i].cells.iter().copied());
            let between = |i: usize| {
                let (a, b) = (ring.location_of[self.cells[i].source], ring.location_of[self.cells[i].target]);
                (a.min(b), a.max(b))
            };
            if !several(&explained) || cells().map(between).collect::<BTreeSet<_>>().len() < 2 {
                continue;
            }
            let what = match element {
                Element::Router(router) => What::Router(router),
                Element::Link(a, b) => {
                    let (near, far) = self.oriented(cells(), a, b);
                    What::Link(near, far)
                }
            };
            return Some((what, number, explained));
        }
        None
    }

    /// Whether nearly all traces of a blame go through an element, and there are traces of at least half of its pairs.
    fn explains(&self, number: u32, blame: &Blame) -> bool {
        let (mut through, mut traced) = (0, 0);
        for elements in blame.cells.iter().filter_map(|&i| self.elements(i)) {
            traced += 1;
            through += usize::from(elements.binary_search(&number).is_ok());
        }
        traced * 2 >= blame.cells.len() && through > 0 && through * 10 >= traced * 9
    }
}
