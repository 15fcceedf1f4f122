//! Which paths lead to a target, and whether they have changed.

use crate::model::{Flow, Path, PathChange, PathEnd, Timestamp, TracerouteMeasurement};
use std::collections::HashSet;

/// Most paths and flows of one target that are remembered; the first of them stay.
const MAX_KNOWN: usize = TracerouteMeasurement::MAX_FLOWS;

/// The paths that lead to one target, as far as traceroutes have shown.
///
/// Two paths agree where no hop contradicts the other: a hop that is silent in one agrees with any, and so does what a
/// path that ended early does not show. A path that agrees with none of those known is a new one. It is a change once two
/// traceroutes in a row have shown it, in a flow that was traced before: a flow keeps its path where routers balance by flow,
/// so one that was never traced only shows more of the set. One that comes and goes, without ever lasting, is a part of the
/// set too: routers that balance by packet make such paths.
#[derive(Debug, Clone, Default)]
pub struct PathHistory {
    known: Vec<Known>,
    flows: HashSet<Flow>,
    /// What the last traceroute showed for the first time, and when that was.
    candidate: Option<(Timestamp, Vec<Known>)>,
    /// Paths that were seen once and did not last, or that were left.
    glimpsed: Vec<Known>,
    last_change: Option<PathChange>,
}

impl PathHistory {
    /// Takes note of a traceroute made at the time `at`; gives the change that has lasted with it, where there is one.
    pub fn observe(&mut self, at: Timestamp, trace: &TracerouteMeasurement) -> Option<PathChange> {
        let mut seen = Vec::new();
        let mut new = Vec::new();
        for flow in &trace.flows {
            let path = Known::of(&flow.path(), flow.end);
            if path.is_silent() {
                continue;
            }
            seen.push(path.clone());
            let traced_before = self.flows.contains(&flow.flow);
            if !traced_before && self.flows.len() < MAX_KNOWN {
                self.flows.insert(flow.flow);
            }
            if let Some(known) = self.known.iter_mut().find(|known| known.agrees_with(&path)) {
                known.take_in(&path);
            } else if traced_before {
                add(&mut new, path);
            } else if self.known.len() < MAX_KNOWN {
                self.known.push(path);
            }
        }
        if seen.is_empty() {
            // Nobody answered: that is no sign that the paths are what they were, nor that they are not.
            return None;
        }
        let (first_seen, lasting) = match self.candidate.take() {
            Some((first_seen, mut before)) => {
                let passed = before.extract_if(.., |path| !new.iter().any(|new| new.agrees_with(path))).collect();
                self.glimpse(passed);
                (first_seen, before)
            }
            None => (at, Vec::new()),
        };
        if lasting.is_empty() {
            if !new.is_empty() {
                self.candidate = Some((at, new));
            }
            return None;
        }
        let left: Vec<_> = self.known.drain(..).collect();
        let before = left.iter().map(|known| known.path.clone()).collect();
        self.glimpsed.retain(|path| !lasting.iter().any(|lasting| lasting.agrees_with(path)));
        self.glimpsed.extend(left);
        let surplus = self.glimpsed.len().saturating_sub(MAX_KNOWN);
        self.glimpsed.drain(..surplus);
        for path in seen.into_iter().chain(lasting) {
            add(&mut self.known, path);
        }
        self.flows = trace.flows.iter().map(|flow| flow.flow).collect();
        let after = self.known.iter().map(|known| known.path.clone()).collect();
        let change = PathChange { at: first_seen, before, after };
        self.last_change = Some(change.clone());
        Some(change)
    }

    /// Takes note of paths that were seen and did not last: the second time they count as known.
    fn glimpse(&mut self, paths: Vec<Known>) {
        for path in paths {
            if let Some(i) = self.glimpsed.iter().position(|glimpsed| glimpsed.agrees_with(&path)) {
                self.glimpsed.swap_remove(i);
                add(&mut self.known, path);
            } else if self.glimpsed.len() < MAX_KNOWN {
                self.glimpsed.push(path);
            }
        }
    }

    /// The paths that are known.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.known.iter().map(|known| &known.path)
    }

    /// The last change that lasted.
    #[must_use]
    pub fn last_change(&self) -> Option<&PathChange> {
        self.last_change.as_ref()
    }
}

/// Adds `path` to `paths`, or to the one of them that it agrees with.
fn add(paths: &mut Vec<Known>, path: Known) {
    if let Some(known) = paths.iter_mut().find(|known| known.agrees_with(&path)) {
        known.take_in(&path);
    } else if paths.len() < MAX_KNOWN {
        paths.push(path);
    }
}

/// A path, as far as it is known.
#[derive(Debug, Clone)]
struct Known {
    path: Path,
    /// Whether it leads to the target: it has no further hops then.
    reached: bool,
}

impl Known {
    fn of(path: &Path, end: PathEnd) -> Self {
        let mut path = path.clone();
        // Who says that a target is unreachable is a router before it, and answers for hops where it does not stand.
        if !matches!(end, PathEnd::Reached | PathEnd::Silent | PathEnd::Loop) {
            path.0.pop();
        }
        Self { path, reached: end == PathEnd::Reached }
    }

    fn is_silent(&self) -> bool {
        self.path.0.iter().all(Vec::is_empty)
    }

    fn agrees_with(&self, other: &Self) -> bool {
        let lengths_agree = match (self.reached, other.reached) {
            (true, true) => self.path.0.len() == other.path.0.len(),
            (true, false) => self.path.0.len() > other.path.0.len(),
            (false, true) => self.path.0.len() < other.path.0.len(),
            (false, false) => true,
        };
        lengths_agree
            && self
                .path
                .0
                .iter()
                .zip(&other.path.0)
                .all(|(a, b)| a.is_empty() || b.is_empty() || a.iter().any(|router| b.contains(router)))
    }

    /// Adds what `other`, which agrees, knows besides.
    fn take_in(&mut self, other: &Self) {
        for (i, routers) in other.path.0.iter().enumerate() {
            match self.path.0.get_mut(i) {
                None => self.path.0.push(routers.clone()),
                Some(known) => {
                    known.extend(routers.iter().filter(|router| !known.contains(router)).copied().collect::<Vec<_>>());
                    known.sort_unstable();
                    known.truncate(MAX_KNOWN);
                }
            }
        }
        self.reached |= other.reached;
    }
}

#[cfg(test)]
mod tests;
