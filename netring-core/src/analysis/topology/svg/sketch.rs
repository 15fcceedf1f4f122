//! What is to be drawn: of a large graph less than there is.

mod graph;
mod line;

pub(super) use line::Line;

use super::{
    super::{Severity, Topology, bottleneck::milliseconds},
    text::{shortened, width},
};
use graph::{Graph, Knot};
use std::{
    collections::{BTreeMap, HashMap},
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

fn count(number: usize, of: &str) -> String {
    if number == 1 { format!("1 {of}") } else { format!("{number} {of}s") }
}
