use super::{
    super::super::{Severity, TopologyEdge, bottleneck::milliseconds},
    count,
};
use std::time::Duration;

/// What lies between two spots, both ways.
#[derive(Debug, Default)]
pub(in super::super) struct Line {
    /// The numbers of the two spots.
    pub(in super::super) ends: [usize; 2],
    pub(in super::super) pairs: u32,
    pub(in super::super) severity: Severity,
    pub(in super::super) latency: Option<Duration>,
    /// Whether all that goes over it goes over silent hops.
    pub(in super::super) silent: bool,
    /// Whether anything goes from the first end to the second, and back.
    pub(in super::super) ways: [bool; 2],
    pub(in super::super) label: Option<String>,
    pub(in super::super) tooltip: String,
    /// Routers that are a part of it.
    pub(super) hidden: usize,
    edges: usize,
    pub(super) loss: f64,
}

impl Line {
    /// Adds a line to what is told where it is pointed at; not more than a few.
    pub(super) fn say(&mut self, text: &str) {
        self.edges += 1;
        match self.edges {
            1 => self.tooltip.push_str(text),
            2..=8 => self.tooltip.push_str(&format!("\n{text}")),
            9 => self.tooltip.push_str("\n…"),
            _ => {}
        }
    }

    pub(super) fn add(&mut self, edge: &TopologyEdge, forward: bool) {
        self.silent = edge.silent_hops > 0 && (self.silent || self.edges == 0);
        self.pairs = self.pairs.saturating_add(edge.pairs);
        self.severity = self.severity.max(edge.severity);
        self.latency = self.latency.max(edge.lasting_latency);
        self.loss = self.loss.max(edge.loss_ratio.unwrap_or(0.0));
        self.ways[usize::from(!forward)] = true;
        self.say(&tooltip(edge));
    }

    /// Goes on with the line that follows it, in either direction: the bad parts of both show.
    pub(super) fn join(&mut self, next: Self) {
        self.pairs = self.pairs.max(next.pairs);
        self.severity = self.severity.max(next.severity);
        self.latency =
            self.latency.zip(next.latency).map(|(a, b)| a.saturating_add(b)).or(self.latency).or(next.latency);
        self.silent |= next.silent;
        self.loss = self.loss.max(next.loss);
        self.hidden += next.hidden;
        self.say(&next.tooltip);
    }

    /// Is another line between the same two.
    pub(super) fn merge(&mut self, other: Self) {
        self.pairs = self.pairs.saturating_add(other.pairs);
        self.severity = self.severity.max(other.severity);
        self.latency = self.latency.max(other.latency);
        self.silent &= other.silent;
        self.ways = [self.ways[0] || other.ways[0], self.ways[1] || other.ways[1]];
        self.loss = self.loss.max(other.loss);
        self.hidden += other.hidden;
        self.say(&other.tooltip);
    }

    pub(super) fn turned(mut self) -> Self {
        self.ways.reverse();
        self
    }
}

fn tooltip(edge: &TopologyEdge) -> String {
    let mut said = format!("{} to {}: {}", edge.from, edge.to, count(edge.pairs as usize, "pair"));
    if let Some(added) = edge.added_latency {
        said.push_str(&format!(", adds {}", milliseconds(added)));
        if let Some(uncertainty) = edge.uncertainty {
            said.push_str(&format!(" ± {}", milliseconds(uncertainty)));
        }
        if edge.clamped {
            said.push_str(" (measured less than nothing)");
        }
    }
    if let Some(lasting) = edge.lasting_latency.filter(|&lasting| Some(lasting) != edge.added_latency) {
        said.push_str(&format!(", {} of it stay", milliseconds(lasting)));
    }
    if let Some(loss) = edge.loss_ratio {
        said.push_str(&format!(", loses {:.1} %", loss * 100.0));
    }
    if edge.silent_hops > 0 {
        said.push_str(&format!(", over {}", count(edge.silent_hops.into(), "silent hop")));
    }
    said
}
