//! What a person wants to read at three in the morning.

mod bounds;
mod numbers;
mod split;

pub(super) use bounds::bounded;

use super::{
    OfKind,
    layer::Layer,
    localise::{Blame, Row, Sides, Way, What},
    ring::Ring,
};
use crate::analysis::Symptom;
use bounds::short;
use numbers::Numbers;

fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

pub(super) fn overloaded(ring: &Ring<'_>, seat: usize) -> String {
    let tainted = ring.members[seat].tainted;
    bounded(format!(
        "{} ({}) is overloaded: it was late itself with {} of its last {} probes, and these do not count. \
         That says nothing of the network.",
        short(ring.id(seat).as_str()),
        short(ring.location(seat).as_str()),
        tainted.bad,
        tainted.of
    ))
}

/// All of it: who, how many, and what is fine.
pub(super) fn of(ring: &Ring<'_>, layer: &Layer, blame: &Blame, symptom: Symptom, of_kind: OfKind<'_>) -> String {
    let said = Said { ring, numbers: Numbers::of(ring, layer, blame), sides: blame.sides.as_deref() };
    let mut sentence = match of_kind {
        Some((kind, endpoint)) => {
            let mut probe = kind.as_str().to_uppercase();
            if let Some(endpoint) = endpoint {
                probe.push(' ');
                probe.push_str(&short(endpoint.as_str()));
            }
            said.kind(blame.what, &probe)
        }
        None => match symptom {
            Symptom::Slow => said.quality(blame.what, "slow", "round trips take longer than usual"),
            Symptom::Lossy => said.quality(blame.what, "lossy", "packets are lost"),
            Symptom::Unreachable | Symptom::Overloaded => said.unreachable(blame.what),
        },
    };
    // That is said already.
    let splits = blame.sides.as_ref().is_some_and(|sides| !sides.silent) && said.numbers.others_bad == 0;
    if !splits {
        sentence.push_str(&said.rest());
    }
    bounded(sentence)
}

struct Said<'a> {
    ring: &'a Ring<'a>,
    numbers: Numbers,
    sides: Option<&'a Sides>,
}

