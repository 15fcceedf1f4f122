//! What is to be drawn: of a large graph less than there is.

use super::{
    super::{Place, Severity, Topology, TopologyEdge, bottleneck::milliseconds},
    text::{shortened, width},
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

/// More routers than this are not drawn one by one.
const MAX_ROUTERS: usize = 150;
/// More locations than this are not drawn.
const MAX_LOCATIONS: usize = 60;
/// Where there are more lines than this, only those that are worth a warning have a label.
const MAX_LABELLED_LINES: usize = 80;

pub(super) const NAME_SIZE: f64 = 13.0;
pub(super) const SMALL_SIZE: f64 = 10.5;
pub(super) const RADIUS: f64 = 6.0;

/// What is to be drawn.
#[derive(Debug, Default)]
pub(super) struct Sketch {
    pub(super) headline: String,
    /// What is not shown.
    pub(super) notes: Vec<String>,
    /// The locations first.
    pub(super) spots: Vec<Spot>,
    pub(super) locations: usize,
    pub(super) lines: Vec<Line>,
}

/// A location or a router.
#[derive(Debug)]
pub(super) struct Spot {
    pub(super) label: String,
    /// A second line, of a location.
    pub(super) below: String,
    pub(super) tooltip: String,
}

/// What lies between two spots, both ways.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// The numbers of the two spots.
    pub(super) ends: [usize; 2],
    pub(super) pairs: u32,
    pub(super) severity: Severity,
    pub(super) latency: Option<Duration>,
    /// Whether all that goes over it goes over silent hops.
    pub(super) silent: bool,
    /// Whether anything goes from the first end to the second, and back.
    pub(super) ways: [bool; 2],
    pub(super) label: Option<String>,
    pub(super) tooltip: String,
    /// Routers that are a part of it.
    hidden: usize,
    edges: usize,
    loss: f64,
}

impl Spot {
    /// How much room it takes, its label included, in pixels.
    pub(super) fn size(&self, is_location: bool) -> (f64, f64) {
        if is_location {
            let text = width(&self.label, NAME_SIZE).max(width(&self.below, SMALL_SIZE));
            ((text + 28.0).max(90.0), 44.0)
        } else {
            (width(&self.label, SMALL_SIZE).max(2.0 * RADIUS) + 4.0, 2.0 * RADIUS + 16.0)
        }
    }
}

impl Sketch {
    pub(super) fn of(topology: &Topology) -> Self {
        let mut sketch = Self { headline: headline(topology), ..Self::default() };
        if topology.truncated {
            sketch.notes.push("The ring has more routers than the registry keeps: the most used are here.".to_owned());
        }
        let shown = sketch.place_locations(topology);
        let everything = Graph::of(topology, &shown);
        let routers = everything.routers();
        let graph = if routers <= MAX_ROUTERS { everything } else { everything.without_chains() };
        let left = graph.routers();
        if left <= MAX_ROUTERS {
            if left < routers {
                sketch.notes.push(format!(
                    "{} of {routers} routers have two neighbours and are a part of the line between them.",
                    routers - left
                ));
            }
            sketch.take(graph, topology);
        } else {
            sketch.notes.push(format!(
                "{routers} routers are too many to draw: a line is what the traces between two locations show."
            ));
            sketch.take_connections(topology, &shown);
        }
        sketch
    }

