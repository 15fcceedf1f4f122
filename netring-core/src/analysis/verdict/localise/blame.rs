use std::net::IpAddr;

/// What is at fault, by numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in super::super) enum What {
    Ring,
    Location {
        location: usize,
        way: Way,
    },
    Target(usize),
    Inbound {
        seat: usize,
        row: Row,
    },
    Source {
        seat: usize,
        both_ways: bool,
    },
    /// Nothing gets through between two parts of the ring; which these are is in [`Blame::sides`].
    Partition {
        /// The same for the same two.
        sides: u64,
        /// Whether nothing is heard from one of them.
        silent: bool,
    },
    LocationPair(usize, usize),
    Direction(usize, usize),
    Pair {
        source: usize,
        target: usize,
        both_ways: bool,
    },
    Router(IpAddr),
    Link(IpAddr, IpAddr),
}

/// In what way a location is at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in super::super) enum Way {
    /// None of its members is reached from outside, and all of them are silent.
    Down,
    /// Neither way.
    CutOff,
    /// It reaches nobody elsewhere, and is the only one that is heard of: it is cut off, or all others are down.
    Alone,
    /// Not reached, but reaching.
    Inbound,
    /// Reached, but not reaching.
    Outbound,
}

/// What a member says itself that nobody reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in super::super) enum Row {
    Good,
    Unsaid,
}

/// One thing at fault, and the bad pairs that it explains.
#[derive(Debug, Clone)]
pub(in super::super) struct Blame {
    pub(in super::super) what: What,
    /// By their place in the cells.
    pub(in super::super) cells: Vec<usize>,
    /// How many pairs it would break, known or not.
    pub(in super::super) expected: usize,
    /// Of a partition alone.
    pub(in super::super) sides: Option<Box<Sides>>,
}

/// Two parts of the ring between which nothing gets through, by the numbers of their locations, in order.
#[derive(Debug, Clone)]
pub(in super::super) struct Sides {
    pub(in super::super) near: Vec<usize>,
    pub(in super::super) far: Vec<usize>,
    /// Whether nothing is heard from the far one.
    pub(in super::super) silent: bool,
}

/// Which rules hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Question {
    /// Who is silent and cannot be reached is down.
    Reach,
    /// Silence says nothing of how fast or how lossy something is.
    Quality,
    /// A service is at its target; a network is not at fault.
    Kind,
}