impl Said<'_> {
    fn id(&self, seat: usize) -> String {
        short(self.ring.id(seat).as_str())
    }

    fn member(&self, seat: usize) -> String {
        format!("{} ({})", self.id(seat), short(self.ring.location(seat).as_str()))
    }

    fn location(&self, number: usize) -> String {
        short(self.ring.locations[number].as_str())
    }

    /// A location, and how many stand there.
    fn crowd(&self, number: usize) -> String {
        format!("{} ({})", self.location(number), members(self.ring.population[number]))
    }

    fn bad(&self) -> String {
        count(self.numbers.bad, "pair", "pairs")
    }

    fn bad_of_known(&self) -> String {
        match (self.numbers.bad, self.numbers.known) {
            (1, 1) => "1 pair".to_owned(),
            (2, 2) => "both pairs".to_owned(),
            (bad, known) if bad == known => format!("all {known} pairs"),
            (bad, known) => format!("{bad} of {known} pairs"),
        }
    }

    fn fail(&self) -> String {
        format!("{} {}", self.bad_of_known(), if self.numbers.bad == 1 { "fails" } else { "fail" })
    }

    /// How it is elsewhere: what is fine narrows down what is not.
    fn rest(&self) -> String {
        match (self.numbers.others_bad, self.numbers.others) {
            (_, 0) => String::new(),
            (0, 1) => " The other pair is fine.".to_owned(),
            (0, others) => format!(" The other {others} pairs are fine."),
            (1, others) => format!(" 1 of the other {others} pairs is bad as well."),
            (bad, others) => format!(" {bad} of the other {others} pairs are bad as well."),
        }
    }

    fn unreachable(&self, what: What) -> String {
        let Numbers { sources, targets, contrary_good, contrary_known, .. } = self.numbers;
        match what {
            What::Target(seat) => {
                let member = self.member(seat);
                format!("{member} is down: none of {} reaches it, and nothing is heard from it.", members(sources))
            }
            What::Inbound { seat, .. } if !self.ring.members[seat].reporting => format!(
                "{} cannot be reached: none of {} reaches it. But it is up: it sends heartbeats.",
                self.member(seat),
                members(sources),
            ),
            What::Inbound { seat, row } => format!(
                "{} cannot be reached: none of {} reaches it. But it is up: it reports{}.",
                self.member(seat),
                members(sources),
                if row == Row::Good { ", and reaches the others itself" } else { "" },
            ),
            What::Source { seat, both_ways: true } => format!(
                "{} is cut off: it reaches nobody, and nobody reaches it ({}). But it is up: it reports.",
                self.member(seat),
                self.bad()
            ),
            What::Source { seat, both_ways: false } => {
                let reached = match contrary_known {
                    0 => "Nobody says whether it can be reached.".to_owned(),
                    known => format!("But {contrary_good} of {} reach it.", members(known)),
                };
                format!("{} reaches none of {}. {reached}", self.member(seat), members(targets))
            }
            What::Location { location, way } => {
                let (crowd, bad) = (self.crowd(location), self.bad());
                match way {
                    Way::Down => format!(
                        "{crowd} is down or cut off: nobody elsewhere reaches any of it, and nothing is heard from it."
                    ),
                    Way::CutOff => format!(
                        "{crowd} is cut off: {bad} between it and other locations fail, while those reach each other."
                    ),
                    Way::Alone => format!(
                        "{crowd} is cut off from all others, or all others are down: it reaches nobody elsewhere \
                         ({bad}), and nobody elsewhere reports."
                    ),
                    Way::Inbound => format!(
                        "{crowd} cannot be reached from other locations: {bad} fail. But it reaches them itself."
                    ),
                    Way::Outbound => {
                        format!("{crowd} does not reach other locations: {bad} fail. But it is reached from there.")
                    }
                }
            }
            What::Partition { .. } => self.split(),
            What::LocationPair(a, b) if a == b => {
                format!("Members in {} do not reach each other: {}.", self.location(a), self.fail())
            }
            What::LocationPair(a, b) => {
                format!("{} and {} do not reach each other: {}.", self.location(a), self.location(b), self.fail())
            }
            What::Direction(from, to) => {
                let (from, to) = (self.location(from), self.location(to));
                format!("{from} does not reach {to}: {}. {}", self.fail(), self.way_back(&to, &from))
            }
            What::Pair { source, target, both_ways: true } => {
                format!("{} and {} do not reach each other.", self.member(source), self.member(target))
            }
            What::Pair { source, target, both_ways: false } => {
                let (from, to) = (self.member(source), self.member(target));
                format!("{from} does not reach {to}. {}", self.way_back(&self.id(target), &self.id(source)))
            }
            What::Router(router) => format!("Router {router} does not forward: {} through it fail.", self.bad()),
            What::Link(near, far) => format!("The link from {near} to {far} is broken: {} over it fail.", self.bad()),
            What::Ring => format!("Nobody reaches anybody: {}.", self.fail()),
        }
    }

    /// Whether it is so the other way too.
    fn way_back(&self, from: &str, to: &str) -> String {
        match (self.numbers.contrary_good, self.numbers.contrary_known) {
            (_, 0) => format!("Nobody says whether {from} reaches {to}."),
            (good, known) if good == known => format!("But {from} reaches {to}."),
            (good, known) => format!(
                "The other way {good} of {} {} fine.",
                count(known, "pair", "pairs"),
                if good == 1 { "is" } else { "are" }
            ),
        }
    }

    fn quality(&self, what: What, word: &str, happens: &str) -> String {
        let Numbers { sources, targets, .. } = self.numbers;
        let (bad, of_known) = (self.bad(), self.bad_of_known());
        match what {
            What::Target(seat) | What::Inbound { seat, .. } => {
                format!("The way to {} is {word}: {happens} from {}.", self.member(seat), members(sources))
            }
            What::Source { seat, both_ways: true } => {
                format!("The way to and from {} is {word}: {happens} in {bad}.", self.member(seat))
            }
            What::Source { seat, both_ways: false } => {
                format!("The way from {} is {word}: {happens} to {}.", self.member(seat), members(targets))
            }
            What::Location { location, way } => {
                let way = match way {
                    Way::Inbound => "into",
                    Way::Outbound => "out of",
                    Way::Down | Way::CutOff | Way::Alone => "into and out of",
                };
                format!("The way {way} {} is {word}: {happens} in {bad}.", self.crowd(location))
            }
            What::Partition { .. } => {
                format!("The way between two parts of the ring is {word}: {happens} in {of_known}.")
            }
            What::LocationPair(a, b) if a == b => {
                format!("The network inside {} is {word}: {happens} in {of_known}.", self.location(a))
            }
            What::LocationPair(a, b) => {
                let (a, b) = (self.location(a), self.location(b));
                format!("The way between {a} and {b} is {word}: {happens} in {of_known}.")
            }
            What::Direction(from, to) => {
                let (from, to) = (self.location(from), self.location(to));
                format!("The way from {from} to {to} is {word}: {happens} in {of_known}.")
            }
            What::Pair { source, target, both_ways } => {
                let (from, to) = if both_ways { ("between", "and") } else { ("from", "to") };
                format!("The way {from} {} {to} {} is {word}: {happens}.", self.member(source), self.member(target))
            }
            What::Router(router) => format!("Router {router} is {word}: {happens} in {bad} through it."),
            What::Link(near, far) => format!("The link from {near} to {far} is {word}: {happens} in {bad} over it."),
            What::Ring => format!("The whole ring is {word}: {happens} in {of_known}."),
        }
    }

    /// Other probes of the same pairs get through, or it would not be said of one kind.
    fn kind(&self, what: What, probe: &str) -> String {
        const OTHERS: &str = "while other probes get through";
        let Numbers { sources, targets, made_by_some, .. } = self.numbers;
        match what {
            What::Target(seat) | What::Inbound { seat, .. } => format!(
                "{probe} of {} fails for {}, {OTHERS}: look at the service, not at the network.",
                self.member(seat),
                match sources {
                    1 => "1 member".to_owned(),
                    sources => format!("all {}", members(sources)),
                }
            ),
            What::Source { seat, .. } => format!(
                "{probe} from {} fails to {}, {OTHERS}: look at this member, not at the services.",
                self.member(seat),
                match targets {
                    1 => "1 member".to_owned(),
                    targets => format!("all {}", members(targets)),
                }
            ),
            What::Direction(from, to) | What::LocationPair(from, to) => format!(
                "{probe} fails from {} to {}, {OTHERS}: {}. Look at what filters on the way.",
                self.location(from),
                self.location(to),
                self.fail()
            ),
            What::Pair { source, target, .. } => {
                format!("{probe} fails from {} to {}, {OTHERS}.", self.member(source), self.member(target))
            }
            What::Ring | What::Location { .. } | What::Partition { .. } | What::Router(_) | What::Link(..) => {
                let whom = match made_by_some {
                    true => format!("all {} that make this check", members(sources)),
                    false => "everybody".to_owned(),
                };
                format!("{probe} fails for {whom}, {OTHERS}: {}. Look at the service, not at the network.", self.fail())
            }
        }
    }
}

fn members(number: usize) -> String {
    count(number, "member", "members")
}