    /// Places the locations, and tells the number of each that has one.
    fn place_locations<'a>(&mut self, topology: &'a Topology) -> HashMap<&'a str, usize> {
        let mut locations: Vec<_> = topology.locations.iter().collect();
        if locations.len() > MAX_LOCATIONS {
            // Those with as many members stay in their order.
            locations.sort_by_key(|location| std::cmp::Reverse(location.members.len()));
            locations.truncate(MAX_LOCATIONS);
            locations.sort_by(|a, b| a.location.cmp(&b.location));
            let all = topology.locations.len();
            self.notes.push(format!("{MAX_LOCATIONS} of {all} locations are shown: those with the most members."));
        }
        for location in &locations {
            const NAMED: usize = 12;
            let members = location.members.len();
            let mut tooltip = format!("{}: {}", location.location, count(members, "member"));
            for member in location.members.iter().take(NAMED) {
                tooltip.push_str(&format!("\n{member}"));
            }
            if members > NAMED {
                tooltip.push_str(&format!("\nand {} more", members - NAMED));
            }
            let label = shortened(location.location.as_str(), 22);
            self.spots.push(Spot { label, below: count(members, "member"), tooltip });
        }
        self.locations = self.spots.len();
        locations.iter().enumerate().map(|(number, location)| (location.location.as_str(), number)).collect()
    }

    fn take(&mut self, graph: Graph<'_>, topology: &Topology) {
        let pairs: HashMap<_, _> = topology.routers.iter().map(|node| (&node.router, node.pairs)).collect();
        let mut number: HashMap<Knot<'_>, usize> = HashMap::new();
        for knot in graph.knots() {
            let spot = match knot {
                Knot::Location(location) => {
                    number.insert(knot, location);
                    continue;
                }
                Knot::Router(router) => {
                    let pairs = pairs.get(router).copied().unwrap_or(0) as usize;
                    Spot {
                        label: shortened(&router.ip.to_string(), 20),
                        below: String::new(),
                        tooltip: format!("Router {router}: on the way of {}", count(pairs, "pair")),
                    }
                }
            };
            number.insert(knot, self.spots.len());
            self.spots.push(spot);
        }
        for ((a, b), mut line) in graph.lines {
            let (Some(&a), Some(&b)) = (number.get(&a), number.get(&b)) else { continue };
            line.ends = [a, b];
            self.lines.push(line);
        }
        self.label_lines();
    }

    fn take_connections(&mut self, topology: &Topology, shown: &HashMap<&str, usize>) {
        let mut lines: BTreeMap<[usize; 2], Line> = BTreeMap::new();
        for connection in &topology.connections {
            let number = |name: &str| shown.get(name).copied();
            let (source, target) = (&connection.source_location, &connection.target_location);
            let (Some(a), Some(b)) = (number(source.as_str()), number(target.as_str())) else { continue };
            if a == b {
                continue;
            }
            let ends = [a.min(b), a.max(b)];
            let line = lines.entry(ends).or_default();
            line.ends = ends;
            line.pairs = line.pairs.saturating_add(connection.pairs);
            line.ways = [line.ways[0] || a < b, line.ways[1] || a > b];
            let time = connection.round_trip_time.map(|time| format!(", {}", milliseconds(time))).unwrap_or_default();
            let pairs = count(connection.pairs as usize, "pair");
            line.say(&format!("{source} to {target}: {pairs}, {} reached{time}", connection.reached));
        }
        self.lines = lines.into_values().collect();
        if self.lines.len() <= MAX_LABELLED_LINES {
            self.lines.iter_mut().for_each(|line| line.label = Some(count(line.pairs as usize, "pair")));
        }
    }

    fn label_lines(&mut self) {
        let few = self.lines.len() <= MAX_LABELLED_LINES;
        for line in &mut self.lines {
            let latency = line.latency.filter(|&latency| latency >= Duration::from_millis(1));
            let loss = (line.loss >= 0.005).then(|| format!("{:.0} % lost", line.loss * 100.0));
            let latency = latency.map(|latency| format!("+{}", milliseconds(latency)));
            if line.severity > Severity::Info || few {
                let said: Vec<_> = latency.into_iter().chain(loss.filter(|_| line.severity > Severity::Info)).collect();
                line.label = Some(said.join(", ")).filter(|label| !label.is_empty());
            }
            if line.hidden > 0 {
                let hidden = count(line.hidden, "router");
                line.tooltip.push_str(&format!("\n{hidden} on the way"));
            }
        }
    }
}

impl Line {
    /// Adds a line to what is told where it is pointed at; not more than a few.
    fn say(&mut self, text: &str) {
        self.edges += 1;
        match self.edges {
            1 => self.tooltip.push_str(text),
            2..=8 => self.tooltip.push_str(&format!("\n{text}")),
            9 => self.tooltip.push_str("\n…"),
            _ => {}
        }
    }

    fn add(&mut self, edge: &TopologyEdge, forward: bool) {
        self.silent = edge.silent_hops > 0 && (self.silent || self.edges == 0);
        self.pairs = self.pairs.saturating_add(edge.pairs);
        self.severity = self.severity.max(edge.severity);
        self.latency = self.latency.max(edge.lasting_latency);
        self.loss = self.loss.max(edge.loss_ratio.unwrap_or(0.0));
        self.ways[usize::from(!forward)] = true;
        self.say(&tooltip(edge));
    }

    /// Goes on with the line that follows it, in either direction: the bad parts of both show.
    fn join(&mut self, next: Self) {
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
    fn merge(&mut self, other: Self) {
        self.pairs = self.pairs.saturating_add(other.pairs);
        self.severity = self.severity.max(other.severity);
        self.latency = self.latency.max(other.latency);
        self.silent &= other.silent;
        self.ways = [self.ways[0] || other.ways[0], self.ways[1] || other.ways[1]];
        self.loss = self.loss.max(other.loss);
        self.hidden += other.hidden;
        self.say(&other.tooltip);
    }

    fn turned(mut self) -> Self {
        self.ways.reverse();
        self
    }
}

/// A spot before it has a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Knot<'a> {
    Location(usize),
    Router(&'a super::super::Router),
}

/// Lines between knots, the lesser knot first.
struct Graph<'a> {
    lines: BTreeMap<(Knot<'a>, Knot<'a>), Line>,
}

impl<'a> Graph<'a> {
    fn of(topology: &'a Topology, shown: &HashMap<&str, usize>) -> Self {
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

    fn knots(&self) -> BTreeSet<Knot<'a>> {
        self.lines.keys().flat_map(|&(a, b)| [a, b]).collect()
    }

    fn routers(&self) -> usize {
        self.knots().iter().filter(|knot| matches!(knot, Knot::Router(_))).count()
    }

    /// Without routers that have two neighbours, which are joined by a line instead, nor those that have one.
    fn without_chains(mut self) -> Self {
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

fn headline(topology: &Topology) -> String {
    let members = topology.locations.iter().map(|location| location.members.len()).sum();
    format!(
        "{}, {}, {}, {}",
        count(topology.locations.len(), "location"),
        count(members, "member"),
        count(topology.routers.len(), "router"),
        count(topology.traces, "trace"),
    )
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

fn count(number: usize, of: &str) -> String {
    if number == 1 { format!("1 {of}") } else { format!("{number} {of}s") }
}
