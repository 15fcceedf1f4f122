//! What a person wants to read at three in the morning.

use super::{
    OfKind,
    layer::Cell,
    localise::{Blame, Row, Way, What},
    ring::Ring,
};
use crate::analysis::Symptom;
use std::collections::BTreeSet;

/// Most bytes of a sentence.
pub(super) const MAX_BYTES: usize = 400;
/// Most characters of a name in it.
const MAX_NAME: usize = 32;

/// Names come from strangers, and may be longer than what a sentence can bear.
fn short(name: &str) -> String {
    if name.chars().count() <= MAX_NAME {
        return name.to_owned();
    }
    name.chars().take(MAX_NAME - 1).chain(['…']).collect()
}

pub(super) fn bounded(mut sentence: String) -> String {
    if sentence.len() > MAX_BYTES {
        let mut end = MAX_BYTES - '…'.len_utf8();
        while !sentence.is_char_boundary(end) {
            end -= 1;
        }
        sentence.truncate(end);
        sentence.push('…');
    }
    sentence
}

fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

pub(super) fn overloaded(ring: &Ring<'_>, seat: usize) -> String {
    let tainted = ring.members[seat].tainted;
    bounded(format!(
        "{} ({}) is overloaded: {} of its last {} probes were too late to be trusted, \
         so what it says of others counts for nothing.",
        short(ring.id(seat).as_str()),
        short(ring.location(seat).as_str()),
        tainted.bad,
        tainted.of
    ))
}

/// What is known of a scope, in numbers.
struct Numbers<'a> {
    ring: &'a Ring<'a>,
    /// Bad pairs of known ones in the scope.
    bad: usize,
    known: usize,
    sources: usize,
    targets: usize,
}

pub(super) fn of(ring: &Ring<'_>, cells: &[Cell], blame: &Blame, symptom: Symptom, of_kind: OfKind<'_>) -> String {
    let distinct = |seat_of: &dyn Fn(&Cell) -> usize| {
        blame.cells.iter().map(|&i| seat_of(&cells[i])).collect::<BTreeSet<_>>().len()
    };
    let known = match blame.what {
        What::Direction(from, to) => {
            let between = |cell: &&Cell| (ring.location_of[cell.source], ring.location_of[cell.target]) == (from, to);
            cells.iter().filter(between).count()
        }
        What::LocationPair(a, b) => {
            let between = |cell: &&Cell| {
                let ends = (ring.location_of[cell.source], ring.location_of[cell.target]);
                ends == (a, b) || ends == (b, a)
            };
            cells.iter().filter(between).count()
        }
        What::Ring => cells.len(),
        _ => blame.cells.len(),
    };
    let numbers = Numbers {
        ring,
        bad: blame.cells.len(),
        known: known.max(blame.cells.len()),
        sources: distinct(&|cell| cell.source),
        targets: distinct(&|cell| cell.target),
    };
    bounded(match of_kind {
        Some((kind, endpoint)) => {
            let mut probe = kind.as_str().to_uppercase();
            if let Some(endpoint) = endpoint {
                probe.push(' ');
                probe.push_str(&short(endpoint.as_str()));
            }
            numbers.kind(blame.what, &probe)
        }
        None => match symptom {
            Symptom::Slow => numbers.quality(blame.what, "slow", "the round trip takes longer than usual"),
            Symptom::Lossy => numbers.quality(blame.what, "lossy", "packets are lost"),
            Symptom::Unreachable | Symptom::Overloaded => numbers.unreachable(blame.what),
        },
    })
}

