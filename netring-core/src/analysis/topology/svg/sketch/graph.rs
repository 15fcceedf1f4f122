use super::{
    super::super::{Place, Router, Topology},
    Line,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A spot before it has a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Knot<'a> {
    Location(usize),
    Router(&'a Router),
}

/// Lines between knots, the lesser knot first.
pub(super) struct Graph<'a> {
    pub(super) lines: BTreeMap<(Knot<'a>, Knot<'a>), Line>,
}

impl<'a> Graph<'a> {
    pub(super) fn of(topology: &'a Topology, shown: &HashMap<&str, usize>) -> Self {
        let knot = |place: &'a Place| match place {
            Place::Location(location) => shown.get(location.as_str()).map(|&number| Knot::Location(number)),
            Place::Router(router) => Some(Knot::Router(router)),
        };
        let mut lines: BTreeMap<(Knot<'_>, Knot<'_>), Line> = BTreeMap::new();
        for edge in &topology.edges {
            let (Some(from), Some(to)) = (knot(&edge.from), knot(&edge.to)) else { continue };
            if from != to {
                lines.entry((from.min(to), from.max(to))).or_default().add(edge, from < to);
            }
        }
        Self { lines }
    }

    pub(super) fn knots(&self) -> BTreeSet<Knot<'a>> {
        self.lines.keys().flat_map(|&(a, b)| [a, b]).collect()
    }

    pub(super) fn routers(&self) -> usize {
        self.knots().iter().filter(|knot| matches!(knot, Knot::Router(_))).count()
    }

    /// Without routers that have two neighbours, which are joined by a line instead, nor those that have one.
    pub(super) fn without_chains(mut self) -> Self {
        let mut neighbours: BTreeMap<Knot<'a>, BTreeSet<Knot<'a>>> = BTreeMap::new();
        for &(a, b) in self.lines.keys() {
            neighbours.entry(a).or_default().insert(b);
            neighbours.entry(b).or_default().insert(a);
        }
        let routers: Vec<_> = neighbours.keys().filter(|knot| matches!(knot, Knot::Router(_))).copied().collect();
        for knot in routers {
            let ends: Vec<_> = neighbours.get(&knot).into_iter().flatten().copied().collect();
            let [a, b] = ends[..] else { continue };
            let mut line_from = |from: Knot<'a>, to: Knot<'a>| {
                let line = self.lines.remove(&(from.min(to), from.max(to)))?;
                Some(if from < to { line } else { line.turned() })
            };
            let (Some(mut line), Some(next)) = (line_from(a, knot), line_from(knot, b)) else { continue };
            line.join(next);
            line.hidden += 1;
            // The ends come in their order.
            match self.lines.get_mut(&(a, b)) {
                Some(known) => known.merge(line),
                None => drop(self.lines.insert((a, b), line)),
            }
            neighbours.remove(&knot);
            for (end, other) in [(a, b), (b, a)] {
                let of_end = neighbours.entry(end).or_default();
                of_end.remove(&knot);
                of_end.insert(other);
            }
        }
        self
    }
}
