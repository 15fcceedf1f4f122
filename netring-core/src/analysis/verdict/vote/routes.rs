use crate::analysis::Evidence;
use std::{
    collections::{HashMap, hash_map::Entry},
    net::IpAddr,
    sync::Arc,
};

/// A router, or a link between two that follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Element {
    Link(IpAddr, IpAddr),
    Router(IpAddr),
}

/// The routers and links of all paths, by numbers. Many pairs have the same path, and all questions have the same paths: what is
/// made of them is made once.
#[derive(Debug, Default)]
pub(in super::super) struct Routes {
    /// By the place in [`Evidence::pairs`]: its route, from 1 on; 0 is none.
    of_pair: Vec<u32>,
    /// Where the elements of each route begin in `all`, and where those of the last one end.
    starts: Vec<usize>,
    all: Vec<u32>,
    elements: Vec<Element>,
}

impl Routes {
    pub(in super::super) fn of(evidence: &Evidence) -> Self {
        let mut routes = Self { starts: vec![0], of_pair: Vec::with_capacity(evidence.pairs.len()), ..Self::default() };
        let mut known: HashMap<*const Option<IpAddr>, (u32, usize)> = HashMap::new();
        let mut numbers: HashMap<Element, u32> = HashMap::new();
        let mut before: Option<(&Arc<[Option<IpAddr>]>, u32)> = None;
        for pair in &evidence.pairs {
            let Some(path) = &pair.path else {
                routes.of_pair.push(0);
                continue;
            };
            let number = match before {
                Some((known, number)) if Arc::ptr_eq(known, path) => number,
                _ => match known.entry(path.as_ptr()) {
                    // Paths without hops may all be at one place.
                    Entry::Occupied(known) if known.get().1 == path.len() => known.get().0,
                    entry => {
                        let number = routes.add(path, &mut numbers);
                        entry.insert_entry((number, path.len()));
                        number
                    }
                },
            };
            before = Some((path, number));
            routes.of_pair.push(number);
        }
        routes
    }

    fn add(&mut self, path: &[Option<IpAddr>], numbers: &mut HashMap<Element, u32>) -> u32 {
        for element in elements(hops(path)) {
            let next = self.elements.len() as u32;
            let number = *numbers.entry(element).or_insert(next);
            if number == next {
                self.elements.push(element);
            }
            self.all.push(number);
        }
        let start = self.starts.last().copied().unwrap_or_default();
        if let Some(of_route) = self.all.get_mut(start..) {
            of_route.sort_unstable();
        }
        self.starts.push(self.all.len());
        (self.starts.len() - 1) as u32
    }

    /// How many elements there are.
    pub(super) fn len(&self) -> usize {
        self.elements.len()
    }

    /// How many routes there are, and none.
    pub(super) fn count(&self) -> usize {
        self.starts.len()
    }

    /// The route of a pair; 0 is none.
    pub(super) fn route(&self, pair: usize) -> usize {
        self.of_pair.get(pair).map_or(0, |&route| route as usize)
    }

    /// The numbers of the elements of a route, in order.
    pub(super) fn of_route(&self, route: usize) -> &[u32] {
        let start = route.checked_sub(1).and_then(|before| self.starts.get(before));
        let range = start.zip(self.starts.get(route)).map(|(&start, &end)| start..end);
        range.and_then(|range| self.all.get(range)).unwrap_or_default()
    }

    pub(super) fn element(&self, number: u32) -> Element {
        self.elements[number as usize]
    }
}

/// The part of a path that is looked at: there is none that is longer.
pub(super) fn hops(path: &[Option<IpAddr>]) -> &[Option<IpAddr>] {
    const MAX_HOPS: usize = 64;
    path.get(..MAX_HOPS).unwrap_or(path)
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