impl Numbers<'_> {
    fn id(&self, seat: usize) -> String {
        short(self.ring.id(seat).as_str())
    }

    fn member(&self, seat: usize) -> String {
        format!("{} ({})", self.id(seat), short(self.ring.location(seat).as_str()))
    }

    fn location(&self, number: usize) -> String {
        short(self.ring.locations[number].as_str())
    }

    fn pairs(&self) -> String {
        format!("{} of {} fail", self.bad, count(self.known, "pair", "pairs"))
    }

    /// Another location that both ends of a bad way get through to is not looked for: who is named is named for being
    /// bad.
    fn unreachable(&self, what: What) -> String {
        let members = |number: usize| count(number, "member", "members");
        match what {
            What::Target(seat) => {
                format!(
                    "{} is down: none of {} reaches it, and it is silent itself.",
                    self.member(seat),
                    members(self.sources)
                )
            }
            What::Inbound { seat, row } => format!(
                "{} cannot be reached: none of {} reaches it, though it is up and reports{}.",
                self.member(seat),
                members(self.sources),
                if row == Row::Good { ", and reaches the others itself" } else { "" },
            ),
            What::Source { seat, both_ways: true } => format!(
                "{} is cut off: it reaches nobody, and nobody reaches it ({} bad), though it is up and reports.",
                self.member(seat),
                count(self.bad, "pair", "pairs")
            ),
            What::Source { seat, both_ways: false } => {
                format!("{} reaches none of {}, though others reach it.", self.member(seat), members(self.targets))
            }
            What::Location { location, way } => {
                let name = self.location(location);
                let inside = self.ring.population[location];
                match way {
                    Way::Down => format!(
                        "{name} is down or cut off: none of its {} is reached from outside, and all of them are silent.",
                        members(inside)
                    ),
                    Way::CutOff => format!(
                        "{name} is cut off: {} between its {} and the outside fail, \
                         while other locations reach each other.",
                        count(self.bad, "pair", "pairs"),
                        members(inside)
                    ),
                    Way::Inbound => format!(
                        "{name} cannot be reached from outside: {} into it fail, while its {} reach the outside.",
                        count(self.bad, "pair", "pairs"),
                        members(inside)
                    ),
                    Way::Outbound => format!(
                        "{name} does not reach the outside: {} out of it fail, while its {} are reached.",
                        count(self.bad, "pair", "pairs"),
                        members(inside)
                    ),
                }
            }
            What::LocationPair(a, b) if a == b => {
                format!("Inside {} members do not reach each other: {}.", self.location(a), self.pairs())
            }
            What::LocationPair(a, b) => {
                format!("{} and {} do not reach each other: {}.", self.location(a), self.location(b), self.pairs())
            }
            What::Direction(from, to) => {
                format!(
                    "{} does not reach {}: {}, one way only as far as is known.",
                    self.location(from),
                    self.location(to),
                    self.pairs()
                )
            }
            What::Pair { source, target, both_ways: true } => {
                format!("{} and {} do not reach each other.", self.member(source), self.member(target))
            }
            What::Pair { source, target, both_ways: false } => {
                format!("{} does not reach {}.", self.member(source), self.member(target))
            }
            What::Router(router) => {
                format!("Router {router} does not forward: all {} through it fail.", count(self.bad, "pair", "pairs"))
            }
            What::Link(near, far) => {
                format!("The link from {near} to {far} is broken: {} over it fail.", count(self.bad, "pair", "pairs"))
            }
            What::Ring => format!("Nobody reaches anybody: {}.", self.pairs()),
        }
    }

    fn quality(&self, what: What, word: &str, happens: &str) -> String {
        let pairs = format!("{} of {}", self.bad, count(self.known, "pair", "pairs"));
        let bad = count(self.bad, "pair", "pairs");
        match what {
            What::Target(seat) | What::Inbound { seat, .. } => {
                format!(
                    "The way to {} is {word}: {happens} from {}.",
                    self.member(seat),
                    count(self.sources, "member", "members")
                )
            }
            What::Source { seat, both_ways: true } => {
                format!("{} is {word} both ways: {happens} from and to the others ({bad}).", self.member(seat))
            }
            What::Source { seat, both_ways: false } => {
                format!(
                    "The way from {} is {word}: {happens} to {}.",
                    self.member(seat),
                    count(self.targets, "member", "members")
                )
            }
            What::Location { location, way } => {
                let way = match way {
                    Way::Inbound => "into",
                    Way::Outbound => "out of",
                    Way::Down | Way::CutOff => "into and out of",
                };
                format!("The way {way} {} is {word}: {happens} in {bad}.", self.location(location))
            }
            What::LocationPair(a, b) if a == b => {
                format!("The network inside {} is {word}: {happens} in {pairs}.", self.location(a))
            }
            What::LocationPair(a, b) => {
                format!(
                    "The way between {} and {} is {word}: {happens} in {pairs}.",
                    self.location(a),
                    self.location(b)
                )
            }
            What::Direction(from, to) => {
                format!(
                    "The way from {} to {} is {word}: {happens} in {pairs}.",
                    self.location(from),
                    self.location(to)
                )
            }
            What::Pair { source, target, both_ways } => {
                let (from, to) = if both_ways { ("between", "and") } else { ("from", "to") };
                format!("The way {from} {} {to} {} is {word}: {happens}.", self.member(source), self.member(target))
            }
            What::Router(router) => format!("Router {router} is {word}: {happens} in {bad} through it."),
            What::Link(near, far) => format!("The link from {near} to {far} is {word}: {happens} in {bad} over it."),
            What::Ring => format!("The whole ring is {word}: {happens} in {pairs}."),
        }
    }

    fn kind(&self, what: What, probe: &str) -> String {
        const WHY: &str = "while other probes get through: the service, not the network";
        match what {
            What::Target(seat) | What::Inbound { seat, .. } => {
                format!("{probe} of {} fails for everybody ({} of {}), {WHY}.", self.member(seat), self.bad, self.known)
            }
            What::Source { seat, .. } => {
                format!(
                    "{probe} from {} fails to everybody ({} of {}), {WHY}.",
                    self.member(seat),
                    self.bad,
                    self.known
                )
            }
            What::Direction(from, to) | What::LocationPair(from, to) => {
                format!("{probe} fails from {} to {}: {}, {WHY}.", self.location(from), self.location(to), self.pairs())
            }
            What::Pair { source, target, .. } => {
                format!("{probe} fails from {} to {}, {WHY}.", self.member(source), self.member(target))
            }
            What::Ring | What::Location { .. } | What::Router(_) | What::Link(..) => {
                format!("{probe} fails for everybody: {}, {WHY}.", self.pairs())
            }
        }
    }
}
